/// Where `mremap(2)` may put the area.
public enum RemapTarget: Equatable, BitwiseCopyable, Sendable {
    /// Where it is.
    case inPlace
    /// Where it is, or elsewhere if it can't grow there: `MREMAP_MAYMOVE`.
    case mayMove
    /// There: `MREMAP_MAYMOVE | MREMAP_FIXED`.
    case fixed(PageNumber)
}
