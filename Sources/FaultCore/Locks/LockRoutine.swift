/// Takes a lock, sleeping if necessary. Models `down_read()`, `down_write()` and their killable forms.
enum LockRoutine: CoreRoutine {
    enum Stage: UInt8, RoutineStage {
        case take
        case woken
    }

    struct Frame: RoutineFrame {
        /// The lock that is wanted.
        var lock: LockName
        /// How it is wanted.
        var mode: LockMode
        /// Which signals end the wait for it.
        var wait: TaskWait.Mode

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("lock", lock)
            visitor.visit("mode", mode)
            visitor.visit("wait", wait)
        }
    }

    static var number: RoutineNumber { .takeLock }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, Completion> {
        let lock = frame.lock
        let mode = frame.mode
        let task = machine.scheduler.current
        switch stage {
        case .take:
            guard machine.exists(lock) else { return .done }
            if machine.recorder.isChecking { machine.checkLockOrder(taking: lock, mode, by: task) }
            if machine.tryLock(lock, mode, for: task) { return .done }
            if machine.withSemaphore(lock, { $0.steal(mode, for: task) }) {
                machine.noteTaken(lock, mode, by: task, waitedSince: machine.clock)
                return .done
            }
            let now = machine.clock
            machine.noteWrite(.lock(lock))
            machine.withSemaphore(lock) { $0.enqueue(task, mode, at: now) }
            machine.record(.lockQueued, task, UInt64(lock.rawValue), UInt64(mode.rawValue))
            return sleep(frame)

        case .woken:
            if resumed.wasInterrupted { return .failed(.interrupted) }
            if machine.holds(lock, task) != nil { return .done }
            machine.noteWrite(.lock(lock))  // a writer that comes too late is owed the lock
            guard let since = machine.withSemaphore(lock, { $0.claim(task) }) else { return sleep(frame) }
            machine.noteTaken(lock, mode, by: task, waitedSince: since)
            return .done
        }
    }

    private static func sleep(_ frame: Frame) -> RoutineStep<Stage, Completion> {
        .sleep(TaskWait(.lock, frame.wait, value: UInt64(frame.lock.rawValue)), then: .woken)
    }

    /// Does the whole call if the lock is free and nothing is watched; else does nothing.
    @inline(__always)
    static func takesAtOnce(_ call: RoutineCall, _ task: TaskID, _ machine: inout Machine) -> Bool {
        let frame = call.bytes.frame(Frame.self)
        return machine.tryLock(frame.lock, frame.mode, for: task)
    }

    /// Does the same for a task that holds no lock while no other task can run. An mmap lock is then only noted as
    /// held: see ``InstantHold``.
    @inline(__always)
    static func takesForInstant(_ call: RoutineCall, _ task: TaskID, _ machine: inout Machine) -> Bool {
        let frame = call.bytes.frame(Frame.self)
        return machine.holdsForInstant(frame.lock, frame.mode) || machine.tryLock(frame.lock, frame.mode, for: task)
    }
}

/// Locks a folio, sleeping if necessary. Models `__folio_lock()` and `__folio_lock_killable()`.
enum LockFolioRoutine: CoreRoutine {
    enum Stage: UInt8, RoutineStage {
        case take
    }

    struct Frame: RoutineFrame {
        /// The folio. The caller has a reference.
        var folio: FrameNumber
        /// Which signals end the wait for it.
        var wait: TaskWait.Mode

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("folio", folio)
            visitor.visit("wait", wait)
        }
    }

    static var number: RoutineNumber { .lockFolio }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, Completion> {
        switch stage {
        case .take:
            if resumed.wasInterrupted { return .failed(.interrupted) }
            if machine.tryLock(frame.folio, by: machine.scheduler.current) { return .done }
            return .sleep(.folioLock(frame.folio, frame.wait), then: .take)
        }
    }
}

// MARK: - What they read

extension LockRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint { [.lock(frame.lock)] }

    /// The lock may have been granted while the task slept.
    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        .lock(frame.lock, frame.mode, if: stage == .woken && view.machine.holds(frame.lock, view.task) != nil)
    }
}

extension LockFolioRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint { view.page(frame.folio) }
}
