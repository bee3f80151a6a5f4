/// `__get_user_pages()` (mm/gup.c, Linux 6.1).
enum GetUserPagesRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
