/// Calls of routines that are not typed yet.
extension Machine {
    /// `mm_populate()`, or with errors what mlock(2) calls. The mmap lock is not held.
    func populatingOld(_ range: Range<PageNumber>, ignoresErrors: Bool) -> Call {
        let pages = range.upperBound - range.lowerBound
        return Call(
            .populate, option: ignoresErrors ? PopulateRoutine.ignoringErrors : 0, first: range.lowerBound.rawValue,
            second: UInt64(pages))
    }

    /// `populate_vma_page_range()` without `locked`: the mmap lock is held, no fault may drop it, and errors are ignored.
    func populatingHeldOld(_ part: Range<PageNumber>) -> Call {
        let populatesHeld: UInt8 = 3
        return Call(
            .getUserPages, option: populatesHeld, first: part.lowerBound.rawValue,
            second: UInt64(part.upperBound - part.lowerBound))
    }

    /// `vfs_fsync_range()`: writes the dirty pages of a part of a file, and waits.
    func syncingOld(_ file: FileID, from index: PageIndex, pages: Int) -> Call {
        Call(
            .fileCall, option: FileCall.sync.rawValue, owner: UInt32(truncatingIfNeeded: file.rawValue),
            first: index.rawValue, second: UInt64(pages))
    }
}
