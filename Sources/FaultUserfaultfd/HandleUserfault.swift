import FaultCore

/// `handle_userfault()` (fs/userfaultfd.c, Linux 6.1): hands a fault over to a descriptor, and waits for the answer.
///
///     enter ─┬─▶ look ─▶ wait ─▶ woken ─┬─▶ RETRY
///            │                          └─▶ relocked ─▶ NOPAGE        until Linux 5.6, on a signal
///            └─▶ SIGBUS, NOPAGE or RETRY
///
/// The fault enters the queue before it checks the page table again, without the page-table lock. A fill sets the entry
/// before it wakes the waiters. So either the fault sees the entry, or the fill sees the fault. Only then the fault
/// lock is released, also by an attempt that was `TRIED`.
///
/// Any wake-up ends the wait, without another check. An access of the kernel whose wait would end immediately because
/// of a pending signal tries again anyway, and loops until the page is there. The loop is no sleep, but it has no
/// effect before another task has done something, so ``TaskWait/Kind/spin`` stands for it.
///
/// Up to Linux 5.8 the fault sleeps in a loop because of spurious wake-ups (the simulator has none), and a fault that
/// has slept counts as major: ``KernelModel/UserfaultCount``. Up to 5.6 a signal that a program handles ends its wait
/// with `NOPAGE`, after the lock was taken again: ``KernelModel/UserfaultSignal``.
enum HandleUserfault: Routine {
    enum Stage: UInt8, RoutineStage {
        case enter
        case look
        case wait
        case woken
        case relocked
    }

    struct Frame: RoutineFrame {
        /// Why the fault is handed over.
        let reason: Userfault.Reason
        /// The descriptor; known from `look` on.
        var descriptor = UserfaultID.none
        /// Whether the fault counts as major, because it has slept, or would have slept if no wake-up had come just
        /// then; known in `woken`.
        var isMajor = false

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("reason", reason)
            visitor.visit("descriptor", descriptor)
            visitor.visit("isMajor", isMajor)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        let task = fault.task
        let descriptor = frame.descriptor
        switch stage {
        case .enter:
            return enter(&frame, &fault, &machine)

        case .look:
            let mustWait =
                machine.isQueued(task, on: descriptor)
                && (mustWait(fault, frame.reason, machine) || mistaken(.handedOverUnlooked))
                && !machine.isReleased(descriptor)
            machine.noteFreeDrop(of: fault)
            machine.releaseFaultLock(of: &fault)
            guard mustWait else { return .next(.woken) }
            if !mistaken(.faultWakesNoMonitor) { machine.wakeUserfaultReaders(of: descriptor) }
            frame.isMajor = machine.model.userfaultCount == .asMajor && !machine.isInterrupted(task)
            return .next(.wait)

        case .wait:
            guard machine.isQueued(task, on: descriptor) else { return .next(.woken) }
            return .sleep(wait(of: fault, for: descriptor, machine), then: .woken)

        case .woken:
            machine.dequeue(task, from: descriptor)
            if machine.model.userfaultSignal == .isDone, fault.flags.contains([.user, .killable]),
                machine.hasSignal(task), !machine.hasFatalSignal(task)
            {
                return .call(machine.taking(.mmap(fault.map), .read), then: .relocked)
            }
            return .done(frame.isMajor ? [.retry, .major] : .retry)

        case .relocked:
            fault.lock = .mmap
            machine.noteReplay(of: fault)
            return .done(.noPage)
        }
    }

    /// The refusals, in the kernel's order.
    private static func enter(
        _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        machine.countUserfault(of: fault)
        let descriptor = machine.area(of: fault).flags.userfault
        guard descriptor != .none else { return .done(.sigbus) }
        if machine.features(of: descriptor).contains(.sigbus), !mistaken(.signalFeatureIgnored) {
            return .done(.sigbus)
        }
        if !fault.flags.contains(.user), !mistaken(.userModeOnlyIgnored),
            machine.opening(of: descriptor).contains(.userModeOnly)
        {
            return .done(.sigbus)
        }
        let isReleased = machine.isReleased(descriptor)
        if isReleased, machine.model.releasedUserfault == .isSIGBUS { return .done(.sigbus) }
        if isReleased, machine.model.releasedUserfault == .isDone {
            machine.noteReplay(of: fault)
            return .done(.noPage)
        }
        guard fault.flags.contains(.allowRetry) else { return .done(.sigbus) }
        if fault.flags.contains(.retryNoWait) { return .done(.retry) }
        if isReleased {
            machine.noteFreeDrop(of: fault)
            machine.releaseFaultLock(of: &fault)
            return .done(.retry)
        }
        frame.descriptor = descriptor
        let waiting = Userfault(frame.reason, fault.page, isWrite: fault.isWrite, thread: fault.task)
        machine.enqueue(waiting, on: descriptor)
        return .next(.look)
    }

    /// `userfaultfd_must_wait()`: whether the entry still does not let the access through.
    private static func mustWait(_ fault: VMFault, _ reason: Userfault.Reason, _ machine: Machine) -> Bool {
        let entry = machine.entry(of: fault.page, in: fault.map)
        if machine.isNoneMostly(entry) { return true }
        return entry.isPresent && reason == .writeProtect && !entry.isWritable
    }

    /// `userfaultfd_get_blocking_state()`, with the case of a wait that a signal would end immediately.
    private static func wait(of fault: VMFault, for descriptor: UserfaultID, _ machine: Machine) -> TaskWait {
        let mode = machine.userfaultWait(of: fault)
        let spins =
            mode == .interruptible && fault.isException && !fault.flags.contains(.user) && machine.hasSignal(fault.task)
        return spins ? .spin(descriptor) : .userfault(descriptor, mode)
    }
}

// MARK: - What it reads

extension HandleUserfault {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let fault = view.fault
        switch stage {
        case .enter:
            guard fault.lock != .none else { return .everything }
            return view.handlingUserfault.union(view.faultLock, [.areas(fault.map)])
        case .look:
            return view.queue(of: frame.descriptor).union(
                view.faultLock, view.entry(fault.page, in: fault.map), [.areas(fault.map)])
        case .wait, .woken: return view.queue(of: frame.descriptor)
        case .relocked: return []
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        .lock(.mmap(view.fault.map), .read, if: stage == .relocked)
    }
}
