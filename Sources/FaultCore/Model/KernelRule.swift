/// One decision in which kernels differ: a small enumeration with a case for each behaviour that existed or was
/// proposed.
///
/// Each rule is a stored property of ``KernelModel``. Its cases name where they come from: a commit, a mail, or a
/// release (cases for which no commit was found are listed in `Documentation/Eras.md`). "Until" a commit means what
/// every earlier kernel does, as far back as the presets go.
public protocol KernelRule: CaseIterable, RawRepresentable, Equatable, BitwiseCopyable, Sendable
where RawValue == UInt8 {}

/// A rule of ``KernelModel`` without its type, so that all rules can be listed, compared and changed alike.
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

    /// The case that `model` has, as an index into ``cases``.
    public func value(in model: KernelModel) -> Int { Int(get(model)) }

    /// The name of the case that `model` has.
    public func caseName(in model: KernelModel) -> String { cases[value(in: model)] }

    /// Sets the case of this rule in `model`.
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
    /// The rules in which this model differs from `other`, a line for each: `rule: other's case -> this one's`.
    public func differences(from other: KernelModel) -> [String] {
        Self.rules.compactMap { rule in
            guard rule.value(in: self) != rule.value(in: other) else { return nil }
            return "\(rule.name): \(rule.caseName(in: other)) -> \(rule.caseName(in: self))"
        }
    }
}
