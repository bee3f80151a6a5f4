extension FileCall: CustomStringConvertible {
    /// The call, such as `read 4 pages from page 8`.
    public var description: String {
        func from(_ first: PageIndex, _ pages: Int?) -> String {
            pages.map { "\(FieldText.count($0, "page")) from page \(first)" } ?? "from page \(first) to the end"
        }
        return switch self {
        case .write(let page): "write page \(page)"
        case .swapIn(let page): "swapIn page \(page)"
        case .writeBegin, .dropCache, .writeback: "\(kind)"
        case .truncate(let size): "truncate to \(size)"
        case .read(let first, let pages), .willNeed(let first, let pages), .punchHole(let first, let pages):
            "\(kind) \(from(first, pages))"
        case .sync(let first, let pages), .writeAndWait(let first, let pages), .removePages(let first, let pages):
            "\(kind) \(from(first, pages))"
        case .readDirect(let first, let pages, let memory): "\(kind) \(from(first, pages)) into \(memory)"
        case .readahead(let start, let pages, let lookahead):
            "\(kind) \(from(start, pages))" + (lookahead == 0 ? "" : ", mark \(lookahead) before the end")
        }
    }
}

extension FileRequest: CustomStringConvertible {
    /// The request, such as `read 4 pages from page 8, file 0`.
    public var description: String { "\(call), \(file)" }
}

extension EntryOutcome: CustomStringConvertible {
    /// The outcome, such as `replay`, `signal` or `emulated 1`.
    public var description: String {
        switch self {
        case .replay: "replay"
        case .signal: "signal"
        case .fixup: "fixup"
        case .oops: "oops"
        case .killed: "killed"
        case .emulated(let call): "emulated \(call)"
        }
    }
}
