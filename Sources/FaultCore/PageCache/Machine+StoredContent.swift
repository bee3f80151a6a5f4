/// What the device holds for the pages of a file, as content stamps.
extension Machine {
    /// The stamp of a page that was on the device from the start. It is computed from the file and the page, and is
    /// never 0, which is the stamp of zeroes.
    package static func initialStamp(of file: FileID, at index: PageIndex) -> UInt32 {
        UInt32(truncatingIfNeeded: Mixing.cachePlace(file, index)) | 1
    }

    /// The stamp that the device holds for a page that has a block: what was written back last, else the initial one.
    package func storedStamp(of file: FileID, at index: PageIndex) -> UInt32 {
        files[file.index].storedStamps[UInt32(index.value)]?.stamp ?? Self.initialStamp(of: file, at: index)
    }

    /// Remembers the content that was written to the device for a page.
    package mutating func setStoredStamp(of file: FileID, at index: PageIndex, _ stamp: UInt32) {
        noteWrite(.file(file))
        let page = UInt32(index.value)
        if stamp == Self.initialStamp(of: file, at: index) {
            // Only differences are kept, so that equal devices have equal rows.
            files[file.index].storedStamps.remove(page)
        } else {
            files[file.index].storedStamps.set(StoredStamp(page: page, stamp: stamp))
        }
    }

    /// Forgets the content that was written for the pages `range`, whose blocks are freed.
    package mutating func forgetStoredStamps(of file: FileID, in range: Range<PageIndex>) {
        noteWrite(.file(file))
        guard range.lowerBound < range.upperBound else { return }
        files[file.index].storedStamps.removeAll(
            from: range.lowerBound.rawValue, through: range.upperBound.rawValue - 1)
    }
}
