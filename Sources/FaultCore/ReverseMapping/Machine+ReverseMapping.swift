/// From a page to the entries that map it: what the kernel finds through `i_mmap` and `anon_vma`s (mm/rmap.c).
///
/// Maps with many areas are searched through ``AreaIndex``. Each function is atomic, as if under the lock of the tree
/// and the page-table locks.
extension Machine {
    /// An entry that maps a page.
    struct Mapping {
        let map: MapID
        let area: VMA
        let page: PageNumber
        let leaf: UInt32
        let entry: PTE
    }

    /// The entries that map a page, by map and address: `rmap_walk()`.
    func reverseMappings(of folio: FrameNumber) -> [Mapping] {
        var left = Int(frames[folio].mappings)
        let frame = frames[folio]
        var found: [Mapping] = []
        for number in maps.indices where left > 0 && maps[number].root != 0 {
            let map = MapID(number)
            let root = maps[number].root
            forEachArea(of: map, at: frame.index) { area in
                guard mayMap(area, frame) else { return true }
                // An index keeps only the low bits of a linear address, which occur again in an area of 2^32 pages.
                let lowest = Int(frame.index &- UInt32(truncatingIfNeeded: area.startIndex.rawValue))
                for offset in stride(from: lowest, to: area.pages, by: 1 << 32) {
                    let page = area.start + offset
                    let leaf = tables.leaf(root, page)
                    guard leaf != 0 else { continue }
                    let entry = tables.entry(leaf, page)
                    guard entry.mapsCountedFrame, entry.frame == folio else { continue }
                    found.append(Mapping(map: map, area: area, page: page, leaf: leaf, entry: entry))
                    left -= 1
                    if left == 0 { return false }
                }
                return true
            }
        }
        return found
    }

    private func mayMap(_ area: VMA, _ frame: PageFrame) -> Bool {
        if frame.flags.contains(.anonymous) { return area.anonVMA != 0 }
        return frame.flags.contains(.cached) && area.file == FileID(Int(frame.owner))
    }

    /// Whether the use of a page through this area counts: `vma_has_recency()`.
    func hasRecency(_ area: VMA) -> Bool {
        switch model.recency {
        case .notSequential: !area.flags.contains(.sequentialRead)
        case .notAdvised: area.flags.isDisjoint(with: [.sequentialRead, .randomRead])
        }
    }

    /// How often a page was used since the last call, and through what kinds of area: `folio_referenced()`.
    ///
    /// Accessed bits are cleared. A locked area ends the search: its page stays. Areas without recency don't count.
    mutating func takeReferences(to folio: FrameNumber) -> (count: Int, flags: VMAFlags) {
        var count = 0
        var flags: VMAFlags = []
        refreshAreaIndex()
        for mapping in reverseMappings(of: folio) {
            let counts = hasRecency(mapping.area)
            if model.recency == .notAdvised, !counts { continue }
            if mapping.area.flags.contains(.locked) { return (count, flags.union(.locked)) }
            guard mapping.entry.bits.contains(.young) else { continue }
            let bits = mapping.entry.bits.subtracting(.young)
            changeEntry(mapping.entry, to: bits, at: mapping.page, in: mapping.map, leaf: mapping.leaf)
            guard counts else { continue }
            count += 1
            flags.formUnion(mapping.area.flags)
        }
        return (count, flags)
    }

    /// Removes the entries that map a page: `try_to_unmap()`. Entries of a page in the swap cache name its slot from
    /// then on.
    ///
    /// The entry of a locked area stays, and so does that of an exclusive page that may be pinned. If a program gave
    /// the page up by madvise(MADV_FREE), all its entries stay if the page was written to since, or is held.
    ///
    /// - Returns: Whether no entry maps the page now.
    mutating func unmap(_ folio: FrameNumber, by task: TaskID) -> Bool {
        refreshAreaIndex()
        let mappings = reverseMappings(of: folio)
        let frame = frames[folio]
        for mapping in mappings {
            if mapping.area.flags.contains(.locked), !mistaken(.reclaimIgnoresLocks) { return false }
            guard frame.flags.contains(.anonymous) else {
                zapEntry(
                    mapping.entry, at: mapping.page, in: mapping.map, leaf: mapping.leaf, of: mapping.area,
                    marksAccessed: false, by: .none)
                continue
            }
            if frame.flags.contains(.lazyFree) {
                let isWritten =
                    (mapping.entry.isDirty || frame.flags.contains(.dirty)) && !mistaken(.writtenPageGivenUp)
                guard !isWritten, frames[folio].references == frames[folio].mappings else {
                    setFlags(of: folio, removing: .lazyFree)
                    return false
                }
                zapEntry(
                    mapping.entry, at: mapping.page, in: mapping.map, leaf: mapping.leaf, marksAccessed: false, by: task
                )
                continue
            }
            if isKeptExclusive(folio) {
                if mapping.entry.isDirty, !mistaken(.pinnedPageForgetsDirty) { setFlags(of: folio, adding: .dirty) }
                return false
            }
            replaceBySwapEntry(mapping.entry, at: mapping.page, in: mapping.map, leaf: mapping.leaf)
        }
        return true
    }

    /// Whether a page must stay exclusive to its entry, because a pin relies on that: `page_try_share_anon_rmap()`
    /// refuses.
    private func isKeptExclusive(_ folio: FrameNumber) -> Bool {
        model.anonymousReuse == .exclusiveBit && frames[folio].flags.contains(.anonExclusive) && isMaybePinned(folio)
    }
}
