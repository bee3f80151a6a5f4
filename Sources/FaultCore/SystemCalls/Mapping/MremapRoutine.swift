/// `mremap(2)` (mm/mremap.c, Linux 6.1).
///
///     lock ──▶ choose ─┬─ shrink ──▶ downgrade ──▶ tearDown ──▶ unlock ──▶ populated
///                      ├─ grow in place ────────────────────────▲           (if locked and grown)
///                      ├──────────────▶ move ───────────────────┤
///                      └──▶ clear ──▶ cutTail ──▶ moveFixed ────┘
///
/// Locks: the mmap lock for writing, killably. Shrinking in place downgrades it as munmap(2) does; a move never does.
enum MremapRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case choose
        case downgrade
        case tearDown
        case move
        case clear
        case cutTail
        case moveFixed
        case unlock
        case populated
        case told
    }

    /// The progress of the call.
    enum Progress: FieldList {
        /// Nothing has changed yet.
        case wanted(RemapTarget)
        /// The tail has lost its areas; this is left to do for them.
        case shrinking(Unmapping)
        /// The area is at this page; if `grewLocked`, its new pages are to be populated.
        case ended(PageNumber, grewLocked: Bool)
        /// The call fails.
        case failed(Errno)

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            switch self {
            case .wanted(let target):
                visitor.visit("case", 0)
                visitor.visit("target", target)
            case .shrinking(let unmapping):
                visitor.visit("case", 1)
                visitor.visit("unmapping", unmapping)
            case .ended(let page, let grewLocked):
                visitor.visit("case", 2)
                visitor.visit("page", page)
                visitor.visit("grewLocked", grewLocked)
            case .failed(let error):
                visitor.visit("case", 3)
                visitor.visit("error", error)
            }
        }
    }

    struct Frame: RoutineFrame {
        /// The first page, as the caller gave it.
        let page: PageNumber
        /// The old length, as the caller gave it.
        let oldPages: Int
        /// The new length, as the caller gave it.
        let newPages: Int
        /// The progress of the call.
        var progress: Progress

        init(page: PageNumber, oldPages: Int, newPages: Int, target: RemapTarget) {
            self.page = page
            self.oldPages = Self.length(oldPages)
            self.newPages = Self.length(newPages)
            progress = .wanted(target)
        }

        /// A length that a register can hold: a negative length counts as a huge one.
        private static func length(_ pages: Int) -> Int { pages < 0 || pages >= 1 << 52 ? 1 << 52 - 1 : pages }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("oldPages", oldPages)
            visitor.visit("newPages", newPages)
            visitor.visit("progress", progress)
        }

        /// The place that the caller wants for the area; known until anything has changed.
        var target: RemapTarget {
            guard case .wanted(let target) = progress else {
                misuse("MremapRoutine: the target is asked for after it was used")
            }
            return target
        }

        /// The place that the caller wants for the area, in a call that fixes it.
        var fixedTarget: PageNumber {
            guard case .fixed(let page) = target else { misuse("MremapRoutine: the place of the area is not fixed") }
            return page
        }

        /// The pages that a shrinking call cuts off.
        var tail: Range<PageNumber> { page + newPages..<page + oldPages }
    }

    static var number: RoutineNumber { .mremap }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.scheduler.current
        let map = machine.currentMap
        let page = frame.page
        let oldPages = frame.oldPages
        let newPages = frame.newPages
        switch stage {
        case .lock:
            guard newPages != 0, frame.target != .leaving || newPages == oldPages else { return .failed(.invalid) }
            return .call(machine.taking(.mmap(map), .write, .killable), then: .choose)

        case .choose:
            if let errno = resumed.errno { return .failed(errno) }
            guard machine.area(containing: page, in: map) != nil else { return end(.badAddress, &frame) }
            let target = frame.target
            if target == .leaving {
                let errno = refusal(toLeave: page, oldPages, in: map, machine)
                return errno.map { end($0, &frame) } ?? .next(.move)
            }
            if case .fixed(let new) = target {
                if let errno = refusal(of: new, page, oldPages, newPages, in: map, machine) {
                    return end(errno, &frame)
                }
                return .next(.clear)
            }
            if newPages <= oldPages { return shrink(&frame, in: map, &machine) }
            return grow(&frame, mayMove: target == .mayMove, in: map, &machine)

        case .downgrade:
            machine.downgrade(.mmap(map), by: task)
            return .next(.tearDown)

        case .tearDown:
            guard case .shrinking(let unmapping) = frame.progress else {
                misuse("MremapRoutine.tearDown: nothing was unmapped")
            }
            machine.tearDown(frame.tail, unmapping, of: map, by: task)
            return end(at: page, &frame)

        case .move:
            guard let area = machine.area(containing: page, in: map) else { return end(.badAddress, &frame) }
            let place = machine.place(newPages, at: .anywhere, in: map)
            guard place >= 0 else { return end(error(place), &frame) }
            let new = PageNumber(UInt64(place))
            if let wait = machine.waitToMove(area, from: page, to: new, pages: newPages, in: map) {
                return .sleep(wait, then: .move)
            }
            if let wait = waitToTell(page..<page + oldPages, in: map, machine) { return .call(wait, then: .move) }
            return move(area, &frame, pages: oldPages, to: new, in: map, &machine)

        case .clear:
            let new = frame.fixedTarget
            if let wait = machine.waitToWrite(areasIn: new..<new + newPages, of: map) {
                return .sleep(wait, then: .clear)
            }
            if let wait = machine.waitingForFills(in: new..<new + newPages, of: map, with: .eventUnmap, by: task) {
                return .call(wait, then: .clear)
            }
            if let errno = machine.unmap(new..<new + newPages, of: map, by: task) { return end(errno, &frame) }
            return .next(oldPages > newPages ? .cutTail : .moveFixed)

        case .cutTail:
            if let wait = machine.waitToWrite(areasIn: frame.tail, of: map) {
                return .sleep(wait, then: .cutTail)
            }
            if let wait = machine.waitingForFills(in: frame.tail, of: map, with: .eventUnmap, by: task) {
                return .call(wait, then: .cutTail)
            }
            if let errno = machine.unmap(frame.tail, of: map, by: task) { return end(errno, &frame) }
            return .next(.moveFixed)

        case .moveFixed:
            let new = frame.fixedTarget
            let pages = min(oldPages, newPages)
            if let errno = refusal(toResize: page, pages, newPages, in: map, machine) { return end(errno, &frame) }
            let place = machine.place(newPages, at: .fixed(new), in: map)
            guard place >= 0 else { return end(error(place), &frame) }
            guard let area = machine.area(containing: page, in: map) else { return end(.badAddress, &frame) }
            if let wait = machine.waitToMove(area, from: page, to: new, pages: newPages, in: map) {
                return .sleep(wait, then: .moveFixed)
            }
            if let wait = waitToTell(page..<page + pages, in: map, machine) { return .call(wait, then: .moveFixed) }
            return move(area, &frame, pages: pages, to: new, in: map, &machine)

        case .unlock:
            machine.unlock(.mmap(map), by: task)
            guard case .ended(let start, grewLocked: true) = frame.progress else { return tell(frame, machine) }
            let new = start + oldPages..<start + newPages
            return .call(machine.populating(new, .areIgnored), then: .populated)

        case .populated:
            return tell(frame, machine)

        case .told:
            return .done(result(frame))
        }
    }

    /// Waits until the events about the change have been read, if any are sent.
    private static func tell(_ frame: Frame, _ machine: Machine) -> RoutineStep<Stage, CallResult> {
        machine.hasEvents(machine.scheduler.current)
            ? .call(machine.tellingEvents(), then: .told) : .done(result(frame))
    }

    private static func result(_ frame: Frame) -> CallResult {
        switch frame.progress {
        case .ended(let page, _): .value(Int(page.rawValue))
        case .failed(let error): .failed(error)
        case .wanted, .shrinking: misuse("MremapRoutine.unlock: the call has not ended")
        }
    }

    // MARK: Tests

    /// The checks of `mremap_to()` before it unmaps anything.
    private static func refusal(
        of new: PageNumber, _ page: PageNumber, _ oldPages: Int, _ newPages: Int, in map: MapID, _ machine: Machine
    ) -> Errno? {
        guard new <= machine.geometry.userLimit, newPages <= machine.geometry.userLimit - new else { return .invalid }
        if page + oldPages > new, new + newPages > page { return .invalid }
        // Both areas may be split in three: fail before the target is unmapped.
        return machine.maps[map.index].areas.count + 2 >= machine.settings.mapCountLimit - 3 ? .noMemory : nil
    }

    /// Why the area at `page` can't have `newPages` pages: `vma_to_resize()`.
    private static func refusal(
        toResize page: PageNumber, _ oldPages: Int, _ newPages: Int, in map: MapID, _ machine: Machine
    ) -> Errno? {
        guard let area = machine.area(containing: page, in: map) else { return .badAddress }
        // A length of 0 old pages asks for a second mapping, which private memory can't have.
        if oldPages == 0, !area.flags.contains(.shared) { return .invalid }
        guard oldPages <= area.end - page else { return .badAddress }
        guard newPages != oldPages else { return nil }
        if area.fileIndex(of: page).rawValue.addingReportingOverflow(UInt64(newPages)).overflow { return .invalid }
        guard machine.mayLock(map, area.flags, newPages - oldPages) else { return .tryAgain }
        return machine.mayExpand(map, area.flags, by: newPages - oldPages) ? nil : .noMemory
    }

    /// Why the area at `page` can't be moved away from and left: `mremap_to()` with `MREMAP_DONTUNMAP`.
    private static func refusal(
        toLeave page: PageNumber, _ pages: Int, in map: MapID, _ machine: Machine
    ) -> Errno? {
        guard pages <= machine.geometry.userLimit - PageNumber(0) else { return .invalid }
        guard machine.maps[map.index].areas.count + 2 < machine.settings.mapCountLimit - 3 else { return .noMemory }
        if let errno = refusal(toResize: page, pages, pages, in: map, machine) { return errno }
        guard let area = machine.area(containing: page, in: map) else { return .badAddress }
        return machine.mayExpand(map, area.flags, by: pages) ? nil : .noMemory
    }

    // MARK: Ways

    /// The call that comes before pages are moved away, whether the event is a move or an unmapping.
    private static func waitToTell(
        _ pages: Range<PageNumber>, in map: MapID, _ machine: Machine
    ) -> RoutineCall? {
        let task = machine.scheduler.current
        return machine.waitingForFills(in: pages, of: map, with: .eventRemap, by: task)
            ?? machine.waitingForFills(in: pages, of: map, with: .eventUnmap, by: task)
    }

    /// Unmaps the tail: `do_mas_munmap()` with a downgrade.
    private static func shrink(
        _ frame: inout Frame, in map: MapID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let page = frame.page
        let tail = frame.tail
        guard !tail.isEmpty else { return end(at: page, &frame) }
        guard tail.upperBound <= machine.geometry.userLimit else { return end(.invalid, &frame) }
        guard let first = machine.firstArea(in: tail, of: map) else { return end(at: page, &frame) }
        if let wait = machine.waitToWrite(areasIn: tail, of: map) { return .sleep(wait, then: .choose) }
        let task = machine.scheduler.current
        if let wait = machine.waitingForFills(in: tail, of: map, with: .eventUnmap, by: task) {
            return .call(wait, then: .choose)
        }
        guard let unmapping = machine.removeAreas(in: tail, from: first, of: map) else {
            return end(.noMemory, &frame)
        }
        frame.progress = .shrinking(unmapping)
        return .next(unmapping.mayDowngrade ? .downgrade : .tearDown)
    }

    /// Grows the area in place if it can, which may merge it with what follows; else moves it.
    private static func grow(
        _ frame: inout Frame, mayMove: Bool, in map: MapID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let page = frame.page
        let oldPages = frame.oldPages
        let newPages = frame.newPages
        if let errno = refusal(toResize: page, oldPages, newPages, in: map, machine) { return end(errno, &frame) }
        guard let area = machine.area(containing: page, in: map) else { return end(.badAddress, &frame) }
        let end = page + newPages
        guard oldPages == area.end - page, end <= machine.geometry.userLimit,
            !machine.hasArea(in: area.end..<end, of: map)
        else { return mayMove ? .next(.move) : Self.end(.noMemory, &frame) }
        if let wait = machine.waitToWrite(partnersOf: area.part(area.end..<end), isNew: false, in: map) {
            return .sleep(wait, then: .choose)
        }
        guard machine.merge(area.part(area.end..<end), in: map) != nil else { return Self.end(.noMemory, &frame) }
        return Self.end(at: page, grewLocked: area.flags.contains(.locked), &frame)
    }

    /// Moves `pages` pages, and notes what is to be populated.
    private static func move(
        _ area: VMA, _ frame: inout Frame, pages: Int, to new: PageNumber, in map: MapID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.scheduler.current
        let range = frame.page..<frame.page + pages
        let leaves = frame.target == .leaving
        let isMoved = machine.move(
            range, of: area, to: new, newPages: frame.newPages, toldPages: frame.oldPages, leaves: leaves, in: map,
            by: task)
        guard isMoved else { return end(.noMemory, &frame) }
        return end(at: new, grewLocked: area.flags.contains(.locked) && frame.newPages > frame.oldPages, &frame)
    }

    /// Releases the lock, then returns the first page.
    private static func end(
        at page: PageNumber, grewLocked: Bool = false, _ frame: inout Frame
    ) -> RoutineStep<Stage, CallResult> {
        frame.progress = .ended(page, grewLocked: grewLocked)
        return .next(.unlock)
    }

    /// Releases the lock, then fails.
    private static func end(_ error: Errno, _ frame: inout Frame) -> RoutineStep<Stage, CallResult> {
        frame.progress = .failed(error)
        return .next(.unlock)
    }

    /// The error if there is no place.
    private static func error(_ place: Int64) -> Errno {
        guard let errno = Errno(returned: place) else { misuse("MremapRoutine: \(place) is a place, not an error") }
        return errno
    }
}

extension RemapTarget: FieldList {
    /// Shows the case, and the page of a fixed place.
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        switch self {
        case .inPlace: visitor.visit("case", 0)
        case .mayMove: visitor.visit("case", 1)
        case .fixed(let page):
            visitor.visit("case", 2)
            visitor.visit("page", page)
        case .leaving: visitor.visit("case", 3)
        }
    }
}

// MARK: - What it reads and holds

extension MremapRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let map = view.map
        switch stage {
        case .lock, .populated, .told: return []
        case .choose: return view.changingAreas(of: map)
        case .downgrade, .unlock: return view.releasing(.mmap(map))
        case .tearDown:
            guard case .shrinking(let unmapping) = frame.progress else { return [] }
            return view.tearingDown(frame.tail, unmapping, of: map)
        case .move, .clear, .cutTail, .moveFixed:
            let everything = PageNumber(0)..<view.machine.geometry.userLimit
            return view.changingAreas(of: map).union(view.tearingDown(everything, of: map))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        let lock = LockName.mmap(view.map)
        switch stage {
        case .lock, .populated, .told: return .nothing
        case .choose: return .lock(lock, .write, if: view.resumed.errno == nil).and(view.heldToTell)
        case .move, .clear, .cutTail, .moveFixed: return .lock(lock, .write).and(view.heldToTell)
        case .downgrade: return .lock(lock, .write)
        case .tearDown:
            guard case .shrinking(let unmapping) = frame.progress else { return .lock(lock, .write) }
            return .lock(lock, unmapping.mayDowngrade ? .read : .write)
        case .unlock: return .lock(lock, view.machine.semaphore(lock).writer == view.task ? .write : .read)
        }
    }
}
