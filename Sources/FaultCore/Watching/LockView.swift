/// The tasks that hold a lock, and the tasks that wait for it, at one moment.
public struct LockView: Equatable, Sendable, CustomStringConvertible {
    /// The tasks that hold it for reading.
    public let readers: [TaskID]
    /// The task that holds it for writing.
    public let writer: TaskID?
    /// The tasks that wait for it, in the order in which they are served.
    public let waiters: [TaskID]
    /// The names of the tasks.
    let names: ObjectNames

    /// Whether no task holds it.
    public var isFree: Bool { readers.isEmpty && writer == nil }

    /// The lock's state, such as `read by task 0; task 1 waiting`.
    public var description: String { names.applied(to: text) }

    /// The description, without names.
    var text: String {
        var parts: [String] = []
        if let writer { parts.append("written by \(writer)") }
        if !readers.isEmpty { parts.append("read by " + readers.map(\.description).joined(separator: ", ")) }
        if parts.isEmpty { parts.append("free") }
        if !waiters.isEmpty { parts.append(waiters.map(\.description).joined(separator: ", ") + " waiting") }
        return parts.joined(separator: "; ")
    }
}

extension Machine {
    /// The tasks that hold `lock`, and the tasks that wait for it.
    public func lockView(_ lock: LockName) -> LockView {
        require(lock, "Machine.lockView")
        let semaphore = semaphore(lock)
        return LockView(
            readers: holders(of: lock).filter { holds(lock, $0) == .read },
            writer: semaphore.writer == .none ? nil : semaphore.writer,
            waiters: semaphore.queue.map(\.task), names: names)
    }
}
