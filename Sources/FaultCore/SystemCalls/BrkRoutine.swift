/// `brk(2)` (mm/mmap.c, Linux 6.1). It returns the page behind the heap, which is the old one if it failed.
///
///     lock ──▶ choose ─┬─ shrink ──▶ downgrade ──▶ tearDown ──▶ unlock ──▶ populated
///                      └─ grow, or an error ────────────────────▲           (if new areas are locked)
///
/// Locks: the mmap lock for writing, killably; shrinking downgrades it as munmap(2) does.
enum BrkRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case choose
        case downgrade
        case tearDown
        case unlock
        case populated
    }

    /// The call's words: `words.0` is the end of the heap before, `words.1` after it, known from `downgrade` on; 2 to 4
    /// keep the ``Unmapping`` of a heap that shrinks, else `words.4` is 4 if the new pages are to be populated.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.scheduler.current
        let map = machine.tasks[task.index].map
        guard case .brk(let pages) = machine.tasks[task.index].operation else { return .failed(.invalid) }
        let old = PageNumber(call.words.0)
        let new = PageNumber(call.words.1)
        switch stage {
        case .lock:
            return .call(machine.taking(.mmap(map), .write, .killable), then: .choose)

        case .choose:
            guard call.returned == 0 else { return .returned(call.returned) }
            let old = machine.maps[map.index].heapEnd
            call.words.0 = old.rawValue
            call.words.1 = old.rawValue
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
                if machine.maps[map.index].defaultFlags.contains(.locked) { call.words.4 = 4 }
                call.words.1 = new.rawValue
                machine.setHeapEnd(of: map, to: new)
                return .next(.unlock)
            }
            if let wait = machine.waitToWrite(areasIn: new..<old, of: map) { return .sleep(wait, then: .choose) }
            guard let first = machine.firstArea(in: new..<old, of: map),
                let unmapping = machine.removeAreas(in: new..<old, from: first, of: map)
            else { return .next(.unlock) }
            unmapping.save(in: &call)
            call.words.1 = new.rawValue
            machine.setHeapEnd(of: map, to: new)
            return .next(unmapping.mayDowngrade ? .downgrade : .tearDown)

        case .downgrade:
            machine.downgrade(.mmap(map), by: task)
            return .next(.tearDown)

        case .tearDown:
            machine.tearDown(new..<old, Unmapping(from: call), of: map, by: task)
            return .next(.unlock)

        case .unlock:
            machine.unlock(.mmap(map), by: task)
            guard new > old, call.words.4 == 4 else { return .returned(Int64(new.rawValue)) }
            return .call(machine.populating(new - old, from: old, .areIgnored), then: .populated)

        case .populated:
            return .returned(Int64(new.rawValue))
        }
    }

    private static func heapStart(_ machine: Machine, _ map: MapID) -> PageNumber { machine.maps[map.index].heapStart }

    /// Lets the heap's area grow, or makes one: `check_brk_limits()` and `do_brk_flags()`.
    ///
    /// Nothing may lie in `range`, nor so close behind it that a page would not fit before a stack's guard gap. The
    /// heap does not merge with what follows it.
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

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> { step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased }
}
