/// Calls on a file alone: truncate, fsync, drop the cache, punch a hole.
enum FileCommandRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
