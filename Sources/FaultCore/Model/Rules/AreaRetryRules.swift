/// What follows for a fault that would wait for I/O under its area's lock: argued about in 2025 and 2026.
public enum AreaRetry: UInt8, KernelRule {
    /// It drops the lock, waits, and tries again under the mmap lock (Linux 6.8 to 6.19).
    case mmapLock
    /// It drops the lock, waits, and tries again under the area's lock, once; after a second `RETRY` under the mmap lock
    /// (Song, "mm: continue using per-VMA lock when retrying page faults after I/O", November 2025, and its second
    /// version, April 2026).
    case areaLock
    /// It waits with the area's lock held, and nothing is tried again (Wilcox's reply, November 2025).
    case keepsLock
    /// `RETRY` is two answers: after the one, nothing but time has passed, and the area's lock will do; the other asks for
    /// the mmap lock (Baghdasaryan's proposal; `VM_FAULT_RETRY_HARD` in Song's reply to Wilcox, May 2026).
    case split
}
