public import FaultCore

/// The parts of an explorer for who goes through the orders of a machine by other means than ``Explorer``: a player of
/// scenarios that looks at the machine whenever it rests.
extension Machine {
    /// The tasks that could go next, as choices in the order of their numbers: what ``replay(_:injections:)`` takes.
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
