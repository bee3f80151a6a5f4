import FaultSimulator

/// How an experiment's figures compare with what was published.
public struct LabVerdict: Equatable, Sendable {
    /// The possible results of the comparison.
    public enum Kind: String, Equatable, Sendable, CaseIterable {
        /// The simulated figures are the published ones.
        case agrees
        /// The published figures lie between those that are simulated under two assumptions.
        case brackets
        /// The simulated figures differ from the published ones.
        case differs
        /// No figure was published.
        case unpublished
    }

    /// The result of the comparison.
    public let kind: Kind
    /// The reason.
    public let reason: String

    /// Makes a verdict.
    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}

extension LabVerdict: CustomStringConvertible {
    /// Such as `brackets: the published 55/s lie between 27.5 and 162.25`.
    public var description: String { kind == .unpublished ? reason : "\(kind.rawValue): \(reason)" }
}

/// Texts of figures, for sentences.
enum LabText {
    /// A number with at most this many digits after the point, without trailing zeroes.
    static func number(_ value: Double, digits: Int = 2) -> String {
        let factor = (0..<digits).reduce(1.0) { power, _ in power * 10 }
        let rounded = Double(nearest(value * factor)) / factor
        return rounded == Double(Int(rounded)) ? grouped(Int(rounded)) : "\(rounded)"
    }

    /// A number with thousands separators.
    static func grouped(_ value: Int) -> String {
        let digits = Array(String(value))
        return digits.indices.map { place in
            (place > 0 && (digits.count - place) % 3 == 0 ? "," : "") + String(digits[place])
        }
        .joined()
    }

    /// A duration in milliseconds.
    static func milliseconds(_ nanoseconds: UInt64) -> String { number(Double(nanoseconds) / 1e6) + " ms" }
}
