/// A fair lock for many readers or one writer. Models `struct rw_semaphore` (kernel/locking/rwsem.c).
///
/// A task that waits blocks every later one: a reader enters at once only if nobody waits and no writer holds the lock.
/// So one sleeping reader and one waiting writer stop all readers, as in the kernel. A release grants the lock to the
/// head of the queue; if that is a reader, to every reader in the queue (Linux 5.4 and later) or to those before the
/// first writer, by ``LockWakeRule``. What is not modelled: spinning, stealing by a writer that did not queue, handoff.
struct ReadWriteSemaphore: Equatable, Sendable {
    /// A task in the queue.
    struct Waiter: Equatable, BitwiseCopyable, Sendable {
        var task: TaskID
        var mode: LockMode
        /// When it queued, for the statistics.
        var since: UInt64

        static func == (a: Self, b: Self) -> Bool { a.task == b.task && a.mode == b.mode }
    }

    /// Who holds it for writing.
    private(set) var writer: TaskID = .none
    /// How many hold it for reading.
    private(set) var readers: Int32 = 0
    /// Who waits, in the order of arrival.
    private(set) var queue: [Waiter] = []

    /// Whether nobody holds it.
    @inline(__always)
    var isFree: Bool { readers == 0 && writer == .none }

    /// Whether nobody holds it and nobody waits for it.
    @inline(__always)
    var isIdle: Bool { readers == 0 && writer == .none && queue.isEmpty }

    /// Takes the lock if that needs no wait: `down_read_trylock()`, `down_write_trylock()`, and the fast paths.
    @inline(__always)
    mutating func tryLock(_ mode: LockMode, for task: TaskID) -> Bool {
        guard queue.isEmpty, writer == .none else { return false }
        if mode == .read {
            readers &+= 1
            return true
        }
        guard readers == 0 else { return false }
        writer = task
        return true
    }

    /// Puts a task at the end of the queue.
    mutating func enqueue(_ task: TaskID, _ mode: LockMode, at time: UInt64) {
        queue.append(Waiter(task: task, mode: mode, since: time))
    }

    /// Takes a task out of the queue, because a signal ended its wait; others may have become the head then.
    mutating func cancel(_ task: TaskID, wake rule: LockWakeRule) -> [Waiter] {
        queue.removeAll { $0.task == task }
        return isFree || (readers > 0 && writer == .none) ? grant(rule) : []
    }

    /// Releases the lock, and answers who has it now: tasks out of the queue, to be woken in this order.
    @inline(__always)
    mutating func unlock(_ mode: LockMode, wake rule: LockWakeRule) -> [Waiter] {
        if mode == .read {
            readers &-= 1
        } else {
            writer = .none
        }
        return queue.isEmpty || !isFree ? [] : grant(rule)
    }

    /// Turns a writer into a reader: `downgrade_write()`. Queued readers at the head join it.
    mutating func downgrade(wake rule: LockWakeRule) -> [Waiter] {
        writer = .none
        readers = 1
        guard let head = queue.first, head.mode == .read else { return [] }
        return grant(rule)
    }

    private mutating func grant(_ rule: LockWakeRule) -> [Waiter] {
        guard let head = queue.first else { return [] }
        if head.mode == .write {
            guard isFree else { return [] }
            writer = head.task
            queue.removeFirst()
            return [head]
        }
        var granted: [Waiter] = []
        switch rule {
        case .allQueuedReaders:
            granted = queue.filter { $0.mode == .read }
            queue.removeAll { $0.mode == .read }
        case .leadingReaders:
            granted = Array(queue.prefix { $0.mode == .read })
            queue.removeFirst(granted.count)
        }
        readers &+= Int32(granted.count)
        return granted
    }
}

/// How a lock that becomes free wakes the readers in its queue.
public enum LockWakeRule: UInt8, KernelRule {
    /// All readers in the queue, over the heads of the writers between them: Linux 5.2's successor, from 5.4 on
    /// (`rwsem_mark_wake()`).
    case allQueuedReaders
    /// The readers before the first writer: strict FIFO, Linux up to 5.2 (`__rwsem_do_wake()`).
    case leadingReaders
}
