/// Kernels with bugs that are known, and mended since, each as what it does otherwise than a preset without them.
///
/// They break laws of ``Law``, or lose what a program has stored: exploring a small world finds that.
extension KernelModel {
    /// All of them, oldest first. They are none of ``presets``, and found by their names (``preset(named:)``).
    public static let withKnownBugs: [KernelModel] = [
        linux4_8, linux4_16_rc1, linux5_7_rc1, linux6_1_36, linux6_4_0,
    ]

    /// Linux 4.8 before 4.8.3, with Dirty COW (CVE-2016-5195): a store of a debugger, or of a program to its own
    /// `/proc/self/mem`, beside `MADV_DONTNEED` goes to the file instead of to a copy (commit 19be0eaffa3a). Its other rules are
    /// those of 4.11, but for userfaultfd, which is that of 4.3.
    public static let linux4_8 = linux4_11.named("linux4_8") {
        $0.userfaults = .missing
        $0.forcedWrites = .becomeReads
    }

    /// Linux 4.16-rc1, with a bug that was mended before 4.16: KVM's lookups that may not wait leave the mmap lock read-locked
    /// for ever, so that post-copy migration hangs (commits ce53053ce378 and 96312e61282a). Its other rules are those of 4.19.
    ///
    /// It breaks laws of ``Law``, and is none of ``presets``.
    public static let linux4_16_rc1 = linux4_19.named("linux4_16_rc1") { $0.noWaitRetry = .losesTrack }

    /// Linux 5.7-rc1, with two bugs that came with repeated retries (commit 4064b9827063): a killed lookup answers 0 (mended
    /// before 5.7, commit ae46d2aa6a7f), and `fixup_user_fault()` gives up at its second `RETRY` (mended in 5.13, commit
    /// 475f4dfc021c). Its other rules are those of 5.7.
    public static let linux5_7_rc1 = linux5_7.named("linux5_7_rc1") {
        $0.killedLookup = .answersZero
        $0.fixupRetries = .one
    }

    /// Linux 6.1.36, with StackRot (CVE-2023-3269): stacks grow under the mmap lock for reading, which changes the tree of areas
    /// under those who walk it (mended in 6.1.37 and 6.5, commit 8d7071af8907); and with swap-ins past the swap cache that leave
    /// their slot to others (mended in 6.8 and stable series, commit 13ddaf26be32). Its other rules are those of 6.1.
    public static let linux6_1_36 = linux6_1.named("linux6_1_36") {
        $0.stackGrowth = .underReadLock
        $0.lockWaits = .killableInCalls
        $0.retryLock = .waits
        $0.swapCacheBypass = .leavesSlot
    }

    /// Linux 6.4.0, with two bugs of the new locks of areas: fork(2) copies areas beside faults under their locks (mended in
    /// 6.4.3, commit fb49c455323f), and a fault asks for the `anon_vma` before it has the lock (mended in 6.5, commit
    /// 657b5146955e). Its other rules are those of 6.4; StackRot, which it has as well, is ``linux6_1_36``'s.
    public static let linux6_4_0 = linux6_4.named("linux6_4_0") {
        $0.forkAreaLocks = .areNotTaken
        $0.areaLockCheck = .beforeLock
        $0.swapCacheBypass = .leavesSlot
    }
}
