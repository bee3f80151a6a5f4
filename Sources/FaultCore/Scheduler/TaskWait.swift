/// What a task sleeps on, and which signals end the sleep.
@frozen
public struct TaskWait: Equatable, BitwiseCopyable, Sendable {
    /// The kinds of thing to sleep on.
    public enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// Nothing: the task is not asleep.
        case none
        /// Until a folio is unlocked.
        case folio
        /// Until a folio's writeback is over.
        case writeback
        /// Until a lock is granted; the task is in its queue.
        case lock
        /// Until a time.
        case timer
        /// Until a device has finished a request: one of this task's own, or the commit of a journal.
        case request
        /// Until the device takes more requests.
        case submission
        /// Until there are fewer dirty pages, or a time.
        case dirtyThrottle
        /// Until ``Machine/wake(channel:)`` is called for this channel. For plug-ins.
        case channel
        /// Until a page is free, no task that was killed for memory is left, or it is time to take the victim's memory
        /// away.
        case memory
        /// Until the area that is to be write-locked has no more readers; the value is the number of its map.
        case areaReaders
        /// Until a fault that was handed over is answered; the value is the number of the descriptor.
        case userfault
        /// Until an event that the task caused is read; the value is the number of the descriptor.
        case userfaultEvent
        /// Until a message can be read; the value is the number of the descriptor.
        case userfaultMessage
        /// Not asleep: the task spins, because a pending signal ends each of its waits for a fault that was handed
        /// over. Nothing changes until another task has done something. The value is the number of the descriptor.
        case spin
    }

    /// Which signals end a sleep. Models the task states of the kernel.
    public enum Mode: UInt8, BitwiseCopyable, Sendable {
        /// `TASK_UNINTERRUPTIBLE`.
        case uninterruptible
        /// `TASK_KILLABLE`.
        case killable
        /// `TASK_INTERRUPTIBLE`.
        case interruptible

        /// The mode with this number, as in the arguments of a call.
        @inline(__always)
        init(number: UInt8) {
            guard let mode = Self(rawValue: number) else { misuse("TaskWait.Mode: no sleep has the mode \(number)") }
            self = mode
        }
    }

    /// The kind of thing to sleep on.
    public var kind: Kind
    /// Which signals end the sleep.
    public var mode: Mode
    /// The frame, for ``Kind/folio`` and ``Kind/writeback``.
    @usableFromInline package var frame: FrameNumber
    /// The time (`.max` for none), the request, the channel, or the lock's name; for ``Kind/folio``, whether the lock
    /// is wanted.
    @usableFromInline package var value: UInt64

    /// Makes a wait.
    @inlinable
    package init(_ kind: Kind, _ mode: Mode, frame: FrameNumber = .none, value: UInt64 = 0) {
        self.kind = kind
        self.mode = mode
        self.frame = frame
        self.value = value
    }

    /// Whether it ends by itself at the time ``value``.
    @inlinable
    package var isTimed: Bool {
        kind == .timer || kind == .submission || kind == .dirtyThrottle || kind == .memory
    }

    /// No wait.
    @inlinable
    package static var none: Self { Self(.none, .uninterruptible) }

    /// Until `folio` is unlocked: `folio_wait_locked()`.
    @inlinable
    public static func folioUnlock(_ folio: FrameNumber, _ mode: Mode = .uninterruptible) -> Self {
        Self(.folio, mode, frame: folio)
    }

    /// Until `folio` is unlocked, in order to lock it. Of the tasks that wait for this, one is woken at a time, in the
    /// order of arrival (`folio_lock()`, `WQ_FLAG_EXCLUSIVE`).
    @inlinable
    public static func folioLock(_ folio: FrameNumber, _ mode: Mode = .uninterruptible) -> Self {
        Self(.folio, mode, frame: folio, value: 1)
    }

    /// Whether it is for a folio.
    @inlinable
    package var isForFolio: Bool { kind == .folio || kind == .writeback }

    /// Whether the task wants to lock the folio, not only to wait until it is unlocked.
    @inlinable
    package var isForFolioLock: Bool { kind == .folio && value != 0 }

    /// Until the writeback of `folio` is over: `folio_wait_writeback()`.
    @inlinable
    public static func folioWriteback(_ folio: FrameNumber, _ mode: Mode = .uninterruptible) -> Self {
        Self(.writeback, mode, frame: folio)
    }

    /// Until the simulated clock shows `time`.
    @inlinable
    public static func time(_ time: UInt64, _ mode: Mode = .interruptible) -> Self { Self(.timer, mode, value: time) }

    /// Until a device has finished `request`, see ``Machine/submit(_:)``.
    @inlinable
    public static func request(_ request: RequestID, _ mode: Mode = .uninterruptible) -> Self {
        Self(.request, mode, value: request.rawValue)
    }

    /// Until a fault that was handed over to `descriptor` is answered.
    @inlinable
    public static func userfault(_ descriptor: UserfaultID, _ mode: Mode) -> Self {
        Self(.userfault, mode, value: UInt64(descriptor.index))
    }

    /// Until an event of `descriptor` is read.
    @inlinable
    public static func userfaultEvent(_ descriptor: UserfaultID) -> Self {
        Self(.userfaultEvent, .killable, value: UInt64(descriptor.index))
    }

    /// Until a message of `descriptor` can be read.
    @inlinable
    public static func userfaultMessage(_ descriptor: UserfaultID) -> Self {
        Self(.userfaultMessage, .interruptible, value: UInt64(descriptor.index))
    }

    /// Until a message of `descriptor` can be read, or the simulated clock shows `time`.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor.
    ///   - orOther: Whether a message of any other descriptor of the process ends the wait as well.
    ///   - time: The time; `UInt64.max` for none.
    @inlinable
    public static func userfaultMessage(_ descriptor: UserfaultID, orOther: Bool, until time: UInt64) -> Self {
        let others = orOther ? anyDescriptor : 0
        guard time < .max else {
            return Self(.userfaultMessage, .interruptible, frame: FrameNumber(others), value: UInt64(descriptor.index))
        }
        return Self(.timer, .interruptible, frame: FrameNumber(descriptor.index + 1 + others), value: time)
    }

    /// Set in ``frame`` if any descriptor of the process may end the wait.
    @usableFromInline static var anyDescriptor: Int { 1 << 16 }

    /// The descriptor whose message ends the wait; `nil` if none does.
    @inlinable
    package var polled: UserfaultID? {
        switch kind {
        case .userfaultMessage: return UserfaultID(Int(value))
        case .timer where mode == .interruptible && frame != .none:
            return UserfaultID((frame.index & (Self.anyDescriptor - 1)) - 1)
        default: return nil
        }
    }

    /// Whether a message of any other descriptor of the process ends the wait, too, besides one of ``polled``.
    @inlinable
    package var pollsOthers: Bool { polled != nil && frame.index & Self.anyDescriptor != 0 }

    /// Whether a message of `descriptor` may end the wait.
    @inlinable
    package func polls(_ descriptor: UserfaultID) -> Bool { polled == descriptor || pollsOthers }

    /// Until another task has done something, for a task that spins meanwhile.
    @inlinable
    public static func spin(_ descriptor: UserfaultID) -> Self {
        Self(.spin, .killable, value: UInt64(descriptor.index))
    }

    /// Until ``Machine/wake(channel:)`` is called with this channel.
    @inlinable
    public static func channel(_ channel: UInt64, _ mode: Mode = .uninterruptible) -> Self {
        Self(.channel, mode, value: channel)
    }
}
