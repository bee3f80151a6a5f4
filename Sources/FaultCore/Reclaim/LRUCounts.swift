/// The lengths of the lists of pages by use. All 0 on a machine without a frame limit.
public struct LRUCounts: Equatable, BitwiseCopyable, Sendable {
    /// `Active(file)`, in pages.
    public package(set) var activeFile: Int
    /// `Inactive(file)`, in pages.
    public package(set) var inactiveFile: Int
    /// `Active(anon)`, in pages.
    public package(set) var activeAnonymous: Int
    /// `Inactive(anon)`, in pages.
    public package(set) var inactiveAnonymous: Int
}
