/// `mmap(2)`: `do_mmap()` and `mmap_region()` (mm/mmap.c, Linux 6.1).
enum MmapRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
