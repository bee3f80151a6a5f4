import FaultCore

extension Machine {
    /// The waits of tasks that sleep when nothing more can happen; empty if all of them only wait for work. A task that
    /// reads or polls a descriptor without messages waits forever, and that is no error.
    var stuck: [WaitLink] {
        let sleepers = waitLinks
        let areIdle = sleepers.allSatisfy { if case .userfaultMessage = $0.cause { true } else { false } }
        return areIdle ? [] : sleepers
    }
}
