extension KernelModel {
    /// How much of userfaultfd(2) the kernel has; each case includes all cases above it.
    public enum Userfaults: UInt8, KernelRule {
        /// Nothing (until commit 86039bd3b4e6, Linux 4.3).
        case none
        /// Missing pages of private memory are handed over (commit 86039bd3b4e6, Linux 4.3).
        case missing
        /// Missing pages of shared memory, too (commit 4c27fe4c4c84, Linux 4.11), and changes of memory are reported
        /// (commits 893e26e61d04, 72f87654c696, 05ce77249d50 and 897ab3e0c49e, Linux 4.11).
        case events
        /// SIGBUS instead of a wait (commit 2d6d6f5a09a9, Linux 4.14), and thread ids (commit 9d4ac934829a, Linux 4.14).
        case signals
        /// Stores to protected private memory are handed over (commit 529b930b87d9, Linux 5.7).
        case protection
        /// Descriptors for faults in user mode only (commit 37cd0575b851, Linux 5.11).
        case userModeOnly
        /// Pages of shared memory that are only in the page cache are handed over (commit c949b097ef2e, Linux 5.14).
        case minor
        /// Exact addresses (commit 824ddc601adc, Linux 5.18), and stores to protected shared memory (commit b1f9e876862d,
        /// Linux 5.19).
        case sharedProtection
        /// Empty entries of private memory can be protected (commit 2bad466cc9d9, Linux 6.4).
        case unpopulated
        /// Pages can be poisoned (commit fc71884a5f59, Linux 6.6).
        case poison
        /// Protection that lifts itself, of any memory (commit d61ea1cb0095, Linux 6.7).
        case async
        /// Pages can be moved (commit adef440691ba, Linux 6.8).
        case move

        /// The features that a descriptor can be asked for.
        public var features: UserfaultFeatures {
            var all: UserfaultFeatures = []
            if rawValue >= Self.events.rawValue {
                all.formUnion([.eventFork, .eventRemap, .eventRemove, .eventUnmap, .missingHugetlbfs, .missingShmem])
            }
            if rawValue >= Self.signals.rawValue { all.formUnion([.sigbus, .threadID]) }
            if rawValue >= Self.protection.rawValue { all.insert(.pagefaultFlagWP) }
            if rawValue >= Self.minor.rawValue { all.formUnion([.minorHugetlbfs, .minorShmem]) }
            if rawValue >= Self.sharedProtection.rawValue { all.formUnion([.exactAddress, .wpHugetlbfsShmem]) }
            if rawValue >= Self.unpopulated.rawValue { all.insert(.wpUnpopulated) }
            if rawValue >= Self.poison.rawValue { all.insert(.poison) }
            if rawValue >= Self.async.rawValue { all.insert(.wpAsync) }
            if rawValue >= Self.move.rawValue { all.insert(.move) }
            return all
        }

        /// Whether a descriptor can be opened with these features and flags.
        func allows(_ features: UserfaultFeatures, _ opening: UserfaultOpening) -> Bool {
            guard features.isSubset(of: self.features) else { return false }
            return !opening.contains(.userModeOnly) || rawValue >= Self.userModeOnly.rawValue
        }
    }

    /// What a fault returns if it is handed over to a descriptor that is just being released.
    public enum ReleasedUserfault: UInt8, KernelRule {
        /// `NOPAGE`, with the lock held, so that the access is tried again. `get_user_pages()` then loops with the lock
        /// held that the release waits for (until commit fe4cdc2c4e24, Linux 6.15).
        case isDone
        /// `RETRY`, without the lock (`handle_userfault()`, commit fe4cdc2c4e24, Linux 6.15, and the stable series of 6.12).
        case isRetried
        /// `SIGBUS` (commit 86039bd3b4e6, Linux 4.3, until commit 656710a60e36, Linux 4.14).
        case isSIGBUS
    }

    /// What happens to a fill while the memory is changing.
    public enum ChangingFills: UInt8, KernelRule {
        /// `EAGAIN`, until the task that changes the memory knows that its events were read (commit df2cc96e7701, Linux
        /// 4.18).
        case areRefused
        /// It is done. A program that reads the event of a fork can't tell whether the child has the page (until commit
        /// df2cc96e7701, Linux 4.18).
        case areDone
    }

    /// How memory of tmpfs is filled.
    public enum SharedFill: UInt8, KernelRule {
        /// In a private area, with a private page or the zero page, and the file stays as it is (commit 5b51072e97d5,
        /// Linux 4.20). What earlier kernels do with private areas is done here with a read-only entry.
        case privatelyIfPrivate
        /// The page is added to the file, however the area maps it (commit 4c27fe4c4c84, Linux 4.11, until commit
        /// 5b51072e97d5, Linux 4.20).
        case intoFile
        /// The same, and `UFFDIO_ZEROPAGE` is `EINVAL` (until "userfaultfd: shmem: wire up shmem_mfill_zeropage_pte",
        /// Rapoport, 2017; Linux 4.14).
        case copiesIntoFile
    }

    /// What a call returns that is to fill memory that is gone.
    public enum GoneMemory: UInt8, KernelRule {
        /// `ESRCH` (commit e86b298bebf7, Linux 4.13).
        case isNoSuchProcess
        /// `ENOSPC` (commit 96333187ab16, Linux 4.11, until commit e86b298bebf7, Linux 4.13).
        case isNoSpace
    }

    /// Whether a fault on a page that is only in the page cache waits for the page's lock before it is handed over.
    public enum MinorFaultLock: UInt8, KernelRule {
        /// It takes the lock, with the fault lock held, and releases it again (commit c949b097ef2e, Linux 5.14, until
        /// "shmem: open code the page cache lookup in shmem_get_folio_gfp", Hellwig, 2023; Linux 6.4).
        case isTaken
        /// It does not look at the lock ("shmem: open code the page cache lookup in shmem_get_folio_gfp", Hellwig,
        /// 2023; Linux 6.4).
        case isIgnored
    }

    /// What happens to a program's access that waits for an answer when a signal arrives.
    public enum UserfaultSignal: UInt8, KernelRule {
        /// `RETRY`, without the lock; the entry returns to the program ("userfaultfd: don't retake mmap_sem to emulate
        /// NOPAGE", Xu, 2020; Linux 5.7). From then on, any signal interrupts an access of the kernel, too.
        case isRetried
        /// The lock is taken again, and `NOPAGE` returned (commit dfa37dc3fc1f, Linux 4.3, until "userfaultfd: don't
        /// retake mmap_sem to emulate NOPAGE", Xu, 2020; Linux 5.7). In all other accesses, only a fatal signal ends
        /// the wait.
        case isDone
    }

    /// What a fault that has waited for an answer counts as.
    public enum UserfaultCount: UInt8, KernelRule {
        /// Like any fault that is tried again ("userfaultfd: simplify fault handling", Torvalds, 2020; Linux 5.9).
        case asRetry
        /// Major: `RETRY` comes with `MAJOR` (commit 86039bd3b4e6, Linux 4.3, until "userfaultfd: simplify fault handling",
        /// Torvalds, 2020; Linux 5.9).
        case asMajor
    }

    /// Which lock guards the filling of pages.
    public enum FillLock: UInt8, KernelRule {
        /// The mmap lock, for reading (until commit 867a43a34ff8, Linux 6.9).
        case mmap
        /// The area lock (commit 867a43a34ff8, Linux 6.9). A fill notices that the memory is changing after it
        /// has found the area, no longer before. A task that begins a change waits for the descriptor's fills that are
        /// under way (`map_changing_lock`, commit 5e4c24a57b0c, Linux 6.9).
        case area
    }

    /// What an entry looks like after `UFFDIO_WRITEPROTECT` has lifted its protection.
    public enum LiftedProtection: UInt8, KernelRule {
        /// Like a new entry of the area if stores were not tracked: read-only in private memory, writable in shared
        /// memory (until "mm/userfaultfd: rely on vma->vm_page_prot in uffd_wp_range()", Hildenbrand, 2022; Linux 6.3).
        case asUntracked
        /// Writable if a store would do no more than make it writable ("mm/userfaultfd: rely on vma->vm_page_prot in
        /// uffd_wp_range()", Hildenbrand, 2022; Linux 6.3).
        case writableWhereSafe
    }

    /// Which areas one `UFFDIO_WRITEPROTECT` may span.
    public enum ProtectedRange: UInt8, KernelRule {
        /// One (until commit a1b92a3f1498, Linux 6.4). If there is no memory for a table of markers, its pages are not
        /// protected, and no error is returned (until commit d1751118c886, Linux 6.3).
        case oneArea
        /// Several; if one is not registered for it, what was done before it stays done (`mwriteprotect_range()`,
        /// commit a1b92a3f1498, Linux 6.4). No memory for a table of markers is `ENOMEM` (`change_pmd_prepare()`,
        /// commit d1751118c886, Linux 6.3).
        case severalAreas
    }

    /// What a store does to a page that was protected and swapped out, and belongs only to this map.
    public enum ProtectedSwapIn: UInt8, KernelRule {
        /// It maps the page read-only and is tried again; the next fault is handed over (until commit c18160dba5ff, Linux
        /// 6.11).
        case isTriedAgain
        /// It is handed over at once (`do_swap_page()`, commit c18160dba5ff, Linux 6.11).
        case isHandedOver
    }

    /// What registering returns if no area lies above the first page.
    public enum EmptyRegistration: UInt8, KernelRule {
        /// `ENOMEM` (until commit 11a9b90274f6, Linux 6.3).
        case isNoMemory
        /// `EINVAL`, as if the next area begins after the range (commit 11a9b90274f6, Linux 6.3).
        case isInvalid
    }

    /// Whether a fork that fails because there is no memory is reported.
    public enum FailedFork: UInt8, KernelRule {
        /// It is, and waits for the event to be read (until commit f64e67e5d3a4, Linux 6.12).
        case isTold
        /// It is not (`dup_userfaultfd_fail()`, commit f64e67e5d3a4, Linux 6.12).
        case isSilent
    }
}
