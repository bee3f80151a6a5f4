/// All experiments.
public enum Lab {
    /// All experiments, in the order of the years.
    public static let experiments: [any Experiment] = [
        RetryOf2006(), RetryOf2010(), FaultAroundOf2014(), MonitorsOf2017(), DropOf2018(), PostedOf2018(),
        CompletedOf2022(), AreaLocksOf2023(), PositionsOf2026(),
    ]

    /// The experiment with this name.
    public static func experiment(named name: String) -> (any Experiment)? {
        experiments.first { $0.name == name }
    }
}
