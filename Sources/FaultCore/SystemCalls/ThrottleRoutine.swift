/// `balance_dirty_pages_ratelimited()` (mm/page-writeback.c, Linux 6.1).
enum ThrottleRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
