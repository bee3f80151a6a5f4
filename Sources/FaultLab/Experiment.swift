public import FaultSimulator

/// A published or discussed experiment, repeated in the simulator.
///
/// It builds its worlds, runs them under the kernels before and after a change, and returns typed results. The run does
/// not use the published figures. Figures that are inputs are marked as such.
public protocol Experiment: Sendable, CustomStringConvertible {
    /// The type of its results.
    associatedtype Outcome: ExperimentOutcome

    /// A short name, mostly the year.
    var name: String { get }
    /// The question, on one line.
    var title: String { get }
    /// The publication or discussion, on one line.
    var source: String { get }

    /// Does the experiment.
    ///
    /// - Throws: `WorldError` if its world can't be built, which would be a bug of the experiment.
    func run() throws -> Outcome
}

/// The results of an experiment.
public protocol ExperimentOutcome: Sendable, CustomStringConvertible {
    /// The figures, in the order of the table.
    var measurements: [LabMeasurement] { get }
    /// A short piece of the experiment under each kernel, for pictures.
    var timelines: [Timeline] { get }
    /// The answer to the question of the experiment, in one sentence.
    var answer: String { get }
    /// How the figures compare with what was published.
    var verdict: LabVerdict { get }
    /// The measures that the answer is about; the others are details.
    var mainMeasures: [String] { get }
    /// Remarks on the figures.
    var remarks: [String] { get }
}

extension ExperimentOutcome {
    /// None.
    public var timelines: [Timeline] { [] }
    /// None.
    public var remarks: [String] { [] }
}
