public import FaultCore

extension Machine {
    /// The stack pointer of a task's program, in bytes; 0 if no test has set it.
    public func stackPointer(of task: TaskID) -> UInt64 { archWords(of: task).second }

    /// Sets the stack pointer of a task's program. Kernels up to 4.19 refuse to grow a stack for an access far below
    /// it. With 0, the initial value, no access is too far below.
    public mutating func setStackPointer(of task: TaskID, to address: UInt64) {
        var words = archWords(of: task)
        words.second = address
        setArchWords(of: task, to: words)
    }
}
