extension ReadaheadState: CustomStringConvertible {
    /// The state, such as `window of 8 pages from page 16, 4 left for the next, at most 32, misses 1`.
    public var description: String {
        "window of \(FieldText.count(size, "page")) from page \(start), \(asyncSize) left for the next, at most \(maximum), "
            + "misses \(mmapMiss), read up to \(previousPosition)"
    }
}

extension PageRun: CustomStringConvertible {
    /// The pages, such as `0-3` or `8`.
    public var description: String { FieldText.runs([min(first, last)...max(first, last)]) }
}

extension ReadyPages: CustomStringConvertible {
    /// The pages, such as `4 pages` or `2 pages up to the end`.
    public var description: String { FieldText.count(count, "page") + (reachesEnd ? " up to the end" : "") }
}

extension LRUCounts: CustomStringConvertible {
    /// The counts by name: `activeFile 0, inactiveFile 3, activeAnonymous 0, inactiveAnonymous 1`.
    public var description: String { FieldText.all(of: self) }
}
