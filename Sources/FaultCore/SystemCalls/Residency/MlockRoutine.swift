/// `mlock(2)`, `mlock2(2)` and `munlock(2)` (mm/mlock.c, Linux 6.1).
///
/// The areas before a hole are changed, and the call returns `ENOMEM`; then nothing is populated. The areas stay locked
/// if populating them fails. Populating skips areas whose pages are locked when they are faulted in, but takes the mmap
/// lock to find that out.
enum MlockRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case changeAreas
        case populated
    }

    struct Frame: RoutineFrame {
        /// The first page, as the caller gave it.
        let page: PageNumber
        /// How many pages, as the caller gave it.
        let pages: Int
        /// The call.
        let request: Request

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("pages", pages)
            visitor.visit("request", request)
        }

        /// Whether memory is to be locked.
        var locks: Bool { request != .munlock }

        /// The pages, which do not wrap: known from `changeAreas` on.
        var range: Range<PageNumber> { page..<(page + pages) }
    }

    /// The calls.
    enum Request: FieldList, Equatable {
        /// munlock(2).
        case munlock
        /// mlock(2).
        case mlock
        /// mlock2(2).
        case mlock2(LockFlags)

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            switch self {
            case .munlock: visitor.visit("case", 0)
            case .mlock: visitor.visit("case", 1)
            case .mlock2(let flags):
                visitor.visit("case", 2)
                visitor.visit("flags", flags)
            }
        }

        /// The flags that the areas are to have, out of `VM_LOCKED_MASK`.
        var areaFlags: VMAFlags {
            switch self {
            case .munlock: []
            case .mlock: .locked
            case .mlock2(let flags): flags.contains(.onFault) ? [.locked, .lockOnFault] : .locked
            }
        }
    }

    static var number: RoutineNumber { .mlock }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let map = machine.currentMap
        switch stage {
        case .lock:
            if case .mlock2(let flags) = frame.request {
                guard machine.model.lockOnFault == .mlock2 else { return .failed(.noSystemCall) }
                guard flags.isSubset(of: .onFault) else { return .failed(.invalid) }
            }
            if frame.locks, machine.settings.lockedLimitPages == 0 { return .failed(.notPermitted) }
            guard !machine.argumentRules.wraps(frame.page, frame.pages) else {
                // The limit is checked first, and a negative length is a huge one.
                let wanted = frame.pages < 0 ? Int.max : frame.pages
                return .failed(frame.locks && wanted > machine.settings.lockedLimitPages ? .noMemory : .invalid)
            }
            return .call(machine.taking(.mmap(map), .write, .killable), then: .changeAreas)

        case .changeAreas:
            if let errno = resumed.errno { return .failed(errno) }
            let range = frame.range
            var error: Errno?
            if frame.locks, machine.exceedsLockedLimit(range, in: map) {
                error = .noMemory
            } else {
                let flags = frame.request.areaFlags
                if let wait = machine.waitToLock(flags, range, in: map) { return .sleep(wait, then: .changeAreas) }
                error = machine.setLocked(flags, range, in: map)
                machine.noteLocking(range, of: map, isLocked: frame.locks)
            }
            machine.unlock(.mmap(map), by: task)
            if let error { return .failed(error) }
            guard frame.locks else { return .done }
            return .call(machine.populating(range, .endCall), then: .populated)

        case .populated:
            return .done(resumed.result())
        }
    }
}

extension Machine {
    /// Whether locking `range` would lock more than `RLIMIT_MEMLOCK` allows; memory that is already locked counts once.
    fileprivate func exceedsLockedLimit(_ range: Range<PageNumber>, in map: MapID) -> Bool {
        var locked = maps[map.index].lockedPages + (range.upperBound - range.lowerBound)
        guard locked > settings.lockedLimitPages - (mistaken(.lastLockedPageRefused) ? 1 : 0) else { return false }
        maps[map.index].areas.forEach(in: range) { area in
            guard area.flags.contains(.locked) else { return }
            let part = clip(range, to: area)
            locked -= part.upperBound - part.lowerBound
        }
        return locked > settings.lockedLimitPages - (mistaken(.lastLockedPageRefused) ? 1 : 0)
    }

    /// Write-locks the areas that ``setLocked(_:_:in:)`` is about to change.
    fileprivate mutating func waitToLock(_ locked: VMAFlags, _ range: Range<PageNumber>, in map: MapID) -> TaskWait? {
        guard model.areaLocks != .none else { return nil }
        var next = range.lowerBound
        while next < range.upperBound, let position = maps[map.index].areas.firstPosition(endingAfter: next) {
            let area = maps[map.index].areas[position]
            guard area.start <= next else { return nil }
            let end = min(area.end, range.upperBound)
            let flags = area.flags.subtracting([.locked, .lockOnFault]).union(locked)
            if let wait = waitToWrite(changing: next..<end, at: position, in: map, to: flags) { return wait }
            next = area.end
        }
        return nil
    }

    /// `apply_vma_lock_flags()`: sets these flags, or none, in the areas of a range, up to the first hole.
    fileprivate mutating func setLocked(_ locked: VMAFlags, _ range: Range<PageNumber>, in map: MapID) -> Errno? {
        var next = range.lowerBound
        while next < range.upperBound {
            guard let position = maps[map.index].areas.firstPosition(endingAfter: next) else { return .noMemory }
            let area = maps[map.index].areas[position]
            guard area.start <= next else { return .noMemory }
            let end = min(area.end, range.upperBound)
            let old: VMAFlags = mistaken(.unlockKeepsOnFault) ? .locked : [.locked, .lockOnFault]
            let flags = area.flags.subtracting(old).union(locked)
            if flags == area.flags {
                next = area.end
            } else {
                guard let changed = changeFlags(of: next..<end, at: position, in: map, to: flags) else {
                    return .noMemory
                }
                // The changed area may have been merged, and then reaches further.
                next = max(end, maps[map.index].areas[changed].end)
            }
        }
        return nil
    }
}

// MARK: - What it reads and holds

extension MlockRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .lock, .populated: []
        case .changeAreas: view.changingAreas(of: view.map).union(view.releasing(.mmap(view.map)))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        .lock(.mmap(view.map), .write, if: stage == .changeAreas && view.resumed.errno == nil)
    }
}
