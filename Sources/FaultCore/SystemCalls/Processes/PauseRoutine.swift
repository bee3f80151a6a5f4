/// Operations that need no lock and no memory: sleeping, computing, sending a signal, setting the task's ``ArchWords``,
/// noting how a file will be read, and failing.
enum PauseRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case woken
    }

    /// What is to be done.
    enum Frame: RoutineFrame {
        /// `nanosleep(2)`, for this many nanoseconds.
        case sleep(nanoseconds: UInt64)
        /// Keeps the processor busy for this many nanoseconds.
        case compute(nanoseconds: UInt64)
        /// `kill(2)`.
        case kill(TaskID, TaskSignal)
        /// Sets the task's ``ArchWords``, by an instruction that needs no kernel.
        case setArchWords(ArchWords)
        /// Notes how a file will be read: `posix_fadvise(2)`.
        case adviseFile(FileID, FileAdvice)
        /// Fails: the task is a kernel thread, and has no memory of its own.
        case refuse
        /// Fails because of the numbers that the call was given.
        case fail(Errno)

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            switch self {
            case .sleep(let nanoseconds):
                visitor.visit("case", 0)
                visitor.visit("nanoseconds", word: nanoseconds)
            case .compute(let nanoseconds):
                visitor.visit("case", 1)
                visitor.visit("nanoseconds", word: nanoseconds)
            case .kill(let task, let signal):
                visitor.visit("case", 2)
                visitor.visit("task", task)
                visitor.visit("signal", word: signal.word)
            case .setArchWords(let words):
                visitor.visit("case", 3)
                visitor.visit("words", words)
            case .refuse: visitor.visit("case", 4)
            case .adviseFile(let file, let advice):
                visitor.visit("case", 5)
                visitor.visit("file", file)
                visitor.visit("advice", advice)
            case .fail(let error):
                visitor.visit("case", 6)
                visitor.visit("error", error)
            }
        }
    }

    static var number: RoutineNumber { .pause }
    static func needsOwnMap(_ frame: Frame) -> Bool { false }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        switch stage {
        case .begin:
            switch frame {
            case .sleep(let nanoseconds):
                return .sleep(
                    .time(
                        machine.clock.adding(nanoseconds - (mistaken(.sleepsOneTickLess) && nanoseconds > 0 ? 1 : 0))),
                    then: .woken)
            case .compute(let nanoseconds):
                machine.scheduler.extraCost = machine.scheduler.extraCost.adding(nanoseconds)
            case .kill(let task, let signal): machine.send(signal, to: task)
            case .setArchWords(let words): machine.setArchWords(of: machine.scheduler.current, to: words)
            case .adviseFile(let file, let advice): machine.advise(file, advice)
            case .refuse: return .failed(.invalid)
            case .fail(let error): return .failed(error)
            }
            return .done

        case .woken:
            return resumed.wasInterrupted ? .failed(.interrupted) : .done
        }
    }
}

extension UInt64 {
    /// The time this many nanoseconds later. If that can't be represented, the largest time, which never comes:
    /// `ktime_add_safe()`.
    func adding(_ nanoseconds: UInt64) -> UInt64 {
        let (sum, isTooLate) = addingReportingOverflow(nanoseconds)
        return isTooLate ? .max : sum
    }
}

// MARK: - What it reads

extension PauseRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        if case .adviseFile(let file, _) = frame { return [.file(file)] }
        guard stage == .begin, case .kill(let task, _) = frame else { return [] }
        let other = view.machine.tasks[view.machine.index(of: task)]
        // A signal removes a task from the queue of a lock, and other tasks may then be granted the lock.
        let isQueued = other.status == .sleeping && other.wait.kind == .lock
        let lock = LockName(rawValue: UInt32(truncatingIfNeeded: other.wait.value))
        return isQueued ? view.releasing(lock).union([.task(task)]) : [.task(task)]
    }
}
