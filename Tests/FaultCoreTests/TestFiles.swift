@testable import FaultCore

/// A file whose pages are read when the test wakes the channel of their index. It drops the lock for that if it may.
struct WaitingFile: VMOperations {
    enum Stage: UInt8, RoutineStage { case find, woken }

    var name: StaticName { StaticName("waiting file") }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        if stage == .find {
            guard fault.index.value < machine.pages(of: fault.file) else { return .done(.sigbus) }
            if let folio = machine.cachedFolio(at: fault.index, of: fault.file) {
                return take(folio, [], &fault, &machine)
            }
            machine.countMajorFaultEvent(fault.task)
            machine.dropFaultLock(of: &fault, for: .pageRead)
            let mode: TaskWait.Mode = fault.flags.contains(.killable) ? .killable : .uninterruptible
            return .sleep(.channel(fault.index.rawValue, mode), then: .woken)
        }
        if resumed.wasInterrupted {
            if !fault.lockDropped { machine.releaseFaultLock(of: &fault) }
            return .done(.retry)
        }
        let folio =
            machine.cachedFolio(at: fault.index, of: fault.file)
            ?? machine.addToCache(
                of: fault.file, at: fault.index, flags: .uptodate, point: .cachePage, for: fault.task)!
        return fault.lockDropped ? .done([.major, .retry]) : take(folio, .major, &fault, &machine)
    }

    private func take(
        _ folio: FrameNumber, _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        machine.give(folio, to: &fault)
        _ = machine.tryLock(folio, by: fault.task)
        fault.folioLocked = true
        return .done(result.union(.locked))
    }
}

/// A file system that only remembers what it was advised to read: first page, pages.
struct AdvisedFile: FileOperations {
    struct Advice: Equatable, PluginState {
        var first: PageIndex = 0
        var pages = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("first", first)
            visitor.visit("pages", pages)
        }
    }

    typealias InodeState = Advice

    var name: StaticName { StaticName("advised file") }

    func step(
        _ stage: OnlyStage, _ frame: inout FileRequest, _ resumed: Resumption, _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FileResult> {
        if case .willNeed(let first, let pages) = frame.call {
            machine.setState(Advice(first: first, pages: pages), of: frame.file, of: Self.self)
        }
        return .done
    }

    func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {}
}

/// A file that wants to know of writes, and whose pages are never faulted.
struct NotifiedFile: VMOperations {
    var name: StaticName { StaticName("notified file") }
    var provides: VMOperationSet { .pageMkwrite }
    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        .done(.sigbus)
    }
}
