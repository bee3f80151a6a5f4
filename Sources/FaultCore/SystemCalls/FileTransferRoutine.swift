/// `read(2)` and `write(2)`: the loop over pages, with the copy to or from user memory.
enum FileTransferRoutine {
    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .failed(.invalid) }
}
