/// The progress of a call of `try_to_free_mem_cgroup_pages()`: `scan_control`.
struct GroupScan: Sendable {
    /// `nr_to_reclaim`.
    let wanted: Int
    /// The task that calls.
    let task: TaskID
    /// `proactive`: a user asked for it.
    let isProactive: Bool
    /// `may_enter_fs()`: whether dirty pages of tmpfs may be moved to swap.
    let entersFileSystems: Bool
    /// `nr_reclaimed`.
    var reclaimed = 0
    /// Which part of the lists is looked at: one in 2 to the power of this.
    var priority = Self.firstPriority
    /// `may_deactivate`.
    var mayDeactivate = ByType(false)
    /// `force_deactivate`.
    var deactivatesAlways = false
    /// `skipped_deactivate`.
    var hasSkippedDeactivation = false
    /// `memcg_full_walk`.
    var hasWalkedAll = false
    /// `cache_trim_mode`: only pages of files are looked at.
    var looksAtFilesAlone = false
    /// The group's costs at the beginning of the pass.
    var cost = ByType(0)
    /// Dirty pages of files whose write has not begun, among ``filesTaken``.
    var unqueuedDirty = 0
    /// Pages of files that were looked at.
    var filesTaken = 0

    /// `DEF_PRIORITY`.
    static var firstPriority: Int { 12 }
    /// `SWAP_CLUSTER_MAX`.
    static var cluster: Int { 32 }
    /// `vm.swappiness`, and its largest value.
    static var swappiness: Int { 60 }
    static var mostSwappiness: Int { 200 }
}

/// Reclaim in the memory group: `try_to_free_mem_cgroup_pages()` (mm/vmscan.c, Linux 6.1 and 6.12).
///
/// It is atomic. The kernel does not sleep in it, either, unless the machine itself is at its limits. Each pass looks
/// at twice as much of the lists as the one before, until enough pages are free. Without generations, an active and an
/// inactive list of each type are kept in balance, and the recent cost of a type decides how much of it is looked at.
/// For generations, see ``Generations``.
extension Machine {
    /// Reclaims pages of the group, at least 32 if possible.
    ///
    /// - Parameter entersFileSystems: `__GFP_FS`. Readahead of a file does not have it, because
    ///   `page_cache_ra_unbounded()` calls `memalloc_nofs_save()` (mm/readahead.c, Linux 5.7 and later).
    /// - Returns: How many pages were freed.
    mutating func reclaimFromGroup(
        _ pages: Int, by task: TaskID, isProactive: Bool = false, entersFileSystems: Bool = true
    ) -> Int {
        guard hasGroup else { return 0 }
        noteWrite(.memory)
        noteInterference()
        scheduler.tasksLookedAt.insertEveryTask()
        var scan = GroupScan(
            wanted: max(pages, GroupScan.cluster), task: task, isProactive: isProactive,
            entersFileSystems: entersFileSystems)
        while true {
            scan.priority = GroupScan.firstPriority
            shrinkGroup(&scan)
            let activations = group?.statistics.activations ?? ByType(0)
            group?.activationsBefore = activations
            if scan.reclaimed > 0 { break }
            if keepsGenerations, !scan.hasWalkedAll {
                scan.hasWalkedAll = true
            } else if scan.hasSkippedDeactivation {
                scan.deactivatesAlways = true
                scan.hasSkippedDeactivation = false
            } else {
                break
            }
        }
        return scan.reclaimed
    }

    /// The passes of `do_try_to_free_pages()`.
    private mutating func shrinkGroup(_ scan: inout GroupScan) {
        while true {
            if !scan.isProactive, scan.priority <= Self.criticalPriority { tellOfPressure(scan.task) }
            if keepsGenerations { shrinkGenerations(&scan) } else { shrinkLists(&scan) }
            if (group?.wantsFlusher ?? false) { flushGroup() }
            if scan.reclaimed >= scan.wanted { return }
            guard scan.priority > 0 else { return }
            scan.priority -= 1
        }
    }

    /// `vmpressure_prio()`: informs a worker.
    private mutating func tellOfPressure(_ task: TaskID) {
        if group?.workersPreempt == true { noteProcessorChange(to: task) }
    }

    /// `vmpressure_level_critical_prio`.
    private static var criticalPriority: Int { 3 }

    // MARK: Two lists of a type

    /// How many pages to look at in each list: `nr`.
    private struct Targets {
        var inactive = ByType(0)
        var active = ByType(0)

        var isLeft: Bool { inactive.anonymous > 0 || active.file > 0 || inactive.file > 0 }

        func of(_ type: PageType) -> Int { inactive[type] + active[type] }
    }

    /// `prepare_scan_count()` and `shrink_lruvec()`.
    mutating func shrinkLists(_ scan: inout GroupScan) {
        prepare(&scan)
        var left = targets(scan)
        let all = left
        var reclaimed = 0
        while left.isLeft {
            for type in PageType.allCases {
                if left.inactive[type] > 0 {
                    let pages = min(left.inactive[type], GroupScan.cluster)
                    left.inactive[type] -= pages
                    reclaimed += shrinkInactive(type, pages, &scan)
                }
                if left.active[type] > 0 {
                    let pages = min(left.active[type], GroupScan.cluster)
                    left.active[type] -= pages
                    if scan.mayDeactivate[type] {
                        shrinkActive(type, pages)
                    } else {
                        scan.hasSkippedDeactivation = true
                    }
                }
            }
            if reclaimed < scan.wanted { continue }
            guard left.of(.file) > 0, left.of(.anonymous) > 0 else { break }
            // From now on, the smaller type is skipped, and the larger one is scanned in proportion.
            let smaller: PageType = left.of(.file) > left.of(.anonymous) ? .anonymous : .file
            let percentage = left.of(smaller) * 100 / (all.of(smaller) + 1)
            left.inactive[smaller] = 0
            left.active[smaller] = 0
            let larger = smaller.other
            for list in [\Targets.inactive, \.active] {
                let scanned = all[keyPath: list][larger] - left[keyPath: list][larger]
                let share = all[keyPath: list][larger] * (100 - percentage) / 100
                left[keyPath: list][larger] = share - min(share, scanned)
            }
        }
        scan.reclaimed += reclaimed
        if swap.total > 0, isInactiveLow(.anonymous) { shrinkActive(.anonymous, GroupScan.cluster) }
    }

    private func count(_ type: PageType, isActive: Bool) -> Int {
        group?.pages.count(GroupPages.List(type, isActive: isActive)) ?? 0
    }

    /// `inactive_is_low()`, for less than a gigabyte.
    private func isInactiveLow(_ type: PageType) -> Bool {
        guard let statistics = group?.statistics else { return false }
        return statistics.inactive[type] < statistics.active[type]
    }

    /// Updates the group's statistics if enough has changed: `mem_cgroup_flush_stats()`.
    private mutating func updateStatistics() {
        guard var statistics = group?.statistics, statistics.reports > settings.processors else { return }
        statistics.reports = 0
        statistics.activations = group?.activations ?? ByType(0)
        for type in PageType.allCases {
            statistics.inactive[type] = count(type, isActive: false)
            statistics.active[type] = count(type, isActive: true)
        }
        group?.statistics = statistics
    }

    private mutating func prepare(_ scan: inout GroupScan) {
        updateStatistics()
        guard let group else { return }
        scan.cost = group.cost
        for type in PageType.allCases {
            scan.mayDeactivate[type] =
                scan.deactivatesAlways || group.statistics.activations[type] != group.activationsBefore[type]
                || isInactiveLow(type)
        }
        scan.looksAtFilesAlone = group.statistics.inactive.file >> scan.priority > 0 && !scan.mayDeactivate.file
    }

    /// `get_scan_count()`.
    private func targets(_ scan: GroupScan) -> Targets {
        enum Balance { case equal, fractions, files }
        var balance = Balance.fractions
        if freeGroupSwapPages <= 0 {
            balance = .files
        } else if scan.priority == 0 {
            balance = .equal
        } else if scan.looksAtFilesAlone {
            balance = .files
        }
        let total = scan.cost.anonymous + scan.cost.file
        let cost = ByType(anonymous: total + scan.cost.anonymous, file: total + scan.cost.file)
        let both = cost.anonymous + cost.file
        let anonymous = GroupScan.swappiness * (both + 1) / (cost.anonymous + 1)
        let file = (GroupScan.mostSwappiness - GroupScan.swappiness) * (both + 1) / (cost.file + 1)
        let fraction = ByType(anonymous: anonymous, file: file)
        var targets = Targets()
        for type in PageType.allCases {
            for isActive in [false, true] {
                var pages = count(type, isActive: isActive) >> scan.priority
                switch balance {
                case .equal: break
                case .fractions: pages = pages * fraction[type] / (anonymous + file)
                case .files: if type == .anonymous { pages = 0 }
                }
                if isActive { targets.active[type] = pages } else { targets.inactive[type] = pages }
            }
        }
        return targets
    }

    /// Takes up to `pages` pages from the tail of a list, the last page first: `isolate_lru_folios()`.
    private mutating func isolate(_ pages: Int, from list: GroupPages.List) -> [FrameNumber] {
        var taken: [FrameNumber] = []
        while taken.count < pages, let folio = group?.pages.last(of: list), folio != .none {
            group?.pages.remove(folio)
            taken.append(folio)
        }
        return taken
    }

    /// `shrink_inactive_list()`: tries to free pages. Returns how many it freed.
    private mutating func shrinkInactive(_ type: PageType, _ pages: Int, _ scan: inout GroupScan) -> Int {
        drainBatches()
        let taken = isolate(pages, from: GroupPages.List(type, isActive: false))
        events.pgscan += taken.count
        group?.statistics.note(taken.count * 2)  // the list, and PGSCAN_DIRECT
        guard !taken.isEmpty else { return 0 }
        var counts = ShrinkCounts()
        let left = shrink(taken, scan, &counts)
        putBack(left)
        noteCost(counts.pageouts, of: type)
        events.pgsteal += mistaken(.groupStealUncounted) ? 0 : counts.reclaimed
        group?.statistics.note(counts.reclaimed * 2)  // PGSTEAL_DIRECT and PGPGOUT
        if counts.unqueuedDirty == taken.count { group?.wantsFlusher = true }
        return counts.reclaimed
    }

    /// `shrink_active_list()`: makes pages inactive that were not used recently.
    private mutating func shrinkActive(_ type: PageType, _ pages: Int) {
        drainBatches()
        var active: [FrameNumber] = []
        var inactive: [FrameNumber] = []
        let taken = isolate(pages, from: GroupPages.List(type, isActive: true))
        group?.statistics.note(taken.count * 3)  // the list, PGREFILL and PGDEACTIVATE
        for folio in taken {
            let (count, flags) = takeReferences(to: folio)
            if flags.contains(.locked) { group?.pages.mark(folio, adding: .locked) }
            if count > 0, flags.contains(.execute), type == .file {
                active.append(folio)
                continue
            }
            setFlags(of: folio, adding: .workingset, removing: .active)
            inactive.append(folio)
        }
        putBack(active)
        putBack(inactive)
    }

    /// Puts pages that reclaim has looked at into the lists that they now belong to: `move_folios_to_lru()`.
    mutating func putBack(_ folios: [FrameNumber]) {
        for folio in folios {
            guard group?.pages.marks(of: folio).contains(.locked) == false else {
                addToGroup(folio, isReclaiming: true)
                continue
            }
            putIntoList(folio)
            if !keepsGenerations, frames[folio].flags.contains(.active) { ageNonresident() }
        }
    }

    /// `lru_note_cost()`: counts what it cost to reclaim pages of a type, or to bring one back. Older costs count less.
    mutating func noteCost(_ pages: Int, of type: PageType) {
        guard var cost = group?.cost else { return }
        cost[type] += pages
        var size = 0
        for type in PageType.allCases {
            size += (group?.statistics.inactive[type] ?? 0) + (group?.statistics.active[type] ?? 0)
        }
        if cost.file + cost.anonymous > size / 4 {
            cost.file /= 2
            cost.anonymous /= 2
        }
        group?.cost = cost
    }
}

extension ByType {
    init(anonymous: Value, file: Value) {
        self.anonymous = anonymous
        self.file = file
    }
}
