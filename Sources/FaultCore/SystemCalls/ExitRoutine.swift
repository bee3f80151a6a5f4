/// `exit(2)`: `exit_mm()` and `exit_mmap()` (Linux 6.1).
enum ExitRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
