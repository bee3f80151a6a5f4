/// `mlock(2)` and `munlock(2)` (mm/mlock.c, Linux 6.1).
///
/// What lies before a hole changes, and the call answers `ENOMEM`; then nothing is populated. The areas stay locked if
/// populating them fails.
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
        /// Whether it is mlock(2).
        let locks: Bool

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("pages", pages)
            visitor.visit("locks", locks)
        }

        /// The pages; none if their number is negative.
        var range: Range<PageNumber> { page..<(page + max(0, pages)) }
    }

    static var number: RoutineNumber { .mlock }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<Stage, CallResult> {
        let task = machine.currentTask
        let map = machine.tasks[task.index].map
        let range = frame.range
        switch stage {
        case .lock:
            guard frame.pages >= 0 else { return .failed(.invalid) }
            if frame.locks, machine.settings.lockedLimitPages == 0 { return .failed(.notPermitted) }
            return .call(machine.taking(.mmap(map), .write, .killable), then: .changeAreas)

        case .changeAreas:
            if let errno = resumed.errno { return .failed(errno) }
            var error: Errno?
            if frame.locks, machine.exceedsLockedLimit(range, in: map) {
                error = .noMemory
            } else {
                if let wait = machine.waitToLock(frame.locks, range, in: map) {
                    return .sleep(wait, then: .changeAreas)
                }
                error = machine.setLocked(frame.locks, range, in: map)
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
    /// Whether locking `range` would lock more than `RLIMIT_MEMLOCK` allows; what is locked already counts once.
    fileprivate func exceedsLockedLimit(_ range: Range<PageNumber>, in map: MapID) -> Bool {
        var locked = maps[map.index].lockedPages + (range.upperBound - range.lowerBound)
        guard locked > settings.lockedLimitPages else { return false }
        maps[map.index].areas.forEach(in: range) { area in
            guard area.flags.contains(.locked) else { return }
            let part = clip(range, to: area)
            locked -= part.upperBound - part.lowerBound
        }
        return locked > settings.lockedLimitPages
    }

    /// Write-locks the areas that ``setLocked(_:_:in:)`` is about to change.
    fileprivate mutating func waitToLock(_ locked: Bool, _ range: Range<PageNumber>, in map: MapID) -> Wait? {
        guard model.areaLocks != .none else { return nil }
        var next = range.lowerBound
        while next < range.upperBound, let position = maps[map.index].areas.firstPosition(endingAfter: next) {
            let area = maps[map.index].areas[position]
            guard area.start <= next else { return nil }
            let end = min(area.end, range.upperBound)
            let flags = area.flags.subtracting([.locked, .lockOnFault]).union(locked ? .locked : [])
            if let wait = waitToWrite(changing: next..<end, at: position, in: map, to: flags) { return wait }
            next = area.end
        }
        return nil
    }

    /// `apply_vma_lock_flags()`: locks or unlocks the areas of a range, up to the first hole.
    fileprivate mutating func setLocked(_ locked: Bool, _ range: Range<PageNumber>, in map: MapID) -> Errno? {
        var next = range.lowerBound
        while next < range.upperBound {
            guard let position = maps[map.index].areas.firstPosition(endingAfter: next) else { return .noMemory }
            let area = maps[map.index].areas[position]
            guard area.start <= next else { return .noMemory }
            let end = min(area.end, range.upperBound)
            let flags = area.flags.subtracting([.locked, .lockOnFault]).union(locked ? .locked : [])
            if flags == area.flags {
                next = area.end
            } else {
                guard let changed = changeFlags(of: next..<end, at: position, in: map, to: flags) else {
                    return .noMemory
                }
                // What it was merged into may reach further.
                next = max(end, maps[map.index].areas[changed].end)
            }
        }
        return nil
    }
}
