/// `mprotect(2)`: `do_mprotect_pkey()` (mm/mprotect.c, Linux 6.1).
enum MprotectRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
