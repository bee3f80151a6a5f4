public import FaultCore

/// What can happen next, and letting it happen.
extension Machine {
    /// Adds what can happen next to `list`: tasks by number, then requests, then timers, then injections.
    func addChoices(to list: inout [Choice], _ options: Explorer.Options, _ used: InjectionCounts) {
        addOwnChoices(to: &list, options)
        for (number, injection) in options.injections.enumerated() where used[number] < injection.times {
            if isPossible(injection) { list.append(.inject(number)) }
        }
    }

    /// Adds what can happen next without an injection.
    func addOwnChoices(to list: inout [Choice], _ options: Explorer.Options) {
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
        if case .asleep(let task) = injection.moment, !isSleeping(task) { return false }
        switch injection.event {
        case .signal(_, let task): return hasOperation(task)
        case .start(_, let task): return isIdle(task)
        case .breakBlocks, .mendBlocks, .failAllocation: return true
        }
    }

    /// Lets `choice` happen, and answers whether it could: not if a task is to run until it sleeps, and goes on for more
    /// than `turnLimit` stages.
    mutating func perform(
        _ choice: Choice, _ injections: [Injection], turnLimit: Int = Explorer.Options().turnLimit
    ) -> Bool {
        switch choice {
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

    /// What a turn came to that did not end.
    func endlessTurn(of choice: Choice, _ stages: Int) -> String {
        guard case .run(let task) = choice else { return "\(choice) can't happen" }
        let stage = backtrace(of: task).last.map { "\($0)" } ?? "no stage"
        return named("\(task) did not sleep in the turnLimit of \(stages) stages; it is at \(stage)", for: task)
    }

    private mutating func inject(_ event: Injection.Event) {
        noteInterference()
        switch event {
        case .signal(let signal, let task): send(signal, to: task)
        case .start(let operation, let task): start(operation, in: task)
        case .breakBlocks(let file, let run): breakBlocks(of: file, run)
        case .mendBlocks(let file): mendBlocks(of: file)
        case .failAllocation(let point): failAllocation(at: point)
        }
    }

    // MARK: Replaying

    /// Lets the choices of a schedule happen, one after the other; stops at the first that can't.
    ///
    /// - Parameter injections: The list of the exploration that gave the schedule; its choices name them by number.
    /// - Returns: How many choices happened: all, if the machine is the one that was explored. One that lets a task run
    ///   until it sleeps does not happen to its end if the task goes on for more than 10,000,000 stages.
    @discardableResult
    public mutating func replay(_ schedule: [Choice], injections: [Injection] = []) -> Int {
        let usedShortcuts = usesShortcuts
        usesShortcuts = false
        defer { usesShortcuts = usedShortcuts }
        for (number, choice) in schedule.enumerated() where !perform(choice, injections) { return number }
        return schedule.count
    }

    /// A schedule as a story: for each choice a line that says which stage runs, or what is finished.
    ///
    /// Call it on the machine that was explored. Lines end where a choice is not possible.
    public func story(of schedule: [Choice], injections: [Injection] = []) -> [String] {
        var machine = self
        machine.usesShortcuts = false
        var lines: [String] = []
        for choice in schedule {
            let line = machine.line(for: choice, injections)
            guard machine.perform(choice, injections) else { break }
            lines.append(line)
        }
        return lines
    }

    private func line(for choice: Choice, _ injections: [Injection]) -> String {
        switch choice {
        case .step(let task), .run(let task):
            let stage = taskIndices.contains(task.index) ? backtrace(of: task).last : nil
            return "\(choice)\(suffix(for: task)): \(stage.map(\.description) ?? "nothing")"
        case .finish(let number):
            guard requestsUnderWay.indices.contains(number) else { return choice.description }
            let request = requestsUnderWay[number]
            let pages = "\(request.pages) pages from page \(request.index) of \(request.file)"
            return "\(choice): \(request.kind) of \(named(pages))"
        case .expire(let task): return "\(choice)\(suffix(for: task))"
        case .inject(let number):
            guard injections.indices.contains(number) else { return choice.description }
            return "\(choice): \(named("\(injections[number].event)", for: injections[number].event.task))"
        }
    }

    /// The name of a task behind its number, if it has one.
    private func suffix(for task: TaskID) -> String { name(of: task).map { " (\($0))" } ?? "" }
}
