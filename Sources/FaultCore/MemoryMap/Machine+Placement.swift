/// Where a mapping may go, and how much of it: `get_unmapped_area()` and the limits (mm/mmap.c, Linux 6.1).
extension Machine {
    /// Chooses or checks the place of `pages` pages, at least 1: `get_unmapped_area()` with the topdown layout.
    ///
    /// - Returns: The first page, or a negative errno: `ENOMEM` if there is no room or the place lies beyond user memory,
    ///   `EPERM` for a fixed place below the lowest user page.
    @inline(__always)
    mutating func place(_ pages: Int, at placement: MapRequest.Placement, in map: MapID) -> Int64 {
        let limit = geometry.userLimit
        let lowest = geometry.lowestUserPage
        guard limit - lowest >= pages else { return Errno.noMemory.returned }
        switch placement {
        case .fixed(let page), .fixedNoReplace(let page):
            guard page <= limit - pages else { return Errno.noMemory.returned }
            return page < lowest ? Errno.notPermitted.returned : Int64(page.rawValue)
        case .hint(let hint) where hint != PageNumber(0):
            let page = max(hint, lowest)
            if page <= limit - pages, isFree(page, pages, in: map) { return Int64(page.rawValue) }
        case .hint, .anywhere:
            break
        }
        let guardPages = settings.stackGuardPages
        if let page = maps[map.index].highestGap(pages: pages, above: lowest, guardPages: guardPages) {
            return Int64(page.rawValue)
        }
        // The kernel then looks from the bottom up, so that a large stack limit does not waste the space above the
        // base.
        guard let page = lowestGap(pages, in: PageNumber(limit.rawValue / 3)..<limit, of: map) else {
            return Errno.noMemory.returned
        }
        return Int64(page.rawValue)
    }

    /// Whether `pages` pages from `page` on overlap neither an area nor the guard gap of an area that grows down.
    private func isFree(_ page: PageNumber, _ pages: Int, in map: MapID) -> Bool {
        guard let next = area(endingAfter: page, in: map) else { return true }
        return page + pages <= next.guardedStart(settings.stackGuardPages)
    }

    /// The lowest place for `pages` pages: `unmapped_area()`.
    private func lowestGap(_ pages: Int, in range: Range<PageNumber>, of map: MapID) -> PageNumber? {
        let areas = maps[map.index].areas
        var page = range.lowerBound
        var next = areas.firstPosition(endingAfter: page)
        while let position = next {
            let area = areas[position]
            if area.guardedStart(settings.stackGuardPages) - page >= pages { break }
            page = max(page, area.end)
            next = areas.position(after: position)
        }
        return range.upperBound - page >= pages ? page : nil
    }

    /// Whether `pages` more pages with these flags stay below the limits of the address space and of data:
    /// `may_expand_vm()`.
    func mayExpand(_ map: MapID, _ flags: VMAFlags, by pages: Int) -> Bool {
        guard maps[map.index].totalPages + pages <= settings.addressSpaceLimitPages else { return false }
        guard flags.isData, settings.dataLimitPages < .max else { return true }
        return maps[map.index].areas.areas.reduce(pages) { $0 + ($1.flags.isData ? $1.pages : 0) }
            <= settings.dataLimitPages
    }

    /// Whether `pages` more pages with these flags stay below the limit of locked memory: `mlock_future_check()`.
    func mayLock(_ map: MapID, _ flags: VMAFlags, _ pages: Int) -> Bool {
        !flags.contains(.locked) || maps[map.index].lockedPages + pages <= settings.lockedLimitPages
    }

    /// How many pages of `range` lie in areas: `count_vma_pages_range()`.
    func mappedPages(in range: Range<PageNumber>, of map: MapID) -> Int {
        var pages = 0
        maps[map.index].areas.forEach(in: range) {
            let clipped = clip(range, to: $0)
            pages += clipped.upperBound - clipped.lowerBound
        }
        return pages
    }
}

extension VMAFlags {
    /// `is_data_mapping()`: private, writable, no stack.
    var isData: Bool { intersection([.write, .shared, .growsDown]) == .write }
}
