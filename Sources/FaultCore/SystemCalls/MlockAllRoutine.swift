/// `mlockall(2)` and `munlockall(2)` (mm/mlock.c, Linux 6.1).
///
///     lock ──▶ changeAreas ──▶ populated
///
/// Locks: the mmap lock for writing, killably; populating takes it for reading. What can't be populated is no error: the
/// areas are locked all the same.
///
/// The words: 0 is 1 for munlockall(2). The option is the ``LockAllFlags``.
enum MlockAllRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case changeAreas
        case populated
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> { step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased }

    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let map = machine.tasks[task.index].map
        let flags = LockAllFlags(rawValue: call.option)
        let isUnlocking = call.words.0 == 1
        switch stage {
        case .lock:
            if !isUnlocking {
                guard !flags.isEmpty, flags != .onFault, flags.rawValue < 8 else { return .failed(.invalid) }
                if machine.settings.lockedLimitPages == 0 { return .failed(.notPermitted) }
            }
            return .call(machine.taking(.mmap(map), .write, .killable), then: .changeAreas)

        case .changeAreas:
            guard call.returned == 0 else { return .failed(.interrupted) }
            // All that is mapped would count, whatever of it is locked already.
            let fits =
                !flags.contains(.current) || machine.maps[map.index].totalPages <= machine.settings.lockedLimitPages
            if fits, let wait = machine.waitToLockAll(flags, in: map) { return .sleep(wait, then: .changeAreas) }
            if fits { machine.lockAll(flags, in: map) }
            machine.unlock(.mmap(map), by: task)
            guard fits else { return .failed(.noMemory) }
            guard flags.contains(.current) else { return .done }
            let pages = machine.geometry.userLimit - PageNumber(0)
            return .call(machine.populating(pages, from: PageNumber(0), .areIgnored), then: .populated)

        case .populated:
            return .done
        }
    }
}

extension Machine {
    /// Write-locks the areas that ``lockAll(_:in:)`` is about to change.
    fileprivate mutating func waitToLockAll(_ flags: LockAllFlags, in map: MapID) -> Wait? {
        guard model.areaLocks != .none, flags != .future, flags != [.future, .onFault] else { return nil }
        let locked: VMAFlags = flags.contains(.onFault) ? [.locked, .lockOnFault] : .locked
        for area in maps[map.index].areas.areas {
            let rest = area.flags.subtracting([.locked, .lockOnFault])
            guard area.flags != (flags.contains(.current) ? rest.union(locked) : rest) else { continue }
            if let wait = waitToWrite(area, in: map) { return wait }
        }
        return nil
    }

    /// `apply_mlockall_flags()`: no flags at all unlock everything.
    fileprivate mutating func lockAll(_ flags: LockAllFlags, in map: MapID) {
        let locked: VMAFlags = flags.contains(.onFault) ? [.locked, .lockOnFault] : .locked
        maps[map.index].defaultFlags.subtract([.locked, .lockOnFault])
        if flags.contains(.future) {
            maps[map.index].defaultFlags.formUnion(locked)
            guard flags.contains(.current) else { return }
        }
        var next = PageNumber(0)
        while let position = maps[map.index].areas.firstPosition(endingAfter: next) {
            let area = maps[map.index].areas[position]
            var flagsOfArea = area.flags.subtracting([.locked, .lockOnFault])
            if flags.contains(.current) { flagsOfArea.formUnion(locked) }
            // An area that can't be changed stays as it is. One that was merged may reach further.
            let changed = changeFlags(of: area.start..<area.end, at: position, in: map, to: flagsOfArea)
            next = changed.map { max(area.end, maps[map.index].areas[$0].end) } ?? area.end
        }
    }
}
