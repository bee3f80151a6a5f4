/// A call on a file alone: `ftruncate(2)`, `fsync(2)`, `posix_fadvise(2)`, `fallocate(2)`, or a direct
/// read. The file system does it.
enum FileCommandRoutine {
    enum Stage: UInt8, RoutineStage {
        case callFile
        case fileReturned
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> { step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased }

    /// The call's option, owner and words are those of the ``FileCall``.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        switch stage {
        case .callFile:
            let inner = Call(
                .fileCall, option: call.option, owner: call.owner, first: call.words.0, second: call.words.1)
            return .call(inner, then: .fileReturned)

        case .fileReturned:
            return .returned(call.returned)
        }
    }
}
