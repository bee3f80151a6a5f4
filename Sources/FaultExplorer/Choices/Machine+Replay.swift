public import FaultCore

/// Replaying a schedule.
extension Machine {
    /// Makes a choice, and returns whether that was possible.
    mutating func perform(_ choice: Choice, _ injections: [Injection]) -> Bool {
        guard let move = move(for: choice) else { return false }
        return perform(move, injections)
    }

    /// Makes the choices of a schedule one after the other, and stops at the first that is not possible.
    ///
    /// - Parameter injections: The list of the exploration that gave the schedule; its choices name them by number.
    /// - Returns: How many choices were made: all, if this is the machine that was explored. A choice that lets a task
    ///   run until it sleeps is cut off after 10,000,000 stages.
    @discardableResult
    public mutating func replay(_ schedule: [Choice], injections: [Injection] = []) -> Int {
        let usedShortcuts = usesShortcuts
        usesShortcuts = false
        defer { usesShortcuts = usedShortcuts }
        for (number, choice) in schedule.enumerated() where !perform(choice, injections) { return number }
        return schedule.count
    }
}
