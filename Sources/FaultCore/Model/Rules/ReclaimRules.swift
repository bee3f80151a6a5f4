/// In which areas the use of a page says that it will be used again: `vma_has_recency()`.
public enum Recency: UInt8, KernelRule {
    /// Not in those read in sequence.
    case notSequential
    /// Neither there nor in those read at random, of which reclaim does not even look at the entries (commit 8788f6781486,
    /// Linux 6.3).
    case notAdvised
}
