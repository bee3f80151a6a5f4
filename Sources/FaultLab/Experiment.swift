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
    /// - Throws: ``WorldError`` if its world can't be built, which would be a mistake of the experiment.
    func run() throws -> Outcome
}

/// What an experiment has found out.
public protocol ExperimentOutcome: Sendable, CustomStringConvertible {
    /// The figures, in the order of the table.
    var measurements: [LabMeasurement] { get }
    /// Who held and who waited for a lock, in a short piece of the experiment.
    var timelines: [Timeline] { get }
    /// What the figures don't say.
    var remarks: [String] { get }
}

extension ExperimentOutcome {
    /// None.
    public var timelines: [Timeline] { [] }
    /// None.
    public var remarks: [String] { [] }
}

/// A piece of an experiment as a picture shows it: the lock, and the names of those who want it.
public struct Timeline: Equatable, Sendable {
    /// Which kernel and case.
    public let title: String
    /// Who held and waited.
    public let lock: LockTimeline
    /// When the piece begins, in virtual nanoseconds.
    public let begin: UInt64
    /// What each task is called.
    public let names: [TaskName]
    /// The sleeps of these tasks for anything but the lock.
    public let sleeps: [Sleep]

    /// What a task is called.
    public struct TaskName: Equatable, Sendable {
        /// The task.
        public let task: TaskID
        /// Its name.
        public let name: String
    }

    /// A sleep for something else than the lock.
    public struct Sleep: Equatable, Sendable {
        /// Who.
        public let task: TaskID
        /// When it began.
        public let begin: UInt64
        /// When it ended.
        public let end: UInt64
        /// For what.
        public let cause: String
    }
}

/// All experiments.
public enum Lab {
    /// In the order of the years.
    public static let experiments: [any Experiment] = [
        RetryOf2006(), RetryOf2010(), FaultAroundOf2014(), DropOf2018(), PostedOf2018(), CompletedOf2022(),
        AreaLocksOf2023(), PositionsOf2026(),
    ]

    /// The experiment of this name.
    public static func experiment(named name: String) -> (any Experiment)? {
        experiments.first { $0.name == name }
    }
}
