/// The tasks of a machine.
///
/// Every change of a task goes through here, which forgets its ``TaskState/digest``.
///
/// Reading returns a copy; the optimizer keeps only the field that is asked for. The accessor must not yield. If a
/// property with a private setter, or a method of another file, yields a value this large, the compiler (Swift 6.3)
/// passes on part of it by address after the access has ended. Its memory is freed by then. The same holds for
/// ``Shared`` and ``Machine``.
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

    /// Adds a task. If there are many, room grows by a quarter at a time, because an array by itself would double.
    mutating func append(_ task: TaskState) {
        if storage.count == storage.capacity, storage.count >= 64 {
            storage.reserveCapacity(storage.count + storage.count / 4)
        }
        storage.append(task)
    }

    /// Sets the digest of a task that has changed since it had one.
    mutating func setDigest(of index: Int, _ digest: TaskDigest) { storage[index].digest = digest }

    /// Exchanges two tasks. Their digests stay current, because these do not depend on the numbers.
    mutating func exchange(_ a: TaskID, _ b: TaskID) {
        storage.swapAt(a.index, b.index)
        for task in [a, b] {
            storage[task.index].id = task
            storage[task.index].fault.task.exchange(a, b)
        }
    }

    /// Forgets all digests.
    mutating func forgetDigests() {
        for index in storage.indices { storage[index].digest = TaskDigest() }
    }
}

/// The hash of what a task is by itself, kept until the task changes. Not state.
///
/// It is for an explorer, which looks at all tasks after each step of one of them.
struct TaskDigest: BitwiseCopyable, Sendable {
    var value: UInt64 = 0
    /// Whether the task names something that may change without it.
    var readsMemory = false
    var isCurrent = false
}

extension TaskState {
    /// The task, for changing it: its digest is no longer current.
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
