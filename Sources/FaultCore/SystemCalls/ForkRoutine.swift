/// `fork(2)`: `dup_mmap()` (kernel/fork.c, Linux 6.1).
enum ForkRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
