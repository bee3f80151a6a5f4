import FaultSimulator

/// How an experiment's figures compare with what was published.
public struct LabVerdict: Equatable, Sendable {
    /// How they can compare.
    public enum Kind: String, Equatable, Sendable, CaseIterable {
        /// What is simulated is what was published.
        case agrees
        /// What was published lies between what is simulated under one assumption and under another.
        case brackets
        /// It is something else.
        case differs
        /// No figure was published.
        case unpublished
    }

    /// How they compare.
    public let kind: Kind
    /// In what, and why.
    public let reason: String

    /// Makes a verdict.
    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}

extension LabVerdict: CustomStringConvertible {
    /// Such as `brackets: the published 55/s lie between 27.5 and 54.75`.
    public var description: String { kind == .unpublished ? reason : "\(kind.rawValue): \(reason)" }
}

/// Figures in sentences.
enum LabText {
    /// With as many digits after the point, without zeroes at the end.
    static func number(_ value: Double, digits: Int = 2) -> String {
        let factor = (0..<digits).reduce(1.0) { power, _ in power * 10 }
        let rounded = Double(nearest(value * factor)) / factor
        return rounded == Double(Int(rounded)) ? grouped(Int(rounded)) : "\(rounded)"
    }

    /// With its thousands apart.
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
