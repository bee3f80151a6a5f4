/// Where `mremap(2)` may put the area.
public enum RemapTarget: Equatable, BitwiseCopyable, Sendable {
    /// Where the area is now.
    case inPlace
    /// Where the area is now, or elsewhere if it can't grow there: `MREMAP_MAYMOVE`.
    case mayMove
    /// At this page: `MREMAP_MAYMOVE | MREMAP_FIXED`.
    case fixed(PageNumber)
    /// Elsewhere, where there is room. The old area stays, without its pages: `MREMAP_MAYMOVE | MREMAP_DONTUNMAP`.
    ///
    /// The new area must have as many pages as the old one; otherwise the call returns `EINVAL`. The kernel has the
    /// flag for private anonymous memory since Linux 5.7 (commit e346b3813067), and for all memory since Linux 5.13
    /// (commit a4609387859f). The simulator has it for all memory, under every kernel. A hint for the new address is
    /// not modelled.
    case leaving
}
