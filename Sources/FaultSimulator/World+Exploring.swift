public import FaultExplorer

/// Exploring a world: everything that can happen in it, in every order.
extension World {
    /// Explores everything that can happen from this state on. See `Explorer`.
    public func explore(_ options: Explorer.Options = Explorer.Options()) -> Exploration {
        Explorer(machine, options).explore()
    }

    /// Explores everything that can happen from this state on, with events that may happen at any moment.
    public func explore(injecting injections: [Injection]) -> Exploration {
        var options = Explorer.Options()
        options.injections = injections
        return explore(options)
    }

    /// Replays the choices of a schedule one after the other, and stops at the first that is not possible.
    ///
    /// - Returns: How many choices were replayed: all of them, if this is the world that was explored.
    @discardableResult
    public mutating func replay(_ schedule: [Choice], injections: [Injection] = []) -> Int {
        machine.replay(schedule, injections: injections)
    }

    /// Checks properties of all schedules from this state on.
    ///
    ///     let verdict = world.checkSchedules(.exhaustive, for: [.lawsAtEnd]) { $0.limits.states = 1_000_000 }
    ///     #expect(verdict.holds, "\(verdict)")
    ///
    /// - Parameters:
    ///   - strategy: Which schedules to try.
    ///   - properties: What must hold. The check looks for deadlocks and livelocks, too.
    ///   - set: Sets limits, injections and the other fields of the `ScheduleCheck`.
    public func checkSchedules(
        _ strategy: Strategy = .exhaustive, for properties: [Property] = [.laws],
        _ set: (inout ScheduleCheck) -> Void = { _ in }
    ) -> Verdict {
        var check = ScheduleCheck(strategy, for: properties)
        set(&check)
        return check.run(on: machine)
    }

    /// Does the same check on several cores. The result does not depend on their number.
    public func checkSchedules(
        _ strategy: Strategy = .exhaustive, for properties: [Property] = [.laws], cores: Int,
        _ set: (inout ScheduleCheck) -> Void = { _ in }
    ) async -> Verdict {
        var check = ScheduleCheck(strategy, for: properties)
        set(&check)
        return await check.run(on: machine, cores: cores)
    }
}
