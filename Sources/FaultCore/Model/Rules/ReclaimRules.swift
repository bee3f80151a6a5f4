extension KernelModel {
    /// In which areas the use of a page says that it will be used again: `vma_has_recency()`.
    public enum Recency: UInt8, KernelRule {
        /// Not in those read in sequence (until commit 8788f6781486, Linux 6.3).
        case notSequential
        /// Neither there nor in those read at random, of which reclaim does not even look at the entries (commit
        /// 8788f6781486, Linux 6.3).
        case notAdvised
    }

    /// What becomes of an exception that could not be handled for lack of memory: `pagefault_out_of_memory()`.
    public enum FaultOutOfMemory: UInt8, KernelRule {
        /// The access is replayed (commit 60e2793d440a, Linux 5.16): whoever allocates has killed somebody already.
        case replays
        /// The process with the most memory is killed first, unless the task is itself to die (until commit
        /// 60e2793d440a, Linux 5.16).
        case kills
    }

    /// What becomes of the memory of a process that was killed for it and does not end.
    public enum VictimMemory: UInt8, KernelRule {
        /// Its private part is taken away, and if that is not enough another process is killed (`oom_reaper()`, commit
        /// aac453635549, Linux 4.6).
        case isReaped
        /// It stays until the process ends. Whoever needs memory waits for that, be it for ever (until commit aac453635549,
        /// Linux 4.6).
        case stays
    }

    /// How long such a process is given to end by itself, before its private memory is taken away.
    public enum VictimDelay: UInt8, KernelRule {
        /// Two seconds, so that its exit still finds the locks that others wait for (`OOM_REAPER_DELAY`, commit e4a38402c36e,
        /// Linux 5.18, and the stable series of 5.10 and 5.15).
        case twoSeconds
        /// None: the reaper is woken at once (`wake_oom_reaper()`, commit aac453635549, Linux 4.6, until commit e4a38402c36e,
        /// Linux 5.18).
        case none
    }

    /// What readahead does when the memory group has no room for a page, and none can be made.
    public enum ReadaheadShortage: UInt8, KernelRule {
        /// It leaves that page out, and tries the next (until commit 26cfdb395eef, Linux 6.12).
        case skipsPage
        /// It reads what it has (commit 26cfdb395eef, Linux 6.12).
        case ends
    }
}
