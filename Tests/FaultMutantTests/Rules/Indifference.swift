import FaultSimulator

/// Where a rule can't matter, and why: what no behaviour can tell apart.
struct Indifference: Sendable {
    /// The rules of which it speaks.
    let rules: [String]
    /// Why they don't matter.
    let reason: String
    /// Whether it makes no difference if `model` had another value of one of the rules, by that value's name.
    let holds: @Sendable (_ model: KernelModel, _ value: String) -> Bool

    init(_ rules: String..., because reason: String, if holds: @escaping @Sendable (KernelModel, String) -> Bool) {
        self.rules = rules
        self.reason = reason
        self.holds = holds
    }

    /// The first that says so of `rule`.
    static func of(_ rule: AnyKernelRule, _ value: Int, under model: KernelModel) -> Indifference? {
        all.first { $0.rules.contains(rule.name) && $0.holds(model, rule.cases[value]) }
    }

    static let all: [Indifference] = [
        Indifference(
            "areaLockAnonVMA", "areaLockRelease", "areaLockRetry", "areaRetry", "areaLockRefusal", "adviceLock",
            "fillLock", "areaLockCheck", "forkAreaLocks", because: "areas have no locks"
        ) { model, _ in model.areaLocks == .none },
        Indifference(
            "areaLockAnonVMA", because: "an area without anon_vma has no use for its lock up to 6.4"
        ) { model, _ in model.areaLocks == .anonymousMemory },
        Indifference(
            "areaLockRelease", "areaLockRetry", "areaRetry",
            because: "what returns RETRY under an area's lock up to 6.4 has not waited, and needs the mmap lock"
        ) { model, value in model.areaLocks == .anonymousMemory && value != "areaLock" && value != "split" },
        Indifference("fillLock", because: "registered areas have no use for their lock up to 6.4") { model, _ in
            model.areaLocks == .anonymousMemory
        },
        Indifference("victimDelay", because: "nobody's memory is taken away up to 4.5") { model, _ in
            model.victimMemory == .stays
        },
        Indifference("areaLockCheck", because: "a fault can make an anon_vma under its area's lock from 6.10 on") {
            model, _ in
            model.areaLockAnonVMA == .triesMmapLock
        },
        Indifference("areaNodes", because: "the tree of areas changes under the write lock alone") { model, _ in
            model.stackGrowth == .underWriteLock
        },
        Indifference("killedLookup", because: "no lookup drops the lock for its wait up to 2.6.37") { model, _ in
            model.pinRetry == .keepsLock
        },
        Indifference("noWaitRetry", because: "a lookup waits, whatever its flags say, up to 2.6.37") { model, _ in
            model.pinRetry == .keepsLock
        },
        Indifference("fixupRetries", because: "no fault is tried again more than once up to 5.6") { model, _ in
            model.faultRetry != .anyNumber
        },
        Indifference("aroundHits", because: "no page counts as a hit before it is mapped up to 4.7") { model, _ in
            model.faultAround != .mapPages
        },
        Indifference("faultAroundTable", because: "there is no map_pages") { model, _ in
            model.faultAround != .mapPages && model.faultAround != .mapPagesUncounted
        },
        Indifference(
            "directPins", "pinnedFork", "pinnedReclaim", because: "pins are not told from other references"
        ) { model, _ in model.pinTracking == .none },
        Indifference(
            "emptyRegistration", "failedFork", "releasedUserfault", "liftedProtection", "protectedRange",
            "protectedSwapIn", "userfaultSignal", "userfaultCount", "changingFills", "sharedFill", "goneMemory",
            "minorFaultLock", because: "there is no userfaultfd"
        ) { model, _ in model.userfaults == .none },
        Indifference("minorFaultLock", because: "no fault on a page of the cache is handed over up to 5.13") {
            model, _ in
            model.userfaults.rawValue < KernelModel.Userfaults.minor.rawValue
        },
        Indifference(
            "liftedProtection", "protectedRange", "protectedSwapIn",
            because: "memory can't be write-protected up to 5.6"
        ) { model, _ in model.userfaults.rawValue < KernelModel.Userfaults.protection.rawValue },
        Indifference("liftedProtection", because: "no entry may be made writable before its store up to 5.18") {
            model, _ in
            model.writableEntries == .none
                && model.userfaults.rawValue < KernelModel.Userfaults.sharedProtection.rawValue
        },
        Indifference("faultRetry", because: "the task's flag is looked at by nobody else") { model, value in
            [
                model.faultRetry == .onceByTaskFlag ? "onceByTaskFlag" : "",
                model.faultRetry == .onceUnmarked ? "onceUnmarked" : "",
            ]
            .contains(value == "onceByTaskFlag" ? "onceUnmarked" : value == "onceUnmarked" ? "onceByTaskFlag" : "none")
        },
        Indifference(
            "fileFault", "lockDroppingWaits", "mkwriteProtocol", "pageWait", "pgfaultCounting", "pinRetry",
            "retryAccounting", "retryLock", "retrySignals", "soleUser", "swapInWait", "throttledSharedWrite",
            because: "no fault is tried again, so that none drops its lock"
        ) { model, value in
            model.faultRetry == .never && !["waitsToTheEnd", "leavesAfterSubmission", "killable"].contains(value)
                && !(value == "handlerRetries" || value == "helperRetries")
        },
        Indifference(
            "fileFault", because: "where submissions keep the lock, the attempt of 2018 waits as that of 2.6.37"
        ) { model, value in
            value == "leavesAfterSubmission" && model.fileFault == .waitsForUnlock && model.lockDroppingWaits != .allIO
                && model.mmapReadahead == .aroundMarked
        },
        Indifference("keptPage", because: "only what drops the lock for a submission, or page_mkwrite, keeps its page")
        {
            model, _ in model.fileFault != .leavesAfterSubmission && model.mkwriteProtocol == .keepsLock
        },
        Indifference("missRecheck", because: "filemap_fault() up to 5.0 is another routine") { model, _ in
            model.fileFault != .waitsToTheEnd
        },
        Indifference("pinLockWait", because: "no wait for a lock can be killed up to 4.6") { model, _ in
            model.lockWaits == .uninterruptible
        },
        Indifference(
            "retryAccounting", "retryLock", "retrySignals",
            because: "what is tried again is a new exception of the program, with one attempt"
        ) { model, _ in model.faultRetry == .inUserMode },
        Indifference("retryAccounting", because: "no flag says of an attempt that it is a second one") { model, value in
            value == "retriedIsMajor" && model.retryAccounting == .lastAttemptMajor
                && [.onceUnmarked, .onceByTaskFlag].contains(model.faultRetry)
        },
        Indifference(
            "retryLock", "retrySignals",
            because: "who has waited goes on, and only a change of the map has it try again"
        ) { model, _ in model.fileFault == .goesOnIfUnchanged },
        Indifference("singleSwapRead", because: "every swap-in is waited for with the lock held, and uninterruptibly") {
            model, _ in model.swapInWait == .keepsLock
        },
    ]
}
