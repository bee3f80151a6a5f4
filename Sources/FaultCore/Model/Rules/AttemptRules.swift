/// How often an exception's fault may be tried again, and what tells the attempts apart.
public enum FaultRetry: UInt8, KernelRule {
    /// Any number of times; `ALLOW_RETRY` stays, and `TRIED` forbids that a later attempt drops the lock for I/O (commit
    /// 4064b9827063, Linux 5.7).
    case anyNumber
    /// Once: `ALLOW_RETRY` is cleared, and `TRIED` set (commit 45cac65b0fcd: Li, "readahead: fault retry breaks mmap
    /// file read random detection", August 2012, Linux 3.7).
    case onceTried
    /// Once: `ALLOW_RETRY` is cleared, and nothing tells handlers that it is the second attempt (commit d065bd810b6d, Linux
    /// 2.6.37). So was `PAGEFAULT_MAYRETRY_IO` to be (Waychison, 2006).
    case onceUnmarked
    /// Once: a flag in `current->flags` remembers it (the patch in use at Google, Morton, 2006). As the fault sees it this
    /// is the same as the case before; nothing else looks at the flag.
    case onceByTaskFlag
    /// Not in the kernel: it goes back to the program, which faults again, as often as it takes (`NOPAGE_RETRY`,
    /// Herrenschmidt, 2006). The exception counts as a minor fault.
    case inUserMode
    /// Never (Linux 2.6.36).
    case never
}

/// Which pending signals end an exception whose attempt has answered `RETRY`.
public enum RetrySignals: UInt8, KernelRule {
    /// A fatal one, and in user mode any (`fault_signal_pending()`, commit 4ef873226ceb, Linux 5.7). The
    /// handler runs, the access is replayed.
    case anyInUserMode
    /// A fatal one; in the kernel the exception table ends the access (commit 26178ec11ef3, Linux 3.19).
    case fatal
    /// A fatal one, in user mode. In the kernel the access was replayed without end until the page was there (Linux 3.7 to
    /// 3.18); here it sleeps for that.
    case fatalInUserMode
    /// None: the second attempt runs to its end (Linux 2.6.37).
    case none
}

/// How a fault sleeps for a page.
public enum PageWait: UInt8, KernelRule {
    /// Until it is there or the task is killed: `FAULT_FLAG_KILLABLE` (commit 37b23e0525d3, Linux 2.6.39 and later).
    case killable
    /// Until it is there.
    case uninterruptible
    /// Any signal ends the sleep, as long as the lock is dropped (`PAGEFAULT_RETRY_SIGNALPENDING`, Waychison, 2006).
    case interruptible
}

/// How the read of a single page is waited for, where readahead has not read it.
public enum SinglePageWait: UInt8, KernelRule {
    /// Killably, whatever the flags say (`filemap_read_page()`, commit d31fa86a27b3, March 2021).
    case killable
    /// Until it is done.
    case uninterruptible
}

/// Whether the wait for a page under swap-in drops the fault lock.
public enum SwapInWait: UInt8, KernelRule {
    /// It does, on a first attempt (commit d065bd810b6d, Linux 2.6.37).
    case dropsLock
    /// It does not.
    case keepsLock
}

/// Whether a memory map that one task alone uses drops its lock at all.
public enum SoleUser: UInt8, KernelRule {
    /// As any other.
    case dropsLock
    /// Nobody could want the lock: it is kept ("the simple way", Morton, 2006).
    case keepsLock
}

/// Whether `get_user_pages()` and those who populate may have their lock dropped.
public enum PinRetry: UInt8, KernelRule {
    /// They may (commit 318b275fbca1, Linux 2.6.39).
    case mayDropLock
    /// Only exceptions may.
    case keepsLock
}
