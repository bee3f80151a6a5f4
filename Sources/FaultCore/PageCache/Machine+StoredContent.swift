/// What the device holds for the pages of a file, as content stamps.
extension Machine {
    /// The stamp of a page that was on the device from the start. It follows from file and page, and is never 0, the
    /// stamp of zeroes.
    package static func initialStamp(of file: FileID, at index: PageIndex) -> UInt32 {
        UInt32(truncatingIfNeeded: Mixing.cachePlace(file, index)) | 1
    }

    /// The stamp that the device holds for a page that has a block: what was written back last, else the initial one.
    package func storedStamp(of file: FileID, at index: PageIndex) -> UInt32 {
        let stored = files[file.index].storedStamps
        let place = Self.place(of: index, in: stored)
        guard place < stored.count, stored[place].page == UInt32(index.value) else {
            return Self.initialStamp(of: file, at: index)
        }
        return stored[place].stamp
    }

    /// Remembers what was written to the device for a page.
    package mutating func setStoredStamp(of file: FileID, at index: PageIndex, _ stamp: UInt32) {
        noteWrite(.file(file))
        let place = Self.place(of: index, in: files[file.index].storedStamps)
        let page = UInt32(index.value)
        let stored = files[file.index].storedStamps
        let isStored = place < stored.count && stored[place].page == page
        if stamp == Self.initialStamp(of: file, at: index) {
            // Only differences are kept, so that equal devices are equal arrays.
            if isStored { files[file.index].storedStamps.remove(at: place) }
        } else if isStored {
            files[file.index].storedStamps[place].stamp = stamp
        } else {
            files[file.index].storedStamps.insert(StoredStamp(page: page, stamp: stamp), at: place)
        }
    }

    /// Forgets what was written for the pages `range`, whose blocks are freed.
    package mutating func forgetStoredStamps(of file: FileID, in range: Range<PageIndex>) {
        noteWrite(.file(file))
        files[file.index].storedStamps.removeAll {
            range.lowerBound.value <= Int($0.page) && Int($0.page) < range.upperBound.value
        }
    }

    /// Where the first stored stamp at or behind `index` is.
    private static func place(of index: PageIndex, in stored: [StoredStamp]) -> Int {
        var low = 0
        var high = stored.count
        while low < high {
            let middle = (low + high) / 2
            if Int(stored[middle].page) < index.value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
