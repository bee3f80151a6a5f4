/// The tasks of a machine.
///
/// Every change of a task goes through here, which forgets its ``TaskState/digest``.
///
/// Reading answers a copy, of which the optimizer leaves the field that is asked for. It must not yield: of a yielded value
/// of so many words, the compiler hands a part on by its address after the access has ended, when its memory is freed
/// (Swift 6.3, of a property with a private setter or a method of another file). So it is with ``Shared`` and ``Machine``.
struct TaskTable: RandomAccessCollection, Sendable {
    private var storage: [TaskState] = []

    var startIndex: Int { 0 }
    var endIndex: Int { storage.count }

    subscript(index: Int) -> TaskState {
        @inline(__always)
        get { storage[index] }
        @inline(__always)
        _modify { yield &storage[index].changing }
    }

    /// Adds a task. Many take a quarter more room than they need, not up to as much again.
    mutating func append(_ task: TaskState) {
        if storage.count == storage.capacity, storage.count >= 64 {
            storage.reserveCapacity(storage.count + storage.count / 4)
        }
        storage.append(task)
    }

    /// Sets the digest of a task that has changed since it had one.
    mutating func setDigest(of index: Int, _ digest: TaskDigest) { storage[index].digest = digest }

    /// Forgets all digests.
    mutating func forgetDigests() {
        for index in storage.indices { storage[index].digest = TaskDigest() }
    }
}

/// The hash of what a task is by itself, kept until the task changes: for an explorer, which looks at all tasks whenever
/// one of them has made a step. Not state.
struct TaskDigest: BitwiseCopyable, Sendable {
    var value: UInt64 = 0
    /// Whether the task names something that may change without it.
    var readsMemory = false
    var isCurrent = false
}

extension TaskState {
    /// The task, about to be changed.
    fileprivate var changing: Self {
        @inline(__always)
        get { self }
        @inline(__always)
        _modify {
            digest.isCurrent = false
            yield &self
        }
    }
}
