public import FaultCore

/// An event from outside that an explorer may let happen at any moment.
public struct Injection: Equatable, Sendable {
    /// The kinds of events.
    public enum Event: Equatable, Sendable {
        /// A signal is sent to a task that has an operation under way.
        case signal(TaskSignal, TaskID)
        /// A task that is idle begins an operation: a truncation, an eviction, a call that races.
        case start(TaskOperation, in: TaskID)
        /// Pages of a file can't be read from now on: EIO.
        case breakBlocks(FileID, PageRun)
        /// All pages of a file can be read again.
        case repairBlocks(FileID)
        /// The next allocation at a point fails.
        case failAllocation(AllocationPoint)
    }

    /// When it may happen.
    public enum Timing: Equatable, Sendable {
        /// Between any two stages.
        case always
        /// While this task sleeps.
        case asleep(TaskID)
    }

    /// What.
    public var event: Event
    /// When.
    public var timing: Timing
    /// How often at most, 0 to 15.
    public var times: Int

    /// Allows something to happen, by default once and at any moment.
    public init(_ event: Event, _ timing: Timing = .always, times: Int = 1) {
        self.event = event
        self.timing = timing
        self.times = times
    }
}

extension Machine {
    /// Ends the process if an injection names something that this machine does not have.
    func require(_ injection: Injection) {
        if case .asleep(let task) = injection.timing { _ = index(of: task, "Injection.asleep") }
        switch injection.event {
        case .signal(let signal, let task):
            _ = index(of: task, "Injection.signal")
            require(.kill(task, signal))
        case .start(let operation, let task):
            _ = index(of: task, "Injection.start")
            require(operation)
        case .breakBlocks(let file, _): _ = index(of: file, "Injection.breakBlocks")
        case .repairBlocks(let file): _ = index(of: file, "Injection.repairBlocks")
        case .failAllocation: break
        }
    }
}

/// How often each injection has happened, four bits for each.
struct InjectionCounts: Equatable, BitwiseCopyable, Sendable {
    private(set) var word: UInt64 = 0

    static let most = 16

    subscript(_ number: Int) -> Int { Int(word >> UInt64(number * 4) & 15) }

    mutating func count(_ number: Int) { word += 1 << UInt64(number * 4) }
}
