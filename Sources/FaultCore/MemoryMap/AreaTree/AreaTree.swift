/// The VMAs of one memory map, in address order. Models `mm_mt`, the maple tree of an `mm_struct`.
///
/// It has two levels: leaves of at most ``Leaf/capacity`` areas, and the array of leaves, which is also the directory.
/// Each ``Leaf`` also holds the bounds and the largest gap of its areas, so that a search usually reads one leaf. A
/// copy shares every leaf until one side changes it.
///
/// A search counts ends of leaves instead of bisecting. It counts how many of every 512th end lie at or below the page.
/// After the last of those, it counts every 64th end in the same way, then every 8th, then the next 7 ends. The loads
/// don't wait for each other, and few branches depend on the page.
///
/// How the areas are spread over the leaves depends on the history of changes; nothing outside may depend on it.
/// Pages are numbered below 2^62, so that sums of pages and sizes never wrap.
package struct AreaTree: Sendable {
    /// The leaves, by address. None is empty.
    var leaves: [Leaf] = []

    /// How many areas there are. Models `map_count`.
    package internal(set) var count = 0

    /// A number that every change raises that moves a ``Position`` or the bounds of an area, or makes an area map
    /// something else. The number wraps around.
    ///
    /// Code that keeps a position keeps this number, too, and looks the area up again once the two differ.
    package internal(set) var sequence: UInt32 = 0

    /// The place of the last change, if it still exists. Searches look there first. Not state.
    var recent = Position(0, 0)

    /// What past searches for a gap have ruled out. Not state.
    var gapLimit = GapLimit()

    /// Makes a tree without areas.
    package init() {}

    /// Whether there are no areas.
    package var isEmpty: Bool { count == 0 }
}

// MARK: - Positions

extension AreaTree {
    /// The place of one area in the tree. It is valid until ``AreaTree/sequence`` changes.
    package struct Position: BitwiseCopyable, Hashable, Sendable {
        /// The number of the leaf.
        var leaf: UInt32
        /// The number of the area in its leaf.
        var slot: UInt16

        /// Names the area number `slot` of the leaf number `leaf`.
        @inline(__always)
        init(_ leaf: Int, _ slot: Int) {
            self.leaf = UInt32(truncatingIfNeeded: leaf)
            self.slot = UInt16(truncatingIfNeeded: slot)
        }
    }

    /// The area at `position`, to be read or changed in place.
    ///
    /// Bounds change through ``replace(at:with:)`` only; everything else may change here. The position must be current.
    package subscript(position: Position) -> VMA {
        @inline(__always)
        get { leaves[Int(position.leaf)].areas[Int(position.slot)] }

        @inline(__always)
        _modify {
            let old = self[position]
            defer {
                assert(self[position].start == old.start, "AreaTree[position]: the start changed in place")
                assert(self[position].end == old.end, "AreaTree[position]: the end changed in place")
            }
            yield &leaves[Int(position.leaf)][Int(position.slot)]
        }
    }

    /// The position of the lowest area; `nil` if there is none.
    package var firstPosition: Position? { isEmpty ? nil : Position(0, 0) }

    /// The position of the highest area; `nil` if there is none.
    package var lastPosition: Position? {
        isEmpty ? nil : Position(leaves.count - 1, leaves[leaves.count - 1].areas.count - 1)
    }

    /// The lowest area.
    package var first: VMA? { firstPosition.map { self[$0] } }

    /// The highest area.
    package var last: VMA? { lastPosition.map { self[$0] } }

    /// The position of the next higher area; `nil` after the last. Models `vma_next()`.
    package func position(after position: Position) -> Position? {
        let leaf = Int(position.leaf)
        let slot = Int(position.slot) + 1
        if slot < leaves[leaf].areas.count { return Position(leaf, slot) }
        return leaf + 1 < leaves.count ? Position(leaf + 1, 0) : nil
    }

    /// The position of the next lower area; `nil` before the first. Models `vma_prev()`.
    package func position(before position: Position) -> Position? {
        let leaf = Int(position.leaf)
        if position.slot > 0 { return Position(leaf, Int(position.slot) - 1) }
        return leaf > 0 ? Position(leaf - 1, leaves[leaf - 1].areas.count - 1) : nil
    }
}

// MARK: - Search

extension AreaTree {
    /// The position of the first area that ends after `page`: the one that contains it, else the next above it.
    ///
    /// Models `find_vma()`.
    ///
    /// - Returns: `nil` if every area ends at `page` or below.
    package func firstPosition(endingAfter page: PageNumber) -> Position? {
        let leaf = leafNumber(endingAfter: page)
        guard leaf < leaves.count else { return nil }
        return Position(leaf, leaves[leaf].slot(endingAfter: page))
    }

    /// The same position, for a page that is likely to be near the last change.
    @inline(__always)
    package func firstPosition(nearLastChange page: PageNumber) -> Position? {
        let leaf = Int(recent.leaf)
        let slot = Int(recent.slot)
        guard leaf < leaves.count, slot < leaves[leaf].areas.count, page < leaves[leaf].areas[slot].end else {
            return firstPosition(endingAfter: page)
        }
        let isFirst =
            slot > 0
            ? leaves[leaf].areas[slot - 1].end <= page : leaf == 0 || leaves[leaf - 1].end <= page
        return isFirst ? recent : firstPosition(endingAfter: page)
    }

    /// The number of the first leaf that ends after `page`; the number of leaves if there is none.
    @inline(__always)
    func leafNumber(endingAfter page: PageNumber) -> Int {
        leaves.withUnsafeBufferPointer { leaves in
            let count = leaves.count
            guard count > 0, page < leaves[count &- 1].end else { return count }
            var passed = 0
            var i = 511
            while i < count {
                passed &+= leaves[i].end <= page ? 512 : 0
                i &+= 512
            }
            i = passed &+ 63
            let within = min(passed &+ 512, count)
            while i < within {
                passed &+= leaves[i].end <= page ? 64 : 0
                i &+= 64
            }
            i = passed &+ 7
            let upper = min(passed &+ 64, count)
            while i < upper {
                passed &+= leaves[i].end <= page ? 8 : 0
                i &+= 8
            }
            if count < 8 {
                while leaves[passed].end <= page { passed &+= 1 }
                return passed
            }
            passed = min(passed, count &- 8)
            return passed
                &+ Self.countOfSeven(
                    passing: page, leaves[passed].end, leaves[passed &+ 1].end, leaves[passed &+ 2].end,
                    leaves[passed &+ 3].end, leaves[passed &+ 4].end, leaves[passed &+ 5].end,
                    leaves[passed &+ 6].end)
        }
    }

    /// How many of seven ends lie at or below `page`.
    ///
    /// Uses the signs of differences instead of comparisons, so that there are no branches: the difference is negative
    /// if the page lies below the end.
    @inline(__always)
    static func countOfSeven(
        passing page: PageNumber, _ a: PageNumber, _ b: PageNumber, _ c: PageNumber, _ d: PageNumber, _ e: PageNumber,
        _ f: PageNumber, _ g: PageNumber
    ) -> Int {
        func ahead(_ end: PageNumber) -> Int { (page - end) >> 63 }  // 0, or -1 if the end lies after the page
        let upper = ahead(d) &+ ahead(e) &+ ahead(f) &+ ahead(g)
        return 4 &+ upper &+ countOfThree(passing: page, a, b, c)
    }

    /// How many of three ends lie at or below `page`.
    @inline(__always)
    static func countOfThree(passing page: PageNumber, _ a: PageNumber, _ b: PageNumber, _ c: PageNumber) -> Int {
        func ahead(_ end: PageNumber) -> Int { (page - end) >> 63 }
        return 3 &+ ahead(a) &+ ahead(b) &+ ahead(c)
    }
}

// MARK: - Iteration

extension AreaTree {
    /// The areas of a tree, by address.
    package struct Areas: Sequence, IteratorProtocol, Sendable {
        private let tree: AreaTree
        private var position: Position?

        /// Starts at the lowest area of `tree`.
        init(of tree: AreaTree) {
            self.tree = tree
            position = tree.firstPosition
        }

        /// The next area; `nil` after the last.
        package mutating func next() -> VMA? {
            guard let position else { return nil }
            self.position = tree.position(after: position)
            return tree[position]
        }
    }

    /// All areas, by address.
    package var areas: Areas { Areas(of: self) }

    /// Calls `body` with every area that has a page in `range`, by address. Models `for_each_vma_range()`.
    package func forEach<Failure: Error>(
        in range: Range<PageNumber>, _ body: (VMA) throws(Failure) -> Void
    ) throws(Failure) {
        guard !range.isEmpty else { return }
        var next = firstPosition(endingAfter: range.lowerBound)
        while let position = next {
            let area = self[position]
            guard area.start < range.upperBound else { return }
            try body(area)
            next = self.position(after: position)
        }
    }
}

extension AreaTree: Equatable {
    /// Whether two trees hold the same areas, whatever changes led to them.
    package static func == (a: Self, b: Self) -> Bool { a.count == b.count && a.areas.elementsEqual(b.areas) }
}
