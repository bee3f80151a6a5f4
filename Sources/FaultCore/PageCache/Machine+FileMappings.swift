/// The areas that map a file, in every process: what the kernel finds through `i_mmap`.
///
/// Maps with many areas are searched through ``AreaIndex``. Each function is atomic, as if under `i_mmap_rwsem` and the
/// page-table locks.
extension Machine {
    /// Removes the entries of the pages `first` to `last` of `file` from every area that maps it, locked areas
    /// included: `unmap_mapping_range()`.
    ///
    /// - Parameter evenCopies: Whether private copies are removed, too (truncation), or stay (punching a hole).
    package mutating func unmapFile(
        _ file: FileID, from first: PageIndex, through last: PageIndex, evenCopies: Bool, by task: TaskID
    ) {
        for (map, area, range) in mappings(of: file, from: first, through: last) {
            let marksAccessed = hasRecency(area)
            forEachEntry(in: range, of: map) { machine, page, leaf, entry in
                let isCopy = entry.mapsCountedFrame && machine.frames[entry.frame].flags.contains(.anonymous)
                let isOwn = isCopy || !entry.isPresent && !entry.isMarker  // swapped out, or an error
                if isOwn, !evenCopies { return }
                machine.zapEntry(
                    entry, at: page, in: map, leaf: leaf, of: area, marksAccessed: marksAccessed, by: task)
            }
        }
    }

    /// Removes the entries that map this very page; copies of it stay: `unmap_mapping_folio()`. The page is locked.
    package mutating func unmapFolio(_ folio: FrameNumber, by task: TaskID) {
        guard frames[folio].mappings > 0, let (file, index) = cachePosition(of: folio) else { return }
        for (map, area, range) in mappings(of: file, from: index, through: index) {
            let marksAccessed = hasRecency(area)
            forEachEntry(in: range, of: map) { machine, page, leaf, entry in
                if entry.isMarker { return machine.removeMarker(at: page, in: map, leaf: leaf) }
                guard entry.mapsCountedFrame, entry.frame == folio else { return }
                machine.zapEntry(entry, at: page, in: map, leaf: leaf, marksAccessed: marksAccessed, by: task)
            }
        }
    }

    /// Makes the entries of a page in shared areas clean and read-only, so that the next store is noticed:
    /// `folio_mkclean()`. The page is locked. Private areas have never written to it.
    package mutating func writeProtect(_ folio: FrameNumber) {
        noteInterference()
        guard frames[folio].mappings > 0, let (file, index) = cachePosition(of: folio) else { return }
        for (map, area, range) in mappings(of: file, from: index, through: index) where area.flags.contains(.shared) {
            forEachEntry(in: range, of: map) { machine, page, leaf, entry in
                guard entry.mapsCountedFrame, entry.frame == folio else { return }
                machine.changeEntry(
                    entry, to: entry.bits.subtracting([.writable, .dirty]), at: page, in: map, leaf: leaf)
            }
        }
    }

    /// The areas that map pages `first` to `last` of `file`, by map and address, each with the part that maps them.
    private mutating func mappings(
        of file: FileID, from first: PageIndex, through last: PageIndex
    ) -> [(MapID, VMA, Range<PageNumber>)] {
        guard files[file.index].mappings > 0, first <= last else { return [] }
        refreshAreaIndex()
        var found: [(MapID, VMA, Range<PageNumber>)] = []
        for number in maps.indices {
            let map = MapID(number)
            forEachArea(of: map, mapping: file, from: first, through: last) { area in
                let lowest = max(area.startIndex, first)
                let highest = min(area.startIndex + (area.pages - 1), last)
                guard lowest <= highest else { return }
                let start = area.start + (lowest - area.startIndex)
                found.append((map, area, start..<start + (highest - lowest + 1)))
            }
        }
        return found
    }
}

/// The data of user copies: content stamps that move between the page cache and mapped memory.
extension Machine {
    /// The content that a copy wrote to `page` of `map`, right after the access to it was granted.
    ///
    /// If the page has been unmapped since, the copy went to a page that no task sees, and nothing happens.
    package mutating func copyIn(stamp: UInt32, to page: PageNumber, in map: MapID) {
        let entry = entry(of: page, in: map)
        guard entry.mapsCountedFrame, entry.isWritable else { return }
        chargePageCopy()
        setStamp(of: entry.frame, stamp)
    }

    /// The same for a copy that comes later than the access, so that the page may have been swapped out since.
    ///
    /// - Returns: Whether it was not: only then has the copy been done.
    package mutating func copiesIn(stamp: UInt32, to page: PageNumber, in map: MapID) -> Bool {
        let entry = entry(of: page, in: map)
        guard entry.mapsCountedFrame else { return swapSlot(of: entry) == nil }
        guard entry.isWritable else { return true }
        chargePageCopy()
        setStamp(of: entry.frame, stamp)
        return true
    }

    /// The content of `page` of `map`, if it can be read without a fault: `copy_page_from_iter_atomic()`.
    package mutating func copyOut(of page: PageNumber, in map: MapID) -> UInt32? {
        let leaf = leafTable(map, page)
        guard leaf != 0 else { return nil }
        let entry = tables.entry(leaf, page)
        guard entry.bits.contains([.present, .accessible]) else { return nil }
        changeEntry(entry, to: entry.bits.union(.young), at: page, in: map, leaf: leaf)
        return entry.isZeroPage ? 0 : frames[entry.frame].stamp
    }
}
