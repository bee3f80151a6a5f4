/// Giving out swap slots of a device that does not rotate: from lists of clusters.
extension Machine {
    /// Takes slots of a solid-state device: `cluster_alloc_swap()` (Linux 6.12).
    mutating func takeFromClusterLists(of number: Int, _ goal: Int) -> [Int] {
        var taken: [Int] = []
        while taken.count < goal, let offset = takeFromClusters(of: number) { taken.append(offset) }
        return taken
    }

    /// `cluster_alloc_swap_entry()`.
    private mutating func takeFromClusters(of number: Int) -> Int? {
        let next = swap.areas[number].clusters.next
        if next != 0, let found = takeInCluster(from: next, of: number) { return found }
        if let free = swap.areas[number].clusters.first(.free) {
            return takeInCluster(from: free * SwapClusters.size, of: number)
        }
        if isSwapNearlyFull { reclaimFullCluster(of: number) }
        var tried = 0
        while let cluster = swap.areas[number].clusters.first(.partlyUsed) {
            swap.updateArea(number) { $0.clusters.move(cluster, to: .fragmented) }
            tried += 1
            if let found = takeInCluster(from: cluster * SwapClusters.size, of: number) { return found }
        }
        while tried < swap.areas[number].clusters.number(of: .fragmented),
            let cluster = swap.areas[number].clusters.first(.fragmented)
        {
            swap.updateArea(number) { $0.clusters.move(cluster, to: .fragmented) }
            tried += 1
            if let found = takeInCluster(from: cluster * SwapClusters.size, of: number) { return found }
        }
        swap.updateArea(number) { $0.clusters.next = 0 }
        return nil
    }

    /// Takes the first free slot of a cluster from `offset` on: `alloc_swap_scan_cluster()`. The next search begins
    /// after it.
    private mutating func takeInCluster(from offset: Int, of number: Int) -> Int? {
        let size = SwapClusters.size
        let cluster = offset / size
        let end = min((cluster + 1) * size, swap.areas[number].pages + 1)
        swap.updateArea(number) { $0.clusters.next = 0 }
        guard swap.areas[number].clusters.count(cluster) < size else { return nil }
        var found: Int?
        var offset = offset
        while offset < end {
            if isSwapNearlyFull, isOnlyCached(offset, of: number) {
                _ = reclaimSwapCache(offset, of: number, isDirect: true)
            }
            if !swap.areas[number].isUsed(offset) {
                found = offset
                break
            }
            offset = isSwapNearlyFull ? offset + 1 : swap.areas[number].firstFree(from: offset, below: end) ?? end
        }
        guard let found, swap.areas[number].isWritable else { return nil }
        let isFull = swap.updateArea(number) { area in
            if area.clusters.kinds[cluster] == .free { area.clusters.move(cluster, to: .partlyUsed) }
            area.clusters.count(cluster, 1)
            let isFull = area.clusters.count(cluster) == size
            if isFull { area.clusters.move(cluster, to: .full) }
            return isFull
        }
        reserve(found, of: number)
        let next = isFull || found + 1 >= end ? 0 : found + 1
        swap.updateArea(number) { $0.clusters.next = next }
        return found
    }

    /// Frees the slots of one full cluster that only the swap cache uses: `swap_reclaim_full_clusters()`.
    private mutating func reclaimFullCluster(of number: Int) {
        guard let cluster = swap.areas[number].clusters.first(.full) else { return }
        swap.updateArea(number) { $0.clusters.move(cluster, to: .full) }
        let end = min((cluster + 1) * SwapClusters.size, swap.areas[number].pages + 1)
        for offset in cluster * SwapClusters.size..<end where isOnlyCached(offset, of: number) {
            _ = reclaimSwapCache(offset, of: number, isDirect: true)
        }
    }
}
