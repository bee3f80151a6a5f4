public import FaultCore

extension Timeline {
    /// One sleep of a task: its cause, the task that it waited behind, and what ended it.
    public struct Wait: Equatable, BitwiseCopyable, Sendable {
        /// What can end a sleep.
        public enum WakeUp: Equatable, BitwiseCopyable, Sendable {
            /// A task, which released the lock, unlocked the page, or answered the fault.
            case task(TaskID)
            /// The end of a request of this device, with the task that had submitted it.
            case request(RequestID, on: DeviceID, of: TaskID)
            /// A signal from a task or from outside.
            case signal(TaskID)
            /// A timer that expired.
            case time
            /// The code that drives the machine, such as a test.
            case outside
            /// Nothing yet: the sleep has not ended.
            case stillWaiting
        }

        /// The task that slept.
        public let task: TaskID
        /// What it slept for.
        public let cause: WaitLink.Cause
        /// The task in its way when it fell asleep: a holder of the lock, or the first in its queue; none if there was
        /// none.
        public let behind: TaskID
        /// How it held the mmap lock of its own memory meanwhile.
        public let mmapHeld: LockMode?
        /// When it fell asleep.
        public let begin: Moment
        /// When it was woken; the end of the timeline if it was not.
        public internal(set) var end: Moment
        /// What woke it.
        public internal(set) var wakeUp: WakeUp

        /// How long it lasted, in virtual nanoseconds.
        public var nanoseconds: UInt64 { end.time - begin.time }

        /// The task that it waited for: the task that woke it, or, if it has not ended, the task in its way. None for
        /// devices and timers.
        public var blocker: TaskID {
            switch wakeUp {
            case .task(let task): task
            case .stillWaiting: behind
            case .request, .signal, .time, .outside: .none
            }
        }
    }
}

extension Timeline {
    /// The chain of waits that explains a wait, from the wait itself to its cause.
    ///
    /// The next wait is a sleep of the task that ended the previous one, or that would have to end it. It is the one of
    /// its last 64 sleeps that covers most of the time common to all previous waits of the chain. A chain has at most
    /// 32 waits.
    ///
    /// - Precondition: `wait` is an index of ``waits``.
    public func chain(from wait: Int) -> [Wait] {
        guard waits.indices.contains(wait) else {
            misuse(
                "Timeline: there is no wait \(wait) among the \(waits.count) of this timeline; take an index of `waits`"
            )
        }
        var chain = [waits[wait]]
        var window = (begin: waits[wait].begin, end: waits[wait].end)
        while chain.count < Self.longestChain, let next = next(in: chain, &window) { chain.append(next) }
        return chain
    }

    private static let longestChain = 32
    private static let mostLookedAt = 64

    /// The next wait after the last one of `chain`, in the remaining time window.
    private func next(in chain: [Wait], _ window: inout (begin: Moment, end: Moment)) -> Wait? {
        guard let blocker = chain.last?.blocker, blocker != .none, waitsByTask.indices.contains(blocker.index) else {
            return nil
        }
        let own = waitsByTask[blocker.index]
        var (low, high) = (0, own.count)
        while low < high {  // the first one that begins after the window
            let middle = (low + high) / 2
            if waits[own[middle]].begin.order <= window.end.order { low = middle + 1 } else { high = middle }
        }
        var best: (time: UInt64, order: Int, wait: Wait, begin: Moment, end: Moment)?
        for place in own[max(0, low - Self.mostLookedAt)..<low].reversed() {
            let other = waits[place]
            guard other.end.order >= window.begin.order else { break }
            let (begin, end) = (max(other.begin, window.begin), min(other.end, window.end))
            let time = end.time > begin.time ? end.time - begin.time : 0
            if best.map({ ($0.time, $0.order) < (time, end.order - begin.order) }) ?? true {
                best = (time, end.order - begin.order, other, begin, end)
            }
        }
        guard let best, !chain.contains(best.wait) else { return nil }
        window = (best.begin, best.end)
        return best.wait
    }

    /// The index of the longest wait, measured in order if no time passes. `nil` if no task slept.
    public var longestWait: Int? {
        waits.indices.max { a, b in
            (waits[a].nanoseconds, waits[a].end.order - waits[a].begin.order, b)
                < (waits[b].nanoseconds, waits[b].end.order - waits[b].begin.order, a)
        }
    }
}
