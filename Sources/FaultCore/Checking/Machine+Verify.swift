extension Machine {
    /// Checks the laws that hold between stages, and keeps broken laws in ``violations``, if ``isChecking``.
    ///
    /// In a large machine, it looks at what has changed since the last call. From time to time it looks at everything,
    /// so rarely that this costs little on average. ``checkInvariants()`` always looks at everything.
    ///
    /// - Parameter reason: Why a run has stopped.
    /// - Returns: The same reason, with the laws that are now broken.
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
