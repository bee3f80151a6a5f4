/// How a program says that it will read a file: the advice of `posix_fadvise(2)`. tmpfs ignores it.
public enum FileAdvice: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// `POSIX_FADV_NORMAL`: readahead has its ordinary window, even if read errors had made it small.
    case normal
    /// `POSIX_FADV_RANDOM`: a read of missing pages reads only those pages.
    case random
    /// `POSIX_FADV_SEQUENTIAL`: readahead has twice the ordinary window.
    case sequential
}
