/// The page cache as state: look-up, insertion, removal, dirtying. What a file system does with it is elsewhere.
extension Machine {
    /// The page of `file` at `index`, if it is in the page cache: `filemap_get_folio()` without its reference.
    public func cachedFolio(at index: PageIndex, of file: FileID) -> FrameNumber? {
        let frame = files[self.index(of: file)].cache[index]
        return frame == .none ? nil : frame
    }

    /// How many pages of a file are cached.
    public func cachedPages(of file: FileID) -> Int { files[index(of: file)].cache.count }

    /// The first cached page of `file` at or after `index`.
    package func firstCached(of file: FileID, from index: PageIndex) -> (PageIndex, FrameNumber)? {
        files[file.index].cache.first(from: index)
    }

    /// Allocates a page and puts it into the page cache, locked and not uptodate: `filemap_add_folio()`.
    ///
    /// - Parameter isToBeWritten: Whether write(2) will replace its content (`__GFP_WRITE`). Such a page does not count as a
    ///   refault.
    /// - Returns: The page, referenced only by the cache; `nil` if there is no memory.
    package mutating func addToCache(
        of file: FileID, at index: PageIndex, flags: FrameFlags, stamp: UInt32 = 0, point: AllocationPoint,
        for task: TaskID, isReadahead: Bool = false, isToBeWritten: Bool = false
    ) -> FrameNumber? {
        guard !allocationFails(point, for: task), frames.inUse < settings.frameLimit,
            !hasGroup || charge(for: task, isReadahead ? .readahead : .allIsTried)
        else { return nil }
        let frame = frames.allocate()
        frames[frame] = PageFrame(
            flags: flags.union([.inUse, .cached]), stamp: stamp, references: 1, mappings: 0, owner: UInt32(file.index),
            index: UInt32(truncatingIfNeeded: index.rawValue), places: Mixing.cachePlace(file, index))
        structuralHash &+= frames[frame].contribution
        noteWrite(.cachedPage(file, index))
        files[file.index].cache.set(frame, at: index)
        if flags.contains(.readahead), recorder.isChecking { noteMark(by: task) }
        if keepsLists {
            addToLRU(frame)
            noteCharged(frame, for: task)
        }
        if !files[file.index].shadows.isEmpty {
            let shadow = takeShadow(of: file, at: index)
            if !isToBeWritten { noteRefault(of: frame, shadow) }
        }
        if hasGroup { addToGroup(frame) }
        return frame
    }

    /// Removes a page from the page cache: `filemap_remove_folio()`. A dirty page loses its data.
    package mutating func removeFromCache(_ folio: FrameNumber) {
        guard let (file, index) = cachePosition(of: folio) else { return }
        if frames[folio].flags.contains(.dirty) { clearDirty(folio) }
        noteWrite(.cachedPage(file, index))
        files[file.index].cache.set(.none, at: index)
        let place = Mixing.cachePlace(file, index)
        updateFrame(folio) {
            $0.flags.subtract([.cached, .readahead])
            $0.references &-= 1
            $0.places &-= place
        }
        freeIfUnused(folio)
    }

    /// Makes a page dirty: `folio_mark_dirty()`, which also clears the readahead mark.
    ///
    /// - Returns: Whether the page was clean.
    package mutating func markDirty(_ folio: FrameNumber, by task: TaskID) -> Bool {
        let flags = frames[folio].flags
        if flags.contains(.dirty) {
            if flags.contains(.readahead) { setFlags(of: folio, removing: .readahead) }
            return false
        }
        setFlags(of: folio, adding: .dirty, removing: .readahead)
        accountDirty(folio, by: task)
        return true
    }

    /// Makes a page dirty through its buffers, as write(2) does: the readahead mark stays.
    package mutating func markDirtyByWrite(_ folio: FrameNumber, by task: TaskID) {
        guard !frames[folio].flags.contains(.dirty), !mistaken(.writtenPageStaysClean) else { return }
        setFlags(of: folio, adding: .dirty)
        accountDirty(folio, by: task)
    }

    private mutating func accountDirty(_ folio: FrameNumber, by task: TaskID) {
        guard !frames[folio].flags.contains(.shmem), frames[folio].flags.contains(.cached) else { return }
        if !frames[folio].flags.contains(.writeback) { countDirty(1) }
        guard task != .none else { return }
        noteWrite(toOther: task)
        tasks[task.index].dirtiedPages += 1
    }

    private mutating func countDirty(_ pages: Int) {
        noteDirtyCount()
        dirtyPages += pages
    }

    /// Makes a page clean: `folio_clear_dirty_for_io()` without the write protection.
    package mutating func clearDirty(_ folio: FrameNumber) {
        let flags = frames[folio].flags
        guard flags.contains(.dirty) else { return }
        setFlags(of: folio, removing: .dirty)
        if flags.contains(.cached), !flags.contains(.shmem), !flags.contains(.writeback) {
            countDirty(-1)
            wakeThrottled()
        }
    }

    /// Puts a clean page under writeback: `folio_start_writeback()`. It still counts as dirty for throttling.
    package mutating func startWriteback(_ folio: FrameNumber) {
        setFlags(of: folio, adding: .writeback)
        countDirty(1)
    }

    /// Ends the writeback of a page, and wakes the tasks that wait for it: `folio_end_writeback()`. Clears the
    /// readahead mark.
    package mutating func endWriteback(_ folio: FrameNumber) {
        let dirty = frames[folio].flags.contains(.dirty)
        let isForReclaim = frames[folio].flags.contains(.readahead)
        setFlags(of: folio, removing: [.writeback, .readahead])
        if !dirty { countDirty(-1) }
        if !mistaken(.writtenPageWakesNobody) { wakeWaiters(on: folio, .writeback) }
        if isCharged(folio) {
            if isForReclaim { rotateInGroup(folio) }
        } else if configuration.limitsFrames, !frames[folio].flags.contains(.active) {
            rotateReclaimable(folio)
        }
        if mistaken(.writtenPageWakesNoThrottled) { return }
        if dirty { wakeWriters() } else { wakeThrottled() }
    }

    /// Wakes the throttled tasks, because a dirty page can now be written that writeback had to skip: it was locked, or
    /// was dirtied again while it was being written. The kernel's flusher would come back to it.
    mutating func wakeWriters() {
        guard settings.dirtyLimitPages != .max else { return }
        wakeAll(.dirtyThrottle)
    }

    /// Wakes the tasks that are throttled for dirtying pages, once few enough pages are dirty.
    private mutating func wakeThrottled() {
        guard dirtyPages <= settings.dirtyLimitPages, settings.dirtyLimitPages != .max else { return }
        wakeAll(.dirtyThrottle)
    }

    /// The readahead state of a file.
    package subscript(readaheadOf file: FileID) -> ReadaheadState {
        get { files[file.index].readahead }
        set {
            noteWrite(.file(file))
            files[file.index].readahead = newValue
        }
    }

    /// The stamp that the device holds for a page of a file; `nil` for the one that it held from the start.
    package subscript(changedStampOf file: FileID, at index: PageIndex) -> UInt32? {
        get { files[file.index].storedStamps[UInt32(index.value)]?.stamp }
        set {
            noteWrite(.file(file))
            let page = UInt32(index.value)
            if let newValue {
                files[file.index].storedStamps.set(StoredStamp(page: page, stamp: newValue))
            } else {
                files[file.index].storedStamps.remove(page)
            }
        }
    }

    /// Forgets what the device holds for the pages `range` of a file, whose blocks are freed.
    package mutating func forgetStamps(of file: FileID, in range: Range<PageIndex>) {
        noteWrite(.file(file))
        guard range.lowerBound < range.upperBound else { return }
        files[file.index].storedStamps.removeAll(
            from: range.lowerBound.rawValue, through: range.upperBound.rawValue - 1)
    }

    /// How far read(2) has come in a file: `prev_pos`.
    package func readPosition(of file: FileID) -> Int64 { files[file.index].readahead.previousPosition }

    /// Notes how far read(2) has come in a file.
    package mutating func setReadPosition(of file: FileID, to position: Int64) {
        noteWrite(.file(file))
        files[file.index].readahead.previousPosition = position
    }

    /// Where failed writes of a file's pages have not been reported yet.
    package subscript(writeErrorsOf file: FileID) -> WriteErrors {
        get { files[file.index].writeErrors }
        set {
            noteWrite(.file(file))
            files[file.index].writeErrors = newValue
        }
    }

    /// Subtracts pages that were found from the misses of a file: `mmap_miss`.
    package mutating func noteHits(_ hits: Int, of file: FileID) {
        let misses = files[file.index].readahead.mmapMiss
        guard misses > 0, hits > 0 else { return }
        noteWrite(.file(file))
        files[file.index].readahead.mmapMiss = max(0, misses - hits)
    }

    /// The traits of a file.
    package func traits(of file: FileID) -> FileTraits { files[file.index].traits }

    /// The number of the ``VMOperations`` of a file's mappings.
    package func vmOperations(of file: FileID) -> UInt16 { files[file.index].vmOperations }

    /// The device a file lies on.
    public func device(of file: FileID) -> DeviceID { files[index(of: file)].device }

    /// The runs of pages of a file that have blocks.
    package subscript(blocksOf file: FileID) -> [PageRun] {
        get { files[file.index].blocks }
        set {
            noteWrite(.file(file))
            files[file.index].blocks = newValue
        }
    }
}
