/// One read(2) of the whole `/proc/PID/maps` (fs/proc/task_mmu.c, Linux 6.1). The result is the number of areas; 0 if the
/// process is gone.
///
/// It waits for the mmap lock of that process, until a fatal signal ends the wait: how `ps` comes to hang.
enum ReadProcMapsRoutine {
    enum Stage: UInt8, BitwiseCopyable, Sendable {
        case lock
        case read
        case dropped
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> {
        step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased
    }

    /// The call's words: 0 is what will be returned.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> Step<Stage> {
        let task = machine.currentTask
        let map = machine.remoteMap(of: task)
        switch stage {
        case .lock:
            guard machine.isInUse(map) else { return .done }
            machine.useMap(map)
            return .call(machine.taking(.mmap(map), .read, .killable), then: .read)

        case .read:
            if call.returned == 0 {
                call.words.0 = UInt64(machine.maps[map.index].areas.count)
                machine.unlock(.mmap(map), by: task)
            } else {
                call.words.0 = UInt64(bitPattern: call.returned)
            }
            return .call(ExitRoutine.dropping(map), then: .dropped)

        case .dropped:
            return .returned(Int64(bitPattern: call.words.0))
        }
    }
}
