/// `msync(2)` with `MS_SYNC`: syncs the pages of shared file mappings. Models mm/msync.c (Linux 6.1).
///
/// The mmap lock is held for reading while areas are looked up, and dropped around each sync. Where nothing is mapped
/// the call goes on, and fails with `ENOMEM` in the end.
enum MsyncRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case nextArea
        case synced
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> { step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased }

    /// The call's words: `words.0` is the next page, `words.1` how many are left, `words.2` whether a hole was passed,
    /// `words.3` the file that is synced, from 1.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.scheduler.current
        let map = machine.map(of: task)
        switch stage {
        case .lock:
            guard Int64(bitPattern: call.words.1) > 0 else { return .returned(0) }
            return .call(machine.taking(.mmap(map), .read), then: .nextArea)

        case .nextArea:
            var start = PageNumber(call.words.0)
            let end = start + Int(call.words.1)
            guard let area = machine.area(endingAfter: start, in: map) else {
                return end == start ? unlock(call, task, map, &machine) : fail(task, map, &machine)
            }
            if start < area.start {
                guard area.start < end else { return fail(task, map, &machine) }
                start = area.start
                call.words.2 = 1
            }
            let stop = min(end, area.end)
            call.words.0 = stop.rawValue
            call.words.1 = UInt64(end - stop)
            guard area.file != .none, area.flags.contains(.shared) else {
                return stop == end ? unlock(call, task, map, &machine) : .next(.nextArea)
            }
            call.words.3 = UInt64(area.file.index + 1)
            machine.files[area.file.index].pins += 1
            machine.unlock(.mmap(map), by: task)
            let sync = FileCall.sync(area.fileIndex(of: start), pages: stop - start)
            return .call(machine.calling(sync, on: area.file), then: .synced)

        case .synced:
            machine.files[Int(call.words.3) - 1].pins -= 1
            if call.returned != 0 { return .returned(call.returned) }
            if call.words.1 == 0 { return result(call) }
            return .next(.lock)
        }
    }

    private static func result(_ call: Activation) -> OldStep<Stage> {
        call.words.2 == 0 ? .done : .failed(.noMemory)
    }

    private static func unlock(
        _ call: Activation, _ task: TaskID, _ map: MapID, _ machine: inout Machine
    ) -> OldStep<Stage> {
        machine.unlock(.mmap(map), by: task)
        return result(call)
    }

    private static func fail(_ task: TaskID, _ map: MapID, _ machine: inout Machine) -> OldStep<Stage> {
        machine.unlock(.mmap(map), by: task)
        return .failed(.noMemory)
    }
}
