/// The kinds of things that a task can wait for, for use in expectations.
///
/// A `WaitCause` also says which file or map it is.
public enum Awaited: Equatable, BitwiseCopyable, Sendable, CaseIterable {
    /// A page that a device reads or writes.
    case io
    /// A page that a task has locked.
    case pageLock
    /// An mmap lock, for reading or writing.
    case mmapLock
    /// The lock of an area, for writing.
    case areaLock
    /// A file's inode lock.
    case inodeLock
    /// A file's invalidate lock.
    case invalidateLock
    /// A request of its own, or the commit of a journal.
    case request
    /// A device that throttles, or fewer dirty pages.
    case throttle
    /// A time.
    case timer
    /// Free memory.
    case memory
    /// Something that a handler waits for.
    case channel
    /// A program, through a userfaultfd(2) descriptor: for an answer, for the reader of an event, for a message, or for
    /// the descriptor's map-changing lock.
    case program

    /// The kind of thing that a wait is for.
    public init(_ cause: WaitLink.Cause) {
        self =
            switch cause {
            case .io: .io
            case .pageLock: .pageLock
            case .lock(let lock, _):
                switch lock.kind {
                case .inode: .inodeLock
                case .invalidate: .invalidateLock
                case .mmap, .none: .mmapLock
                case .mapChanging: .program
                }
            case .areaLock: .areaLock
            case .request: .request
            case .submission, .dirtyThrottle: .throttle
            case .timer: .timer
            case .memory: .memory
            case .channel: .channel
            case .userfault, .spin, .userfaultEvent, .userfaultMessage: .program
            }
    }
}
