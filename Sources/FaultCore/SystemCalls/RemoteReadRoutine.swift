/// `process_vm_readv(2)` and `/proc/PID/mem` (mm/process_vm_access.c, mm/memory.c, Linux 6.1).
enum RemoteReadRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
