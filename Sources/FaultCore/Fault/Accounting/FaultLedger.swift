/// The ledger of faults: all faults, attempts, locks and their durations are counted in this file, whatever code
/// faults.
///
/// Stages, entries, other callers of `handle_mm_fault()`, and faults done at once without stages all report here what
/// happened; no other code can change a count. The rules in `FaultAccounting.swift` decide what a kernel counts as
/// what. The counts are not part of the machine's state: nothing in the simulated kernel reads them.
extension Machine {
    // MARK: Exceptions and attempts

    /// Counts an exception: perf's `PAGE_FAULTS`.
    @inline(__always)
    mutating func countException(of task: TaskID, _ mode: FaultException.Mode) {
        tasks[task.index].counters.exceptions &+= 1
        if mode != .user, !mistaken(.kernelExceptionUncounted) { tasks[task.index].counters.kernelExceptions &+= 1 }
    }

    /// Counts an attempt that begins, under the lock that the fault has: the first lines of `handle_mm_fault()`.
    @inline(__always)
    mutating func countAttempt(of fault: VMFault) {
        if model.pgfaultCounting == .everyAttempt { countFaultEvent(of: fault.task) }
        tasks[fault.task.index].counters.attempts &+= 1
        if fault.lock == .area, !mistaken(.areaAttemptUncounted) {
            tasks[fault.task.index].counters.areaLockAttempts &+= 1
        }
    }

    /// Counts that an attempt was handed over to a program: `handle_userfault()`.
    mutating func count(userfaultOf fault: VMFault) {
        tasks[fault.task.index].counters.userfaults &+= 1
        if fault.lock == .area, !mistaken(.areaUserfaultUncounted) {
            tasks[fault.task.index].counters.areaLockUserfaults &+= 1
        }
    }

    /// Counts the exceptions of a user copy with page faults disabled, which are not handled: as many as the copy
    /// raises.
    package mutating func countUnhandledExceptions(of task: TaskID) {
        for _ in 0..<entry.userCopyAttempts(in: model) { countException(of: task, .kernelWithFixup) }
    }

    /// Counts the result of an attempt, in kernels that count `pgfault` once per fault.
    @inline(__always)
    mutating func countResult(_ result: FaultResult, of task: TaskID) {
        if model.pgfaultCounting == .everyFault, !result.contains(.retry) || mistaken(.retryIsFaultEvent) {
            countFaultEvent(of: task)
        }
    }

    /// Counts a fault, as `/proc/vmstat` does: `count_vm_event(PGFAULT)`.
    @inline(__always)
    private mutating func countFaultEvent(of task: TaskID) {
        events.pgfault &+= 1
        tasks[task.index].counters.pgfault &+= 1
    }

    /// Counts a fault of a task: `maj_flt`.
    @inline(__always)
    mutating func countMajorFault(of task: TaskID) { tasks[task.index].counters.majorFaults &+= 1 }

    /// Counts a fault of a task: `min_flt`.
    @inline(__always)
    mutating func countMinorFault(of task: TaskID) { tasks[task.index].counters.minorFaults &+= 1 }

    /// Counts a page-cache miss of a fault: `count_vm_event(PGMAJFAULT)`.
    public mutating func countMajorFaultEvent(_ task: TaskID) {
        if mistaken(.majorEventUncounted) { return }
        events.pgmajfault &+= 1
        tasks[index(of: task)].counters.pgmajfault &+= 1
    }

    /// Counts a page that a write has made its own without a copy: `count_vm_event(PGREUSE)`.
    mutating func countReuse() { if !mistaken(.reuseUncounted) { events.pgreuse &+= 1 } }

    /// Counts that a write fault copies the page that it found, or zeroes: `wp_page_copy()`.
    mutating func countPageCopy(of task: TaskID) { tasks[task.index].counters.pageCopies &+= 1 }

    /// Counts a run of a signal handler.
    mutating func countHandledSignal(of task: TaskID) {
        tasks[task.index].counters.handledSignals &+= mistaken(.handledSignalUncounted) ? 0 : 1
    }

    // MARK: Locks

    /// Counts that an mmap lock was taken, after a wait of this many nanoseconds, perhaps 0.
    @inline(__always)
    mutating func countTaking(of lock: LockName, _ mode: LockMode, by task: TaskID, waited: UInt64) {
        if mode == .read {
            tasks[task.index].counters.mmapReadLocks &+= 1
            maps[lock.number].lockStatistics.readWaits.record(waited)
        } else {
            tasks[task.index].counters.mmapWriteLocks &+= 1
            maps[lock.number].lockStatistics.writeWaits.record(waited)
        }
    }

    /// Counts that an mmap lock was released or downgraded, after it was held for this many nanoseconds.
    @inline(__always)
    mutating func countRelease(of lock: LockName, _ mode: LockMode, held: UInt64) {
        if mode == .read {
            maps[lock.number].lockStatistics.readHolds.record(held)
        } else {
            maps[lock.number].lockStatistics.writeHolds.record(held)
        }
    }

    /// Counts a free mmap lock that was taken and released in the same instant.
    @inline(__always)
    mutating func countInstantHold(of map: MapID, _ mode: LockMode, by task: TaskID) {
        maps[map.index].lockStatistics.countInstantHold(mode, &tasks[task.index].counters)
    }

    /// Counts a failed try for an mmap lock before a wait for it.
    package mutating func noteTrylockFailure(_ task: TaskID) {
        tasks[task.index].counters.mmapTrylockFailures &+= mistaken(.trylockFailureUncounted) ? 0 : 1
    }

    /// Counts how a fault's try to use its area's lock ended.
    @inline(__always)
    mutating func countAreaLock(_ outcome: AreaLockOutcome) {
        switch outcome {
        case .success:
            if mistaken(.areaSuccessCountsAsRetry) { events.vmaLockRetry &+= 1 } else { events.vmaLockSuccess &+= 1 }
        case .abort: events.vmaLockAbort &+= mistaken(.areaAbortUncounted) ? 0 : 1
        case .retry: events.vmaLockRetry &+= mistaken(.areaRetryUncounted) ? 0 : 1
        case .miss: events.vmaLockMiss &+= mistaken(.areaMissUncounted) ? 0 : 1
        }
    }

    // MARK: Faults done at once

    /// Counts faults of a task that were done at once.
    mutating func count(_ faults: InstantFaults, of map: MapID, by task: TaskID, _ policy: AreaLockPolicy) {
        tasks[task.index].counters.add(faults)
        maps[map.index].lockStatistics.add(faults)
        countEvents(of: faults, policy)
    }

    /// Counts faults that were done at once as events of the machine; task and map have counted them.
    @inline(__always)
    mutating func countEvents(of faults: InstantFaults, _ policy: AreaLockPolicy) {
        events.pgfault &+= faults.all  // by either rule: each is one attempt
        guard policy.isInUse else { return }
        events.vmaLockSuccess &+= faults.underAreaLock
        events.vmaLockAbort &+= faults.underMmapLock
    }
}

/// How a fault's try to use its area's lock ended: `enum vm_event_item`.
enum AreaLockOutcome: UInt8, BitwiseCopyable, Sendable {
    /// `VMA_LOCK_SUCCESS`.
    case success
    /// `VMA_LOCK_ABORT`.
    case abort
    /// `VMA_LOCK_RETRY`.
    case retry
    /// `VMA_LOCK_MISS`.
    case miss
}

/// Faults that were done at once. Each is one exception, one lock taken for reading and released in the same instant,
/// and one attempt.
struct InstantFaults: BitwiseCopyable {
    /// How many.
    private(set) var all = 0
    /// How many of them were guarded by the area lock.
    private(set) var underAreaLock = 0

    /// How many of them were guarded by the mmap lock.
    var underMmapLock: Int { all &- underAreaLock }

    @inline(__always)
    mutating func count(areaLock: Bool) {
        all &+= 1
        if areaLock { underAreaLock &+= 1 }
    }

    @inline(__always)
    static func - (now: Self, before: Self) -> Self {
        var difference = now
        difference.all &-= before.all
        difference.underAreaLock &-= before.underAreaLock
        return difference
    }
}

extension LockStatistics {
    /// Counts the mmap lock of faults.
    @inline(__always)
    mutating func add(_ faults: InstantFaults) {
        readWaits.recordInstants(faults.underMmapLock)
        readHolds.recordInstants(faults.underMmapLock)
    }
}

extension TaskCounters {
    /// Counts faults of a task.
    @inline(__always)
    mutating func add(_ faults: InstantFaults) {
        exceptions &+= faults.all
        attempts &+= faults.all
        minorFaults &+= faults.all
        pgfault &+= faults.all
        areaLockAttempts &+= faults.underAreaLock
        mmapReadLocks &+= faults.underMmapLock
    }
}

/// What a task has counted. Not part of the machine's state: nothing in the simulated kernel reads it.
public struct TaskCounters: Equatable, BitwiseCopyable, Sendable {
    /// `min_flt`: faults that needed no device.
    public fileprivate(set) var minorFaults: Int = 0
    /// `maj_flt`: faults that waited, or were retried.
    public fileprivate(set) var majorFaults: Int = 0
    /// Page-fault exceptions: perf's `PAGE_FAULTS`.
    public fileprivate(set) var exceptions: Int = 0
    /// Those of them that the kernel took itself.
    public fileprivate(set) var kernelExceptions: Int = 0
    /// Runs of `handle_mm_fault()`.
    public fileprivate(set) var attempts: Int = 0
    /// Those of them that were guarded by the area lock.
    public fileprivate(set) var areaLockAttempts: Int = 0
    /// `pgfault` events that this task caused: its share of ``MachineEvents/pgfault``.
    public fileprivate(set) var pgfault: Int = 0
    /// Times that an mmap lock was taken for reading; a downgrade counts.
    public fileprivate(set) var mmapReadLocks: Int = 0
    /// Times that an mmap lock was taken for writing.
    public fileprivate(set) var mmapWriteLocks: Int = 0
    /// Tries for an mmap lock that failed before waiting for it.
    public fileprivate(set) var mmapTrylockFailures: Int = 0
    /// `pgmajfault` events that this task caused.
    public fileprivate(set) var pgmajfault: Int = 0
    /// How often a signal handler ran.
    public fileprivate(set) var handledSignals: Int = 0
    /// Runs of `wp_page_copy()`: write faults that found the page, or zeroes, and did not reuse it.
    public fileprivate(set) var pageCopies: Int = 0
    /// Attempts that were handed over to a program: runs of `handle_userfault()`, whether they waited or not.
    public fileprivate(set) var userfaults: Int = 0
    /// Those of them that were guarded by the area lock.
    public fileprivate(set) var areaLockUserfaults: Int = 0

    /// Nothing counted.
    public init() {}

    /// What was counted since `start`.
    public static func - (now: Self, start: Self) -> Self {
        var difference = Self()
        difference.minorFaults = now.minorFaults - start.minorFaults
        difference.majorFaults = now.majorFaults - start.majorFaults
        difference.exceptions = now.exceptions - start.exceptions
        difference.kernelExceptions = now.kernelExceptions - start.kernelExceptions
        difference.attempts = now.attempts - start.attempts
        difference.areaLockAttempts = now.areaLockAttempts - start.areaLockAttempts
        difference.pgfault = now.pgfault - start.pgfault
        difference.mmapReadLocks = now.mmapReadLocks - start.mmapReadLocks
        difference.mmapWriteLocks = now.mmapWriteLocks - start.mmapWriteLocks
        difference.mmapTrylockFailures = now.mmapTrylockFailures - start.mmapTrylockFailures
        difference.pgmajfault = now.pgmajfault - start.pgmajfault
        difference.handledSignals = now.handledSignals - start.handledSignals
        difference.pageCopies = now.pageCopies - start.pageCopies
        difference.userfaults = now.userfaults - start.userfaults
        difference.areaLockUserfaults = now.areaLockUserfaults - start.areaLockUserfaults
        return difference
    }

    /// What two tasks have counted together.
    public static func + (one: Self, other: Self) -> Self {
        var sum = Self()
        sum.minorFaults = one.minorFaults + other.minorFaults
        sum.majorFaults = one.majorFaults + other.majorFaults
        sum.exceptions = one.exceptions + other.exceptions
        sum.kernelExceptions = one.kernelExceptions + other.kernelExceptions
        sum.attempts = one.attempts + other.attempts
        sum.areaLockAttempts = one.areaLockAttempts + other.areaLockAttempts
        sum.pgfault = one.pgfault + other.pgfault
        sum.mmapReadLocks = one.mmapReadLocks + other.mmapReadLocks
        sum.mmapWriteLocks = one.mmapWriteLocks + other.mmapWriteLocks
        sum.mmapTrylockFailures = one.mmapTrylockFailures + other.mmapTrylockFailures
        sum.pgmajfault = one.pgmajfault + other.pgmajfault
        sum.handledSignals = one.handledSignals + other.handledSignals
        sum.pageCopies = one.pageCopies + other.pageCopies
        sum.userfaults = one.userfaults + other.userfaults
        sum.areaLockUserfaults = one.areaLockUserfaults + other.areaLockUserfaults
        return sum
    }
}

/// Events that the whole machine counts, as in `/proc/vmstat`.
public struct MachineEvents: Equatable, BitwiseCopyable, Sendable {
    /// `pgfault`.
    public fileprivate(set) var pgfault = 0
    /// `pgmajfault`.
    public fileprivate(set) var pgmajfault = 0
    /// `pgreuse`.
    public fileprivate(set) var pgreuse = 0
    /// `pswpin`: pages that were read from swap areas.
    public internal(set) var pswpin = 0
    /// `pswpout`: pages that were written to swap areas.
    public internal(set) var pswpout = 0
    /// `swpin_zero`: pages of zeroes that were filled again and not read.
    public internal(set) var swapZeroIn = 0
    /// `swpout_zero`: pages of zeroes that were noted and not written.
    public internal(set) var swapZeroOut = 0
    /// `swap_ra`: pages that were read ahead from swap.
    public internal(set) var swapReadahead = 0
    /// `swap_ra_hit`: hits on pages that were read ahead.
    public internal(set) var swapReadaheadHits = 0
    /// `allocstall`: allocations that had to reclaim.
    public internal(set) var allocstall = 0
    /// `pgscan_direct`: pages that direct reclaim has looked at.
    public internal(set) var pgscan = 0
    /// `pgsteal_direct`: pages that direct reclaim has freed.
    public internal(set) var pgsteal = 0
    /// `pglazyfreed`: freed pages that a program had given up by madvise(MADV_FREE).
    public internal(set) var pglazyfreed = 0
    /// `workingset_refault_anon`: anonymous pages that came back after they were reclaimed.
    public internal(set) var workingsetRefaultAnonymous = 0
    /// `workingset_refault_file`: pages of files that came back after they were reclaimed.
    public internal(set) var workingsetRefaultFile = 0
    /// `workingset_activate_anon` and `workingset_activate_file`: refaulting pages that were made active at once.
    public internal(set) var workingsetActivate = 0
    /// `workingset_activate_file`: those of ``workingsetActivate`` that are pages of files.
    public internal(set) var workingsetActivateFile = 0
    /// `workingset_restore_anon` and `workingset_restore_file`: refaulting pages that had been active before.
    public internal(set) var workingsetRestore = 0
    /// `vma_lock_success`: faults that ended under an area's lock.
    public fileprivate(set) var vmaLockSuccess = 0
    /// `vma_lock_abort`: faults whose area's lock could not be taken.
    public fileprivate(set) var vmaLockAbort = 0
    /// `vma_lock_retry`: faults that were retried under the mmap lock.
    public fileprivate(set) var vmaLockRetry = 0
    /// `vma_lock_miss`: areas that were replaced between their look-up and the lock.
    public fileprivate(set) var vmaLockMiss = 0
    /// `oom_kill`: processes killed because memory was short.
    public internal(set) var oomKill = 0

    /// No events.
    package init() {}
}

/// How long an mmap lock was held and waited for, by mode.
public struct LockStatistics: Equatable, Sendable {
    /// Waits for reading; an acquisition without a wait counts as a wait of 0.
    public fileprivate(set) var readWaits = DurationStatistics()
    /// Waits for writing.
    public fileprivate(set) var writeWaits = DurationStatistics()
    /// Times it was held for reading.
    public fileprivate(set) var readHolds = DurationStatistics()
    /// Times it was held for writing.
    public fileprivate(set) var writeHolds = DurationStatistics()

    /// Nothing measured.
    package init() {}

    /// Counts a free lock that was taken and released in the same instant.
    @inline(__always)
    mutating func countInstantHold(_ mode: LockMode, _ counters: inout TaskCounters) {
        if mode == .read {
            counters.mmapReadLocks &+= 1
            readWaits.recordInstants(1)
            readHolds.recordInstants(1)
        } else {
            counters.mmapWriteLocks &+= 1
            writeWaits.recordInstants(1)
            writeHolds.recordInstants(1)
        }
    }
}

extension Machine {
    /// Counts that a task held an mmap lock for reading for a moment: an `mmap_read_trylock()` that succeeded.
    mutating func countInstantReading(of map: MapID, by task: TaskID) {
        if task != .none { tasks[task.index].counters.mmapReadLocks &+= 1 }
        maps[map.index].lockStatistics.readWaits.record(0)
        maps[map.index].lockStatistics.readHolds.record(0)
    }
}
