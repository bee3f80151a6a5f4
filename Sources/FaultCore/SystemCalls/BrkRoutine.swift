/// `brk(2)` (mm/mmap.c, Linux 6.1).
enum BrkRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
