/// The law of contents that stores leave.
extension InvariantScan {
    /// Law 54: a clean page has the content that is read back if it is dropped.
    ///
    /// A task that holds a reference may just be changing the page. A truncation zeroes the end of the last page, and makes
    /// the page dirty later.
    mutating func checkContent(of folio: FrameNumber, _ frame: PageFrame, _ uses: FrameUses, _ machine: Machine) {
        guard frame.flags.isDisjoint(with: [.dirty, .writeback, .locked]), frame.references == uses.references,
            !uses.isPinned, let saved = machine.savedStamp(of: folio), saved != frame.stamp
        else { return }
        if machine.hasDirtyEntry(of: folio) { return }
        hasExempted = true
        let file = FileID(Int(frame.owner))
        if !frame.flags.contains(.swapCache), isAtWork(machine, { $0.truncates(file) }) { return }
        report(.lostStore, "\(machine.contentName(of: folio)) is clean and has a content that was not written")
    }
}
