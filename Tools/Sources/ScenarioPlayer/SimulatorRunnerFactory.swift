public import FaultSimulator
public import ScenarioFormat

/// A factory of runners that drive the simulator.
public struct SimulatorRunnerFactory: ScenarioRunnerFactory {
    /// How the runners watch the machine.
    public var watching: SimulatorRunner.Watching

    /// Makes a factory.
    public init(watching: SimulatorRunner.Watching = []) {
        self.watching = watching
    }

    /// Refuses a scenario with a file that has more resident pages than may be in use.
    public func check(_ scenario: Scenario, as options: PlayOptions) throws(PlayError) {
        for line in scenario.lines {
            guard case .file(let file) = line.operation else { continue }
            let resident = file.resident.reduce(0) { $0 + $1.count }
            guard resident <= ScenarioLimits.pagesInUse else {
                throw .unsupported(
                    line: line.number, op: line.operation.name,
                    reason: "\(resident) pages can't be resident; at most \(ScenarioLimits.pagesInUse) may be in use")
            }
        }
    }

    /// Makes a runner for `scenario`, at its beginning.
    public func makeRunner(for scenario: Scenario, as options: PlayOptions) throws(PlayError) -> any ScenarioRunner {
        try SimulatorRunner(scenario, as: options, watching: watching)
    }

    /// Makes an explorer of all orders for `scenario`, at its beginning.
    public func makeExplorer(
        for scenario: Scenario, as options: PlayOptions, _ grain: TurnGrain, workDone: Int
    ) throws(PlayError) -> OrderExplorer? {
        try OrderExplorer(scenario, as: options, grain, workDone: workDone, watching: watching)
    }
}
