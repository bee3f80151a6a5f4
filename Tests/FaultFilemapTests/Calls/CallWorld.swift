@testable import FaultCore
@testable import FaultFilemap
import Testing

/// A machine with a disk, files of both kinds, and processes that map them; for calls on files.
struct CallWorld {
    var machine: Machine
    let device: DeviceID
    let task: TaskID
    private var nextArea = PageNumber(0x4_0000)

    init(_ model: KernelModel = .linux6_1, settings: MachineSettings = MachineSettings(), disk: Disk = Disk()) {
        machine = Machine(
            MachineConfiguration(
                model: model, settings: settings, entry: CallEntry(), vmOperations: Filemap.vmOperations,
                fileOperations: [Ext4FileOperations(), ShmemFileOperations()], blockDevices: [disk],
                pageCache: Filemap.pageCache))
        machine.isChecking = true
        machine.recordsAttempts = true
        device = machine.addDevice(operations: 0, held: false)
        task = machine.addTask()
    }

    /// A file on the disk, all of it with blocks, and with these pages cached.
    mutating func file(_ pages: Int, resident: [PageRun] = [], blocks: [PageRun]? = nil) -> FileID {
        let file = machine.addFile(
            pages: pages, operations: 0, vmOperations: Filemap.fileVMOperations, device: device,
            traits: [.writeback, .pageMkwrite], blocks: blocks ?? (pages > 0 ? [PageRun(0, pages - 1)] : []))
        for run in resident {
            for page in run.first...run.last {
                let stamp = FileIO.contentOnDevice(file, PageIndex(page), machine)
                _ = machine.addToCache(
                    of: file, at: PageIndex(page), flags: .uptodate, stamp: stamp, point: .cachePage, for: task)
            }
        }
        return file
    }

    /// A tmpfs file without pages.
    mutating func shmem(_ pages: Int) -> FileID {
        machine.addFile(
            pages: pages, operations: 1, vmOperations: Filemap.shmemVMOperations, device: .none, traits: .shmem,
            blocks: [])
    }

    /// Maps a file from `offset` on, or anonymous memory, and returns the first page.
    mutating func map(
        _ file: FileID?, _ pages: Int, offset: Int = 0, _ flags: VMAFlags = [.read, .write, .shared],
        in other: TaskID? = nil
    ) -> PageNumber {
        let base = nextArea
        nextArea = nextArea + 0x1000
        let startIndex = file == nil ? PageIndex(rawValue: base.rawValue) : PageIndex(offset)
        let operations = file.map { machine.traits(of: $0).contains(.shmem) ? 2 : 1 } ?? 0
        machine.insertArea(
            VMA(
                start: base, end: base + pages,
                startIndex: startIndex, flags: flags, file: file ?? .none, operations: UInt16(operations)),
            in: machine.map(of: other ?? task))
        return base
    }

    /// Does an operation and everything that follows by itself.
    ///
    /// - Parameter scans: Whether all laws about states are checked then; not if the test has damaged the state.
    @discardableResult
    mutating func run(_ operation: TaskOperation, in other: TaskID? = nil, scans: Bool = true) -> OperationReport {
        machine.start(operation, in: other ?? task)
        let reason = machine.run()
        #expect(reason.violations.isEmpty, "\(reason)")
        if scans { machine.expectLaws() }
        return machine.report(of: other ?? task)
    }

    /// The pages of a file that are cached and, if asked, have all of `flags`.
    func cached(_ file: FileID, with flags: FrameFlags = []) -> [Int] {
        var pages: [Int] = []
        var next: PageIndex = 0
        while let (index, folio) = machine.firstCached(of: file, from: next) {
            if machine.flags(of: folio).isSuperset(of: flags) { pages.append(index.value) }
            next = index + 1
        }
        return pages
    }

    func folio(_ file: FileID, _ page: Int) -> FrameNumber {
        machine.cachedFolio(at: PageIndex(page), of: file)!
    }

    func stamp(_ file: FileID, _ page: Int) -> UInt32 { machine.stamp(of: folio(file, page)) }

    func entry(_ page: PageNumber, in other: TaskID? = nil) -> PTE {
        machine.entry(of: page, in: machine.map(of: other ?? task))
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

/// The way into the fault path for user and kernel accesses: areas, their protection, one retry, fixups.
struct CallEntry: FaultEntry {
    enum Stage: UInt8, RoutineStage { case begin, locked, handled }

    var name: StaticName { StaticName("call test") }

    var geometry: PageGeometry {
        PageGeometry(pageShift: 12, levels: 4, bitsPerLevel: 9, userLimit: PageNumber(1 << 35))
    }

    func userCopyAttempts(in model: KernelModel) -> Int { 2 }

    func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        switch stage {
        case .begin:
            fault.flags = FaultFlags.default
            if fault.exception.mode == .user { fault.flags.insert(.user) }
            if fault.exception.access == .write { fault.flags.insert(.write) }
            return .call(machine.taking(.mmap(fault.map), .read), then: .locked)

        case .locked:
            fault.lock = .mmap
            let needed: VMAFlags = fault.exception.access == .write ? .write : .read
            guard let area = machine.findArea(of: &fault), area.contains(fault.page), area.flags.contains(needed) else {
                machine.releaseFaultLock(of: &fault)
                return failed(.segv(.notMapped), fault, &machine)
            }
            return .call(machine.handleMMFault(), then: .handled)

        case .handled:
            let result = resumed.faultResult
            if result.contains(.retry) {
                fault.flags.insert(.tried)
                return .call(machine.taking(.mmap(fault.map), .read), then: .locked)
            }
            if fault.lock != .none { machine.releaseFaultLock(of: &fault) }
            return result.isError
                ? failed(.bus(.noSuchAddress), fault, &machine) : .done(.replay)
        }
    }

    private func failed(
        _ signal: TaskSignal, _ fault: VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        guard fault.exception.mode == .user else { return .done(.fixup) }
        machine.forceSignal(signal, on: fault.task)
        return .done(.signal)
    }
}
