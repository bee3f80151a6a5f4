/// Dirty throttling, `balance_dirty_pages()` (mm/page-writeback.c, Linux 6.1), in short: above the limit of dirty pages,
/// the files' dirty pages are handed to their devices, and the task sleeps until the devices have written enough.
///
/// Differs: there is no flusher thread, so who is throttled starts the writeback in its place, without waiting for a
/// page; below the limit nobody sleeps; and the sleep has no time limit, since at the limit a task of the kernel's would
/// only go back to sleep.
///
/// A fatal signal ends the sleep. The result is always 0.
enum ThrottleRoutine {
    enum Stage: UInt8, RoutineStage {
        case check
        case writeFile
        case slept
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> { step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased }

    /// The call's owner is the file that was dirtied. Its words: `words.0` is the next file to be written back.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        switch stage {
        case .check:
            guard machine.hasTooManyDirtyPages else { return .done }
            call.words.0 = 0
            return .next(.writeFile)

        case .writeFile:
            let number = Int(call.words.0)
            if number < machine.files.count {
                call.words.0 += 1
                guard machine.files[number].traits.contains(.writeback) else { return .next(.writeFile) }
                return .call(machine.calling(.writeback, on: FileID(number)), then: .writeFile)
            }
            guard machine.hasTooManyDirtyPages else { return .done }
            return .sleep(Wait(.dirtyThrottle, .killable, value: .max), then: .slept)

        case .slept:
            return call.wasInterrupted ? .done : .next(.check)
        }
    }
}
