extension AreaTree {
    /// Up to ``capacity`` neighbouring areas, and what the directory knows about them.
    struct Leaf: Sendable {
        /// The most areas a leaf may hold.
        static var capacity: Int { 32 }
        /// A leaf with fewer areas than this joins a neighbour, if the two fill no more than ``crowded`` slots.
        static var sparse: Int { 8 }
        /// A leaf with no more areas than this has room for some of a full neighbour's.
        static var crowded: Int { 24 }

        /// The areas, by address. At least one.
        private(set) var areas: [VMA]
        /// The first page of the first area.
        private(set) var start: PageNumber
        /// The page after the last area.
        private(set) var end: PageNumber
        /// An upper bound of the gaps between two areas of the leaf, in pages. A new area may leave it too large until
        /// a search fails to find a gap; it is then set to the largest gap, 0 if all areas adjoin.
        ///
        /// It counts up to the start of the upper area even if that grows down: a search subtracts the guard pages.
        /// The gaps between two leaves follow from ``start`` and ``end``.
        private(set) var largestGap: Int
        /// The ends of the areas 7, 15 and 23. The end of the last area stands in for missing areas.
        ///
        /// They are kept here so that a search knows which eight areas to look at before it has loaded any.
        private(set) var ends: (PageNumber, PageNumber, PageNumber)

        /// Makes a leaf of one area, with room for all that may follow.
        init(_ area: VMA) {
            areas = []
            areas.reserveCapacity(Self.capacity)
            areas.append(area)
            start = area.start
            end = area.end
            largestGap = 0
            ends = (end, end, end)
        }
    }
}

// MARK: - Search

extension AreaTree.Leaf {
    /// The number of the first area that ends after `page`. The leaf itself must end after it.
    @inline(__always)
    func slot(endingAfter page: PageNumber) -> Int {
        let groups = AreaTree.countOfThree(passing: page, ends.0, ends.1, ends.2)
        return areas.withUnsafeBufferPointer { areas in
            guard areas.count >= 8 else {
                var passed = 0
                while areas[passed].end <= page { passed &+= 1 }
                return passed
            }
            let passed = min(8 &* groups, areas.count &- 8)
            return passed
                &+ AreaTree.countOfSeven(
                    passing: page, areas[passed].end, areas[passed &+ 1].end, areas[passed &+ 2].end,
                    areas[passed &+ 3].end, areas[passed &+ 4].end, areas[passed &+ 5].end, areas[passed &+ 6].end)
        }
    }

    /// The pages between the areas `slot - 1` and `slot`; 0 if one of them is not in the leaf.
    @inline(__always)
    private func gap(below slot: Int) -> Int {
        slot > 0 && slot < areas.count ? areas[slot].start - areas[slot - 1].end : 0
    }
}

// MARK: - Changes

extension AreaTree.Leaf {
    /// The area `slot`, to be changed in place. Its bounds must stay.
    subscript(slot: Int) -> VMA {
        @inline(__always)
        get { areas[slot] }
        @inline(__always)
        _modify { yield &areas[slot] }
    }

    /// Inserts `area` before the area `slot`, where it belongs. There must be room for it.
    mutating func insert(_ area: VMA, at slot: Int) {
        areas.insert(area, at: slot)
        update(around: slot)
    }

    /// Removes the area `slot`. It must not be the only one.
    mutating func remove(at slot: Int) {
        areas.remove(at: slot)
        largestGap = max(largestGap, gap(below: slot))
        measureBounds()
    }

    /// Replaces the area `slot` by `area`, in the same order.
    mutating func replace(at slot: Int, with area: VMA) {
        areas[slot] = area
        update(around: slot)
    }

    /// Moves the last `number` areas to the start of the next leaf.
    mutating func moveLast(_ number: Int, to next: inout Self) {
        next.areas.insert(contentsOf: areas.suffix(number), at: 0)
        areas.removeLast(number)
        next.measure()
        measure()
    }

    /// Moves the first `number` areas to the end of the leaf before this one.
    mutating func moveFirst(_ number: Int, to previous: inout Self) {
        previous.areas.append(contentsOf: areas.prefix(number))
        areas.removeFirst(number)
        previous.measure()
        measure()
    }

    /// Removes the areas from `slot` on, and returns them as a leaf of their own. Some must be left on both sides.
    mutating func split(at slot: Int) -> Self {
        var upper = Self(areas[slot])
        upper.areas.append(contentsOf: areas[(slot + 1)...])
        upper.measure()
        areas.removeSubrange(slot...)
        measure()
        return upper
    }

    /// Appends the areas of the next leaf.
    mutating func join(_ next: Self) {
        areas.append(contentsOf: next.areas)
        measure()
    }

    /// Updates what is derived from the areas, after a change of the area `slot`.
    @inline(__always)
    private mutating func update(around slot: Int) {
        largestGap = max(largestGap, max(gap(below: slot), gap(below: slot + 1)))
        measureBounds()
    }

    /// Updates everything that is derived from the areas.
    private mutating func measure() {
        measureGaps()
        measureBounds()
    }

    /// Sets the bounds, and the ends that a search looks at first.
    @inline(__always)
    private mutating func measureBounds() {
        areas.withUnsafeBufferPointer { areas in
            let last = areas.count &- 1
            func end(_ slot: Int) -> PageNumber { areas[min(slot, last)].end }
            start = areas[0].start
            self.end = areas[last].end
            ends = (end(7), end(15), end(23))
        }
    }

    /// Computes the largest gap anew.
    @inline(never)
    mutating func measureGaps() {
        largestGap = areas.withUnsafeBufferPointer { areas in
            func gap(_ slot: Int) -> Int { areas[slot].start - areas[slot &- 1].end }
            // Four at a time, because each maximum waits for the one before.
            var (a, b, c, d) = (0, 0, 0, 0)
            var slot = 1
            while slot &+ 3 < areas.count {
                a = max(a, gap(slot))
                b = max(b, gap(slot &+ 1))
                c = max(c, gap(slot &+ 2))
                d = max(d, gap(slot &+ 3))
                slot &+= 4
            }
            while slot < areas.count {
                a = max(a, gap(slot))
                slot &+= 1
            }
            return max(max(a, b), max(c, d))
        }
    }
}
