/// Pages of tmpfs that are swapped out: their file remembers the slot in the place of the page (mm/shmem.c, Linux 6.1).
extension Machine {
    /// The slot of a page of a file that is swapped out.
    package func swapSlot(of file: FileID, at index: PageIndex) -> Int? {
        let slot = files[file.index].swapEntries[index]
        return slot == .none || slot == Self.lostEntry ? nil : slot.index
    }

    /// The entry for a page that could not be read back: `make_swapin_error_entry()`.
    private static var lostEntry: FrameNumber { FrameNumber(rawValue: .max) }

    /// Whether a page of a file could not be read back from its slot: its data is lost.
    package func isLost(_ index: PageIndex, of file: FileID) -> Bool {
        files[file.index].swapEntries[index] == Self.lostEntry
    }

    /// Records that a page, which is locked, could not be read from its slot: `shmem_set_folio_swapin_error()`. Only a
    /// truncation makes its place in the file usable again.
    package mutating func loseSwapped(_ folio: FrameNumber, of file: FileID, at index: PageIndex) {
        let slot = Int(frames[folio].owner)
        setSwapEntry(Self.lostEntry, of: file, at: index)
        freeSwap(slot: slot)
        removeFromSwapCache(folio)
    }

    /// The first page of `file` at or after `index` that is swapped out, and its slot.
    package func firstSwapped(of file: FileID, from index: PageIndex) -> (PageIndex, slot: Int)? {
        var next = index
        while let (found, slot) = files[file.index].swapEntries.first(from: next) {
            if slot != Self.lostEntry { return (found, slot.index) }
            next = found + 1
        }
        return nil
    }

    /// How many pages of a file are swapped out, including those that are lost.
    public func swappedPages(of file: FileID) -> Int { files[index(of: file)].swapEntries.count }

    /// Whether a page of a file is swapped out, and only the device has its content. False while the swap cache has an
    /// uptodate page of it, one that is being written or was read back. True if the page is lost.
    public func isOnlyInSwap(_ index: PageIndex, of file: FileID) -> Bool {
        _ = self.index(of: file)
        if isLost(index, of: file) { return true }
        guard let slot = swapSlot(of: file, at: index) else { return false }
        guard let folio = swapCachedFolio(of: slot) else { return true }
        return !frames[folio].flags.contains(.uptodate)
    }

    /// Moves a page of tmpfs from its file into the swap cache: `shmem_writepage()` before the write.
    ///
    /// - Returns: Whether a slot was free.
    mutating func moveToSwap(_ folio: FrameNumber) -> Bool {
        guard let (file, index) = cachePosition(of: folio), let slot = takeSwapSlot(for: folio) else { return false }
        if !swap.files.contains(file) {
            noteWrite(.swap)
            swap.files.insert(file, at: 0)
        }
        cache(folio, in: slot, takingFrom: (file, index))
        setSwapEntry(FrameNumber(slot), of: file, at: index)
        duplicateSwap(slot)
        setFlags(of: folio, adding: .dirty)
        return true
    }

    /// Moves a page in the swap cache back into its file: the end of `shmem_swapin_folio()`. The page is locked and not
    /// under writeback. It is dirty from then on.
    package mutating func moveFromSwap(_ folio: FrameNumber, to file: FileID, at index: PageIndex) {
        let slot = Int(frames[folio].owner)
        setSwapEntry(.none, of: file, at: index)
        noteWrite(.cachedPage(file, index))
        let oldPlace = Mixing.swapPlace(slot)
        let newPlace = Mixing.cachePlace(file, index)
        updateSlot(slot) { $0.count -= 1 }
        updateSlot(slot) { $0.cached = .none }
        updateFrame(folio) {
            $0.flags.subtract([.swapCache, .readahead, .anonymous])
            $0.flags.formUnion([.cached, .shmem, .dirty])
            $0.owner = UInt32(file.index)
            $0.index = UInt32(truncatingIfNeeded: index.rawValue)
            $0.places &+= newPlace &- oldPlace
        }
        files[file.index].cache.set(folio, at: index)
        if hasGroup { group?.pages.mark(folio, removing: .unmapped) }
        if swappedPages(of: file) == 0 { swap.files.removeAll { $0 == file } }
    }

    /// Notes that a page of tmpfs was found in the swap cache.
    package mutating func noteSwapCacheHit(_ folio: FrameNumber) { noteSwapCacheHit(folio, for: nil) }

    /// Reads a page of tmpfs, and the slots around its own: `shmem_swapin()`.
    ///
    /// - Returns: The page, `nil` if there is no memory; and what to sleep for before trying its lock.
    package mutating func readSwappedPage(_ slot: Int, by task: TaskID) -> (folio: FrameNumber?, wait: TaskWait?) {
        let read = readSwapCluster(around: slot, by: task)
        return (read.folio, takeSubmissionWait() ?? read.request.map { .request($0) })
    }

    /// Frees the slots of the pages `first` to `last` of a file: `shmem_free_swap()`.
    package mutating func dropSwapEntries(of file: FileID, from first: PageIndex, through last: PageIndex) {
        var next = first
        while let (index, slot) = files[file.index].swapEntries.first(from: next), index <= last {
            setSwapEntry(.none, of: file, at: index)
            next = index + 1
            guard slot != Self.lostEntry else { continue }
            freeSwap(slot: slot.index)
            giveUpSwapCache(of: slot.index)
        }
    }

    private mutating func setSwapEntry(_ slot: FrameNumber, of file: FileID, at index: PageIndex) {
        noteWrite(.cachedPage(file, index))
        noteWrite(.file(file))
        let old = files[file.index].swapEntries[index]
        if old != .none { structuralHash &-= Self.swapEntryPlace(file, index, old.index) }
        if slot != .none { structuralHash &+= Self.swapEntryPlace(file, index, slot.index) }
        files[file.index].swapEntries.set(slot, at: index)
    }

    private static func swapEntryPlace(_ file: FileID, _ index: PageIndex, _ slot: Int) -> UInt64 {
        Mixing.mix(Mixing.cachePlace(file, index) ^ 0x7E95_761E_5CA1_AB1E, UInt64(slot))
    }

    /// What the swapped pages of a file add to the fingerprint.
    func swapEntriesHash(of state: FileState, _ file: FileID) -> UInt64 {
        var sum: UInt64 = 0
        var next: PageIndex = 0
        while let (index, slot) = state.swapEntries.first(from: next) {
            sum &+= Self.swapEntryPlace(file, index, slot.index)
            next = index + 1
        }
        return sum
    }
}
