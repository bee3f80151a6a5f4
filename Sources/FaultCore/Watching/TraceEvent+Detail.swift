extension TraceEvent {
    /// What happened, with its details as values.
    ///
    ///     for event in world.machine.trace {
    ///         if case .attemptEnded(let page, let result) = event.detail, result.contains(.retry) { … }
    ///     }
    public enum Detail: Equatable, Sendable {
        /// An operation begins.
        case operationStarted
        /// An operation has ended, and returned this value.
        case operationEnded(value: Int64)
        /// A stage begins. Here, stages of plug-ins have numbers instead of names; see ``Machine/stage(of:)``.
        case stage(StageName)
        /// The processor takes a page fault.
        case exception(PageNumber, FaultException.Access)
        /// `handle_mm_fault()` begins.
        case attemptStarted(PageNumber, FaultFlags)
        /// `handle_mm_fault()` returns.
        case attemptEnded(PageNumber, FaultResult)
        /// A fault counts.
        case accounted(PageNumber, isMajor: Bool)
        /// A fault handler drops the fault lock.
        case faultLockDropped
        /// The task queues for a lock.
        case lockQueued(LockName, LockMode)
        /// The task gets a lock.
        case lockTaken(LockName, LockMode)
        /// The task releases a lock that it held in this mode.
        case lockReleased(LockName, LockMode)
        /// The task turns its write lock into a read lock.
        case lockDowngraded(LockName)
        /// A page is locked; the file is `FileID.none` for a page that is in no page cache.
        case folioLocked(FileID, PageIndex)
        /// A page of the page cache is unlocked.
        case folioUnlocked(FileID, PageIndex)
        /// A request that begins with this page goes to a device; the file is `FileID.none` for swap, and for requests
        /// without a file.
        case ioSubmitted(FileID, PageIndex)
        /// A device has finished a request.
        case ioCompleted(FileID, PageIndex)
        /// The task falls asleep on this; the number is the page, lock, time or channel, as the kind says.
        case slept(TaskWait.Kind, UInt64)
        /// The task is woken.
        case woken
        /// A signal is sent to the task.
        case signalSent
        /// A signal is forced on the task by a fault.
        case signalForced
        /// An allocation fails.
        case allocationFailed(AllocationPoint)
        /// A broken contract.
        case violation(Law)
        /// The task takes the lock of the area that begins at this page, for reading.
        case areaLockTaken(PageNumber)
        /// The task releases the lock of the area that begins at this page.
        case areaLockReleased(PageNumber)
    }

    /// What happened, with its details.
    public var detail: Detail {
        switch kind {
        case .operationStarted: .operationStarted
        case .operationEnded: .operationEnded(value: Int64(bitPattern: a))
        case .stage: .stage(stageName)
        case .exception: .exception(PageNumber(a), named(b, "access"))
        case .attemptStarted: .attemptStarted(PageNumber(a), FaultFlags(rawValue: word(b)))
        case .attemptEnded: .attemptEnded(PageNumber(a), FaultResult(rawValue: word(b)))
        case .accounted: .accounted(PageNumber(a), isMajor: b == 1)
        case .faultLockDropped: .faultLockDropped
        case .lockQueued: .lockQueued(lock, LockMode(number: b))
        case .lockTaken: .lockTaken(lock, LockMode(number: b))
        case .lockReleased: .lockReleased(lock, LockMode(number: b))
        case .lockDowngraded: .lockDowngraded(lock)
        case .folioLocked: .folioLocked(file, PageIndex(rawValue: b))
        case .folioUnlocked: .folioUnlocked(file, PageIndex(rawValue: b))
        case .ioSubmitted: .ioSubmitted(file, PageIndex(rawValue: b))
        case .ioCompleted: .ioCompleted(file, PageIndex(rawValue: b))
        case .slept: .slept(named(a, "kind of wait"), b)
        case .woken: .woken
        case .signalSent: .signalSent
        case .signalForced: .signalForced
        case .allocationFailed: .allocationFailed(named(a, "allocation point"))
        case .violation: .violation(named(a, "law"))
        case .areaLockTaken: .areaLockTaken(PageNumber(a))
        case .areaLockReleased: .areaLockReleased(PageNumber(a))
        }
    }

    private var stageName: StageName {
        guard let key = StageKey(word: a, stage: b) else {
            misuse("TraceEvent.detail: no routine has the number \(a)")
        }
        return key.name
    }

    private var lock: LockName { LockName(rawValue: word(a)) }

    private var file: FileID { FileID(rawValue: Int32(Int64(bitPattern: a))) }

    private func word(_ detail: UInt64) -> UInt32 {
        guard let word = UInt32(exactly: detail) else {
            misuse("TraceEvent.detail: \(detail) is not a detail of \(kind)")
        }
        return word
    }

    private func named<Name: RawRepresentable>(_ detail: UInt64, _ what: String) -> Name where Name.RawValue == UInt8 {
        guard let number = UInt8(exactly: detail), let name = Name(rawValue: number) else {
            misuse("TraceEvent.detail: no \(what) has the number \(detail)")
        }
        return name
    }
}

extension TraceEvent.Detail: CustomStringConvertible {
    /// What happened, such as `an attempt at page 0x10 ends: MAJOR|RETRY`.
    public var description: String {
        switch self {
        case .operationStarted: "an operation begins"
        case .operationEnded(let value): "an operation ends: \(value)"
        case .stage(let name): "stage \(name)"
        case .exception(let page, let access): "an exception: \(access) of \(page)"
        case .attemptStarted(let page, let flags): "an attempt at \(page) begins: \(flags)"
        case .attemptEnded(let page, let result): "an attempt at \(page) ends: \(result)"
        case .accounted(let page, let isMajor): "a \(isMajor ? "major" : "minor") fault of \(page)"
        case .faultLockDropped: "the fault lock is dropped"
        case .lockQueued(let lock, let mode): "waits for the \(lock) (\(mode))"
        case .lockTaken(let lock, let mode): "takes the \(lock) (\(mode))"
        case .lockReleased(let lock, let mode): "releases the \(lock) (\(mode))"
        case .lockDowngraded(let lock): "downgrades the \(lock)"
        case .folioLocked(let file, let index): "page \(index) of \(file) is locked"
        case .folioUnlocked(let file, let index): "page \(index) of \(file) is unlocked"
        case .ioSubmitted(let file, let index): "a request begins at page \(index) of \(file)"
        case .ioCompleted(let file, let index): "a request at page \(index) of \(file) is done"
        case .slept(let kind, let value): "falls asleep: \(kind) \(value)"
        case .woken: "is woken"
        case .signalSent: "a signal is sent"
        case .signalForced: "a signal is forced"
        case .allocationFailed(let point): "an allocation fails: \(point)"
        case .violation(let law): "law \(law.number) is broken: \(law)"
        case .areaLockTaken(let page): "takes the lock of the area at \(page)"
        case .areaLockReleased(let page): "releases the lock of the area at \(page)"
        }
    }
}
