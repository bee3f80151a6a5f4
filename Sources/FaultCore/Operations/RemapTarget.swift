/// Where `mremap(2)` may put the area.
public enum RemapTarget: Equatable, BitwiseCopyable, Sendable {
    /// Where the area is.
    case inPlace
    /// Where the area is, or elsewhere if it can't grow there: `MREMAP_MAYMOVE`.
    case mayMove
    /// At this page: `MREMAP_MAYMOVE | MREMAP_FIXED`.
    case fixed(PageNumber)
}
