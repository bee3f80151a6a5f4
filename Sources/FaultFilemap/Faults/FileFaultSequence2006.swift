import FaultCore

/// `filemap_nopage()` as Andrew Morton proposed it in 2006 ("the better way"): ``FileFault2_6_37``, but after the wait
/// it takes the mmap lock again, and checks whether any task has held it for writing.
///
///     ... lockFolio ─[drops the lock]─▶ woken ─▶ relocked ─┬─[unchanged]─▶ lockFolio ...
///                                                          └─[changed]─▶ RETRY
///
/// Most of the time none has, and the fault continues where it was, in its first attempt. It drops the lock once.
enum FileFaultSequence2006: Routine {
    typealias Stage = FileFault2_6_37.Stage

    static func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        if stage == .woken, !resumed.wasInterrupted {
            return .call(machine.takingForFault(.mmap(fault.map), .read), then: .relocked)
        }
        return FileFault2_6_37.step(stage, &frame, resumed, &fault, &machine)
    }

    /// Continues after the wait for the lock: it is held again, or a signal has ended the wait.
    static func relocked(
        _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        guard resumed.errno == nil else { return FileFault.retry(&fault, &machine) }
        guard machine.mapIsUnchanged(since: fault) else {
            machine.unlock(.mmap(fault.map), by: fault.task)
            return FileFault.retry(&fault, &machine)
        }
        fault.lock = .mmap
        machine.unpinFile(of: &fault)
        // It is the same area, although the growth of a stack under the read lock may have moved another one.
        _ = machine.findArea(of: &fault)
        fault.hasGoneOn = true
        return .next(.lockFolio)
    }
}

// MARK: - What it reads and holds

extension FileFaultSequence2006 {
    static func reads(_ stage: Stage, _ frame: EmptyFrame, _ view: StageView) -> Footprint {
        FileFault2_6_37.reads(stage, frame, view)
    }

    /// The number of write acquisitions of the lock shows whether the map is unchanged.
    static func relockedReads(_ view: StageView) -> Footprint {
        let map = view.fault.map
        return FileFault.ending(view).union(view.releasing(.mmap(map)), [.lock(.mmap(map)), .areas(map)])
    }

    static func holds(_ stage: Stage, _ frame: EmptyFrame, _ view: StageView) -> Holdings {
        .lock(.mmap(view.fault.map), .read, if: stage == .relocked && view.resumed.errno == nil)
    }
}
