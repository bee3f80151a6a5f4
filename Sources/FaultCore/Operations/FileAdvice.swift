/// How a file will be read, as `posix_fadvise(2)` is told. tmpfs ignores it.
public enum FileAdvice: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// `POSIX_FADV_NORMAL`: readahead has its ordinary window, also where read errors had made it small.
    case normal
    /// `POSIX_FADV_RANDOM`: a read of missing pages reads just those.
    case random
    /// `POSIX_FADV_SEQUENTIAL`: readahead has twice the ordinary window.
    case sequential
}
