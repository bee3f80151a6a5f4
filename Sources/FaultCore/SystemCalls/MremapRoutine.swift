/// `mremap(2)` (mm/mremap.c, Linux 6.1).
enum MremapRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
