public import FaultCore

extension Machine {
    /// The stack pointer of a task's program, in bytes; 0 if nobody has set it.
    public func stackPointer(of task: TaskID) -> UInt64 { archWords(of: task).second }

    /// Says where the stack pointer of a task's program is: kernels up to 4.19 refuse to grow a stack for an access far
    /// below it. 0 for nowhere, which is how tasks begin: then no access is too far below.
    public mutating func setStackPointer(of task: TaskID, to address: UInt64) {
        var words = archWords(of: task)
        words.second = address
        setArchWords(of: task, to: words)
    }
}
