import BareMachine
import Testing

@testable import FaultCore

extension BareMachine {
    /// A machine with small page tables, whose files are read when the test wakes a channel: ``WaitingFile``, handler 1.
    /// Handler 2 is notified of writes.
    init(_ model: KernelModel = .linux6_1, settings: MachineSettings = MachineSettings()) {
        self.init(fileSystem: AdvisedFile(), model, settings: settings)
    }

    /// The same with another file system.
    init(
        fileSystem: any FileOperationTable, _ model: KernelModel = .linux6_1,
        settings: MachineSettings = MachineSettings()
    ) {
        let configuration = MachineConfiguration(
            model: model, settings: settings, entry: BareEntry(geometry: BareEntry.small),
            vmOperations: [WaitingFile(), NotifiedFile()], fileOperations: [fileSystem],
            sharedMemory: (fileOperations: 0, vmOperations: 1))
        self.init(configuration) { Issue.record("\($0)") }
    }

    /// Maps memory at a fixed place, with the system call.
    @discardableResult
    mutating func mmap(
        _ page: UInt64, _ pages: Int, _ flags: VMAFlags = [.read, .write], file: FileID = .none, offset: PageIndex = 0
    ) -> OperationReport {
        run(
            .mmap(
                MapRequest(
                    pages: pages, access: flags.protection, flags: MapFlags(flags), file: file, offset: offset,
                    placement: .fixed(PageNumber(page)))))
    }

    /// Puts an entry for a page of a file's cache in place, as a fault would have. No file system has its content.
    mutating func install(_ page: UInt64, of file: FileID, at index: PageIndex, _ bits: PTE.Bits) {
        cache(index.value, of: file, [.uptodate, .unsaved])
        let folio = folio(file, index.value)
        if bits.contains(.dirty) { _ = machine.markDirty(folio, by: task) }
        let leaf = machine.makeLeafTable(map, PageNumber(page), for: task)!
        machine.mapFrame(folio, bits, at: PageNumber(page), in: map, leaf: leaf)
    }

    /// A fork of `parent`.
    mutating func fork(_ parent: TaskID? = nil) -> TaskID { TaskID(run(.fork, in: parent).value) }

    /// Does stages until the task is about to begin `routine`; `nil` if it never does.
    mutating func step(until routine: RoutineNumber) -> Activation? {
        let task = self.task
        step { $0.tasks[task.index].stack.last?.routine != routine }
        return machine.tasks[task.index].stack.last
    }

    func frame(_ page: UInt64, of other: TaskID? = nil) -> PageFrame { machine.frames[entry(page, of: other).frame] }

    /// The areas as first page and page behind the last.
    var bounds: [[UInt64]] { areas.map { [$0.start.rawValue, $0.end.rawValue] } }
}
