/// An error of a world: it could not do what the test asked.
///
/// Errors of a *simulated program* are never thrown: they are outcomes in an `OperationReport`.
public enum WorldError: Error, Equatable, CustomStringConvertible {
    /// A number is out of its range, or the test asks for what can't be; the text says what to change.
    case invalid(String)
    /// The simulated kernel refused a call that the set-up needs.
    case refused(Errno)
    /// The operation waits for something that only the test can make happen. The text is the wait chain.
    case waiting(String)
    /// A run has taken ``World/stageLimit`` stages. The text says which stage would have come next, which tasks wait
    /// for which, and the last events.
    case endless(String)
    /// A law is broken.
    case brokenContract(Violation)

    /// What is wrong and what to change.
    public var description: String {
        switch self {
        case .invalid(let text): text
        case .refused(let errno): "the simulated kernel refused: \(errno)"
        case .waiting(let chain):
            "the operation still waits (\(chain)); finish its reads with completeReads(), or use start(_:in:)"
        case .endless(let reason):
            "the run does not end within World.stageLimit stages; raise the limit if it needs more, otherwise see which "
                + "task loops:\n\(reason)"
        case .brokenContract(let violation): violation.description
        }
    }
}
