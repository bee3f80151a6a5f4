extension Machine {
    /// Checks the laws that hold between stages, and keeps what is broken in ``violations``, if ``isChecking``.
    ///
    /// In a large machine it looks at what has changed since it was asked last, and at everything so often that it costs
    /// little in all; ``checkInvariants()`` looks at everything.
    ///
    /// - Parameter reason: Why a run has stopped.
    /// - Returns: The same reason, with the laws that are broken now.
    /// - Complexity: O(*n*) in what has changed.
    public mutating func verify(after reason: StopReason) -> StopReason {
        guard recorder.isChecking else { return reason }
        for violation in scan() where recorder.violations.count < Recorder.mostViolations {
            guard !recorder.violations.contains(where: { $0.law == violation.law && $0.message == violation.message })
            else { continue }
            recorder.violations.append(violation)
        }
        return recorder.violations.isEmpty ? reason : stopped(reason.kind, next: reason.nextTask)
    }
}
