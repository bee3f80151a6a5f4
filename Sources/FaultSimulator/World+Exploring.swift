public import FaultExplorer

/// Exploring a world: everything that can happen to it, in every order.
extension World {
    /// Explores what can happen from here on. Models nothing; see `Explorer`.
    public func explore(_ options: Explorer.Options = Explorer.Options()) -> Exploration {
        Explorer(machine, options).explore()
    }

    /// Explores what can happen from here on if these events may happen, each at any moment.
    public func explore(injecting injections: [Injection]) -> Exploration {
        var options = Explorer.Options()
        options.injections = injections
        return explore(options)
    }

    /// Lets the choices of a schedule happen, one after the other; stops at the first that can't.
    ///
    /// - Returns: How many choices happened: all, if the world is the one that was explored.
    @discardableResult
    public mutating func replay(_ schedule: [Choice], injections: [Injection] = []) -> Int {
        machine.replay(schedule, injections: injections)
    }

    /// Checks what holds from here on in whatever order the tasks run.
    ///
    ///     let verdict = world.checkSchedules(.exhaustive, for: [.lawsAtEnd]) { $0.limits.states = 1_000_000 }
    ///     #expect(verdict.holds, "\(verdict)")
    ///
    /// - Parameters:
    ///   - strategy: Which schedules are tried.
    ///   - properties: What is to hold. Deadlocks and rounds without end are looked for anyway.
    ///   - set: Sets limits, injections and what else a `ScheduleCheck` has.
    public func checkSchedules(
        _ strategy: Strategy = .exhaustive, for properties: [Property] = [.laws],
        _ set: (inout ScheduleCheck) -> Void = { _ in }
    ) -> Verdict {
        var check = ScheduleCheck(strategy, for: properties)
        set(&check)
        return check.run(on: machine)
    }

    /// Checks the same on so many cores; the result is the same on any number.
    public func checkSchedules(
        _ strategy: Strategy = .exhaustive, for properties: [Property] = [.laws], cores: Int,
        _ set: (inout ScheduleCheck) -> Void = { _ in }
    ) async -> Verdict {
        var check = ScheduleCheck(strategy, for: properties)
        set(&check)
        return await check.run(on: machine, cores: cores)
    }
}
