extension AreaTree {
    /// The first law of the tree that does not hold; `nil` if all do.
    package var brokenInvariant: String? {
        var counted = 0
        var end: PageNumber?
        for (number, leaf) in leaves.enumerated() {
            guard !leaf.areas.isEmpty else { return "leaf \(number) is empty" }
            guard leaf.areas.count <= Leaf.capacity else { return "leaf \(number) has \(leaf.areas.count) areas" }
            counted += leaf.areas.count
            var largestGap = 0
            for (slot, area) in leaf.areas.enumerated() {
                guard area.start < area.end else { return "the area at \(area.start) is empty" }
                if let end {
                    guard end <= area.start else { return "the area at \(area.start) overlaps the one before it" }
                    guard !gapLimit.excludes(area.start - end, at: number) else {
                        return "a search would not see the gap below the area at \(area.start)"
                    }
                    if slot > 0 { largestGap = max(largestGap, area.start - end) }
                }
                end = area.end
            }
            guard leaf.start == leaf.areas[0].start else { return "leaf \(number) starts at \(leaf.start)" }
            guard leaf.end == end else { return "leaf \(number) ends at \(leaf.end)" }
            for (group, end) in [leaf.ends.0, leaf.ends.1, leaf.ends.2].enumerated() {
                let slot = min(8 * group + 7, leaf.areas.count - 1)
                guard end == leaf.areas[slot].end else { return "leaf \(number) has area \(slot) end at \(end)" }
            }
            guard leaf.largestGap >= largestGap else {
                return "leaf \(number) claims no gap above \(leaf.largestGap) pages, and has one of \(largestGap)"
            }
        }
        return counted == count ? nil : "\(counted) areas are counted as \(count)"
    }
}
