public import FaultCore

/// A schedule that violates a property.
public struct Counterexample: Sendable {
    /// What is wrong.
    public enum Kind: Equatable, Sendable {
        /// A law is broken.
        case law(Violation)
        /// Tasks sleep for something that will never happen, with these waits.
        case deadlock([WaitLink])
        /// Tasks sleep although what they wait for has happened: they were not woken.
        case lostWakeup([WaitLink])
        /// These tasks loop forever, and no operation ends.
        case livelock([TaskID])
        /// These tasks never make progress, while operations of other tasks end again and again.
        case starvation([TaskID])
        /// The predicate with this name is false at the last state.
        case predicate(String)
        /// The predicate with this name never becomes true.
        case never(String)
        /// An outcome that is not among the allowed ones.
        case outcome(String)
    }

    /// What is wrong.
    public let kind: Kind
    /// The schedule that leads there.
    public let schedule: [Choice]
    /// The cycle that repeats forever from there; empty if there is none.
    public let cycle: [Choice]
    /// Whether no shorter schedule leads there.
    public let isShortest: Bool
    /// The schedule as one word, for ``Strategy/replay(_:)``. For livelocks, starvation and predicates that never
    /// become true, it leads to the beginning of the cycle.
    public let token: ScheduleToken
    /// The schedule and the cycle as numbered lines; see `Machine.story(of:injections:)`.
    public let story: [String]

    /// How often the running task changes.
    public var switches: Int { schedule.switches }
}
