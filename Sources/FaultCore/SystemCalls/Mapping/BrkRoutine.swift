/// `brk(2)` (mm/mmap.c, Linux 6.1). It returns the page after the heap, which is the old one if the call failed.
///
///     lock ──▶ choose ─┬─ shrink ──▶ downgrade ──▶ tearDown ──▶ unlock ──▶ populated
///                      └─ grow, or an error ────────────────────▲           (if new areas are locked)
///
/// Locks: the mmap lock for writing, killably; shrinking downgrades it as munmap(2) does.
enum BrkRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case choose
        case downgrade
        case tearDown
        case unlock
        case populated
        case told
    }

    /// What happens to the heap.
    enum Change: FieldList {
        /// Not known yet.
        case undecided
        /// It still ends at this page.
        case none(PageNumber)
        /// It ended at this page, and has grown; if `isLocked`, its new pages are to be populated.
        case grown(from: PageNumber, isLocked: Bool)
        /// It ended at this page, and has lost areas at its end; this is left to do for them.
        case shrunk(from: PageNumber, Unmapping)

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            switch self {
            case .undecided: visitor.visit("case", 0)
            case .none(let end):
                visitor.visit("case", 1)
                visitor.visit("end", end)
            case .grown(let old, let isLocked):
                visitor.visit("case", 2)
                visitor.visit("from", old)
                visitor.visit("isLocked", isLocked)
            case .shrunk(let old, let unmapping):
                visitor.visit("case", 3)
                visitor.visit("from", old)
                visitor.visit("unmapping", unmapping)
            }
        }
    }

    struct Frame: RoutineFrame {
        /// By how many pages the heap is to grow; negative if it is to shrink.
        let pages: Int
        /// What happens to the heap; known from `downgrade` on.
        var change = Change.undecided

        init(pages: Int) { self.pages = pages }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("pages", pages)
            visitor.visit("change", change)
        }

        /// The result of the call: the page after the heap.
        var result: CallResult {
            switch change {
            case .undecided: misuse("BrkRoutine.unlock: nothing was decided")
            case .none(let end): .value(Int(end.rawValue))
            case .grown(let old, _), .shrunk(let old, _): .value(Int((old + pages).rawValue))
            }
        }
    }

    static var number: RoutineNumber { .brk }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.scheduler.current
        let map = machine.currentMap
        let pages = frame.pages
        switch stage {
        case .lock:
            return .call(machine.taking(.mmap(map), .write, .killable), then: .choose)

        case .choose:
            if let errno = resumed.errno { return .failed(errno) }
            let old = machine.maps[map.index].heapEnd
            frame.change = .none(old)
            let limit = machine.geometry.userLimit
            let room = old - machine.maps[map.index].heapStart
            guard pages != 0, pages >= -room, pages <= limit - old else { return .next(.unlock) }
            guard room + pages <= machine.settings.dataLimitPages else { return .next(.unlock) }
            let new = old + pages
            if pages > 0 {
                if let wait = machine.waitToWrite(areasIn: max(heapStart(machine, map), old - 1)..<old, of: map) {
                    return .sleep(wait, then: .choose)
                }
                guard grow(old..<new, in: map, by: task, &machine) else { return .next(.unlock) }
                frame.change = .grown(
                    from: old, isLocked: machine.maps[map.index].defaultFlags.contains(.locked))
                machine.setHeapEnd(of: map, to: new)
                return .next(.unlock)
            }
            if let wait = machine.waitToWrite(areasIn: new..<old, of: map) { return .sleep(wait, then: .choose) }
            if let wait = machine.waitingForFills(in: new..<old, of: map, with: .eventUnmap, by: task) {
                return .call(wait, then: .choose)
            }
            guard let first = machine.firstArea(in: new..<old, of: map),
                let unmapping = machine.removeAreas(in: new..<old, from: first, of: map)
            else { return .next(.unlock) }
            frame.change = .shrunk(from: old, unmapping)
            machine.setHeapEnd(of: map, to: new)
            return .next(unmapping.mayDowngrade ? .downgrade : .tearDown)

        case .downgrade:
            machine.downgrade(.mmap(map), by: task)
            return .next(.tearDown)

        case .tearDown:
            guard case .shrunk(let old, let unmapping) = frame.change else {
                misuse("BrkRoutine.tearDown: the heap did not shrink")
            }
            machine.tearDown(old + pages..<old, unmapping, of: map, by: task)
            return .next(.unlock)

        case .unlock:
            machine.unlock(.mmap(map), by: task)
            if machine.hasEvents(task) { return .call(machine.tellingEvents(), then: .told) }
            guard case .grown(let old, isLocked: true) = frame.change else { return .done(frame.result) }
            return .call(machine.populating(old..<old + pages, .areIgnored), then: .populated)

        case .told, .populated:
            return .done(frame.result)
        }
    }

    private static func heapStart(_ machine: Machine, _ map: MapID) -> PageNumber { machine.maps[map.index].heapStart }

    /// Grows the heap's area, or makes one: `check_brk_limits()` and `do_brk_flags()`.
    ///
    /// Nothing may lie in `range`, nor so close after it that a page would not fit before a stack's guard gap. The heap
    /// does not merge with what follows it.
    private static func grow(
        _ range: Range<PageNumber>, in map: MapID, by task: TaskID, _ machine: inout Machine
    ) -> Bool {
        let pages = range.upperBound - range.lowerBound
        let defaultFlags = machine.maps[map.index].defaultFlags
        guard machine.mayLock(map, defaultFlags, pages) else { return false }
        if let next = machine.area(endingAfter: range.lowerBound, in: map),
            range.upperBound + 1 > next.guardedStart(machine.settings.stackGuardPages)
        {
            return false
        }
        guard machine.mayExpand(map, [.read, .write], by: pages),
            machine.maps[map.index].areas.count <= machine.settings.mapCountLimit
        else { return false }

        let area = VMA(
            start: range.lowerBound, end: range.upperBound, startIndex: PageIndex(rawValue: range.lowerBound.rawValue),
            flags: defaultFlags.union([.read, .write, .account]))
        if range.lowerBound > machine.maps[map.index].heapStart,
            let position = machine.maps[map.index].areas.firstPosition(endingAfter: range.lowerBound - 1)
        {
            var heap = machine.maps[map.index].areas[position]
            if heap.end == area.start, heap.canContinue(with: area, anonVMA: 0) {
                heap.end = area.end
                machine.replaceArea(at: position, in: map, with: heap)
                return true
            }
        }
        guard !machine.allocationFails(.area, for: task) else { return false }
        machine.insertArea(area, in: map)
        return true
    }
}

// MARK: - What it reads and holds

extension BrkRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let map = view.map
        switch stage {
        case .lock, .told, .populated: return []
        case .choose: return view.changingAreas(of: map)
        case .downgrade, .unlock: return view.releasing(.mmap(map))
        case .tearDown:
            guard case .shrunk(let old, let unmapping) = frame.change else { return [] }
            return view.tearingDown(old + frame.pages..<old, unmapping, of: map)
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .lock, .told, .populated: return .nothing
        case .choose: return .lock(.mmap(view.map), .write, if: view.resumed.errno == nil).and(view.heldToTell)
        case .downgrade: return .lock(.mmap(view.map), .write)
        case .tearDown, .unlock:
            guard case .shrunk(_, let unmapping) = frame.change else { return .lock(.mmap(view.map), .write) }
            return .lock(.mmap(view.map), unmapping.mayDowngrade ? .read : .write)
        }
    }
}
