package import FaultCore

/// What the device holds for the pages of a file, as content stamps.
extension Machine {
    /// The stamp of a page that was on the device from the start. It is computed from the file and the page, and is
    /// never 0, which is the stamp of zeroes.
    package static func initialStamp(of file: FileID, at index: PageIndex) -> UInt32 {
        UInt32(truncatingIfNeeded: Mixing.cachePlace(file, index)) | 1
    }

    /// The stamp that the device holds for a page that has a block: what was written back last, else the initial one.
    package func storedStamp(of file: FileID, at index: PageIndex) -> UInt32 {
        self[changedStampOf: file, at: index] ?? Self.initialStamp(of: file, at: index)
    }

    /// Remembers the content that was written to the device for a page.
    mutating func setStoredStamp(of file: FileID, at index: PageIndex, _ stamp: UInt32) {
        // Only differences are kept, so that equal devices have equal rows.
        let isInitial = stamp == Self.initialStamp(of: file, at: index)
        self[changedStampOf: file, at: index] = isInitial ? nil : stamp
    }
}
