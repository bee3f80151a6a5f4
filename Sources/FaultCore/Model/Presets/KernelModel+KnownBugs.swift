/// Kernels with known bugs that were fixed later. Each is a preset without the bugs, with the rules that differ.
///
/// These kernels break laws of ``Law``, or lose data that a program has stored. Exploring a small world finds this.
extension KernelModel {
    /// All kernels with known bugs, oldest first. ``presets`` has none of them; ``preset(named:)`` finds them by name.
    public static let withKnownBugs: [KernelModel] = [
        linux4_8, linux4_16_rc1, linux5_7_rc1, linux6_1_36, linux6_4_0,
    ]

    /// Linux 4.8 before 4.8.3, with Dirty COW (CVE-2016-5195).
    ///
    /// A debugger, or a program that writes to its own `/proc/self/mem`, can change the file instead of a private copy.
    /// It happens if `MADV_DONTNEED` runs at the same time. Commit 19be0eaffa3a (Linux 4.9) fixed it. The other rules
    /// are those of 4.11, except that userfaultfd is that of 4.3.
    public static let linux4_8 = linux4_11.named("linux4_8") {
        $0.userfaults = .missing
        $0.forcedWrites = .becomeReads
    }

    /// Linux 4.16-rc1, with a bug that was fixed before 4.16.
    ///
    /// KVM's lookups that may not wait leave the mmap lock read-locked (since commit ce53053ce378), and post-copy
    /// migration hangs. Commit 96312e61282a fixed it. The other rules are those of 4.19.
    public static let linux4_16_rc1 = linux4_19.named("linux4_16_rc1") { $0.noWaitRetry = .losesTrack }

    /// Linux 5.7-rc1, with two bugs of repeated retries in mm/gup.c (since commit 4426e945df58).
    ///
    /// A killed lookup returns 0; commit ae46d2aa6a7f fixed it. `fixup_user_fault()` gives up at its second `RETRY`;
    /// the patch "mm/gup: fix fixup_user_fault() on multiple retries" (Xu, May 2020) fixed it. Both fixes are in 5.7.
    /// The other rules are those of 5.7.
    public static let linux5_7_rc1 = linux5_7.named("linux5_7_rc1") {
        $0.killedLookup = .returnsZero
        $0.fixupRetries = .one
    }

    /// Linux 6.1.36, with StackRot (CVE-2023-3269), and with swap-ins without the swap cache that do not reserve their
    /// slot.
    ///
    /// StackRot: stacks grow under the mmap lock for reading. The growth replaces nodes of the tree of areas while
    /// other tasks walk the tree. Commit 8d7071af8907 fixed it, in 6.5 and 6.1.37. Commit 13ddaf26be32 fixed the
    /// swap-ins, in 6.8 and 6.1.80. The other rules are those of 6.1.
    public static let linux6_1_36 = linux6_1.named("linux6_1_36") {
        $0.stackGrowth = .underReadLock
        $0.lockWaits = .killableInCalls
        $0.retryLock = .waits
        $0.swapCacheBypass = .leavesSlot
    }

    /// Linux 6.4.0, with two bugs of the new locks of areas, and with the swap-ins of ``linux6_1_36``.
    ///
    /// fork(2) copies an area while faults run under its lock; commit fb49c455323f fixed it, in 6.5 and 6.4.3. A fault
    /// tests for the `anon_vma` before it has the lock; commit 657b5146955e fixed it, in 6.5. The other rules are those
    /// of 6.4. Linux 6.4.0 has StackRot as well, but this model does not: see ``linux6_1_36``.
    public static let linux6_4_0 = linux6_4.named("linux6_4_0") {
        $0.forkAreaLocks = .areNotTaken
        $0.areaLockCheck = .beforeLock
        $0.swapCacheBypass = .leavesSlot
    }
}
