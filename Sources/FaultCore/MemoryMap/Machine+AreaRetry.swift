/// The four ways to go on with a fault that has waited under its area's lock: ``KernelModel/AreaRetry``.
extension Machine {
    /// Whether a fault keeps its lock for a wait although it could drop it.
    @inline(__always)
    func keepsFaultLock(_ fault: VMFault, for wait: DroppingWait) -> Bool {
        fault.lock == .area && model.areaRetry == .keepsLock && wait.isForReads
    }

    /// What an attempt returns if it can't go on under its area's lock.
    var needsMmapLockResult: FaultResult { model.areaRetry == .split ? [.retry, .retryMmap] : .retry }

    /// Whether a fault whose attempt under the area's lock has returned `RETRY` is tried under that lock again.
    ///
    /// Called once per attempt, after ``endAreaAttempt(_:_:)``. The flags that it sets bound the retries: at most one
    /// more attempt drops the area's lock.
    package mutating func retriesUnderAreaLock(_ result: FaultResult, _ fault: inout VMFault) -> Bool {
        switch model.areaRetry {
        case .mmapLock, .keepsLock:
            return false
        case .areaLock:
            guard !fault.flags.contains(.areaTried) else { return false }
            fault.flags.insert(.areaTried)
            return true
        case .split:
            guard !result.contains(.retryMmap) else { return false }
            fault.flags.insert(.tried)
            return true
        }
    }
}

extension DroppingWait {
    /// Whether it waits for a page to be read, and not for anything else.
    var isForReads: Bool {
        switch self {
        case .folioLock, .readSubmission, .pageRead, .swapIn: true
        case .dirtyThrottle, .handler, .pageMkwrite: false
        }
    }
}
