/// When `pgfault` counts.
public enum PgfaultCounting: UInt8, KernelRule {
    /// Every run of `handle_mm_fault()` (Linux up to 6.3).
    case everyAttempt
    /// Every run that does not end in `RETRY` (commit 53156443a303, Linux 6.4).
    case everyFault
}

/// Which fault counts as major: `maj_flt` instead of `min_flt`. Up to Linux 5.8 the architecture counts; faults of
/// `get_user_pages()` count by each attempt's own answer then, `RETRY` included.
public enum RetryAccounting: UInt8, KernelRule {
    /// Yes: `MAJOR` in the last attempt, or `TRIED` (`mm_account_fault()`, commit bce617edecad, Linux 5.9).
    case retriedIsMajor
    /// Only if an attempt answered `MAJOR` (Linux 3.19 to 5.8).
    case anyAttemptMajor
    /// Only if its first attempt answered `MAJOR`; that attempt counts at once, even if it answered `RETRY` and the second
    /// then fails (commit d065bd810b6d, Linux 2.6.37 to 3.18).
    case firstAttemptMajor
    /// Only if its last attempt answered `MAJOR` (Linux 2.6.36, where it is the only one).
    case lastAttemptMajor
}

/// Whether a copy or reuse on a write answers `VM_FAULT_WRITE`.
public enum WriteResult: UInt8, KernelRule {
    /// It does (Linux up to 6.1).
    case reported
    /// There is no such bit (commit cb8d86331343; in Linux 6.4).
    case absent
}
