public import FaultSimulator
public import ScenarioFormat

/// A runner, which plays the operations of one scenario one after the other, and returns what was seen of each.
public protocol ScenarioRunner {
    /// Does the operation of `line`, the next one of the scenario.
    ///
    /// - Returns: What was seen, in the fields that a recording of the operation would have.
    /// - Throws: `PlayError` if the operation can't be played.
    mutating func play(_ line: Line) throws(PlayError) -> Saw

    /// Called with each event as a line, if tracing was asked for; nil for no calls. It is set again before each
    /// operation.
    var onEvent: ((String) -> Void)? { get set }
}

/// A factory of the runners that play scenarios.
public protocol ScenarioRunnerFactory {
    /// Checks, without playing, that every operation of `scenario` is one that a runner supports.
    func check(_ scenario: Scenario, as options: PlayOptions) throws(PlayError)

    /// Makes a runner for `scenario`, at its beginning.
    func makeRunner(for scenario: Scenario, as options: PlayOptions) throws(PlayError) -> any ScenarioRunner

    /// Makes an explorer of all orders for `scenario`, at its beginning; nil if the runners have only one order. The
    /// work that other explorers have done for the same replay counts towards its limit.
    func makeExplorer(
        for scenario: Scenario, as options: PlayOptions, _ grain: TurnGrain, workDone: Int
    ) throws(PlayError) -> OrderExplorer?
}

extension ScenarioRunnerFactory {
    /// None.
    public func makeExplorer(
        for scenario: Scenario, as options: PlayOptions, _ grain: TurnGrain, workDone: Int
    ) throws(PlayError) -> OrderExplorer? {
        nil
    }
}

/// How a scenario is played.
public struct PlayOptions: Equatable, Sendable {
    /// The kernel that is simulated.
    public var kernel: KernelName
    /// Whether the runner gives its events to `onEvent`.
    public var traces: Bool

    /// Makes options; the arguments are the properties of the same names.
    public init(kernel: KernelName = .linux6_1, traces: Bool = false) {
        self.kernel = kernel
        self.traces = traces
    }
}

/// The reason why a scenario that could be read can't be played.
public enum PlayError: Error, Equatable, Sendable {
    /// The player does not support the operation `op` of a line in this form.
    case unsupported(line: Int, op: String, reason: String)
    /// The operation can't be done now: its thread still waits, or it never ends.
    case stuck(line: Int, op: String, reason: String)
    /// One of the ``ScenarioLimits`` is exceeded.
    case beyondLimit(line: Int, op: String, reason: String)
    /// The simulator broke one of its own laws while they were checked.
    case lawBroken(line: Int, op: String, reason: String)

    /// Why, without the place.
    var reason: String {
        switch self {
        case .unsupported(line: _, op: _, let reason), .stuck(line: _, op: _, let reason),
            .beyondLimit(line: _, op: _, let reason), .lawBroken(line: _, op: _, let reason):
            reason
        }
    }

    /// The error as one line, like errors of reading: `file:line: op: reason`. The events that led to a broken law
    /// follow on further lines.
    public func description(path: String) -> String {
        switch self {
        case .unsupported(let line, let op, let reason), .stuck(let line, let op, let reason),
            .beyondLimit(let line, let op, let reason):
            return ScenarioError(path: path, line: line, field: op, message: reason).description
        case .lawBroken(let line, let op, let reason):
            let lines = reason.split(separator: "\n", omittingEmptySubsequences: false)
            let first = ScenarioError(path: path, line: line, field: op, message: String(lines[0])).description
            return ([first] + lines.dropFirst().map { "    \($0)" }).joined(separator: "\n")
        }
    }
}
