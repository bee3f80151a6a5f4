/// A run of neighbouring swap entries that are removed together: `swap_pte_batch()` (mm/internal.h, Linux 6.12).
struct SwapRun {
    /// The pages of the entries; empty for no run.
    var pages = PageNumber(0)..<PageNumber(0)
    /// Whether their slots are free at once, and do not go to a processor's stock.
    var isFreedAtOnce = false

    /// Looks at the next entry of a walk, which may begin another run.
    @inline(__always)
    mutating func goOn(
        _ entry: PTE, at page: PageNumber, in leaf: UInt32, below end: PageNumber, _ machine: borrowing Machine
    ) {
        guard machine.swapSlot(of: entry) != nil, !pages.contains(page) else { return }
        self = machine.swapRun(from: entry, at: page, in: leaf, below: end)
    }

    /// Whether the slot of the entry of a page is free at once.
    func freesAtOnce(_ page: PageNumber) -> Bool { isFreedAtOnce && pages.contains(page) }
}

extension Machine {
    /// The run that a swap entry begins, up to the end of its table or to `end`: entries that are alike and name slots one
    /// after the other.
    ///
    /// From Linux 6.12 on, the slots of a run of two or more are free at once, if each has only this entry, none has a
    /// page in the swap cache, and all are in one cluster: `__swap_entries_free()` (mm/swapfile.c).
    func swapRun(from entry: PTE, at page: PageNumber, in leaf: UInt32, below end: PageNumber) -> SwapRun {
        guard model.swapSlots == .clusterLists, let first = swapSlot(of: entry) else { return SwapRun() }
        let place = geometry.slot(of: page)
        let most = min(end - page, geometry.entriesPerTable - place)
        let area = swap.area(of: first)
        var length = 1
        while length < most {
            let next = PTE(rawValue: tables.nodes[Int(leaf), place + length])
            let slot = first + length
            guard swapSlot(of: next) == slot, next.bits == entry.bits, swap.area(of: slot) == area,
                group?.isCharged(slot: slot) == group?.isCharged(slot: first)
            else { break }
            length += 1
        }
        let offset = swap.areas[area].offset(of: first)
        let isInCluster = length <= SwapClusters.size - offset % SwapClusters.size
        let isFreedAtOnce =
            length > 1 && isInCluster
            && (first..<first + length).allSatisfy {
                swap[$0].count == 1 && swap[$0].cached == .none && !swap[$0].isReserved
            }
        return SwapRun(pages: page..<page + length, isFreedAtOnce: isFreedAtOnce)
    }
}
