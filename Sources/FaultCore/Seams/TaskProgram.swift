/// A program that decides its next operation from how the last one ended. Plain data; its state is two words.
public protocol TaskProgram: BitwiseCopyable, Sendable {
    /// The next operation; `nil` ends the program.
    ///
    /// - Parameters:
    ///   - last: How the last operation ended; not done before the first.
    ///   - words: The program's own, zero at first.
    func next(after last: OperationOutcome, task: TaskID, _ words: inout DeviceWords) -> Operation?
}
