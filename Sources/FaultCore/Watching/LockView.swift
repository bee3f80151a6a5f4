/// Who holds a lock and who waits for it, at one moment.
public struct LockView: Equatable, Sendable, CustomStringConvertible {
    /// Who holds it for reading.
    public let readers: [TaskID]
    /// Who holds it for writing.
    public let writer: TaskID?
    /// Who waits for it, the first to be served first.
    public let waiters: [TaskID]
    /// What the tasks are called.
    let names: ObjectNames

    /// Whether nobody holds it.
    public var isFree: Bool { readers.isEmpty && writer == nil }

    /// Such as `read by task 0; task 1 waiting`.
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
    /// Who holds `lock` and who waits for it.
    public func lockView(_ lock: LockName) -> LockView {
        let semaphore = semaphore(lock)
        return LockView(
            readers: holders(of: lock).filter { holds(lock, $0) == .read },
            writer: semaphore.writer == .none ? nil : semaphore.writer,
            waiters: semaphore.queue.map(\.task), names: names)
    }
}
