import FaultCore

/// The moves that are possible next, and making a move.
extension Machine {
    /// Adds all possible moves to `list`: tasks by number, then requests, then timers, then injections.
    func addMoves(to list: inout [Move], _ options: Explorer.Options, _ used: InjectionCounts) {
        addOwnMoves(to: &list, options)
        for (number, injection) in options.injections.enumerated() where used[number] < injection.times {
            if isPossible(injection) { list.append(.inject(number)) }
        }
    }

    /// Adds all possible moves except injections.
    func addOwnMoves(to list: inout [Move], _ options: Explorer.Options) {
        for index in taskIndices where isRunnable(index) {
            list.append(options.grain == .stage ? .step(TaskID(index)) : .run(TaskID(index)))
        }
        switch options.completions {
        case .none: return
        case .all:
            for number in 0..<requestCount { list.append(.finish(number)) }
        case .unlessHeld:
            for number in 0..<requestCount where !isHeld(request: number) { list.append(.finish(number)) }
        }
        guard hasTimers else { return }
        for index in taskIndices where canExpire(TaskID(index)) { list.append(.expire(TaskID(index))) }
    }

    private func isPossible(_ injection: Injection) -> Bool {
        if case .asleep(let task) = injection.timing, !isSleeping(task) { return false }
        switch injection.event {
        case .signal(_, let task): return hasOperation(task)
        case .start(_, let task): return isIdle(task)
        case .breakBlocks, .repairBlocks, .failAllocation: return true
        }
    }

    /// Makes `move`, and returns whether that was possible. It is not possible if a task has to run until it sleeps and
    /// runs for more than `turnLimit` stages.
    mutating func perform(
        _ move: Move, _ injections: [Injection], turnLimit: Int = Explorer.Options().turnLimit
    ) -> Bool {
        switch move {
        case .step(let task):
            return taskIndices.contains(task.index) && step(task)
        case .run(let task):
            guard taskIndices.contains(task.index), isRunnable(task.index) else { return false }
            return runUntilSleep(task, limit: turnLimit)
        case .finish(let number):
            guard (0..<requestCount).contains(number) else { return false }
            finishRequest(number)
        case .expire(let task):
            guard taskIndices.contains(task.index), canExpire(task) else { return false }
            expire(task)
        case .inject(let number):
            guard injections.indices.contains(number), isPossible(injections[number]) else { return false }
            inject(injections[number].event)
        }
        return true
    }

    /// The text about a turn that did not end.
    func endlessTurn(of move: Move, _ stages: Int) -> String {
        guard case .run(let task) = move else { return "\(move) can't happen" }
        let stage = backtrace(of: task).last.map { "\($0)" } ?? "no stage"
        return named("\(task) did not sleep in the turnLimit of \(stages) stages; it is at \(stage)", for: task)
    }

    private mutating func inject(_ event: Injection.Event) {
        noteInterference()
        switch event {
        case .signal(let signal, let task): send(signal, to: task)
        case .start(let operation, let task): start(operation, in: task)
        case .breakBlocks(let file, let run): breakBlocks(of: file, run)
        case .repairBlocks(let file): repairBlocks(of: file)
        case .failAllocation(let point): failAllocation(at: point)
        }
    }
}
