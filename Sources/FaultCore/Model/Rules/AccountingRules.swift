/// When `pgfault` counts.
public enum PgfaultCounting: UInt8, KernelRule {
    /// Every run of `handle_mm_fault()` (Linux up to 6.3).
    case everyAttempt
    /// Every run that does not end in `RETRY` (Linux 6.4).
    case everyFault
}

/// Whether a retried fault counts as major.
public enum RetryAccounting: UInt8, KernelRule {
    /// Yes: `MAJOR` in the last attempt, or `TRIED` (`mm_account_fault()`, Linux 5.9).
    case retriedIsMajor
    /// Only if an attempt answered `MAJOR` (Linux 3.19 to 5.8).
    case anyAttemptMajor
}

/// Whether a copy or reuse on a write answers `VM_FAULT_WRITE`.
public enum WriteResult: UInt8, KernelRule {
    /// It does (Linux up to 6.1).
    case reported
    /// There is no such bit (Linux 6.4).
    case absent
}
