/// Beginning and ending reads of pages of the page cache: what changes in the page's own state.
extension Machine {
    /// Hands the lock of a page from the task that holds it to a read: the end of the read unlocks the page.
    package mutating func beginRead(_ folio: FrameNumber) {
        if let owner = scheduler.pageLocks.firstIndex(where: { $0.folio == folio }) {
            scheduler.pageLocks.remove(at: owner)
        }
        setFlags(of: folio, adding: [.locked, .underRead])
    }

    /// Ends the read of a page and unlocks it: `folio_mark_uptodate()` with `folio_unlock()`.
    ///
    /// - Parameter stamp: The content that was read; `nil` if the device failed. Then the page stays as it is, and the
    ///   next task that needs it reads it again.
    package mutating func endRead(_ folio: FrameNumber, stamp: UInt32?) {
        if let stamp { setContent(of: folio, stamp) }
        unlock(folio)
    }

    /// Replaces the whole content of a page, which is then uptodate.
    package mutating func setContent(of folio: FrameNumber, _ stamp: UInt32) {
        updateFrame(folio) {
            $0.flags.insert(.uptodate)
            $0.stamp = stamp
        }
    }
}
