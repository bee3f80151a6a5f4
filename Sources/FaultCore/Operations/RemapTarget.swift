/// Where `mremap(2)` may put the area.
public enum RemapTarget: Equatable, BitwiseCopyable, Sendable {
    /// Where the area is.
    case inPlace
    /// Where the area is, or elsewhere if it can't grow there: `MREMAP_MAYMOVE`.
    case mayMove
    /// At this page: `MREMAP_MAYMOVE | MREMAP_FIXED`.
    case fixed(PageNumber)
    /// Elsewhere, where there is room; the old area stays, without pages: `MREMAP_MAYMOVE | MREMAP_DONTUNMAP`. It has as many
    /// pages as before, or the call is `EINVAL`. Linux 5.7 (commit e346b3813067) and later; here all kernels have it, and for
    /// any memory, which the kernel has from Linux 5.13 on (commit a4609387859f). Not modelled: a hint where to.
    case leaving
}
