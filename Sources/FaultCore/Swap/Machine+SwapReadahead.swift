/// How much is read ahead from swap, and where (mm/swap_state.c, Linux 6.1).
extension Machine {
    /// How many pages the next window has, a power of two: `__swapin_nr_pages()`. Hits on pages that were read ahead
    /// enlarge it. Without hits, it is two for swap-ins of neighbouring pages, otherwise one.
    private static func swapWindow(
        hits: Int, at place: Int, after previous: Int, most: Int, previousWindow: Int
    ) -> Int {
        var pages = hits + 2
        if pages == 2 {
            if abs(place - previous) != 1 { pages = 1 }
        } else {
            var rounded = 4
            while rounded < pages { rounded <<= 1 }
            pages = rounded
        }
        return max(min(pages, most), previousWindow / 2)
    }

    /// How many slots the next cluster has: `swapin_nr_pages()`.
    mutating func nextSwapWindow(_ offset: Int) -> Int {
        let most = settings.swapReadaheadPages
        guard most > 1 else { return 1 }
        noteWrite(.swap)
        let hits = swap.readaheadHits
        swap.readaheadHits = 0
        let pages = Self.swapWindow(
            hits: hits, at: offset, after: swap.previousSlot, most: most, previousWindow: swap.previousWindow)
        if hits == 0 { swap.previousSlot = offset }
        swap.previousWindow = pages
        return pages
    }

    /// The pages of an area whose entries are read ahead for a fault on `page`: `swap_ra_info()`. A single page means
    /// that the window has one page. An empty range means that the window has no other page in the area.
    mutating func nextSwapWindow(
        around page: PageNumber, at position: AreaTree.Position, in map: MapID
    ) -> Range<PageNumber> {
        let most = min(settings.swapReadaheadPages, 32)
        guard most > 1 else { return page..<page + 1 }
        let area = maps[map.index].areas[position]
        let known = SwapReadaheadState(area.swapReadahead)
        let window = Self.swapWindow(
            hits: known.hits, at: Int(page.rawValue), after: Int(known.page.rawValue), most: most,
            previousWindow: known.window)
        let new = SwapReadaheadState(page: page, window: window, hits: 0)
        setSwapReadahead(new, at: position, in: map)
        guard window > 1 else { return page..<page + 1 }
        let number = Int(page.rawValue)
        let previous = Int(known.page.rawValue)
        let start: Int
        if number == previous + 1 {
            start = number
        } else if previous == number + 1 {
            start = number - window + 1
        } else {
            start = number - (window - 1) / 2
        }
        // Neither beyond the area nor beyond the page table.
        let entries = geometry.entriesPerTable
        let table = number & ~(entries - 1)
        let first = max(start, Int(area.start.rawValue), table)
        let end = min(start + window, Int(area.end.rawValue), table + entries)
        guard end - first > 1 else { return page..<page }
        return PageNumber(UInt64(first))..<PageNumber(UInt64(end))
    }

    /// Notes that a page of the swap cache was wanted: `swap_cache_get_folio()`. It is a hit of readahead if the page
    /// was read ahead, or if reclaim waits for its write.
    ///
    /// - Parameter page: The page whose entry named it, at that position in the map's areas; nil for a page of tmpfs.
    mutating func noteSwapCacheHit(
        _ folio: FrameNumber, for page: (page: PageNumber, position: AreaTree.Position, map: MapID)?
    ) {
        let wasReadAhead = frames[folio].flags.contains(.readahead)
        if wasReadAhead {
            setFlags(of: folio, removing: .readahead)
            events.swapReadaheadHits += mistaken(.readaheadHitUncounted) ? 0 : 1
        }
        if let page, swap.readsAheadByAddress {
            let known = SwapReadaheadState(maps[page.map.index].areas[page.position].swapReadahead)
            let hits = wasReadAhead ? min(known.hits + 1, SwapReadaheadState.mostHits) : known.hits
            setSwapReadahead(
                SwapReadaheadState(page: page.page, window: known.window, hits: hits), at: page.position, in: page.map)
        } else if wasReadAhead {
            noteWrite(.swap)
            swap.readaheadHits += 1
        }
    }
}

/// How far swap readahead has come in an area: `swap_readahead_info`.
struct SwapReadaheadState: Equatable {
    /// The page of the last swap-in.
    var page: PageNumber
    /// The last window, in pages.
    var window: Int
    /// How many pages that were read ahead have been wanted since.
    var hits: Int

    /// `SWAP_RA_HITS_MAX`.
    static var mostHits: Int { 63 }

    init(page: PageNumber, window: Int, hits: Int) {
        self.page = page
        self.window = window
        self.hits = hits
    }

    /// Reads an area's word, which begins as 0: four hits.
    init(_ word: UInt64) {
        let word = word == 0 ? 4 : word
        page = PageNumber(word >> 12)
        window = Int(word >> 6 & 63)
        hits = Int(word & 63)
    }

    /// The word.
    var word: UInt64 { page.rawValue << 12 | UInt64(window) << 6 | UInt64(hits) }
}
