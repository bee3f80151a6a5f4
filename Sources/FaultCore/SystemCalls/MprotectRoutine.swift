/// `mprotect(2)`: `do_mprotect_pkey()` and `mprotect_fixup()` (mm/mprotect.c, Linux 6.1).
///
///     lock ──▶ checkStart ──▶ changeArea ──▶ changeEntries ──▶ nextArea ──▶ unlock
///                                  ▲              └─ populate ──▲  │
///                                  └───────────────────────────────┘
///
/// Locks: the mmap lock for writing, killably, to the end, even while a locked area is populated. What was changed
/// before a hole stays changed.
enum MprotectRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case checkStart
        case changeArea
        case changeEntries
        case nextArea
        case unlock
    }

    /// The call's words: `words.0` is the first page, `words.1` how many pages; `words.2` the first page of the area at
    /// hand, `words.3` the page behind it; `words.4` is 1 if it is to be populated; `words.5` the result.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.scheduler.current
        let map = machine.tasks[task.index].map
        let first = PageNumber(call.words.0)
        let pages = Int(bitPattern: UInt(call.words.1))
        let part = PageNumber(call.words.2)..<PageNumber(max(call.words.2, call.words.3))
        switch stage {
        case .lock:
            guard pages != 0 else { return .done }
            guard pages > 0, pages < 1 << 62, first.rawValue < 1 << 62 else { return .failed(.noMemory) }
            return .call(machine.taking(.mmap(map), .write, .killable), then: .checkStart)

        case .checkStart:
            guard call.returned == 0 else { return .returned(call.returned) }
            if case .mprotectWithKey(_, _, _, let key) = machine.tasks[task.index].operation,
                key >= machine.configuration.entry.protectionKeys
            {
                return end(.invalid, &call)
            }
            guard machine.area(containing: first, in: map) != nil else { return end(.noMemory, &call) }
            call.words.2 = first.rawValue
            return .next(.changeArea)

        case .changeArea:
            guard let position = machine.maps[map.index].areas.firstPosition(endingAfter: part.lowerBound) else {
                return end(.noMemory, &call)
            }
            let area = machine.maps[map.index].areas[position]
            call.words.3 = min(area.end, first + pages).rawValue
            call.words.4 = 0
            let new = flags(of: area, by: machine.tasks[task.index].operation, machine.model.writeCharge)
            guard new != area.flags else { return .next(.nextArea) }
            let range = part.lowerBound..<PageNumber(call.words.3)
            if let wait = machine.waitToWrite(changing: range, at: position, in: map, to: new) {
                return .sleep(wait, then: .changeArea)
            }
            guard machine.changeFlags(of: range, at: position, in: map, to: new) != nil else {
                return end(.noMemory, &call)
            }
            // A private locked area that becomes writable: its copies are made now, so that no write need fault.
            let matters: VMAFlags = [.write, .shared, .locked]
            if area.flags.intersection(matters) == .locked, new.contains(.write) { call.words.4 = 1 }
            return .next(.changeEntries)

        case .changeEntries:
            guard let area = machine.area(containing: part.lowerBound, in: map) else { return .next(.nextArea) }
            machine.changeProtection(of: part, to: area, in: map)
            guard call.words.4 == 1 else { return .next(.nextArea) }
            return .call(machine.populatingHeld(part), then: .nextArea)

        case .nextArea:
            // The area may have swallowed others behind the part.
            guard let area = machine.area(containing: part.lowerBound, in: map) else { return end(.noMemory, &call) }
            guard area.end < first + pages else { return end(nil, &call) }
            call.words.2 = area.end.rawValue
            guard machine.area(containing: area.end, in: map) != nil else { return end(.noMemory, &call) }
            return .next(.changeArea)

        case .unlock:
            machine.unlock(.mmap(map), by: task)
            return .returned(Int64(bitPattern: call.words.5))
        }
    }

    /// Releases the lock, then returns.
    private static func end(_ errno: Errno?, _ call: inout Activation) -> OldStep<Stage> {
        call.words.5 = UInt64(bitPattern: errno?.returned ?? 0)
        return .next(.unlock)
    }

    /// The flags of `area` with the access, and the key if there is one, that the system call asks for.
    ///
    /// A private area that becomes writable is charged to the commit limit from then on; what may take that back is
    /// ``WriteCharge``.
    private static func flags(of area: VMA, by operation: Operation, _ charge: WriteCharge) -> VMAFlags {
        var access: VMAFlags = []
        var key = area.flags.protectionKey
        switch operation {
        case .mprotect(_, _, let wanted): access = wanted.intersection(.access)
        case .mprotectWithKey(_, _, let wanted, let wantedKey):
            access = wanted.intersection(.access)
            key = wantedKey
        default: break
        }
        var flags = area.flags.subtracting(.access).union(access)
        flags.protectionKey = key
        guard flags != area.flags else { return flags }
        if charge == .returnsIfUntouched, !access.contains(.write), area.isAnonymous, area.anonVMA == 0 {
            return flags.subtracting(.account)
        }
        let exempt: VMAFlags = [.account, .write, .shared, .noReserve]
        return access.contains(.write) && area.flags.isDisjoint(with: exempt) ? flags.union(.account) : flags
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> { step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased }
}
