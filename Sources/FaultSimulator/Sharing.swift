/// Whether stores to a mapping reach the mapped file or memory.
public enum Sharing: Equatable, Sendable {
    /// `MAP_PRIVATE`.
    case `private`
    /// `MAP_SHARED`.
    case shared

    var flags: MapFlags { self == .shared ? .shared : [] }
}
