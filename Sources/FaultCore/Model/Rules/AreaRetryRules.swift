extension KernelModel {
    /// How a fault continues that would wait for I/O under its area's lock. The mailing list argued about this in 2025
    /// and 2026.
    public enum AreaRetry: UInt8, KernelRule {
        /// It drops the lock, waits, and tries again under the mmap lock (commit 12214eba1992, Linux 6.7; still in
        /// 6.19).
        case mmapLock
        /// It drops the lock, waits, and tries again under the area's lock, once. After a second `RETRY` it tries again
        /// under the mmap lock (Song, "mm: continue using per-VMA lock when retrying page faults after I/O", November
        /// 2025, and its second version, April 2026).
        case areaLock
        /// It waits with the area's lock held, so that nothing is tried again (Wilcox's reply, November 2025).
        case keepsLock
        /// There are two results instead of one `RETRY`. The first says that only time has passed, so the area's lock
        /// is enough. The second asks for the mmap lock (Baghdasaryan's proposal; `VM_FAULT_RETRY_HARD` in Song's reply
        /// to Wilcox, May 2026).
        case split
    }
}
