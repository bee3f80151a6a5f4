/// Filling entries for a program that resolves faults (mm/userfaultfd.c, Linux 6.1 and 6.12). The lock that guards the
/// area is held. Each function is atomic, as if under the page-table lock.
extension Machine {
    /// Maps a new private page with this content, unless the entry is in use: `mcopy_atomic_pte()`.
    ///
    /// - Parameter isProtected: Whether stores to it are handed over.
    /// - Returns: The error; `nil` if the page is mapped.
    package mutating func fillPrivatePage(
        _ page: PageNumber, of area: VMA, in map: MapID, stamp: UInt32, isProtected: Bool, by task: TaskID
    ) -> Errno? {
        guard let leaf = makeLeafTable(map, page, for: task) else { return .noMemory }
        chargePageCopy()
        guard
            let frame = allocateFrame(
                .anonymousPage, flags: AnonymousFault.frameFlags, index: area.fileIndex(of: page), stamp: stamp,
                for: task, slot: .call)
        else { return .noMemory }
        if let refusal = refusal(ofFilling: page, of: area, leaf, evenMarkers: true) {
            unhold(frame, for: task, in: .call)
            return refusal
        }
        removeMarker(at: page, in: map, leaf: leaf)
        let bits = filledBits(of: area, isProtected: isProtected, mayWrite: true)
        mapHeld(frame, bits, at: page, in: map, leaf: leaf, heldBy: task, in: .call)
        return nil
    }

    /// Maps the zero page, unless the entry is in use: `mfill_zeropage_pte()`.
    package mutating func fillZeroPage(_ page: PageNumber, of area: VMA, in map: MapID, by task: TaskID) -> Errno? {
        guard let leaf = makeLeafTable(map, page, for: task) else { return .noMemory }
        if let refusal = refusal(ofFilling: page, of: area, leaf, evenMarkers: false) { return refusal }
        setSpecialEntry(AnonymousFault.zeroPage(of: area.flags), at: page, in: map, leaf: leaf)
        return nil
    }

    /// Marks a page as having a memory error, unless the entry is in use: `mfill_atomic_pte_poison()`.
    package mutating func poison(_ page: PageNumber, of area: VMA, in map: MapID, by task: TaskID) -> Errno? {
        guard let leaf = makeLeafTable(map, page, for: task) else { return .noMemory }
        if let refusal = refusal(ofFilling: page, of: area, leaf, evenMarkers: false) { return refusal }
        setSpecialEntry(PTE(.none, .lost), at: page, in: map, leaf: leaf)
        return nil
    }

    /// Makes a page of shared memory with this content, in its file, and maps it: `shmem_mfill_atomic_pte()`.
    package mutating func fillSharedPage(
        _ page: PageNumber, of area: VMA, in map: MapID, stamp: UInt32, isProtected: Bool, by task: TaskID
    ) -> Errno? {
        guard let leaf = makeLeafTable(map, page, for: task) else { return .noMemory }
        let index = area.fileIndex(of: page)
        guard index.value < pages(of: area.file) else { return .badAddress }
        guard cachedFolio(at: index, of: area.file) == nil, swapSlot(of: area.file, at: index) == nil,
            !isLost(index, of: area.file)
        else { return .exists }
        guard
            let folio = addToCache(
                of: area.file, at: index, flags: [.shmem, .uptodate], stamp: stamp, point: .shmemPage, for: task)
        else { return .noMemory }
        chargePageCopy()
        let refusal = fill(page, of: area, in: map, leaf: leaf, with: folio, isProtected: isProtected)
        if refusal != nil { removeFromCache(folio) }
        return refusal
    }

    /// Maps a locked page from a file's cache: `mfill_atomic_install_pte()` for `UFFDIO_CONTINUE`.
    package mutating func fillCachedPage(
        _ folio: FrameNumber, _ page: PageNumber, of area: VMA, in map: MapID, isProtected: Bool, by task: TaskID
    ) -> Errno? {
        guard let leaf = makeLeafTable(map, page, for: task) else { return .noMemory }
        return fill(page, of: area, in: map, leaf: leaf, with: folio, isProtected: isProtected)
    }

    private mutating func fill(
        _ page: PageNumber, of area: VMA, in map: MapID, leaf: UInt32, with folio: FrameNumber, isProtected: Bool
    ) -> Errno? {
        if let refusal = refusal(ofFilling: page, of: area, leaf, evenMarkers: true) { return refusal }
        removeMarker(at: page, in: map, leaf: leaf)
        let bits = filledBits(of: area, isProtected: isProtected, mayWrite: area.flags.contains(.shared))
        mapFrame(folio, bits, at: page, in: map, leaf: leaf)
        return nil
    }

    /// Why an entry can't be filled: the file has no such page, or the entry is in use.
    ///
    /// - Parameter evenMarkers: Whether a marker counts as an empty entry.
    private func refusal(ofFilling page: PageNumber, of area: VMA, _ leaf: UInt32, evenMarkers: Bool) -> Errno? {
        if area.file != .none, area.fileIndex(of: page).value >= pages(of: area.file) { return .badAddress }
        let entry = tables.entry(leaf, page)
        let isFree = entry.isNone || evenMarkers && isNoneMostly(entry)
        return isFree || mistaken(.fillsWhatIsThere) && !entry.isPresent ? nil : .exists
    }

    /// The bits of an entry that is filled: dirty, and writable if the area is.
    private func filledBits(of area: VMA, isProtected: Bool, mayWrite: Bool) -> PTE.Bits {
        var bits = protection(of: area).union([.young, .dirty])
        if mayWrite, area.flags.contains(.write) { bits.insert(.writable) } else { bits.remove(.writable) }
        if isProtected {
            bits.remove(.writable)
            bits.insert(.userfaultProtected)
        }
        return bits
    }

    /// Removes a marker, so that another entry can take its place.
    mutating func removeMarker(at page: PageNumber, in map: MapID, leaf: UInt32) {
        let entry = tables.entry(leaf, page)
        guard !entry.isNone, !entry.isPresent, swapSlot(of: entry) == nil else { return }
        structuralHash &-= Mixing.entryPlace(map, page, entry.rawValue)
        setEntry(.none, at: page, in: map, leaf: leaf)
    }

    /// Whether all tmpfs files together may have one more page: `shmem_inode_acct_block()`.
    package var tmpfsHasRoom: Bool {
        let limit = settings.tmpfsPages
        guard limit < .max else { return true }
        var used = 0
        for number in files.indices where files[number].traits.contains(.shmem) {
            used += files[number].cache.count + swappedPages(of: FileID(number))
        }
        return used < limit
    }

    /// Whether an entry counts as empty for filling: `pte_none_mostly()`.
    package func isNoneMostly(_ entry: PTE) -> Bool {
        entry.isNone || entry.isMarker || entry.bits.contains(.lost) && model.lostPage == .isMemoryError
    }

    // MARK: Locks

    /// Gives the area of a fault an `anon_vma` if it is private and has none; returns `false` if there is no memory.
    package mutating func prepareFilling(of fault: inout VMFault) -> Bool {
        fillsFile(of: area(of: fault)) || prepareAnonVMA(of: &fault)
    }

    /// Whether a page that fills an area becomes a page of its file.
    package func fillsFile(of area: VMA) -> Bool {
        area.flags.contains(.shared) || model.sharedFill != .privatelyIfPrivate && !area.isAnonymous
    }

    /// Takes the area lock for reading, under the mmap lock, which keeps writers away:
    /// `down_read(&vma->vm_lock->lock)`. The mmap lock can be released afterwards.
    package mutating func lockArea(of fault: inout VMFault) {
        noteWrite(.areaLocks(fault.map))
        let area = area(of: fault)
        maps[fault.map.index].areaLocks.addReader(fault.task, of: area.start)
        fault.lock = .area
        record(.areaLockTaken, fault.task, area.start.rawValue)
        note(.readsArea(fault.task, fault.map, area.start))
    }

    /// Takes the lock of another area for reading, in addition to the fault's: `uffd_move_lock()`. Both are released
    /// with the fault lock.
    ///
    /// - Parameter page: A page of the other area, whose lock has no writer.
    package mutating func lockAnotherArea(at page: PageNumber, of fault: VMFault) {
        guard let area = area(containing: page, in: fault.map), area.start != self.area(of: fault).start else { return }
        noteWrite(.areaLocks(fault.map))
        maps[fault.map.index].areaLocks.addReader(fault.task, of: area.start)
        record(.areaLockTaken, fault.task, area.start.rawValue)
    }
}
