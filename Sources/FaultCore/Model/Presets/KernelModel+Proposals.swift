/// Proposals that were not merged in this form. Each is defined by its differences from the kernel that it was written
/// for.
extension KernelModel {
    // MARK: 2006, on 2.6.18

    // Where the mails say nothing, the rules are those of Linux 2.6.36. An exception counts once, by its last attempt.

    /// Benjamin Herrenschmidt, 15 September 2006: a handler that would block returns `NOPAGE_RETRY`. The fault counts
    /// as minor, and the program faults again, as often as needed. In this preset `filemap_nopage()` is such a handler.
    public static let herrenschmidt2006 = linux2_6_36.named("herrenschmidt2006") {
        $0.faultRetry = .inUserMode
        $0.lockDroppingWaits = .folioLock
    }

    /// Mike Waychison's patch, in use at Google in September 2006: `filemap_nopage()` drops the lock, waits for the
    /// page, and has the whole fault run again, once. A flag in the task says that it was done.
    public static let waychison2006 = linux2_6_36.named("waychison2006") {
        $0.faultRetry = .onceByTaskFlag
        $0.lockDroppingWaits = .folioLock
    }

    /// Andrew Morton, September 2006, "the simple way": as ``waychison2006``, but a map with one user keeps its lock,
    /// because no other task wants it.
    public static let mortonSoleUser2006 = waychison2006.named("mortonSoleUser2006") { $0.soleUser = .keepsLock }

    /// Andrew Morton, September 2006, "the better way": after the wait the lock is taken again. The fault continues at
    /// the same place if no task has held the lock for writing; otherwise it is retried.
    public static let mortonSequence2006 = waychison2006.named("mortonSequence2006") {
        $0.fileFault = .goesOnIfUnchanged
    }

    /// Mike Waychison, September 2006: `struct pagefault_args` with the reasons `MAYRETRY_IO`, `RETRY_IO` and
    /// `RETRY_SIGNALPENDING`. A signal ends the wait and is delivered, and the instruction is replayed.
    public static let pagefaultArgs2006 = waychison2006.named("pagefaultArgs2006") {
        $0.faultRetry = .onceUnmarked
        $0.pageWait = .interruptible
        $0.retrySignals = .anyInUserMode
    }

    // MARK: 2014, on 3.14

    /// Linus Torvalds' patch of February 2014, as described in Kirill Shutemov's mail: when a page is mapped, its
    /// neighbours are faulted in one after the other, without `ALLOW_RETRY`. Pages that are not cached are read with
    /// the lock held.
    ///
    /// The instruction reaches its page only when all neighbours are present. If memory is so short that their reads,
    /// or those of other tasks' neighbours, evict the page meanwhile, the fault is repeated forever.
    public static let torvalds2014 = linux3_15.named("torvalds2014") { $0.faultAround = .oneByOne }

    /// Kirill Shutemov's RFC, 7 February 2014: `->fault` itself finds and locks those of 32 aligned pages that are
    /// cached.
    public static let shutemov2014 = linux3_15.named("shutemov2014") {
        $0.faultAround = .insideHandler
        $0.fileFault = .fillsAround
    }

    // MARK: 2018, on 4.19

    /// Josef Bacik's third version, 18 October 2018, as mailed: every read drops the lock, the page is kept for the second
    /// attempt, and btrfs drops the lock in `page_mkwrite`.
    ///
    /// `MADV_POPULATE_WRITE` is newer. In the form of 5.14 it would never end under this model; here it works as in
    /// 6.12.
    public static let bacik2018 = linux4_19.named("bacik2018") {
        $0.lockDroppingWaits = .allIO
        $0.fileFault = .leavesAfterSubmission
        $0.keptPage = .untilFaultEnds
        $0.mkwriteProtocol = .handlerRetries
        $0.populatePages = .byRange
    }

    /// Dave Chinner's review, October 2018: a generic helper drops the lock around every file system's `page_mkwrite`, and
    /// takes a kept page for a prepared one.
    public static let chinner2018 = bacik2018.named("chinner2018") { $0.mkwriteProtocol = .helperRetries }

    /// Jan Kara's review, October 2018: no page is kept; the file system checks its own metadata to see whether the
    /// page is prepared.
    public static let kara2018 = bacik2018.named("kara2018") {
        $0.mkwriteProtocol = .fileSystemKnows
        $0.keptPage = .none
        $0.populatePages = .byArea
    }
}
