/// What tasks that are woken together have in common: the page, the request, or the channel that they sleep on.
///
/// Two kinds of sleep have no cause. A task that waits for a lock or for the answer to a user fault is in a queue. A
/// task that only waits for a time is woken when the time comes.
struct SleepCause: Hashable, BitwiseCopyable, Sendable {
    private let kind: TaskWait.Kind
    private let value: UInt64

    private init(_ kind: TaskWait.Kind, _ value: UInt64 = 0) {
        self.kind = kind
        self.value = value
    }

    /// The cause of a sleep, if it has one.
    init?(of wait: TaskWait) {
        if wait.pollsOthers {
            self = .anyUserfaultMessage
            return
        }
        switch wait.kind {
        case .none, .lock, .submission, .userfault, .userfaultEvent: return nil
        case .folio, .writeback: self.init(wait.kind, UInt64(wait.frame.rawValue))
        case .request, .channel, .areaReaders, .userfaultMessage: self.init(wait.kind, wait.value)
        case .memory, .dirtyThrottle, .spin: self.init(wait.kind)
        case .timer:
            if let descriptor = wait.polled {
                self = .userfaultMessage(of: descriptor)
                return
            }
            guard wait.mode == .uninterruptible, wait.frame != .none else { return nil }
            self.init(.timer, UInt64(wait.frame.rawValue))
        }
    }

    /// A page that is locked, or under writeback.
    static func folio(_ folio: FrameNumber, _ kind: TaskWait.Kind) -> Self { Self(kind, UInt64(folio.rawValue)) }
    /// A request of a device.
    static func request(_ request: RequestID) -> Self { Self(.request, request.rawValue) }
    /// A channel.
    static func channel(_ channel: UInt64) -> Self { Self(.channel, channel) }
    /// The readers of a map's area.
    static func areaReaders(of map: Int) -> Self { Self(.areaReaders, UInt64(map)) }
    /// The tick after which a swap slot is checked again.
    static func tick(forSlot slot: Int) -> Self { Self(.timer, UInt64(FrameNumber(slot).rawValue)) }
    /// A message of a descriptor.
    static func userfaultMessage(of descriptor: UserfaultID) -> Self {
        Self(.userfaultMessage, UInt64(descriptor.index))
    }
    /// A message of any descriptor of the process.
    static var anyUserfaultMessage: Self { Self(.userfaultMessage, .max) }
    /// Anything that another task does.
    static var spin: Self { Self(.spin) }
    /// Free memory.
    static var memory: Self { Self(.memory) }
    /// Fewer dirty pages.
    static var dirtyThrottle: Self { Self(.dirtyThrottle) }

    /// Whether a sleep has this cause.
    @inline(__always)
    func isOf(_ wait: TaskWait) -> Bool {
        (wait.kind == kind || wait.kind == .timer) && SleepCause(of: wait) == self
    }
}
