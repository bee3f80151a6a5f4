import FaultCore

/// The questions that a check asks of each state.
struct StateJudge: Sendable {
    let check: ScheduleCheck
    let options: Explorer.Options
    private let checksLaws: Bool
    private let checksLawsAtEnd: Bool
    private let looksEverywhere: Bool

    init(_ check: ScheduleCheck) {
        self.check = check
        options = check.options
        checksLaws = options.checksLaws
        checksLawsAtEnd = check.properties.contains { if case .finalLaws = $0.kind { true } else { false } }
        looksEverywhere = check.properties.contains(where: \.looksAtEveryState)
    }

    /// What is wrong at a state that is not final, if anything.
    func complaint(at machine: borrowing Machine) -> Counterexample.Kind? {
        guard looksEverywhere else { return nil }
        if checksLaws {
            if let broken = machine.violations.first { return .law(broken) }
            if let broken = machine.checkInvariants().first { return .law(broken) }
        }
        for property in check.properties {
            if case .always(let holds) = property.kind, !holds(machine) { return .predicate(property.name) }
        }
        return nil
    }

    /// What is wrong at a final state, in addition to ``complaint(at:)``, if anything; and the observation there.
    func judgement(atEnd machine: borrowing Machine) -> (complaint: Counterexample.Kind?, outcome: String?) {
        let sleepers = machine.stuck
        let isDeadlock = !sleepers.isEmpty && check.completions == .all
        if isDeadlock, check.searches.contains(.deadlock) {
            let isLost = machine.checkInvariants().contains { $0.law == .lostWakeup }
            return (isLost ? .lostWakeup(sleepers) : .deadlock(sleepers), nil)
        }
        if checksLawsAtEnd, let broken = machine.checkInvariants().first { return (.law(broken), nil) }
        let outcome = isDeadlock ? nil : check.observe(machine.notDriven)
        for property in check.properties {
            switch property.kind {
            case .finally(let holds):
                if !holds(machine) { return (.predicate(property.name), outcome) }
            case .outcomes(let allowed):
                if let outcome, !allowed.contains(outcome) { return (.outcome(outcome), outcome) }
            case .laws, .finalLaws, .always, .eventually: break
            }
        }
        return (nil, outcome)
    }

    /// Whether nothing but injections can happen, which come after all other moves.
    static func isFinal(first move: Move?) -> Bool {
        guard let move else { return true }
        if case .inject = move { return true }
        return false
    }
}

extension Counterexample.Kind {
    /// Whether both are the same violation, found on different paths.
    func isLike(_ other: Self) -> Bool {
        switch (self, other) {
        case (.law(let a), .law(let b)): a.law == b.law
        case (.deadlock(let a), .deadlock(let b)), (.lostWakeup(let a), .lostWakeup(let b)):
            WaitLink.chain(of: a) == WaitLink.chain(of: b)
        default: self == other
        }
    }
}
