public import FaultCore

/// What is to hold of a world in whatever order its tasks run.
///
/// A predicate may read what states are told apart by: memory, files, tasks, fault counts, results of attempts, outcomes; not
/// the clock, nor statistics.
public struct Property: Sendable {
    /// What is looked at.
    enum Kind: Sendable {
        /// The laws, at every state.
        case laws
        /// The laws between stages, at final states.
        case finalLaws
        case always(@Sendable (Machine) -> Bool)
        case finally(@Sendable (Machine) -> Bool)
        case eventually(@Sendable (Machine) -> Bool)
        case outcomes([String])
    }

    /// What it is called in a report.
    public let name: String
    let kind: Kind

    /// No law is broken, at any state or by any event.
    public static var laws: Self { Self(name: "the laws hold", kind: .laws) }

    /// The laws between stages hold at final states. This leaves room to reduce what is explored, as ``laws`` does not.
    public static var lawsAtEnd: Self { Self(name: "the laws hold at the end", kind: .finalLaws) }

    /// Something holds at every state.
    public static func always(_ name: String, _ holds: @escaping @Sendable (Machine) -> Bool) -> Self {
        Self(name: name, kind: .always(holds))
    }

    /// Something holds at every final state: where nothing can happen but injections.
    public static func finally(_ name: String, _ holds: @escaping @Sendable (Machine) -> Bool) -> Self {
        Self(name: name, kind: .finally(holds))
    }

    /// Something holds sooner or later, at some state of every schedule, those without end included in which everybody who
    /// can always run runs again and again.
    ///
    /// It must not read what only counts or remembers: fault counts, results and outcomes. Only an exhaustive
    /// check looks at it; other strategies ignore it.
    public static func eventually(_ name: String, _ holds: @escaping @Sendable (Machine) -> Bool) -> Self {
        Self(name: name, kind: .eventually(holds))
    }

    /// What is observed of final states is one of these texts.
    public static func outcomes(_ allowed: [String]) -> Self {
        Self(name: "one of \(allowed.count) outcomes", kind: .outcomes(allowed))
    }

    /// Whether it looks at every state, so that none may be left out.
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
