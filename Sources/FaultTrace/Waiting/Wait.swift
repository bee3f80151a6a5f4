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
        /// The wait of somebody else that this one lasted because of: its place in ``Timeline/waits``. `nil` at the end of a
        /// chain.
        public internal(set) var next: Int?

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
    /// Each next one is the longest sleep of who ended the wait, or would have to, within the wait: of its last 64 sleeps
    /// there.
    public func chain(from wait: Int) -> [Wait] {
        var chain = [waits[wait]]
        var place = waits[wait].next
        while let next = place, chain.count < Self.longestChain {
            chain.append(waits[next])
            place = waits[next].next
        }
        return chain
    }

    static let longestChain = 32

    /// The wait that lasted longest, by its place; by order where no time passes. `nil` if nobody slept.
    public var longestWait: Int? {
        waits.indices.max { a, b in
            (waits[a].nanoseconds, waits[a].end.order - waits[a].begin.order, b)
                < (waits[b].nanoseconds, waits[b].end.order - waits[b].begin.order, a)
        }
    }
}

/// Finds for each wait the one that it lasted because of.
struct WaitLinker {
    private let waits: [Timeline.Wait]
    /// Of each task, its waits, in order.
    private var byTask: [[Int]]

    init(_ waits: [Timeline.Wait], tasks: Int) {
        self.waits = waits
        byTask = Array(repeating: [], count: tasks)
        for (place, wait) in waits.enumerated() { byTask[wait.task.index].append(place) }
    }

    private static let mostLookedAt = 64

    /// The place of the wait that `place` lasted because of.
    func next(of place: Int) -> Int? {
        let wait = waits[place]
        guard wait.blocker != .none, byTask.indices.contains(wait.blocker.index) else { return nil }
        let own = byTask[wait.blocker.index]
        var (low, high) = (0, own.count)
        while low < high {  // the first that begins when this one has ended
            let middle = (low + high) / 2
            if waits[own[middle]].begin.order <= wait.end.order { low = middle + 1 } else { high = middle }
        }
        var best: (time: UInt64, order: Int, place: Int)?
        for candidate in own[max(0, low - Self.mostLookedAt)..<low].reversed() {
            let other = waits[candidate]
            guard other.end.order >= wait.begin.order else { break }
            let order = min(other.end.order, wait.end.order) - max(other.begin.order, wait.begin.order)
            let (from, to) = (max(other.begin.time, wait.begin.time), min(other.end.time, wait.end.time))
            let time = to > from ? to - from : 0
            if best.map({ ($0.time, $0.order) < (time, order) }) ?? true { best = (time, order, candidate) }
        }
        return best?.place
    }
}
