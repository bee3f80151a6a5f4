/// One decision in which kernels differ: a small enumeration with one case for each way that has existed.
///
/// Each is a stored property of ``KernelModel``, consulted at the one place that its documentation names.
public protocol KernelRule: CaseIterable, RawRepresentable, Equatable, BitwiseCopyable, Sendable
where RawValue == UInt8 {}

/// A rule of ``KernelModel`` whose type is forgotten: for listing, comparing and overriding all of them alike.
public struct AnyKernelRule: Sendable {
    /// The property's name.
    public let name: String
    /// The names of the cases, in the order of their raw values.
    public let cases: [String]
    private let get: @Sendable (KernelModel) -> UInt8
    private let set: @Sendable (inout KernelModel, UInt8) -> Void

    init<Rule: KernelRule>(_ name: String, _ path: any WritableKeyPath<KernelModel, Rule> & Sendable) {
        self.name = name
        cases = Rule.allCases.map { "\($0)" }
        get = { $0[keyPath: path].rawValue }
        set = { model, raw in
            if let rule = Rule(rawValue: raw) { model[keyPath: path] = rule }
        }
    }

    /// Which case `model` has: an index into ``cases``.
    public func value(in model: KernelModel) -> Int { Int(get(model)) }

    /// The name of the case that `model` has.
    public func caseName(in model: KernelModel) -> String { cases[value(in: model)] }

    /// Gives `model` another case.
    ///
    /// - Precondition: `value` is an index into ``cases``.
    public func override(_ model: inout KernelModel, with value: Int) {
        guard cases.indices.contains(value) else {
            misuse("AnyKernelRule.override: rule \(name) has the cases 0 to \(cases.count - 1), not \(value)")
        }
        set(&model, UInt8(value))
    }
}

extension KernelModel {
    /// What this model does otherwise than `other`, a line for each rule: `rule: other's case -> this one's`.
    public func differences(from other: KernelModel) -> [String] {
        Self.rules.compactMap { rule in
            guard rule.value(in: self) != rule.value(in: other) else { return nil }
            return "\(rule.name): \(rule.caseName(in: other)) -> \(rule.caseName(in: self))"
        }
    }
}
