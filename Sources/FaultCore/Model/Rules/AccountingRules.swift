extension KernelModel {
    /// When a fault adds to `pgfault`.
    public enum PgfaultCounting: UInt8, KernelRule {
        /// Every run of `handle_mm_fault()` counts, even one that ends in `RETRY` (until commit 53156443a303, Linux
        /// 6.4).
        case everyAttempt
        /// A run counts unless it ends in `RETRY` (commit 53156443a303, Linux 6.4).
        case everyFault
    }

    /// Which faults count as major, in `maj_flt`; the others count as minor, in `min_flt`.
    ///
    /// Up to Linux 5.8, the architecture's handler counts. A fault of `get_user_pages()` then counts once for each
    /// attempt, by the result of that attempt, even if the result is `RETRY`.
    public enum RetryAccounting: UInt8, KernelRule {
        /// Faults whose last attempt returned `MAJOR` or was a retry: `TRIED` (`mm_account_fault()`, commit
        /// bce617edecad, Linux 5.9).
        case retriedIsMajor
        /// Faults of which any attempt returned `MAJOR` (commit 26178ec11ef3, Linux 3.19, until commit bce617edecad,
        /// Linux 5.9).
        case anyAttemptMajor
        /// Faults whose first attempt returned `MAJOR`. The first attempt counts at once, even if it returns `RETRY`
        /// and the second one then fails (commit d065bd810b6d, Linux 2.6.37, until commit 26178ec11ef3, Linux 3.19).
        case firstAttemptMajor
        /// Faults whose last attempt returned `MAJOR`; there is only one attempt (until commit d065bd810b6d, Linux
        /// 2.6.37).
        case lastAttemptMajor
    }

    /// Whether a store returns `VM_FAULT_WRITE` when it gets a copy, or may write its page in place.
    public enum WriteResult: UInt8, KernelRule {
        /// It does (until commit cb8d86331343, Linux 6.2).
        case reported
        /// There is no such bit (commit cb8d86331343, Linux 6.2).
        case absent
    }
}
