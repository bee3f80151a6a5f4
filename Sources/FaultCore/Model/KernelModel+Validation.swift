extension KernelModel {
    /// The contradictions between rules; empty for a legal model.
    public var problems: [KernelModelProblem] { KernelModelProblem.allCases.filter { has($0) } }

    /// Throws if rules contradict each other.
    ///
    /// A rule that merely has no effect is no contradiction. An example is how a retry counts where there is none.
    public func validate() throws(IllegalKernelModel) {
        let found = problems
        if !found.isEmpty { throw IllegalKernelModel(name: name, problems: found) }
    }

    private func has(_ problem: KernelModelProblem) -> Bool {
        let submitsUnderLock = [.waitsForUnlock, .fillsAround, .goesOnIfUnchanged].contains(fileFault)
        let usesKeptPage = mkwriteProtocol == .handlerRetries || mkwriteProtocol == .helperRetries
        return switch problem {
        case .submissionDrops: submitsUnderLock && lockDroppingWaits == .allIO
        case .unknownInvalidateLock: fileFault != .waitsToTheEnd && invalidateLock == .excludes
        case .aroundWithoutRoutine: faultAround == .insideHandler && fileFault != .fillsAround
        case .routineWithoutAround: fileFault == .fillsAround && faultAround != .insideHandler
        case .aroundForever: faultAround == .insideHandler && faultRetry == .inUserMode
        case .mkwriteWithoutKeptPage: usesKeptPage && keptPage == .none
        case .mkwriteForever: faultRetry == .inUserMode && mkwriteProtocol != .keepsLock
        case .populateForever: usesKeptPage && populatePages == .byArea
        case .unreadableForever: faultRetry == .inUserMode && !submitsUnderLock
        case .killedForever: pageWait == .killable && retrySignals == .none
        case .interruptedForever: pageWait == .interruptible && faultRetry == .inUserMode
        case .unansweredForever: pageWait != .killable && userfaults != .none
        case .signalledForever:
            userfaults != .none && userfaultSignal == .isRetried && faultRetry == .anyNumber
                && retrySignals != .anyInUserMode
        case .growthPastAreaLock: areaLocks != .none && stackGrowth == .underReadLock
        case .areaLockForever: areaLocks != .none && faultRetry == .inUserMode
        case .areaLockForgotten:
            areaLocks != .none
                && (fileFault == .goesOnIfUnchanged || mkwriteProtocol == .handlerRetries
                    || userfaultSignal == .isDone && userfaults != .none)
        case .areaLockWithoutRetry: areaLocks != .none && faultRetry == .never
        case .areaLockReleasedTwice:
            (areaLocks == .upToFaultAround || areaLocks == .mappingHandlers) && areaLockRelease == .byCaller
        case .areaAttemptCounts: areaLocks != .none && retryAccounting == .firstAttemptMajor
        case .copyNeedsMmapLock: areaLocks != .none && copyAllocation == .afterHandler
        case .guardPageUnderReadLock: stackGuard == .page && stackGrowth == .underWriteLock
        }
    }
}
