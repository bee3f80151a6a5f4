/// `mincore(2)` (mm/mincore.c, Linux 6.1). The result is the number of pages that are in memory.
///
/// It takes the mmap lock for reading once for each area, and once for each page of results. A hole ends it with
/// `ENOMEM`. Differs: the results go to a buffer that is always present.
enum MincoreRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case look
    }

    struct Frame: RoutineFrame {
        /// The next page.
        var page: PageNumber
        /// How many pages are left; at first, the number that the caller gave.
        var left: Int
        /// How many pages were in memory.
        var found = 0

        init(page: PageNumber, pages: Int) {
            self.page = page
            left = pages
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("left", left)
            visitor.visit("found", found)
        }
    }

    static var number: RoutineNumber { .mincore }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let map = machine.currentMap
        let next = frame.page
        switch stage {
        case .lock:
            guard frame.left != 0 else { return .returned(frame.found) }
            guard !machine.argumentRules.wraps(next, frame.left), next + frame.left <= machine.geometry.userLimit else {
                return .failed(.noMemory)
            }
            return .call(machine.taking(.mmap(map), .read), then: .look)

        case .look:
            let pages = min(frame.left, Int(machine.geometry.pageSize))
            guard let area = machine.area(containing: next, in: map) else {
                machine.unlock(.mmap(map), by: task)
                return .failed(.noMemory)
            }
            let end = min(area.end, next + pages)
            frame.found += machine.pagesInCore(next..<end, area, map)
            machine.unlock(.mmap(map), by: task)
            frame.page = end
            frame.left -= end - next
            return .next(.lock)
        }
    }
}

extension Machine {
    /// How many pages of a part of `area` could be touched without a device.
    func pagesInCore(_ range: Range<PageNumber>, _ area: VMA, _ map: MapID) -> Int {
        var found = 0
        var page = range.lowerBound
        while page < range.upperBound {
            let end = min(range.upperBound, page + (geometry.entriesPerTable - geometry.slot(of: page)))
            let leaf = tables.leaf(maps[map.index].root, page)
            for offset in 0..<(end - page) {
                let entry = leaf == 0 ? PTE.none : tables.entry(leaf, page + offset)
                if entry.isPresent || isInCore(page + offset, entry, area) { found += 1 }
            }
            page = end
        }
        return found
    }

    /// Whether a touch of the page would need no device: it is mapped, or its page in the page cache or the swap cache
    /// is uptodate, even if the entry is a marker (`mincore_pte_range()`).
    func isInCore(_ page: PageNumber, _ area: VMA, _ map: MapID) -> Bool {
        isInCore(page, entry(of: page, in: map), area)
    }

    /// The same for a page that has this entry.
    private func isInCore(_ page: PageNumber, _ entry: PTE, _ area: VMA) -> Bool {
        if entry.isPresent { return true }
        if let slot = swapSlot(of: entry) {
            return swapCachedFolio(of: slot).map { flags(of: $0).contains(.uptodate) } ?? false
        }
        guard isNoneMostly(entry) else { return true }  // an error, which needs no device
        guard area.file != .none else { return false }
        let index = area.fileIndex(of: page)
        let swapped = swapSlot(of: area.file, at: index).flatMap { swapCachedFolio(of: $0) }
        guard let folio = cachedFolio(at: index, of: area.file) ?? swapped else { return false }
        return flags(of: folio).contains(.uptodate) || mistaken(.unreadPageInCore)
    }
}

// MARK: - What it reads and holds

extension MincoreRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .lock: return []
        case .look:
            guard let area = view.machine.area(containing: frame.page, in: view.map) else {
                return view.releasing(.mmap(view.map)).union([.areas(view.map)])
            }
            return view.releasing(.mmap(view.map)).union(
                [.areas(view.map)], view.entries(in: area.start..<area.end, of: view.map), view.cache(of: area.file))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        .lock(.mmap(view.map), .read, if: stage == .look)
    }
}
