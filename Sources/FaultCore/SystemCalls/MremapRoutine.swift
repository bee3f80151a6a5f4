/// `mremap(2)` (mm/mremap.c, Linux 6.1).
///
///     lock ──▶ choose ─┬─ shrink ──▶ downgrade ──▶ tearDown ──▶ unlock ──▶ populated
///                      ├─ grow in place ────────────────────────▲           (if locked and grown)
///                      ├──────────────▶ move ───────────────────┤
///                      └──▶ clear ──▶ cutTail ──▶ moveFixed ────┘
///
/// Locks: the mmap lock for writing, killably. Shrinking in place downgrades it as munmap(2) does; a move never does.
enum MremapRoutine {
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
    }

    /// The call's words: `words.0` is the first page, `words.1` how many pages; 2 to 4 keep the ``Unmapping`` of a
    /// shrinking call, else `words.2` is the first page to populate and `words.3` how many; `words.5` is the result.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.scheduler.current
        let map = machine.tasks[task.index].map
        guard case .mremap(let page, let oldPages, let newPages, let target) = machine.tasks[task.index].operation
        else { return .failed(.invalid) }
        switch stage {
        case .lock:
            guard newPages > 0, oldPages >= 0, newPages < 1 << 52, oldPages < 1 << 52 else {
                return .failed(.invalid)
            }
            return .call(machine.taking(.mmap(map), .write, .killable), then: .choose)

        case .choose:
            guard call.returned == 0 else { return .returned(call.returned) }
            guard machine.area(containing: page, in: map) != nil else { return end(.badAddress, &call) }
            if case .fixed(let new) = target {
                if let errno = refusal(of: new, page, oldPages, newPages, in: map, machine) {
                    return end(errno, &call)
                }
                return .next(.clear)
            }
            if newPages <= oldPages {
                return shrink(page + newPages..<page + oldPages, to: page, in: map, &call, &machine)
            }
            return grow(page, oldPages, newPages, mayMove: target == .mayMove, in: map, &call, &machine)

        case .downgrade:
            machine.downgrade(.mmap(map), by: task)
            return .next(.tearDown)

        case .tearDown:
            machine.tearDown(
                page + newPages..<page + oldPages, Unmapping(from: call), of: map, by: task)
            return end(at: page, &call)

        case .move:
            guard let area = machine.area(containing: page, in: map) else { return end(.badAddress, &call) }
            let place = machine.place(newPages, at: .anywhere, in: map)
            guard place >= 0 else { return end(Errno(returned: place), &call) }
            let new = PageNumber(UInt64(place))
            if let wait = machine.waitToMove(area, from: page, to: new, pages: newPages, in: map) {
                return .sleep(wait, then: .move)
            }
            return move(area, page, oldPages, newPages, to: new, in: map, &call, &machine)

        case .clear:
            guard case .fixed(let new) = target else { return end(.invalid, &call) }
            if let wait = machine.waitToWrite(areasIn: new..<new + newPages, of: map) {
                return .sleep(wait, then: .clear)
            }
            if let errno = machine.unmap(new..<new + newPages, of: map, by: task) { return end(errno, &call) }
            return .next(oldPages > newPages ? .cutTail : .moveFixed)

        case .cutTail:
            if let wait = machine.waitToWrite(areasIn: page + newPages..<page + oldPages, of: map) {
                return .sleep(wait, then: .cutTail)
            }
            if let errno = machine.unmap(page + newPages..<page + oldPages, of: map, by: task) {
                return end(errno, &call)
            }
            return .next(.moveFixed)

        case .moveFixed:
            guard case .fixed(let new) = target else { return end(.invalid, &call) }
            let pages = min(oldPages, newPages)
            if let errno = refusal(toResize: page, pages, newPages, in: map, machine) { return end(errno, &call) }
            let place = machine.place(newPages, at: .fixed(new), in: map)
            guard place >= 0 else { return end(Errno(returned: place), &call) }
            guard let area = machine.area(containing: page, in: map) else { return end(.badAddress, &call) }
            if let wait = machine.waitToMove(area, from: page, to: new, pages: newPages, in: map) {
                return .sleep(wait, then: .moveFixed)
            }
            return move(area, page, pages, newPages, to: new, in: map, &call, &machine)

        case .unlock:
            machine.unlock(.mmap(map), by: task)
            guard newPages > oldPages, call.words.3 != 0 else { return .returned(Int64(bitPattern: call.words.5)) }
            return .call(
                machine.populating(Int(call.words.3), from: PageNumber(call.words.2), .areIgnored), then: .populated)

        case .populated:
            return .returned(Int64(bitPattern: call.words.5))
        }
    }

    // MARK: Tests

    /// The tests of `mremap_to()` before it unmaps anything.
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
        // No old pages at all asks for a second mapping, which private memory can't have.
        if oldPages == 0, !area.flags.contains(.shared) { return .invalid }
        guard oldPages <= area.end - page else { return .badAddress }
        guard newPages != oldPages else { return nil }
        if area.fileIndex(of: page).rawValue.addingReportingOverflow(UInt64(newPages)).overflow { return .invalid }
        guard machine.mayLock(map, area.flags, newPages - oldPages) else { return .tryAgain }
        return machine.mayExpand(map, area.flags, by: newPages - oldPages) ? nil : .noMemory
    }

    // MARK: Ways

    /// Unmaps the tail, whatever it is: `do_mas_munmap()` with a downgrade.
    private static func shrink(
        _ tail: Range<PageNumber>, to page: PageNumber, in map: MapID, _ call: inout Activation,
        _ machine: inout Machine
    ) -> OldStep<Stage> {
        guard !tail.isEmpty else { return end(at: page, &call) }
        guard tail.upperBound <= machine.geometry.userLimit else { return end(.invalid, &call) }
        guard let first = machine.firstArea(in: tail, of: map) else { return end(at: page, &call) }
        if let wait = machine.waitToWrite(areasIn: tail, of: map) { return .sleep(wait, then: .choose) }
        guard let unmapping = machine.removeAreas(in: tail, from: first, of: map) else {
            return end(.noMemory, &call)
        }
        unmapping.save(in: &call)
        return .next(unmapping.mayDowngrade ? .downgrade : .tearDown)
    }

    /// Lets the area grow where it is if it can, which may merge it with what follows; else it has to move.
    private static func grow(
        _ page: PageNumber, _ oldPages: Int, _ newPages: Int, mayMove: Bool, in map: MapID, _ call: inout Activation,
        _ machine: inout Machine
    ) -> OldStep<Stage> {
        if let errno = refusal(toResize: page, oldPages, newPages, in: map, machine) { return end(errno, &call) }
        guard let area = machine.area(containing: page, in: map) else { return end(.badAddress, &call) }
        let end = page + newPages
        guard oldPages == area.end - page, end <= machine.geometry.userLimit,
            !machine.hasArea(in: area.end..<end, of: map)
        else { return mayMove ? .next(.move) : Self.end(.noMemory, &call) }
        if let wait = machine.waitToWrite(partnersOf: area.part(area.end..<end), isNew: false, in: map) {
            return .sleep(wait, then: .choose)
        }
        guard machine.merge(area.part(area.end..<end), in: map) != nil else { return Self.end(.noMemory, &call) }
        if area.flags.contains(.locked) { populate(area.end, newPages - oldPages, &call) }
        return Self.end(at: page, &call)
    }

    /// Moves the pages, and notes what is to be populated.
    private static func move(
        _ area: VMA, _ page: PageNumber, _ oldPages: Int, _ newPages: Int, to new: PageNumber, in map: MapID,
        _ call: inout Activation, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let task = machine.scheduler.current
        let range = page..<page + oldPages
        guard machine.move(range, of: area, to: new, newPages: newPages, in: map, by: task) else {
            return end(.noMemory, &call)
        }
        if area.flags.contains(.locked), newPages > oldPages { populate(new + oldPages, newPages - oldPages, &call) }
        return end(at: new, &call)
    }

    private static func populate(_ page: PageNumber, _ pages: Int, _ call: inout Activation) {
        call.words.2 = page.rawValue
        call.words.3 = UInt64(pages)
    }

    /// Releases the lock, then returns the first page.
    private static func end(at page: PageNumber, _ call: inout Activation) -> OldStep<Stage> {
        call.words.5 = page.rawValue
        return .next(.unlock)
    }

    /// Releases the lock, then fails.
    private static func end(_ errno: Errno?, _ call: inout Activation) -> OldStep<Stage> {
        call.words.5 = UInt64(bitPattern: (errno ?? .invalid).returned)
        return .next(.unlock)
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> { step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased }
}
