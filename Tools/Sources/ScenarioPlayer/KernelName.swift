/// A kernel that can be simulated.
public enum KernelName: String, CaseIterable, Sendable {
    /// Linux 6.1.
    case linux6_1

    /// The kernel that goes by `name`, as a command line or the header of a recording has it; nil if none does.
    public init?(named name: String) {
        guard name == "6.1" || name == "linux6_1" || name.hasPrefix("6.1.") else { return nil }
        self = .linux6_1
    }

    /// The names that `init(named:)` accepts, for messages.
    public static let acceptedNames = "6.1, linux6_1, or what begins with 6.1. (a version, as in 6.1.192)"
}
