@testable import FaultCore
import Testing

/// A machine without file systems, for tests of what system calls do to areas and entries.
struct AreaChangeMachine {
    var machine: Machine
    let task: TaskID
    var map: MapID { machine.map(of: task) }

    init(_ settings: MachineSettings = MachineSettings(), model: KernelModel = .linux6_1) {
        let backing: [any VMOperations] = [EmptyBacking(), NotifiedBacking()]
        machine = Machine(
            MachineConfiguration(
                model: model, settings: settings, entry: PlainEntry(), vmOperations: backing,
                sharedMemory: (fileOperations: 0, vmOperations: 1)))
        machine.isChecking = true
        task = machine.addTask()
    }

    /// Does one operation to its end.
    @discardableResult
    mutating func run(_ operation: TaskOperation, in other: TaskID? = nil) -> OperationReport {
        machine.start(operation, in: other ?? task)
        let reason = machine.verify(after: machine.run())
        #expect(reason.violations.isEmpty, "\(reason)")
        return machine.report(of: other ?? task)
    }

    /// Maps private anonymous memory at a fixed place.
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

    mutating func addFile(pages: Int = 64, vmOperations: Int = 1, _ traits: FileTraits = []) -> FileID {
        machine.addFile(
            pages: pages, operations: 0, vmOperations: vmOperations, device: .none, traits: traits, blocks: [])
    }

    /// Puts an entry for a page of a file's cache in place, as a fault would have. No file system has its content.
    mutating func install(_ page: UInt64, of file: FileID, at index: PageIndex, _ bits: PTE.Bits) {
        let folio = machine.addToCache(
            of: file, at: index, flags: [.uptodate, .unsaved], point: .cachePage, for: task)!
        if bits.contains(.dirty) { _ = machine.markDirty(folio, by: task) }
        let leaf = machine.makeLeafTable(map, PageNumber(page), for: task)!
        machine.mapFrame(folio, bits, at: PageNumber(page), in: map, leaf: leaf)
    }

    func bits(_ page: UInt64) -> PTE.Bits { machine.entry(of: PageNumber(page), in: map).bits }

    /// Does stages until the task is about to begin `routine`; `nil` if it never does.
    mutating func step(until routine: RoutineNumber) -> Activation? {
        while machine.isBusy(task) {
            if let top = machine.tasks[task.index].stack.last, top.routine == routine { return top }
            guard machine.step(task) else { return nil }
        }
        return nil
    }

    /// The areas as first page and page behind the last.
    var bounds: [[UInt64]] { machine.areas(of: map).map { [$0.start.rawValue, $0.end.rawValue] } }
}

/// Takes the mmap lock, asks for the area, and lets the core handle the fault once.
private struct PlainEntry: FaultEntry {
    enum Stage: UInt8, RoutineStage { case begin, locked, handled }

    var name: StaticName { StaticName("plain") }
    var geometry: PageGeometry {
        PageGeometry(pageShift: 12, levels: 3, bitsPerLevel: 6, userLimit: PageNumber(1 << 18))
    }

    func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        switch stage {
        case .begin:
            return .call(machine.taking(.mmap(fault.map), .read), then: .locked)
        case .locked:
            let isWrite = fault.exception.access == .write
            let area = machine.findArea(of: &fault)
            guard let area, area.contains(fault.page), area.flags.contains(isWrite ? .write : .read) else {
                machine.unlock(.mmap(fault.map), by: fault.task)
                machine.forceSignal(.segv(.notMapped), on: fault.task)
                return .done(.signal)
            }
            fault.flags = isWrite ? [.user, .write] : .user
            fault.lock = .mmap
            return .call(machine.handleMMFault(), then: .handled)
        case .handled:
            machine.unlock(.mmap(fault.map), by: fault.task)
            return .done(.replay)
        }
    }
}

/// Backs areas whose pages are never faulted.
private struct EmptyBacking: VMOperations {
    var name: StaticName { StaticName("empty") }
    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        .done(.sigbus)
    }
}

/// The same, but wants to know of writes.
private struct NotifiedBacking: VMOperations {
    var name: StaticName { StaticName("notified") }
    var provides: VMOperationSet { .pageMkwrite }
    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        .done(.sigbus)
    }
}
