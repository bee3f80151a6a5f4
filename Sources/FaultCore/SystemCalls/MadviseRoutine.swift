/// `madvise(2)`: `do_madvise()` and `madvise_walk_vmas()` (mm/madvise.c, Linux 6.1).
///
///     lock ─▶ visit ◀─┬─▶ readAhead ─▶ visit                                      WILLNEED, once an area
///                     ├─▶ swapIn ─▶ swapIn                                        WILLNEED, once a page in swap
///                     ├─▶ populate ─▶ populated ─▶ populateRelocked ─▶ populate   POPULATE_*, by area
///                     └─▶ pageOut ─▶ pageOut                                      PAGEOUT, once a page
///     lock ─▶ findWithoutLock ─▶ lockArea ─▶ visitLocked                          DONTNEED, FREE of one area
///                     └──────────────┴─▶ locked ─▶ visit ...                      by its own lock
///     lock ─▶ populateRange ─▶ rangePopulated ─▶ rangeRelocked ─▶ populateRange   POPULATE_*, by range
///
/// Goes from area to area. A hole is passed over, and `ENOMEM` answered at the end; an error of an area ends the call at
/// once, and what came before it stays done. Only what changes flags takes the lock for writing.
///
/// The words: 0 is the next page, 1 the page behind the range (at first how many pages it has), 2 whether there was a
/// hole, 3 where the part of the area ends that is being populated, paged in or out, 4 what the last run of populating returned.
enum MadviseRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case locked
        case visit
        case readAhead
        case swapIn
        case populate
        case populated
        case populateRelocked
        case pageOut
        case populateRange
        case rangePopulated
        case rangeRelocked
        case findWithoutLock
        case lockArea
        case visitLocked
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> {
        step(Stage(rawValue: call.stage.rawValue)!, &call, &fault, &machine).erased
    }

    static func step(
        _ stage: Stage, _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let task = machine.currentTask
        let map = machine.tasks[task.index].map
        let advice = Advice(rawValue: call.option) ?? .normal
        switch stage {
        case .lock:
            let pages = Int64(bitPattern: call.words.1)
            guard pages > 0 else { return pages == 0 ? .done : .failed(.invalid) }
            call.words.1 &+= call.words.0
            if advice.takesAreaLock(machine.model) { return .next(.findWithoutLock) }
            let wanted: Call =
                advice.changesFlags
                ? machine.taking(.mmap(map), .write, .killable) : machine.taking(.mmap(map), .read)
            return .call(wanted, then: .locked)

        case .findWithoutLock:
            fault = VMFault()
            fault.task = task
            fault.map = map
            fault.page = PageNumber(call.words.0)
            if machine.findAreaWithoutLock(of: &fault) { return .next(.lockArea) }
            return .call(machine.taking(.mmap(map), .read), then: .locked)

        case .lockArea:
            switch machine.tryAreaLock(of: &fault) {
            case .replaced: return .next(.findWithoutLock)
            case .refused: break
            case .locked:
                // More than one area takes the lock that keeps them all.
                if PageNumber(call.words.1) <= machine.area(of: fault).end { return .next(.visitLocked) }
                machine.releaseFaultLock(of: &fault)
            }
            return .call(machine.taking(.mmap(map), .read), then: .locked)

        case .visitLocked:
            let part = PageNumber(call.words.0)..<PageNumber(call.words.1)
            let error = discard(part, of: machine.area(of: fault), advice, map, &machine)
            machine.releaseFaultLock(of: &fault)
            return error.map { .failed($0) } ?? .done

        case .locked:
            guard call.returned == 0 else { return .failed(.interrupted) }
            return .next(advice.populates && machine.model.populatePages == .byRange ? .populateRange : .visit)

        case .visit:
            return visit(advice, &call, map, &machine)

        case .readAhead:
            var pin = FilePin(FileID(Int(call.words.4)))
            machine.unpin(&pin)
            return .call(machine.taking(.mmap(map), .read), then: .visit)

        case .swapIn:
            let part = PageNumber(call.words.0)..<PageNumber(call.words.3)
            guard let (page, slot) = machine.firstSwappedOut(in: part, of: map) else {
                call.words.0 = call.words.3
                return .next(.visit)
            }
            if machine.mustReclaim(for: task) { return .call(machine.reclaiming, then: .swapIn) }
            machine.readSwapAhead(slot, by: task)
            call.words.0 = page.rawValue + 1
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .swapIn) }
            return .next(.swapIn)

        case .populate:
            let next = PageNumber(call.words.0)
            guard next < PageNumber(call.words.3) else { return .next(.visit) }
            guard let area = machine.area(containing: next, in: map) else { return end(.noMemory, map, &machine) }
            let flags: GUPFlags = advice == .populateWrite ? [.touch, .write] : .touch
            guard GetUserPagesRoutine.allows(area, flags) else { return end(.invalid, map, &machine) }
            let pages = min(area.end, PageNumber(call.words.3)) - next
            return .call(GetUserPagesRoutine.call(.unlockable, from: next, pages: pages, flags), then: .populated)

        case .populated:
            call.words.4 = UInt64(bitPattern: call.returned)
            let isLocked = fault.lock != .none
            fault.lock = .none
            if isLocked { return .next(.populateRelocked) }
            return .call(machine.taking(.mmap(map), .read), then: .populateRelocked)

        case .populateRelocked:
            let done = Int64(bitPattern: call.words.4)
            if let errno = Errno(returned: done) { return end(errno, map, &machine) }
            call.words.0 += UInt64(done)
            return .next(.populate)

        case .populateRange:
            let next = PageNumber(call.words.0)
            let end = PageNumber(call.words.1)
            guard next < end else { return Self.end(nil, map, &machine) }
            var flags: GUPFlags = [.touch, .advice]
            if advice == .populateWrite { flags.insert(.write) }
            return .call(
                GetUserPagesRoutine.call(.unlockableRange, from: next, pages: end - next, flags),
                then: .rangePopulated)

        case .rangePopulated:
            call.words.4 = UInt64(bitPattern: call.returned)
            let isLocked = fault.lock != .none
            fault.lock = .none
            if isLocked { return .next(.rangeRelocked) }
            return .call(machine.taking(.mmap(map), .read), then: .rangeRelocked)

        case .rangeRelocked:
            let done = Int64(bitPattern: call.words.4)
            if let errno = Errno(returned: done) {
                let isKnown = errno == .interrupted || errno == .invalid || errno == .badAddress
                return end(isKnown ? errno : .noMemory, map, &machine)
            }
            call.words.0 += UInt64(done)
            return .next(.populateRange)

        case .pageOut:
            let part = PageNumber(call.words.0)..<PageNumber(call.words.3)
            guard part.lowerBound < part.upperBound else { return .next(.visit) }
            call.words.0 = PageOut.reclaimNext(part, of: map, by: task, &machine).rawValue
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .pageOut) }
            return .next(.pageOut)
        }
    }

    /// One turn of the loop of `madvise_walk_vmas()`: `madvise_vma_behavior()` for the next area.
    private static func visit(
        _ advice: Advice, _ call: inout Activation, _ map: MapID, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let end = PageNumber(call.words.1)
        let holes: Errno? = call.words.2 == 0 ? nil : .noMemory
        guard PageNumber(call.words.0) < end else { return Self.end(holes, map, &machine) }
        guard let position = machine.maps[map.index].areas.firstPosition(endingAfter: PageNumber(call.words.0)) else {
            return Self.end(.noMemory, map, &machine)
        }
        let area = machine.maps[map.index].areas[position]
        if PageNumber(call.words.0) < area.start {
            call.words.2 = 1
            call.words.0 = area.start.rawValue
            guard area.start < end else { return Self.end(.noMemory, map, &machine) }
        }
        let part = PageNumber(call.words.0)..<min(area.end, end)
        call.words.0 = part.upperBound.rawValue

        switch advice {
        case .normal, .random, .sequential, .dontFork, .doFork, .wipeOnFork, .keepOnFork:
            if advice == .wipeOnFork, area.file != .none || area.flags.contains(.shared) {
                return Self.end(.invalid, map, &machine)
            }
            let flags = advice.flags(from: area.flags)
            guard flags != area.flags else { return .next(.visit) }
            if let wait = machine.waitToWrite(changing: part, at: position, in: map, to: flags) {
                call.words.0 = part.lowerBound.rawValue
                return .sleep(wait, then: .visit)
            }
            guard let changed = machine.changeFlags(of: part, at: position, in: map, to: flags) else {
                return Self.end(.tryAgain, map, &machine)
            }
            // What it was merged into may reach further.
            call.words.0 = max(part.upperBound, machine.maps[map.index].areas[changed].end).rawValue
            return .next(.visit)

        case .dontNeed, .dontNeedLocked, .free:
            if let error = discard(part, of: area, advice, map, &machine) { return Self.end(error, map, &machine) }
            return .next(.visit)

        case .willNeed:
            guard area.file != .none else {
                call.words.0 = part.lowerBound.rawValue
                call.words.3 = part.upperBound.rawValue
                return .next(.swapIn)
            }
            // Pages of shared memory are never swapped out here.
            guard !machine.traits(of: area.file).contains(.shmem) else { return .next(.visit) }
            _ = machine.pin(area.file)
            call.words.4 = UInt64(area.file.index)
            machine.unlock(.mmap(map), by: machine.currentTask)
            let read = Call(
                .fileCall, option: FileCall.willNeed.rawValue, owner: UInt32(truncatingIfNeeded: area.file.rawValue),
                first: area.fileIndex(of: part.lowerBound).rawValue,
                second: UInt64(part.upperBound - part.lowerBound))
            return .call(read, then: .readAhead)

        case .cold, .pageOut:
            if area.flags.contains(.locked) { return Self.end(.invalid, map, &machine) }
            if advice == .cold {
                PageOut.makeCold(part, of: map, &machine)
                return .next(.visit)
            }
            call.words.0 = part.lowerBound.rawValue
            call.words.3 = part.upperBound.rawValue
            return .next(.pageOut)

        case .populateRead, .populateWrite:
            call.words.0 = part.lowerBound.rawValue
            call.words.3 = part.upperBound.rawValue
            return .next(.populate)
        }
    }

    /// Throws pages of one area away: `madvise_dontneed_free()`.
    private static func discard(
        _ part: Range<PageNumber>, of area: VMA, _ advice: Advice, _ map: MapID, _ machine: inout Machine
    ) -> Errno? {
        if area.flags.contains(.locked), advice != .dontNeedLocked { return .invalid }
        guard advice == .free else {
            machine.zap(part, of: map, isSequential: area.flags.contains(.sequentialRead), by: machine.currentTask)
            return nil
        }
        guard area.isAnonymous else { return .invalid }
        machine.makeFree(part, of: map, by: machine.currentTask)
        return nil
    }

    private static func end(_ errno: Errno?, _ map: MapID, _ machine: inout Machine) -> OldStep<Stage> {
        machine.unlock(.mmap(map), by: machine.currentTask)
        return errno.map { .failed($0) } ?? .done
    }
}

extension Advice {
    /// Whether the advice changes flags of areas, for which it takes the lock for writing: `madvise_need_mmap_write()`.
    var changesFlags: Bool {
        switch self {
        case .normal, .random, .sequential, .dontFork, .doFork, .wipeOnFork, .keepOnFork: true
        case .willNeed, .dontNeed, .dontNeedLocked, .free, .populateRead, .populateWrite, .cold, .pageOut: false
        }
    }

    /// Whether the advice tries the area's own lock first: `get_lock_mode()`.
    func takesAreaLock(_ model: KernelModel) -> Bool {
        model.adviceLock == .area && (self == .dontNeed || self == .dontNeedLocked || self == .free)
    }

    /// Whether the advice asks for pages to be faulted in.
    var populates: Bool { self == .populateRead || self == .populateWrite }

    /// The flags that an area with `old` has after the advice.
    func flags(from old: VMAFlags) -> VMAFlags {
        switch self {
        case .normal: old.subtracting([.randomRead, .sequentialRead])
        case .random: old.subtracting(.sequentialRead).union(.randomRead)
        case .sequential: old.subtracting(.randomRead).union(.sequentialRead)
        case .dontFork: old.union(.dontCopy)
        case .doFork: old.subtracting(.dontCopy)
        case .wipeOnFork: old.union(.wipeOnFork)
        case .keepOnFork: old.subtracting(.wipeOnFork)
        case .willNeed, .dontNeed, .dontNeedLocked, .free, .populateRead, .populateWrite, .cold, .pageOut: old
        }
    }
}
