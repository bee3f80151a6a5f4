/// `mincore(2)` (mm/mincore.c, Linux 6.1).
enum MincoreRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
