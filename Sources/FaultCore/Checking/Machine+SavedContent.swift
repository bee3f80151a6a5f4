/// Law 54: no store is lost. A page that may be dropped has the content that is read back in its place.
extension Machine {
    /// The content that is read back if a page is dropped: that of the block of its file, or of its swap slot. `nil` if
    /// that is not known: the page is not uptodate, is known to be unsaved, or its file has no stored contents.
    func savedStamp(of folio: FrameNumber) -> UInt32? {
        let frame = frames[folio]
        guard frame.flags.contains(.uptodate), frame.flags.isDisjoint(with: [.underRead, .unsaved]) else {
            return nil
        }
        if frame.flags.contains(.swapCache) {
            let slot = swap[Int(frame.owner)]
            return slot.count > 0 ? slot.stamp : nil
        }
        guard frame.flags.contains(.cached), !frame.flags.contains(.shmem) else { return nil }
        let file = FileID(Int(frame.owner))
        let index = PageIndex(Int(frame.index))
        guard cachedFolio(at: index, of: file) == folio else { return nil }
        let saved = configuration.fileOperations[Int(files[file.index].operations)].savedStamp(
            of: file, at: index, self)
        // Before kernels had the invalidate lock, a page could come back from a block that was being freed.
        return saved == 0 && !hasInvalidateLocks ? nil : saved
    }

    /// Whether an entry that maps a page is dirty: the page becomes dirty when the entry goes.
    func hasDirtyEntry(of folio: FrameNumber) -> Bool {
        var isDirty = false
        for map in maps {
            tables.forEachLeaf(map.root, in: PageNumber(0)..<geometry.userLimit) { _, node in
                tables.forEachEntry(of: node) { _, entry in
                    if entry.mapsCountedFrame, entry.frame == folio, entry.isDirty { isDirty = true }
                }
            }
        }
        return isDirty
    }

    /// Reports a page that is dropped although what is read back in its place is older.
    package mutating func checkDropping(of folio: FrameNumber) {
        guard recorder.isChecking, let saved = savedStamp(of: folio), frames[folio].stamp != saved else { return }
        let file = FileID(Int(frames[folio].owner))
        // A truncation zeroes the end of the last page, and makes the page dirty later.
        if !frames[folio].flags.contains(.swapCache), tasks.contains(where: { $0.truncates(file) }) { return }
        report(
            .lostStore, scheduler.current, "\(contentName(of: folio)) is dropped with a content that was not written")
    }

    /// A page as a report names it.
    func contentName(of folio: FrameNumber) -> String {
        let frame = frames[folio]
        if frame.flags.contains(.swapCache) { return "the page of swap slot \(frame.owner)" }
        return "page \(frame.index) of \(FileID(Int(frame.owner)))"
    }
}
