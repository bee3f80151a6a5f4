extension KernelModel {
    /// In which areas the use of a page counts as a sign that it will be used again: `vma_has_recency()`.
    public enum Recency: UInt8, KernelRule {
        /// Not in areas that are read sequentially (until commit 8788f6781486, Linux 6.3).
        case notSequential
        /// Neither in those nor in areas that are read at random, whose entries reclaim does not even look at (commit
        /// 8788f6781486, Linux 6.3).
        case notAdvised
    }

    /// What happens to an exception that could not be handled because there was no memory: `pagefault_out_of_memory()`.
    public enum FaultOutOfMemory: UInt8, KernelRule {
        /// The access is replayed (commit 60e2793d440a, Linux 5.16): the failed allocation has already killed a
        /// process.
        case replays
        /// The process with the most memory is killed first, unless the task itself is being killed (until commit
        /// 60e2793d440a, Linux 5.16).
        case kills
    }

    /// What happens to the memory of a process that was killed for memory and does not end.
    public enum VictimMemory: UInt8, KernelRule {
        /// Its private part is taken away. If that is not enough, another process is killed (`oom_reaper()`, commit
        /// aac453635549, Linux 4.6).
        case isReaped
        /// It stays until the process ends. Tasks that need memory wait for that, perhaps forever (until commit
        /// aac453635549, Linux 4.6).
        case stays
    }

    /// How long such a process may take to exit by itself before its private memory is taken away.
    public enum VictimDelay: UInt8, KernelRule {
        /// Two seconds, so that its exit can still find the robust locks for which other tasks wait (`OOM_REAPER_DELAY`, commit e4a38402c36e,
        /// Linux 5.18, and the stable series of 5.10 and 5.15).
        case twoSeconds
        /// None: the reaper is woken at once (`wake_oom_reaper()`, commit aac453635549, Linux 4.6, until commit e4a38402c36e,
        /// Linux 5.18).
        case none
    }

    /// What readahead does when the memory group has no room for a page, and none can be made.
    public enum ReadaheadShortage: UInt8, KernelRule {
        /// It skips that page, and tries the next (until commit 26cfdb395eef, Linux 6.12).
        case skipsPage
        /// It stops, and reads the pages that it has (commit 26cfdb395eef, Linux 6.12).
        case ends
    }
}
