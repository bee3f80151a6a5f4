public import FaultCore

/// A property that must hold in every order in which tasks run.
///
/// A predicate may read what distinguishes states: memory, files, tasks, fault counts, results of attempts, outcomes.
/// It must not read the clock or statistics.
public struct Property: Sendable {
    /// What the property checks.
    enum Kind: Sendable {
        /// The laws, at every state.
        case laws
        /// The laws about states, at final states.
        case finalLaws
        case always(@Sendable (Machine) -> Bool)
        case finally(@Sendable (Machine) -> Bool)
        case eventually(@Sendable (Machine) -> Bool)
        case outcomes([String])
    }

    /// The name in a report.
    public let name: String
    let kind: Kind

    /// No law is broken, at any state or by any event.
    public static var laws: Self { Self(name: "the laws hold", kind: .laws) }

    /// The laws about states hold at final states. Unlike ``laws``, this lets the check leave out orders.
    public static var lawsAtEnd: Self { Self(name: "the laws hold at the end", kind: .finalLaws) }

    /// A predicate is true at every state.
    public static func always(_ name: String, _ holds: @escaping @Sendable (Machine) -> Bool) -> Self {
        Self(name: name, kind: .always(holds))
    }

    /// A predicate is true at every final state, where nothing but injections can happen.
    public static func finally(_ name: String, _ holds: @escaping @Sendable (Machine) -> Bool) -> Self {
        Self(name: name, kind: .finally(holds))
    }

    /// A predicate becomes true at some state of every schedule. This includes endless schedules, as long as every task
    /// that can always run does run again and again.
    ///
    /// It must not read fault counts, results or outcomes. Only an exhaustive check uses it; other strategies ignore
    /// it.
    public static func eventually(_ name: String, _ holds: @escaping @Sendable (Machine) -> Bool) -> Self {
        Self(name: name, kind: .eventually(holds))
    }

    /// The observation at each final state is one of these texts.
    public static func outcomes(_ allowed: [String]) -> Self {
        Self(name: "one of \(allowed.count) outcomes", kind: .outcomes(allowed))
    }

    /// Whether it checks every state, so that none may be left out.
    var looksAtEveryState: Bool {
        switch kind {
        case .laws, .always: true
        case .finalLaws, .finally, .eventually, .outcomes: false
        }
    }
}

extension Property: CustomStringConvertible {
    /// Its name.
    public var description: String { name }
}
