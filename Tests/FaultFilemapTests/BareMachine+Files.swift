import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

extension BareMachine {
    /// A machine with the page cache, ext4, tmpfs, and a disk.
    init(
        _ model: KernelModel = .linux6_1, settings: MachineSettings = MachineSettings(), disk: Disk = Disk(),
        entry: BareEntry = BareEntry()
    ) {
        let configuration = MachineConfiguration(
            model: model, settings: settings, entry: entry, vmOperations: Filemap.vmOperations,
            fileOperations: Filemap.fileOperations, blockDevices: [disk], pageCache: Filemap.pageCache)
        self.init(configuration) { Issue.record("\($0)") }
        _ = machine.addDevice(operations: 0, held: false)
    }

    /// The disk.
    var device: DeviceID { DeviceID(0) }

    /// A file on the disk, all of it with blocks, and with these pages cached.
    mutating func file(_ pages: Int, resident: [PageRun] = [], blocks: [PageRun]? = nil) -> FileID {
        let file = file(
            pages: pages, operations: Filemap.ext4, vmOperations: Filemap.fileVMOperations, device: device,
            traits: [.writeback, .pageMkwrite], blocks: blocks)
        cache(resident, of: file)
        return file
    }

    /// A tmpfs file with these pages.
    mutating func shmem(_ pages: Int, resident: [PageRun] = []) -> FileID {
        let file = file(
            pages: pages, operations: Filemap.tmpfs, vmOperations: Filemap.shmemVMOperations, traits: .shmem,
            blocks: [])
        cache(resident, of: file)
        return file
    }

    /// Puts pages into the cache, each as if it was read alone.
    mutating func cache(_ runs: [PageRun], of file: FileID) {
        let flags: FrameFlags = machine.traits(of: file).contains(.shmem) ? [.uptodate, .shmem, .dirty] : .uptodate
        for page in runs.flatMap({ $0.first...$0.last }) {
            cache(page, of: file, flags, stamp: FileIO.contentOnDevice(file, PageIndex(page), machine))
        }
    }

    /// Maps a file from `offset` on, or anonymous memory, and returns the first page.
    mutating func map(
        _ file: FileID?, _ pages: Int, offset: Int = 0, _ flags: VMAFlags = [.read, .write, .shared],
        in other: TaskID? = nil
    ) -> PageNumber {
        area(pages: pages, flags, file: file ?? .none, offset: offset, in: other)
    }

    /// What a task sleeps on.
    func cause(of task: TaskID) -> WaitLink.Cause? { machine.waitLinks.first { $0.task == task }?.cause }

    /// Whether nothing is left over: no broken law, no reference but those of caches and entries.
    func isClean(_ files: FileID...) -> Bool {
        guard machine.violations.isEmpty else { return false }
        for file in files {
            for page in cached(file) {
                let folio = folio(file, page)
                if machine.references(of: folio) != 1 + machine.mappings(of: folio) { return false }
                if !machine.flags(of: folio).isDisjoint(with: [.locked, .writeback]) { return false }
            }
        }
        return true
    }
}
