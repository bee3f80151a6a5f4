/// `mlock(2)` and `munlock(2)` (mm/mlock.c, Linux 6.1).
enum MlockRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
