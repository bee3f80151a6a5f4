public import ScenarioFormat

/// Makes runners that drive the simulator.
///
/// It supports no operation yet, so that every scenario with an operation is refused.
public struct SimulatorRunnerFactory: ScenarioRunnerFactory {
    /// Makes a factory.
    public init() {}

    /// Refuses the first operation that the simulator can't play yet.
    public func check(_ scenario: Scenario, as options: PlayOptions) throws(PlayError) {
        if let line = scenario.lines.first { throw unsupported(line) }
    }

    /// Makes a runner for `scenario`.
    public func makeRunner(for scenario: Scenario, as options: PlayOptions) throws(PlayError) -> any ScenarioRunner {
        try check(scenario, as: options)
        return RefusingRunner()
    }
}

/// A runner for scenarios without operations.
private struct RefusingRunner: ScenarioRunner {
    mutating func play(_ line: Line) throws(PlayError) -> Saw {
        throw unsupported(line)
    }
}

private func unsupported(_ line: Line) -> PlayError {
    .unsupported(line: line.number, op: line.operation.name, reason: "the player does not support this operation yet")
}
