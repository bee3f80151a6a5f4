/// One read(2) of the whole `/proc/PID/maps` (fs/proc/task_mmu.c, Linux 6.1). The result is the number of areas; 0 if the
/// process is gone.
///
///     lock ─┬─▶ read ───────────────────────────────┬─▶ dropped
///           └─▶ nextArea ◀─▶ areaUnderMmapLock ─────┘            by areas' locks: ``ProcMapsLock``
///
/// It waits for the mmap lock of that process, until a fatal signal ends the wait: how `ps` comes to hang. By areas' locks
/// it waits only where an area is being changed, and for that area alone.
enum ReadProcMapsRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case read
        case dropped
        case nextArea
        case areaUnderMmapLock
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> {
        step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased
    }

    /// The call's words: 0 is what will be returned, 1 the page behind the last area that was read.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let map = machine.remoteMap(of: task)
        switch stage {
        case .lock:
            guard machine.isInUse(map) else { return .done }
            machine.useMap(map)
            if machine.model.procMapsLock == .areas { return .next(.nextArea) }
            return .call(machine.taking(.mmap(map), .read, .killable), then: .read)

        case .read:
            if call.returned == 0 {
                call.words.0 = UInt64(machine.maps[map.index].areas.count)
                machine.unlock(.mmap(map), by: task)
            } else {
                call.words.0 = UInt64(bitPattern: call.returned)
            }
            return .call(ExitRoutine.dropping(map), then: .dropped)

        case .nextArea:
            // lock_next_vma(): the area's lock is held no longer than this stage.
            guard let area = machine.area(endingAfter: PageNumber(call.words.1), in: map) else {
                return .call(ExitRoutine.dropping(map), then: .dropped)
            }
            guard machine.maps[map.index].areaLocks.isMarked(area.start) else {
                count(area, &call)
                return .next(.nextArea)
            }
            return .call(machine.taking(.mmap(map), .read, .killable), then: .areaUnderMmapLock)

        case .areaUnderMmapLock:
            guard call.returned == 0 else {
                call.words.0 = UInt64(bitPattern: call.returned)
                return .call(ExitRoutine.dropping(map), then: .dropped)
            }
            let area = machine.area(endingAfter: PageNumber(call.words.1), in: map)
            if let area { count(area, &call) }
            machine.unlock(.mmap(map), by: task)
            return .next(.nextArea)

        case .dropped:
            return .returned(Int64(bitPattern: call.words.0))
        }
    }

    private static func count(_ area: VMA, _ call: inout Activation) {
        call.words.0 += 1
        call.words.1 = area.end.rawValue
    }
}
