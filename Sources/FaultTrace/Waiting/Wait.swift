public import FaultCore

extension Timeline {
    /// One sleep of a task: for what, behind whom, and who or what ended it.
    public struct Wait: Equatable, BitwiseCopyable, Sendable {
        /// What can end a sleep.
        public enum WakeUp: Equatable, BitwiseCopyable, Sendable {
            /// A task: it released the lock, unlocked the page, answered the fault.
            case task(TaskID)
            /// The end of a request of this device, and who had submitted it.
            case request(RequestID, on: DeviceID, of: TaskID)
            /// A signal; from a task or from outside.
            case signal(TaskID)
            /// A time that has come.
            case time
            /// Who built the machine.
            case outside
            /// Nobody yet: it lasts.
            case nobody
        }

        /// Who slept.
        public let task: TaskID
        /// For what.
        public let cause: WaitLink.Cause
        /// Whom it found there when it fell asleep: who held the lock or was first in its queue; none if nobody.
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

        /// Whom it waited for: who woke it, or, while it lasts, whom it found there. None for devices and times.
        public var blocker: TaskID {
            switch wakeUp {
            case .task(let task): task
            case .nobody: behind
            case .request, .signal, .time, .outside: .none
            }
        }
    }
}

extension Timeline {
    /// The waits that a wait lasted because of, itself first: to its cause.
    ///
    /// Each next one is a sleep of who ended the wait, or would have to: the one that fills the most of the time that all
    /// before it have in common, of its last 64 sleeps there. A chain has at most 32 waits.
    public func chain(from wait: Int) -> [Wait] {
        var chain = [waits[wait]]
        var window = (begin: waits[wait].begin, end: waits[wait].end)
        while chain.count < Self.longestChain, let next = next(in: chain, &window) { chain.append(next) }
        return chain
    }

    private static let longestChain = 32
    private static let mostLookedAt = 64

    /// The wait that the last one of `chain` lasted because of, in what is left of the time.
    private func next(in chain: [Wait], _ window: inout (begin: Moment, end: Moment)) -> Wait? {
        guard let blocker = chain.last?.blocker, blocker != .none, waitsByTask.indices.contains(blocker.index) else {
            return nil
        }
        let own = waitsByTask[blocker.index]
        var (low, high) = (0, own.count)
        while low < high {  // the first that begins when the time is over
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

    /// The wait that lasted longest, by its place; by order where no time passes. `nil` if nobody slept.
    public var longestWait: Int? {
        waits.indices.max { a, b in
            (waits[a].nanoseconds, waits[a].end.order - waits[a].begin.order, b)
                < (waits[b].nanoseconds, waits[b].end.order - waits[b].begin.order, a)
        }
    }
}
