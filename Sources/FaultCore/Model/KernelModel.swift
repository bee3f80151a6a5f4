/// The decisions in which kernels differ, as rules. A kernel version is a value of this type.
///
/// Each rule is consulted at one named place; nothing compares versions. A preset may be changed rule by rule, to ask
/// what one change of a kernel does:
///
///     var model = KernelModel.linux6_1
///     model.throttledSharedWrite = .keepsLock
public struct KernelModel: Equatable, BitwiseCopyable, Sendable {
    /// What a store to a shared page answers when it is throttled for dirtying.
    public enum ThrottledSharedWrite: UInt8, BitwiseCopyable, Sendable {
        /// It throttles with the fault lock held (Linux up to 5.4).
        case keepsLock
        /// It drops the lock and answers `RETRY` (commit 89b15332af7c, Linux 5.5).
        case retries
        /// It drops the lock and answers `COMPLETED` (Linux 6.0).
        case completes
    }

    /// When `pgfault` counts.
    public enum PgfaultCounting: UInt8, BitwiseCopyable, Sendable {
        /// Every run of `handle_mm_fault()` (Linux up to 6.3).
        case everyAttempt
        /// Every run that does not end in `RETRY` (Linux 6.4).
        case everyFault
    }

    /// Which waits of a page-cache fault drop the fault lock.
    public enum LockDroppingWaits: UInt8, BitwiseCopyable, Sendable {
        /// None (Linux up to 2.6.36).
        case none
        /// The wait for a locked folio (commit d065bd810b6d, Linux 2.6.37).
        case folioLock
        /// That, the submission of reads, and reading a single page (commit 6b4c9f446981, Linux 5.1).
        case allIO
    }

    /// Whether neighbours of a page are mapped with it.
    public enum FaultAround: UInt8, BitwiseCopyable, Sendable {
        /// No (Linux up to 3.14).
        case none
        /// Those in the page cache, by ``VMOperations/mapPages(_:from:through:_:)`` before the handler runs (commit
        /// 8c6e50b0290c, Linux 3.15).
        case mapPages
    }

    /// Whether a retried fault counts as major.
    public enum RetryAccounting: UInt8, BitwiseCopyable, Sendable {
        /// Yes: `MAJOR` in the last attempt, or `TRIED` (`mm_account_fault()`, Linux 5.9).
        case retriedIsMajor
        /// Only if an attempt answered `MAJOR` (Linux 3.19 to 5.8).
        case anyAttemptMajor
    }

    /// Whether a copy or reuse on a write answers `VM_FAULT_WRITE`.
    public enum WriteResult: UInt8, BitwiseCopyable, Sendable {
        /// It does (Linux up to 6.1).
        case reported
        /// There is no such bit (Linux 6.4).
        case absent
    }

    /// The model's name, as presets and scenario files write it.
    public var name: StaticName
    /// What a throttled shared write answers. Consulted in ``PageFault``, stage `throttleShared`.
    public var throttledSharedWrite: ThrottledSharedWrite
    /// When `pgfault` counts. Consulted in ``PageFault``, at its entry and in its accounting.
    public var pgfaultCounting: PgfaultCounting
    /// Which waits drop the fault lock. Consulted in ``Machine/dropFaultLock(of:for:)``.
    public var lockDroppingWaits: LockDroppingWaits
    /// Whether neighbours are mapped. Consulted in ``PageFault``, stage `faultAround`.
    public var faultAround: FaultAround
    /// What counts as major. Consulted in ``PageFault``, in its accounting.
    public var retryAccounting: RetryAccounting
    /// Whether `VM_FAULT_WRITE` exists. Consulted in ``CopyOnWriteFault``.
    public var writeResult: WriteResult
    /// How a lock that becomes free wakes its readers. Consulted in ``ReadWriteSemaphore``.
    public var lockWake: LockWakeRule

    /// Linux 6.1 (6.1.192): drops the lock for all file I/O, completes throttled shared writes, counts `pgfault` for
    /// every attempt.
    public static let linux6_1 = KernelModel(
        name: StaticName("linux6_1"), throttledSharedWrite: .completes, pgfaultCounting: .everyAttempt,
        lockDroppingWaits: .allIO, faultAround: .mapPages, retryAccounting: .retriedIsMajor, writeResult: .reported,
        lockWake: .allQueuedReaders)
}

/// A name that is known when the program is compiled.
public struct StaticName: Equatable, BitwiseCopyable, Sendable, CustomStringConvertible {
    private let text: StaticString

    /// Makes a name.
    public init(_ text: StaticString) { self.text = text }

    /// The name.
    public var description: String { text.description }

    /// Whether the names read the same.
    public static func == (a: Self, b: Self) -> Bool { a.description == b.description }
}
