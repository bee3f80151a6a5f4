public import FaultSimulator

/// An experiment that somebody has published, or argued about, done again in the simulator.
///
/// It builds its worlds, runs them under the kernels before and after a change, and answers with typed results. Nothing
/// in it knows the published figure while it runs; the figures that it was given are marked as inputs.
public protocol Experiment: Sendable, CustomStringConvertible {
    /// What it finds out.
    associatedtype Outcome: ExperimentOutcome

    /// A short name, mostly the year.
    var name: String { get }
    /// What it asks, on one line.
    var title: String { get }
    /// Who published or argued what, on one line.
    var source: String { get }

    /// Does the experiment.
    ///
    /// - Throws: `WorldError` if its world can't be built, which would be a mistake of the experiment.
    func run() throws -> Outcome
}

/// What an experiment has found out.
public protocol ExperimentOutcome: Sendable, CustomStringConvertible {
    /// The figures, in the order of the table.
    var measurements: [LabMeasurement] { get }
    /// A short piece of the experiment under each kernel, to be drawn.
    var timelines: [Timeline] { get }
    /// The answer to what the experiment asks, in one sentence.
    var answer: String { get }
    /// How the figures compare with what was published.
    var verdict: LabVerdict { get }
    /// The measures that the answer is about; the others are for who wants to know more.
    var mainMeasures: [String] { get }
    /// What the figures don't say.
    var remarks: [String] { get }
}

extension ExperimentOutcome {
    /// None.
    public var timelines: [Timeline] { [] }
    /// None.
    public var remarks: [String] { [] }
}

/// All experiments.
public enum Lab {
    /// In the order of the years.
    public static let experiments: [any Experiment] = [
        RetryOf2006(), RetryOf2010(), FaultAroundOf2014(), MonitorsOf2017(), DropOf2018(), PostedOf2018(),
        CompletedOf2022(), AreaLocksOf2023(), PositionsOf2026(),
    ]

    /// The experiment of this name.
    public static func experiment(named name: String) -> (any Experiment)? {
        experiments.first { $0.name == name }
    }
}
