/// A call that only concerns a file: `ftruncate(2)`, `fsync(2)`, `posix_fadvise(2)`, `fallocate(2)`, or a direct read.
/// The file system does it.
enum FileCommandRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case callFile
        case fileReturned
    }

    static var number: RoutineNumber { .fileCommand }

    /// Only a direct read needs it: it reads into the task's own memory.
    static func needsOwnMap(_ frame: FileRequest) -> Bool { frame.call.kind == .readDirect }

    static func step(
        _ stage: Stage, _ frame: inout FileRequest, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        switch stage {
        case .callFile:
            return .call(machine.calling(frame.call, on: frame.file), then: .fileReturned)

        case .fileReturned:
            return .done(resumed.result())
        }
    }
}

// MARK: - What it reads

extension FileCommandRoutine {
    static func reads(_ stage: Stage, _ frame: FileRequest, _ view: StageView) -> Footprint { [] }
}
