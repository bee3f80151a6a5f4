/// The answer of one stage: what the task does next.
///
/// A stage is atomic. Where the kernel sleeps, a stage answers ``sleep(_:then:)`` and names the stage at which it goes
/// on; where the kernel calls a function that may sleep, it answers ``call(_:then:)``.
@frozen
public enum Step<Stage: RawRepresentable & BitwiseCopyable & Sendable>: BitwiseCopyable, Sendable
where Stage.RawValue == UInt8 {
    /// Go on at this stage.
    case next(Stage)
    /// Sleep until the wait is over, then go on at this stage.
    ///
    /// If the wait ends early, by a signal that it lets through, ``Activation/wasInterrupted`` is true then.
    case sleep(Wait, then: Stage)
    /// Run another routine, then go on at this stage with its result in ``Activation/returned``.
    case call(Call, then: Stage)
    /// The routine is done, with this result.
    case returned(Int64)

    /// The routine is done with a fault's result.
    @inlinable
    public static func done(_ result: FaultResult) -> Self { .returned(Int64(result.rawValue)) }

    /// The system call failed.
    @inlinable
    public static func failed(_ errno: Errno) -> Self { .returned(errno.returned) }

    /// The routine is done, with nothing to tell.
    @inlinable
    public static var done: Self { .returned(0) }

    /// The same answer with the stage as a plain byte.
    @inlinable
    @inline(__always)
    public var erased: Step<HandlerStage> {
        switch self {
        case .next(let stage): .next(HandlerStage(rawValue: stage.rawValue))
        case .sleep(let wait, let stage): .sleep(wait, then: HandlerStage(rawValue: stage.rawValue))
        case .call(let call, let stage): .call(call, then: HandlerStage(rawValue: stage.rawValue))
        case .returned(let value): .returned(value)
        }
    }
}

/// A stage of a routine that is plugged in. Every routine begins at ``start``.
///
/// Give your stages names in an extension: `extension HandlerStage { static let woken = HandlerStage(1) }`.
@frozen
public struct HandlerStage: RawRepresentable, Equatable, BitwiseCopyable, Sendable, ExpressibleByIntegerLiteral {
    /// The number of the stage.
    public var rawValue: UInt8

    /// Names a stage.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Names a stage.
    @inlinable
    public init(_ rawValue: UInt8) { self.rawValue = rawValue }

    /// Names a stage.
    @inlinable
    public init(integerLiteral value: UInt8) { rawValue = value }

    /// Where every routine begins.
    @inlinable
    public static var start: Self { 0 }
}

/// Which routine an activation runs. The core's own have numbers; what plugs in is named by ``Activation/owner``.
public enum Routine: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// Touches pages in user mode, one after the other (the processor).
    case touch
    /// Touches one page from the kernel: a user copy.
    case userAccess
    /// A ``FaultEntry``: an architecture's `do_page_fault()`.
    case faultEntry
    /// `handle_mm_fault()` and what is below it in the core.
    case pageFault
    /// ``VMOperations/fault(_:_:_:)``.
    case handlerFault
    /// ``VMOperations/pageMkwrite(_:_:_:)``.
    case handlerMkwrite
    /// ``FileOperations/step(_:_:_:)``.
    case fileCall
    /// Takes a lock, sleeping for it if need be.
    case takeLock
    /// Locks a folio, sleeping for it if need be.
    case lockFolio
    /// `__get_user_pages()`.
    case getUserPages
    /// `__mm_populate()`.
    case populate
    /// `mmap(2)`.
    case mmap
    /// `munmap(2)`.
    case munmap
    /// `mprotect(2)`.
    case mprotect
    /// `madvise(2)`.
    case madvise
    /// `mremap(2)`.
    case mremap
    /// `mlock(2)` and `munlock(2)`.
    case mlock
    /// `mlockall(2)` and `munlockall(2)`.
    case mlockAll
    /// `brk(2)`.
    case brk
    /// `msync(2)`.
    case msync
    /// `mincore(2)`.
    case mincore
    /// `fork(2)`.
    case fork
    /// `exit(2)`.
    case exit
    /// A read of `/proc/PID/maps`.
    case readProcMaps
    /// A call on a file whose data goes to or comes from user memory page by page: `read(2)`, `write(2)`.
    case fileTransfer
    /// A call on a file alone: truncate, fsync, drop the cache.
    case fileCommand
    /// Sleeps or computes for a time.
    case pause
    /// Dirty throttling, `balance_dirty_pages_ratelimited()`.
    case throttle
    /// Reads another process's memory, `process_vm_readv()` and `/proc/PID/mem`.
    case remoteRead
    /// Direct reclaim: makes a page free, or kills somebody for it.
    case reclaim
    /// A ``FaultCaller`` that has pages faulted in, such as `fixup_user_fault()`.
    case faultCaller
}

/// A routine to run, with its first two words.
@frozen
public struct Call: BitwiseCopyable, Sendable {
    /// Which routine.
    public var routine: Routine
    /// A small number whose meaning is the routine's, such as a lock mode.
    public var option: UInt8
    /// The number of the plugged-in object, where the routine is one's.
    public var owner: UInt16
    /// A frame to work on. The caller keeps its reference.
    public var frame: FrameNumber
    /// The routine's first word.
    public var first: UInt64
    /// The routine's second word.
    public var second: UInt64

    /// Makes a call.
    @inlinable
    public init(
        _ routine: Routine, option: UInt8 = 0, owner: UInt16 = 0, frame: FrameNumber = .none, first: UInt64 = 0,
        second: UInt64 = 0
    ) {
        self.routine = routine
        self.option = option
        self.owner = owner
        self.frame = frame
        self.first = first
        self.second = second
    }
}
