extension AreaTree {
    /// The highest place for `pages` pages between the areas. Models `unmapped_area_topdown()`.
    ///
    /// An area that grows down keeps `guardPages` free pages below its start, as in `vm_start_gap()`. Only the gap
    /// directly below the area is reduced by these pages, also if the area itself lies above `range`.
    ///
    /// - Parameters:
    ///   - pages: The length of the place. At least 1.
    ///   - range: The pages that may be used.
    ///   - guardPages: The distance to keep from an area that grows down. Models `stack_guard_gap`.
    /// - Returns: The first page of the place, which ends as high as possible; `nil` if nothing fits.
    /// - Complexity: O(*leaf* + *n* / *leaf*) as a rule. More if many gaps are large enough only outside of `range`, or
    ///   only without their guard pages. Gaps that new areas have narrowed since the last search are looked through
    ///   once more.
    package mutating func highestGap(pages: Int, in range: Range<PageNumber>, guardPages: Int) -> PageNumber? {
        precondition(pages > 0, "AreaTree.highestGap: a place has at least one page")
        precondition(guardPages >= 0, "AreaTree.highestGap: guardPages is at least 0")
        let low = range.lowerBound
        let high = range.upperBound
        guard high - low >= pages else { return nil }

        // The gaps below and above an area that ends above the range are the highest that can matter.
        let top = leafNumber(endingAfter: high)
        var leaf = top
        if top == leaves.count {
            guard top > 0 else { return high - pages }
            leaf -= 1
            guard high - max(leaves[leaf].end, low) < pages else { return high - pages }
        }

        let highest = min(gapLimit.leaf(for: pages), leaves.count - 1)
        var next = leafNumber(withGap: pages, atOrBelow: min(leaf, highest))
        // A search that skips leaves because of its range says nothing about them.
        if leaf >= highest { gapLimit = GapLimit(pages: pages, above: next ?? 0) }
        while let leaf = next {
            if leaves[leaf].largestGap >= pages {
                let slot = leaf == top ? leaves[leaf].slot(endingAfter: high) : leaves[leaf].areas.count - 1
                let end = leaves[leaf].endOfGap(pages: pages, in: range, below: slot, guardPages: guardPages)
                if let end { return end - pages }
                leaves[leaf].measureGaps()
            }
            guard leaves[leaf].start - low >= pages else { return nil }
            let below = leaf > 0 ? max(leaves[leaf - 1].end, low) : low
            let end = min(leaves[leaf].areas[0].guardedStart(guardPages), high)
            if end - below >= pages { return end - pages }
            guard leaf > 0 else { return nil }
            next = leafNumber(withGap: pages, atOrBelow: leaf - 1)
        }
        return nil
    }

    /// The highest leaf, from the number `top` down, with a gap of `pages` pages inside or below it.
    @inline(__always)
    private func leafNumber(withGap pages: Int, atOrBelow top: Int) -> Int? {
        leaves.withUnsafeBufferPointer { leaves in
            func gap(_ leaf: Int) -> Int {
                max(leaves[leaf].largestGap, leaves[leaf].start - leaves[leaf &- 1].end)
            }
            var leaf = top
            // Four at a time, because most leaves have no such gap.
            while leaf > 3, max(max(gap(leaf), gap(leaf &- 1)), max(gap(leaf &- 2), gap(leaf &- 3))) < pages {
                leaf &-= 4
            }
            while leaf > 0 {
                if gap(leaf) >= pages { return leaf }
                leaf &-= 1
            }
            return max(leaves[0].start - PageNumber(0), leaves[0].largestGap) >= pages ? 0 : nil
        }
    }
}

extension AreaTree {
    /// What searches for a gap have found: no gap above a certain leaf has so many pages. Models `cached_hole_size` and
    /// `free_area_cache` (Linux up to 3.8).
    struct GapLimit: BitwiseCopyable, Sendable {
        private var pages = Int.max
        private var leaf = Int.max

        /// No limit is known.
        init() {}

        /// Notes that no gap inside a leaf above the number `leaf`, nor directly below such a leaf, has so many pages.
        init(pages: Int, above leaf: Int) {
            self.pages = pages
            self.leaf = leaf
        }

        /// The highest leaf that may have a gap of so many pages.
        @inline(__always)
        func leaf(for pages: Int) -> Int { pages >= self.pages ? leaf : .max }

        /// Notes that a gap inside or below the leaf number `leaf` has grown.
        @inline(__always)
        mutating func include(_ leaf: Int) { self.leaf = max(self.leaf, leaf) }

        /// Whether it rules out such a gap inside or below the leaf number `leaf`.
        func excludes(_ gap: Int, at leaf: Int) -> Bool { leaf > self.leaf && gap >= pages }
    }
}

extension AreaTree.Leaf {
    /// The end of the highest gap of `pages` pages in `range`, above the first area and below the area `top`.
    @inline(__always)
    func endOfGap(pages: Int, in range: Range<PageNumber>, below top: Int, guardPages: Int) -> PageNumber? {
        areas.withUnsafeBufferPointer { areas in
            func gap(_ slot: Int) -> Int { areas[slot].start - areas[slot &- 1].end }
            var slot = top
            // Four at a time, because most gaps are too small.
            while slot > 3, max(max(gap(slot), gap(slot &- 1)), max(gap(slot &- 2), gap(slot &- 3))) < pages {
                slot &-= 4
            }
            var start = areas[slot].start
            while slot > 0 {
                let below = areas[slot &- 1].end
                if start - below >= pages {
                    let end = min(areas[slot].guardedStart(guardPages), range.upperBound)
                    if end - max(below, range.lowerBound) >= pages { return end }
                }
                slot &-= 1
                start = areas[slot].start
            }
            return nil
        }
    }
}

extension VMA {
    /// The lowest page of the area and its guard gap: the start, less `guardPages` if the area grows down.
    ///
    /// Models `vm_start_gap()`.
    @inline(__always)
    func guardedStart(_ guardPages: Int) -> PageNumber {
        guard flags.contains(.growsDown) else { return start }
        return start.rawValue > UInt64(guardPages) ? start - guardPages : PageNumber(0)
    }
}
