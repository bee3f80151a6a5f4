public import FaultExplorer

/// Exploring a world: everything that can happen to it, in every order.
extension World {
    /// Explores what can happen from here on. Models nothing; see ``Explorer``.
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
}
