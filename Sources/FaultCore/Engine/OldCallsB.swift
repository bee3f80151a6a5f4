/// Calls of routines that are not typed yet.
enum OldCalls {
    /// `filemap_fdatawrite()`: writes back what is dirty of a file.
    static func writingBack(_ file: FileID) -> Call {
        Call(.fileCall, option: FileCall.writeback.rawValue, owner: UInt32(truncatingIfNeeded: file.rawValue))
    }

    /// `vfs_fadvise(POSIX_FADV_WILLNEED)`: reads pages of a file ahead.
    static func readingAhead(_ pages: Int, of file: FileID, from index: PageIndex) -> Call {
        Call(
            .fileCall, option: FileCall.willNeed.rawValue, owner: UInt32(truncatingIfNeeded: file.rawValue),
            first: index.rawValue, second: UInt64(pages))
    }

    /// A user copy of one page.
    static func accessing(_ page: PageNumber, _ access: FaultException.Access, _ mode: FaultException.Mode) -> Call {
        Call(.userAccess, option: access.rawValue | mode.rawValue << 4, first: page.rawValue, second: 1)
    }
}
