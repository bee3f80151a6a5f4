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
        var list: [Choice] = []
        addOwnChoices(to: &list, options)
        return list.filter { if case .expire = $0 { false } else { true } }
    }

    /// A number by which a state is known again, whatever the time and whatever way led there: two states that differ
    /// in what can be observed, counters of locks included, have one number with a chance of 2^-64.
    public var stateKey: UInt64 {
        var copy = self
        var own: [UInt64] = []
        return copy.explorationKey(Explorer.KeyParts.all.union(.lockCounters), keepsDigests: false, &own).word
    }
}
