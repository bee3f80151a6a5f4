/// `madvise(2)` (mm/madvise.c, Linux 6.1).
enum MadviseRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
