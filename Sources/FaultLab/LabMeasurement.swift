/// One figure of an experiment: the simulated value, and the published one, if there is one.
public struct LabMeasurement: Equatable, Sendable {
    /// The unit of a figure.
    public enum Unit: String, Equatable, Sendable, CaseIterable {
        /// Times a second.
        case perSecond = "1/s"
        /// Milliseconds.
        case milliseconds = "ms"
        /// Microseconds.
        case microseconds = "us"
        /// Nanoseconds.
        case nanoseconds = "ns"
        /// Page-fault exceptions.
        case faults
        /// Runs of `handle_mm_fault()`.
        case attempts
        /// Pages.
        case pages
        /// One figure divided by another.
        case ratio
        /// Times.
        case times
        /// Different states that an exploration has seen.
        case states
        /// 1 for yes, 0 for no.
        case yes = "yes=1"
    }

    /// The experiment's name.
    public let experiment: String
    /// The kernel: a preset, or a preset with rules changed.
    public let model: String
    /// What was measured.
    public let measure: String
    /// The unit.
    public let unit: Unit
    /// The published value; `nil` if there is none.
    public let published: Double?
    /// The simulated value.
    public let simulated: Double
    /// Whether the figure is an input. The others are predictions.
    public let isInput: Bool
}

/// A list that collects the measurements of an experiment.
struct MeasurementList {
    let experiment: String
    private(set) var all: [LabMeasurement] = []

    init(_ experiment: String) { self.experiment = experiment }

    /// Adds a prediction.
    mutating func add(
        _ measure: String, _ model: String, _ simulated: Double, _ unit: LabMeasurement.Unit, published: Double? = nil
    ) {
        append(measure, model, simulated, unit, published, isInput: false)
    }

    /// Adds a prediction that is a count.
    mutating func add(
        _ measure: String, _ model: String, _ simulated: Int, _ unit: LabMeasurement.Unit, published: Double? = nil
    ) {
        append(measure, model, Double(simulated), unit, published, isInput: false)
    }

    /// Adds an input.
    mutating func add(
        input measure: String, _ model: String, _ simulated: Double, _ unit: LabMeasurement.Unit,
        published: Double? = nil
    ) {
        append(measure, model, simulated, unit, published, isInput: true)
    }

    private mutating func append(
        _ measure: String, _ model: String, _ simulated: Double, _ unit: LabMeasurement.Unit, _ published: Double?,
        isInput: Bool
    ) {
        all.append(
            LabMeasurement(
                experiment: experiment, model: model, measure: measure, unit: unit, published: published,
                simulated: simulated, isInput: isInput))
    }
}
