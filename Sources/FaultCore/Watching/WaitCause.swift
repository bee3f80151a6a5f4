/// What a task waits for, without the page: the key by which waits are summed up.
public enum WaitCause: Equatable, Sendable, CustomStringConvertible {
    /// A page of the file that a device reads or writes.
    case io(FileID)
    /// A page of the file that another task has locked.
    case pageLock(FileID)
    /// A lock, wanted in this mode.
    case lock(LockName, LockMode)
    /// The lock of an area of this map, wanted for writing: the faults under it have to end.
    case areaLock(MapID)
    /// A request of its own, or the commit of a journal.
    case request
    /// A device that throttles submissions.
    case submission
    /// Too many dirty pages.
    case dirtyThrottle
    /// A time.
    case timer
    /// A page of memory, while a process is dying for it.
    case memory
    /// Something that a handler waits for.
    case channel(UInt64)
    /// The answer of a descriptor to a fault that was handed over.
    case userfault(UserfaultID)
    /// An event that the task caused, to be read from a descriptor.
    case userfaultEvent(UserfaultID)
    /// A message of a descriptor.
    case userfaultMessage(UserfaultID)

    /// Makes a cause without the page.
    package init(_ cause: WaitLink.Cause) {
        self =
            switch cause {
            case .io(let file, _): .io(file)
            case .pageLock(let file, _): .pageLock(file)
            case .lock(let lock, let mode): .lock(lock, mode)
            case .areaLock(let map): .areaLock(map)
            case .request: .request
            case .submission: .submission
            case .dirtyThrottle: .dirtyThrottle
            case .timer: .timer
            case .memory: .memory
            case .channel(let channel): .channel(channel)
            case .userfault(_, let descriptor), .spin(_, let descriptor): .userfault(descriptor)
            case .userfaultEvent(let descriptor): .userfaultEvent(descriptor)
            case .userfaultMessage(let descriptor): .userfaultMessage(descriptor)
            }
    }

    /// The cause, such as `mmap lock of map 0 (read)` or `I/O on file 1`.
    public var description: String {
        switch self {
        case .io(let file): "I/O on \(file)"
        case .pageLock(let file): "page lock of \(file)"
        case .lock(let lock, let mode): "\(lock) (\(mode))"
        case .areaLock(let map): "an area lock of \(map) (write)"
        case .request: "its own request"
        case .submission: "throttled submission"
        case .dirtyThrottle: "dirty throttling"
        case .timer: "timer"
        case .memory: "free memory"
        case .channel(let channel): "channel \(channel)"
        case .userfault(let descriptor): "an answer of \(descriptor)"
        case .userfaultEvent(let descriptor): "the reader of \(descriptor)"
        case .userfaultMessage(let descriptor): "a message of \(descriptor)"
        }
    }
}
