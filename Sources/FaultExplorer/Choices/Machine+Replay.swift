public import FaultCore

/// Taking a machine through a schedule.
extension Machine {
    /// Lets a choice happen, and answers whether it could.
    mutating func perform(_ choice: Choice, _ injections: [Injection]) -> Bool {
        guard let move = move(for: choice) else { return false }
        return perform(move, injections)
    }

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
}
