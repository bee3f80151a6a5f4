/// `mlockall(2)` and `munlockall(2)` (mm/mlock.c, Linux 6.1).
///
///     lock ──▶ changeAreas ──▶ populated
///
/// Locks: the mmap lock for writing, killably; populating takes it for reading. Pages that can't be populated are no
/// error: the areas are locked anyway.
enum MlockAllRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case changeAreas
        case populated
    }

    struct Frame: RoutineFrame {
        /// What is to be locked; `nil` for munlockall(2).
        let locks: LockAllFlags?

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("locks", locks) }
    }

    static var number: RoutineNumber { .mlockAll }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let map = machine.currentMap
        let flags = frame.locks ?? []
        switch stage {
        case .lock:
            if frame.locks != nil {
                let known: LockAllFlags = machine.model.lockOnFault == .none ? [.current, .future] : .all
                guard !flags.isEmpty, flags != .onFault, flags.isSubset(of: known) else { return .failed(.invalid) }
                if machine.settings.lockedLimitPages == 0 { return .failed(.notPermitted) }
            }
            return .call(machine.taking(.mmap(map), .write, .killable), then: .changeAreas)

        case .changeAreas:
            if let errno = resumed.errno { return .failed(errno) }
            // All mapped memory counts, even what is already locked.
            let fits =
                !flags.contains(.current) || machine.maps[map.index].totalPages <= machine.settings.lockedLimitPages
            if fits, let wait = machine.waitToLockAll(flags, in: map) { return .sleep(wait, then: .changeAreas) }
            if fits {
                machine.lockAll(flags, in: map)
                let all = PageNumber(0)..<machine.geometry.userLimit
                machine.noteLocking(all, of: map, isLocked: flags.contains(.current))
            }
            machine.unlock(.mmap(map), by: task)
            guard fits else { return .failed(.noMemory) }
            guard flags.contains(.current) else { return .done }
            let all = PageNumber(0)..<machine.geometry.userLimit
            return .call(machine.populating(all, .areIgnored), then: .populated)

        case .populated:
            return .done
        }
    }
}

extension LockAllFlags {
    /// All flags that Linux knows from 4.4 on.
    fileprivate static var all: Self { [.current, .future, .onFault] }
}

extension Machine {
    /// Write-locks the areas that ``lockAll(_:in:)`` is about to change, and those that they will join.
    fileprivate mutating func waitToLockAll(_ flags: LockAllFlags, in map: MapID) -> TaskWait? {
        guard model.areaLocks != .none, flags != .future, flags != [.future, .onFault] else { return nil }
        let locked: VMAFlags = flags.contains(.onFault) ? [.locked, .lockOnFault] : .locked
        var next = maps[map.index].areas.firstPosition(endingAfter: PageNumber(0))
        while let position = next {
            let area = maps[map.index].areas[position]
            let rest = area.flags.subtracting([.locked, .lockOnFault])
            let new = flags.contains(.current) ? rest.union(locked) : rest
            if let wait = waitToWrite(changing: area.start..<area.end, at: position, in: map, to: new) { return wait }
            next = maps[map.index].areas.position(after: position)
        }
        return nil
    }

    /// `apply_mlockall_flags()`: no flags at all unlock everything.
    fileprivate mutating func lockAll(_ flags: LockAllFlags, in map: MapID) {
        let locked: VMAFlags = flags.contains(.onFault) ? [.locked, .lockOnFault] : .locked
        noteWrite(.areas(map))
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
            // An area that can't be changed stays as it is. An area that was merged may reach further.
            let changed = changeFlags(of: area.start..<area.end, at: position, in: map, to: flagsOfArea)
            next = changed.map { max(area.end, maps[map.index].areas[$0].end) } ?? area.end
        }
    }
}

// MARK: - What it reads and holds

extension MlockAllRoutine {
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
