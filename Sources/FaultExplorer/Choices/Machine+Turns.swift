public import FaultCore

/// Parts of an explorer for code that goes through the orders of a machine without ``Explorer``, such as a player of
/// scenarios that looks at the machine whenever it rests.
extension Machine {
    /// The tasks that can run next, in the order of their numbers, as choices for ``replay(_:injections:)``.
    ///
    /// - Parameter grain: How much a task does before the next choice.
    public func turns(_ grain: Explorer.Grain = .untilSleep) -> [Choice] {
        var options = Explorer.Options()
        options.grain = grain
        options.completions = .none
        var list: [Move] = []
        addOwnMoves(to: &list, options)
        return list.compactMap { if case .expire = $0 { nil } else { choice(of: $0) } }
    }
}
