import FaultCore

extension Machine {
    /// Those that sleep where nothing can happen any more, unless they only wait for work: who reads or polls a descriptor that
    /// nobody has anything to tell waits for ever, and nothing is wrong.
    var stuck: [WaitLink] {
        let sleepers = waitLinks
        let areIdle = sleepers.allSatisfy { if case .userfaultMessage = $0.cause { true } else { false } }
        return areIdle ? [] : sleepers
    }
}
