extension KernelModel {
    /// How often the fault of an exception may be tried again, and what tells its attempts apart.
    public enum FaultRetry: UInt8, KernelRule {
        /// Any number of times. `ALLOW_RETRY` stays; `TRIED` forbids later attempts to drop the lock for I/O (commit
        /// 4064b9827063, Linux 5.7).
        case anyNumber
        /// Once: the second attempt has `TRIED` and no `ALLOW_RETRY` (commit 45cac65b0fcd: Li, "readahead: fault retry
        /// breaks mmap file read random detection", August 2012, Linux 3.7).
        case onceTried
        /// Once: the second attempt has no `ALLOW_RETRY`, and no flag tells handlers that it is the second (commit
        /// d065bd810b6d, Linux 2.6.37). `PAGEFAULT_MAYRETRY_IO` was to work the same way (Waychison, 2006).
        case onceUnmarked
        /// Once: a flag in `current->flags` remembers it (the patch in use at Google, reported by Morton, 2006). Only
        /// the fault looks at that flag, so here this case is the same as ``onceUnmarked``.
        case onceByTaskFlag
        /// Never in the kernel: the fault returns to the program, which faults again, as often as needed
        /// (`NOPAGE_RETRY`, Herrenschmidt, 2006). The exception counts as a minor fault.
        case inUserMode
        /// Never (until commit d065bd810b6d, Linux 2.6.37).
        case never
    }

    /// Which pending signals end an exception whose attempt has returned `RETRY`.
    public enum RetrySignals: UInt8, KernelRule {
        /// A fatal signal, and in user mode any signal: its handler runs, and then the access is repeated
        /// (`fault_signal_pending()`, commit 4ef873226ceb, Linux 5.7).
        case anyInUserMode
        /// A fatal signal. In kernel mode the exception table then ends the access (commit 26178ec11ef3, Linux 3.19).
        case fatal
        /// A fatal signal, in user mode. In kernel mode the access was repeated endlessly until the page was present;
        /// here it sleeps for the page instead (commit 37b23e0525d3, Linux 3.0, until commit 26178ec11ef3, Linux 3.19).
        case fatalInUserMode
        /// None: the second attempt runs to its end (commit d065bd810b6d, Linux 2.6.37).
        case none
    }

    /// How a fault sleeps for a page.
    public enum PageWait: UInt8, KernelRule {
        /// Until the page is present or the task is killed: `FAULT_FLAG_KILLABLE` (commit 37b23e0525d3, Linux 3.0).
        case killable
        /// Until the page is present (until commit 37b23e0525d3, Linux 3.0).
        case uninterruptible
        /// Until the page is present or any signal arrives; uninterruptibly if the lock was not dropped
        /// (`PAGEFAULT_RETRY_SIGNALPENDING`, Waychison, 2006).
        case interruptible
    }

    /// How a fault waits for the read of a single page, one that readahead has not read.
    public enum SinglePageWait: UInt8, KernelRule {
        /// Killably, whatever the fault's flags say (`filemap_read_page()`, commit d31fa86a27b3, Linux 5.13).
        case killable
        /// Until the read is done (until commit d31fa86a27b3, Linux 5.13).
        case uninterruptible
    }

    /// Whether a swap-in drops the fault lock while it waits for its page.
    public enum SwapInWait: UInt8, KernelRule {
        /// It does, on a first attempt (commit d065bd810b6d, Linux 2.6.37).
        case dropsLock
        /// It does not (until commit d065bd810b6d, Linux 2.6.37).
        case keepsLock
    }

    /// Whether a memory map that only one task uses drops its lock.
    public enum SoleUser: UInt8, KernelRule {
        /// It does, as any other (commit d065bd810b6d, Linux 2.6.37, and every kernel since).
        case dropsLock
        /// It keeps the lock, because no other task could want it ("the simple way", Morton, 2006).
        case keepsLock
    }

    /// Whether a fault of `get_user_pages()`, or of a call that populates, may drop the lock.
    public enum PinRetry: UInt8, KernelRule {
        /// It may (commit 318b275fbca1, Linux 2.6.39).
        case mayDropLock
        /// It may not; only faults of exceptions may (until commit 318b275fbca1, Linux 2.6.39).
        case keepsLock
    }
}
