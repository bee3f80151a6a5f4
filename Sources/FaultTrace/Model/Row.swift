public import FaultCore

extension Timeline {
    /// A row of a timeline: the history of one task, lock or device.
    public struct Row: Equatable, Sendable {
        /// What a row can be about.
        public enum Subject: Equatable, BitwiseCopyable, Sendable {
            /// A task.
            case task(TaskID)
            /// A lock for which tasks can sleep.
            case lock(LockName)
            /// The lock of the area of this map that begins at this page.
            case area(MapID, PageNumber)
            /// A block device.
            case device(DeviceID)
        }

        /// What the row is about.
        public let subject: Subject
        /// The name.
        public let name: String
        /// What happened, by lane, and in each lane by time; spans of one lane don't overlap.
        public let spans: [Span]
        /// What happened at one moment, in order.
        public let marks: [Mark]

        /// How many lanes there are.
        public var lanes: Int { (spans.last?.lane ?? -1) + 1 }

        /// The spans of one kind: of a task `.sleep`, of a lock `.hold`, and so on.
        public func spans(_ kind: Span.Kind) -> [Span] { spans.filter { $0.what.kind == kind } }
    }

    /// A stretch of a row.
    public struct Span: Equatable, BitwiseCopyable, Sendable {
        /// What can last.
        public enum What: Equatable, BitwiseCopyable, Sendable {
            /// The task runs on the processor with this number; -1 if a test or an explorer chooses each stage.
            case runs(processor: Int)
            /// The task can run, and waits for a processor.
            case ready
            /// The task sleeps: the index of the ``Wait`` in ``Timeline/waits``.
            case sleeps(Int)
            /// The task does an operation.
            case operation(TaskOperation)
            /// The task handles a page-fault exception; whether and how it was counted.
            case fault(PageNumber, FaultException.Access, isMajor: Bool?)
            /// A run of `handle_mm_fault()`; without a result if it has not returned.
            case attempt(PageNumber, FaultFlags, FaultResult?)
            /// A stage of a routine: its index in ``Timeline/stages``.
            case stage(Int)
            /// A task holds the lock.
            case holds(TaskID, LockMode)
            /// A task waits for the lock.
            case waits(TaskID, LockMode)
            /// The device has a request under way.
            case request(IORequest)

            /// Whether both are the same.
            public static func == (a: Self, b: Self) -> Bool {
                switch (a, b) {
                case (.runs(let a), .runs(let b)): a == b
                case (.ready, .ready): true
                case (.sleeps(let a), .sleeps(let b)): a == b
                case (.operation(let a), .operation(let b)): a == b
                case (.fault(let a, let x, let p), .fault(let b, let y, let q)): a == b && x == y && p == q
                case (.attempt(let a, let x, let p), .attempt(let b, let y, let q)): a == b && x == y && p == q
                case (.stage(let a), .stage(let b)): a == b
                case (.holds(let a, let x), .holds(let b, let y)): a == b && x == y
                case (.waits(let a, let x), .waits(let b, let y)): a == b && x == y
                case (.request(let a), .request(let b)): a.id == b.id
                default: false
                }
            }
        }

        /// The kinds of ``What``.
        public enum Kind: UInt8, Equatable, BitwiseCopyable, Sendable, CaseIterable {
            /// Of a task: it has a processor.
            case run
            /// Of a task: it waits for a processor.
            case ready
            /// Of a task: it sleeps.
            case sleep
            /// Of a task.
            case operation
            /// Of a task: an exception.
            case fault
            /// Of a task: `handle_mm_fault()`.
            case attempt
            /// Of a task.
            case stage
            /// Of a lock: a task holds it.
            case hold
            /// Of a lock: a task waits for it.
            case wait
            /// Of a device.
            case request
        }

        /// What lasts.
        public let what: What
        /// The beginning.
        public let begin: Moment
        /// The end.
        public let end: Moment
        /// The lane in which it lies. The lanes of a task are its state (it runs, is ready, sleeps), operations,
        /// faults, attempts, stages. A lock or a device has as many lanes as it needs at the same time.
        public let lane: Int
        /// Whether it lasts beyond the end of the timeline.
        public let isOpen: Bool
    }

    /// Something that happened at one moment.
    public struct Mark: Equatable, BitwiseCopyable, Sendable {
        /// What can happen.
        public enum What: Equatable, BitwiseCopyable, Sendable {
            /// A fault handler drops the fault lock.
            case dropsFaultLock
            /// A fault counts.
            case counts(PageNumber, isMajor: Bool)
            /// A signal is sent to the task.
            case signalSent
            /// A signal is forced on the task.
            case signalForced
            /// An allocation fails.
            case allocationFails(AllocationPoint)
            /// A law is broken.
            case violation(Law)
        }

        /// What happened.
        public let what: What
        /// When.
        public let moment: Moment
    }
}

extension Timeline.Span.What {
    /// Which kind it is.
    public var kind: Timeline.Span.Kind {
        switch self {
        case .runs: .run
        case .ready: .ready
        case .sleeps: .sleep
        case .operation: .operation
        case .fault: .fault
        case .attempt: .attempt
        case .stage: .stage
        case .holds: .hold
        case .waits: .wait
        case .request: .request
        }
    }
}
