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
        for index in tasks.indices where tasks[index].status == .runnable {
            list.append(options.grain == .stage ? .step(TaskID(index)) : .run(TaskID(index)))
        }
        switch options.completions {
        case .none: return
        case .all:
            for number in scheduler.requests.indices { list.append(.finish(number)) }
        case .unlessHeld:
            for number in scheduler.requests.indices where scheduler.requests[number].completes != .max {
                list.append(.finish(number))
            }
        }
        guard scheduler.timers > 0 else { return }
        for index in tasks.indices where canExpire(TaskID(index)) { list.append(.expire(TaskID(index))) }
    }

    private func canExpire(_ task: TaskID) -> Bool {
        tasks[task.index].status == .sleeping && tasks[task.index].wait.isTimed && tasks[task.index].wait.value != .max
    }

    private func isPossible(_ injection: Injection) -> Bool {
        if case .asleep(let task) = injection.moment, tasks[task.index].status != .sleeping { return false }
        switch injection.event {
        case .signal(_, let task): return tasks[task.index].hasOperation
        case .start(_, let task): return tasks[task.index].status == .idle
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
            return tasks.indices.contains(task.index) && step(task)
        case .run(let task):
            guard tasks.indices.contains(task.index), tasks[task.index].status == .runnable else { return false }
            let operation = tasks[task.index].programCounter
            var left = turnLimit
            while tasks[task.index].hasOperation, tasks[task.index].programCounter == operation, step(task) {
                left -= 1
                if left <= 0, tasks[task.index].status == .runnable { return false }
            }
            return true
        case .finish(let number):
            guard scheduler.requests.indices.contains(number) else { return false }
            finish(scheduler.requests[number].id)
        case .expire(let task):
            guard tasks.indices.contains(task.index), canExpire(task) else { return false }
            wake(task)
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
        return "\(task) did not sleep in the turnLimit of \(stages) stages; it is at \(stage)"
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
            let stage = tasks.indices.contains(task.index) ? backtrace(of: task).last : nil
            return "\(choice): \(stage.map(\.description) ?? "nothing")"
        case .finish(let number):
            guard scheduler.requests.indices.contains(number) else { return choice.description }
            let request = scheduler.requests[number]
            return "\(choice): \(request.kind) of \(request.pages) pages from page \(request.index) of \(request.file)"
        case .expire: return choice.description
        case .inject(let number):
            return injections.indices.contains(number) ? "\(choice): \(injections[number].event)" : choice.description
        }
    }

    /// From now on nothing is held on a device; what it holds can be finished, but has not been.
    ///
    /// The explorer's ``release(_:)``: the order in which requests are finished is left to choose.
    public mutating func letGo(_ device: DeviceID) {
        let place = index(of: device, "Machine.letGo")
        noteWrite(.device(device))
        devices[place].holdsReads = false
        devices[place].holdsWrites = false
        for index in scheduler.requests.indices where scheduler.requests[index].device == device {
            scheduler.requests[index].completes = min(scheduler.requests[index].completes, clock)
        }
        scheduler.requests.sort { ($0.completes, $0.id.rawValue) < ($1.completes, $1.id.rawValue) }
    }
}
