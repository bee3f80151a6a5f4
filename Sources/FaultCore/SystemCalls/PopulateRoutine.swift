/// `__mm_populate()` (mm/gup.c, Linux 6.1).
enum PopulateRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
