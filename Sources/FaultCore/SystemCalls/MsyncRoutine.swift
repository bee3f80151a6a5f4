/// `msync(2)` with `MS_SYNC` (mm/msync.c, Linux 6.1).
enum MsyncRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
