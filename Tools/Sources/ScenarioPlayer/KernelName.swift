public import FaultSimulator

/// A kernel that can be simulated: a preset of `KernelModel`, by the name in command lines and recordings.
public struct KernelName: Equatable, Sendable, CustomStringConvertible {
    /// The model.
    public let model: KernelModel

    /// Makes the kernel of a model, which may be one of your own.
    public init(_ model: KernelModel) {
        self.model = model
    }

    /// Makes the kernel with this name: the name of a preset, or a version in the series of one, such as 6.1.77; nil if
    /// there is none.
    public init?(named name: String) {
        if let model = KernelModel.preset(named: name) {
            self.init(model)
            return
        }
        guard let version = KernelVersion(name) else { return nil }
        let series = version.series.map(String.init).joined(separator: "_")
        guard let model = KernelModel.preset(named: "linux" + series) else { return nil }
        self.init(model)
    }

    /// Linux 6.1.
    public static let linux6_1 = KernelName(.linux6_1)

    /// The name of the preset.
    public var description: String { model.name.description }

    /// The names that `init(named:)` accepts, for messages.
    public static let acceptedNames =
        KernelModel.presets.map(\.name.description).joined(separator: ", ")
        + ", or a version of one of them (6.1, or 6.1.192)"
}
