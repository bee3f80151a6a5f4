public import ScenarioFormat

/// Makes runners that drive the simulator.
public struct SimulatorRunnerFactory: ScenarioRunnerFactory {
    /// How the runners watch the machine.
    public var watching: SimulatorRunner.Watching

    /// Makes a factory.
    public init(watching: SimulatorRunner.Watching = []) {
        self.watching = watching
    }

    /// Refuses nothing: the simulator can play all that can be read.
    public func check(_ scenario: Scenario, as options: PlayOptions) throws(PlayError) {}

    /// Makes a runner for `scenario`, at its beginning.
    public func makeRunner(for scenario: Scenario, as options: PlayOptions) throws(PlayError) -> any ScenarioRunner {
        try SimulatorRunner(scenario, as: options, watching: watching)
    }

    /// Makes an explorer of all orders for `scenario`, at its beginning.
    public func makeExplorer(
        for scenario: Scenario, as options: PlayOptions, _ grain: TurnGrain
    ) throws(PlayError) -> OrderExplorer? {
        try OrderExplorer(scenario, as: options, grain, watching: watching)
    }
}
