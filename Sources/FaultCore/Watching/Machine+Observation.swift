/// Looking at many entries or cached pages at once, as `/proc/PID/pagemap` and `mincore(2)` show them.
extension Machine {
    /// How much a machine contains, which determines what it costs to keep it.
    public struct Size: Equatable, Sendable {
        /// Pages in use, without page tables.
        public let pages: Int
        /// Page tables in use, of all levels.
        public let pageTables: Int
        /// Areas, of all maps.
        public let areas: Int
    }

    /// How much the machine holds.
    public var size: Size {
        Size(
            pages: frames.inUse, pageTables: tables.nodesInUse,
            areas: maps.reduce(0) { $0 + $1.areas.count })
    }

    /// The kinds of entry in a range of memory. Each list contains inclusive runs, ascending, that do not touch.
    public struct EntryRuns: Sendable {
        /// Pages with a present entry, whatever its protection.
        public fileprivate(set) var present: [ClosedRange<Int>] = []
        /// Pages with a present entry that maps an anonymous page.
        public fileprivate(set) var anonymous: [ClosedRange<Int>] = []
        /// Pages with a present entry that maps the zero page.
        public fileprivate(set) var zero: [ClosedRange<Int>] = []
        /// Pages with an entry that names a swap slot, each with the slot.
        public fileprivate(set) var swapped: [(page: Int, slot: Int)] = []
        /// Pages whose entry has the write-protection bit of userfaultfd: present entries, swap entries, and markers.
        public fileprivate(set) var writeProtected: [ClosedRange<Int>] = []
        /// Pages that were lost when their swap area was removed, or were poisoned.
        public fileprivate(set) var lost: [ClosedRange<Int>] = []
    }

    /// The entries of `map` in `range` by kind, with pages numbered from `base`.
    ///
    /// - Complexity: O(*n*) in the entries of the lowest page tables that exist in `range`.
    public func entryRuns(of map: MapID, in range: Range<PageNumber>, numberedFrom base: PageNumber) -> EntryRuns {
        var runs = EntryRuns()
        let entries = geometry.entriesPerTable
        tables.forEachLeaf(maps[index(of: map)].root, in: range) { start, leaf in
            let first = max(start, range.lowerBound) - start
            let last = min(start + entries, range.upperBound) - start
            guard first < last else { return }
            for slot in first..<last {
                let entry = PTE(rawValue: tables.nodes[Int(leaf), slot])
                let page = start + slot - base
                if entry.bits.contains(.userfaultProtected) { Self.add(page, to: &runs.writeProtected) }
                guard entry.isPresent else {
                    if let slot = swapSlot(of: entry) { runs.swapped.append((page, slot)) }
                    if entry.bits.contains(.lost) { Self.add(page, to: &runs.lost) }
                    continue
                }
                Self.add(page, to: &runs.present)
                if entry.isZeroPage {
                    Self.add(page, to: &runs.zero)
                } else if entry.mapsCountedFrame, frames[entry.frame].flags.contains(.anonymous) {
                    Self.add(page, to: &runs.anonymous)
                }
            }
        }
        return runs
    }

    /// The pages of `file` that `mincore(2)` would find in memory: pages in the page cache that have their data, and
    /// swapped-out pages in the swap cache. Inclusive runs, ascending.
    ///
    /// - Complexity: O(*n*) in the chunks of 512 pages of the page cache that were ever used, and in swapped-out pages.
    public func residentRuns(of file: FileID) -> [ClosedRange<Int>] {
        var runs: [ClosedRange<Int>] = []
        guard swappedPages(of: file) == 0 else {
            var next: PageIndex = 0
            while let index = firstCachedOrSwapped(from: next, of: file), index.value < pages(of: file) {
                next = index + 1
                let swapped = swapSlot(of: file, at: index).flatMap { swapCachedFolio(of: $0) }
                guard let folio = cachedFolio(at: index, of: file) ?? swapped else { continue }
                if frames[folio].flags.contains(.uptodate) { Self.add(index.value, to: &runs) }
            }
            return runs
        }
        for (number, chunk) in files[index(of: file)].cache.chunks.enumerated() {
            for slot in chunk.indices where chunk[slot] != 0 {
                guard frames[FrameNumber(rawValue: chunk[slot])].flags.contains(.uptodate) else { continue }
                Self.add(number << 9 + slot, to: &runs)
            }
        }
        return runs
    }

    /// The first page at or after `index` that the page cache has, or that has a slot of a swap area.
    private func firstCachedOrSwapped(from index: PageIndex, of file: FileID) -> PageIndex? {
        let cached = firstCached(of: file, from: index)?.0
        let swapped = files[file.index].swapEntries.first(from: index)?.0
        guard let cached, let swapped else { return cached ?? swapped }
        return min(cached, swapped)
    }

    /// The pages of `file` that are only on a swap device, or could not be read back from it, as inclusive runs, ascending.
    public func swappedRuns(of file: FileID) -> [ClosedRange<Int>] {
        var runs: [ClosedRange<Int>] = []
        let place = index(of: file)
        var next: PageIndex = 0
        while let (index, _) = files[place].swapEntries.first(from: next) {
            if isLost(index, of: file) || isOnlyInSwap(index, of: file) { Self.add(index.value, to: &runs) }
            next = index + 1
        }
        return runs
    }

    /// The pages in `range` that `mincore(2)` says are in memory, numbered from `base`, as inclusive runs, ascending.
    ///
    /// - Complexity: O(*n*) in the pages of areas that lie in `range`.
    public func inCoreRuns(
        of map: MapID, in range: Range<PageNumber>, numberedFrom base: PageNumber
    ) -> [ClosedRange<Int>] {
        var runs: [ClosedRange<Int>] = []
        var next = range.lowerBound
        while next < range.upperBound, let area = area(endingAfter: next, in: map), area.start < range.upperBound {
            next = max(next, area.start)
            let end = min(area.end, range.upperBound)
            while next < end {
                if isInCore(next, area, map) { Self.add(next - base, to: &runs) }
                next = next + 1
            }
        }
        return runs
    }

    private static func add(_ page: Int, to runs: inout [ClosedRange<Int>]) {
        if let last = runs.last, last.upperBound + 1 == page {
            runs[runs.count - 1] = last.lowerBound...page
        } else {
            runs.append(page...page)
        }
    }
}
