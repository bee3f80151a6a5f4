/// `munmap(2)`: `do_mas_align_munmap()` (mm/mmap.c, Linux 6.1).
enum MunmapRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
