extension AreaTree {
    /// Adds `area`, which must not be empty nor overlap another. Models `vma_link()`.
    ///
    /// - Returns: Where the area is now.
    /// - Complexity: O(*leaf* + *n* / *leaf*), where a leaf has up to 32 areas.
    @discardableResult
    package mutating func insert(_ area: VMA) -> Position {
        precondition(area.start < area.end, "AreaTree.insert: an area has at least one page")
        sequence &+= 1
        count += 1
        guard !leaves.isEmpty else {
            gapLimit = GapLimit()
            leaves.append(Leaf(area))
            return Position(0, 0)
        }
        var (leaf, slot) = place(of: area)
        if leaves[leaf].areas.count == Leaf.capacity {
            makeRoom(in: leaf, at: slot)
            (leaf, slot) = place(of: area)
        }
        leaves[leaf].insert(area, at: slot)
        recent = Position(leaf, slot)
        return recent
    }

    /// Adds `area` before the area at `next`, which is the first that ends above it; at the end if there is none.
    ///
    /// It must not be empty nor overlap another.
    @inline(__always)
    package mutating func insert(_ area: VMA, before next: Position?) {
        let leaf = next.map { Int($0.leaf) } ?? leaves.count - 1
        guard leaf >= 0, leaves[leaf].areas.count < Leaf.capacity else {
            insert(area)
            return
        }
        let slot = next.map { Int($0.slot) } ?? leaves[leaf].areas.count
        precondition(area.start < area.end, "AreaTree.insert: an area has at least one page")
        precondition(
            next == nil || area.end <= leaves[leaf].areas[slot].start, "AreaTree.insert: areas do not overlap")
        sequence &+= 1
        count += 1
        leaves[leaf].insert(area, at: slot)
        recent = Position(leaf, slot)
    }

    /// The position in one of the leaves at which to insert `area`. There must be at least one leaf.
    @inline(__always)
    private func place(of area: VMA) -> (leaf: Int, slot: Int) {
        let leaf = leafNumber(endingAfter: area.start)
        guard leaf < leaves.count else { return (leaf - 1, leaves[leaf - 1].areas.count) }
        let slot = leaves[leaf].slot(endingAfter: area.start)
        precondition(area.end <= leaves[leaf].areas[slot].start, "AreaTree.insert: areas do not overlap")
        return (leaf, slot)
    }

    /// Moves areas of the full leaf number `leaf` elsewhere, because one is to be inserted at `slot`.
    @inline(never)
    private mutating func makeRoom(in leaf: Int, at slot: Int) {
        gapLimit = GapLimit()
        // Fuller leaves are worth some moves: a copy of the tree counts one reference for each leaf.
        if leaf > 0, leaves[leaf - 1].areas.count <= Leaf.crowded {
            let number = (Leaf.capacity - leaves[leaf - 1].areas.count) / 2
            leaves.withUnsafeMutableBufferPointer { $0[leaf].moveFirst(number, to: &$0[leaf - 1]) }
        } else if leaf + 1 < leaves.count, leaves[leaf + 1].areas.count <= Leaf.crowded {
            let number = (Leaf.capacity - leaves[leaf + 1].areas.count) / 2
            leaves.withUnsafeMutableBufferPointer { $0[leaf].moveLast(number, to: &$0[leaf + 1]) }
        } else {
            // Insertions often come in runs, each just below or above the last: leave the room there.
            let cut = min(max(slot, Leaf.sparse), Leaf.crowded)
            leaves.insert(leaves[leaf].split(at: cut), at: leaf + 1)
        }
    }

    /// Removes the area at `position`. Models `vma_iter_clear()`.
    ///
    /// - Returns: The new position of the area that followed; `nil` if it was the last.
    /// - Complexity: O(*leaf* + *n* / *leaf*), where a leaf has up to 32 areas.
    @discardableResult
    package mutating func remove(at position: Position) -> Position? {
        var leaf = Int(position.leaf)
        var slot = Int(position.slot)
        sequence &+= 1
        count -= 1
        let left = leaves[leaf].areas.count - 1
        if left == 0 {
            gapLimit = GapLimit()
            leaves.remove(at: leaf)
            return leaf < leaves.count ? Position(leaf, 0) : nil
        }
        leaves[leaf].remove(at: slot)
        if left < Leaf.sparse {
            if leaf > 0, leaves[leaf - 1].areas.count + left <= Leaf.crowded {
                leaf -= 1
                slot += leaves[leaf].areas.count
                gapLimit = GapLimit()
                leaves[leaf].join(leaves.remove(at: leaf + 1))
            } else if leaf + 1 < leaves.count, leaves[leaf + 1].areas.count + left <= Leaf.crowded {
                gapLimit = GapLimit()
                leaves[leaf].join(leaves.remove(at: leaf + 1))
            }
        }
        if slot == leaves[leaf].areas.count {
            leaf += 1
            slot = 0
        }
        gapLimit.include(leaf)
        guard leaf < leaves.count else { return nil }
        recent = Position(leaf, slot)
        return recent
    }

    /// Replaces the area at `position` by `area`. Models `vma_adjust()` of one area.
    ///
    /// The bounds may change, but `area` must not be empty nor reach into a neighbour. Positions stay as they are.
    package mutating func replace(at position: Position, with area: VMA) {
        let leaf = Int(position.leaf)
        let slot = Int(position.slot)
        let old = leaves[leaf].areas[slot]
        if area.start == old.start, area.end == old.end {
            if area.startIndex != old.startIndex || area.file != old.file { sequence &+= 1 }
            leaves[leaf][slot] = area
            return
        }
        precondition(area.start < area.end, "AreaTree.replace: an area has at least one page")
        if let below = self.position(before: position) {
            precondition(self[below].end <= area.start, "AreaTree.replace: an area stays above the one before it")
        }
        if let above = self.position(after: position) {
            precondition(area.end <= self[above].start, "AreaTree.replace: an area stays below the one after it")
        }
        sequence &+= 1
        gapLimit.include(leaf + 1)
        leaves[leaf].replace(at: slot, with: area)
    }
}
