/// A read of `/proc/PID/maps` (fs/proc/task_mmu.c, Linux 6.1).
enum ReadProcMapsRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
