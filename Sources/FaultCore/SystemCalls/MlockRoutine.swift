/// `mlock(2)` and `munlock(2)` (mm/mlock.c, Linux 6.1).
///
/// What lies before a hole changes, and the call answers `ENOMEM`; then nothing is populated. The areas stay locked if
/// populating them fails.
///
/// The words: 0 is the first page, 1 how many.
enum MlockRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case changeAreas
        case populated
    }

    /// The call's option for mlock(2); munlock(2) has none.
    private static let locks: UInt8 = 1

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> {
        step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased
    }

    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let map = machine.tasks[task.index].map
        let pages = Int(Int64(bitPattern: call.words.1))
        let range = PageNumber(call.words.0)..<(PageNumber(call.words.0) + max(0, pages))
        switch stage {
        case .lock:
            guard pages >= 0 else { return .failed(.invalid) }
            if call.option == locks, machine.settings.lockedLimitPages == 0 { return .failed(.notPermitted) }
            return .call(machine.taking(.mmap(map), .write, .killable), then: .changeAreas)

        case .changeAreas:
            guard call.returned == 0 else { return .failed(.interrupted) }
            var error: Errno?
            if call.option == locks, machine.exceedsLockedLimit(range, in: map) {
                error = .noMemory
            } else {
                if let wait = machine.waitToLock(call.option == locks, range, in: map) {
                    return .sleep(wait, then: .changeAreas)
                }
                error = machine.setLocked(call.option == locks, range, in: map)
            }
            machine.unlock(.mmap(map), by: task)
            if let error { return .failed(error) }
            guard call.option == locks else { return .done }
            return .call(machine.populating(pages, from: range.lowerBound, .endCall), then: .populated)

        case .populated:
            return .returned(call.returned)
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
