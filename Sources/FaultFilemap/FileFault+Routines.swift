import FaultCore

/// The routines of other kernels, and what they share with ``FileFault``.
extension FileFault {
    /// Does one stage of the `filemap_fault()` that the kernel model names.
    @inline(__always)
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> {
        let stage = call.stage.rawValue
        switch machine.model.fileFault {
        case .waitsToTheEnd:
            return step(Stage(rawValue: stage)!, &call, &fault, &machine).erased
        case .waitsForUnlock:
            return FileFault2_6_37.step(FileFault2_6_37.Stage(rawValue: stage)!, &call, &fault, &machine).erased
        case .fillsAround: return FileFaultAround2014.step(&call, &fault, &machine)
        case .goesOnIfUnchanged: return FileFaultSequence2006.step(&call, &fault, &machine)
        case .leavesAfterSubmission:
            return FileFault2018.step(FileFault2018.Stage(rawValue: stage)!, &call, &fault, &machine).erased
        }
    }

    /// The name of a stage of that routine.
    static func stageName(_ stage: UInt8, in model: KernelModel) -> String? {
        switch model.fileFault {
        case .waitsToTheEnd: Stage(rawValue: stage).map { "\($0)" }
        case .waitsForUnlock, .fillsAround, .goesOnIfUnchanged: FileFault2_6_37.Stage(rawValue: stage).map { "\($0)" }
        case .leavesAfterSubmission: FileFault2018.Stage(rawValue: stage).map { "\($0)" }
        }
    }

    /// How the read of a single page is waited for.
    static func singlePageWait(_ fault: VMFault, _ machine: Machine) -> Wait {
        switch machine.model.singlePageWait {
        case .killable: .folioUnlock(fault.folio, .killable)  // whatever the flags say
        case .uninterruptible: .folioUnlock(fault.folio, .uninterruptible)
        }
    }

    /// Notes which page was faulted on last, where readahead looks at that: `ra->prev_pos`.
    static func noteFault(_ fault: VMFault, _ machine: inout Machine) {
        guard machine.model.mmapReadahead == .aroundUnmarked else { return }
        machine[readaheadOf: fault.file].previousPosition = Int64(fault.index.value << Int(machine.geometry.pageShift))
    }

    /// Whether a missing page is read as with sequential advice, because the fault before was on the page before.
    static func followsLastFault(_ fault: VMFault, _ machine: Machine) -> Bool {
        guard machine.model.mmapReadahead == .aroundUnmarked else { return false }
        let last = machine[readaheadOf: fault.file].previousPosition >> Int64(machine.geometry.pageShift)
        return Int64(fault.index.value) - 1 == last
    }
}
