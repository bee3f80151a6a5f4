/// A fair lock for many readers or one writer. Models `struct rw_semaphore` (kernel/locking/rwsem.c).
///
/// A task that waits blocks every later one: a reader enters at once only if nobody waits and no writer holds the lock.
/// So one sleeping reader and one waiting writer stop all readers, as in the kernel. A release grants the lock to the
/// head of the queue; if that is a reader, to every reader in the queue (Linux 5.3 and later) or to those before the
/// first writer, by ``KernelModel/LockWakeRule``. A writer at the head is given the lock, or woken to take it, by
/// ``KernelModel/LockHandover``: until it runs, the lock is free, and whoever comes by may steal it, once. What is not
/// modelled: spinning.
struct ReadWriteSemaphore: Equatable, Sendable {
    /// A task in the queue.
    struct Waiter: Equatable, BitwiseCopyable, Sendable {
        var task: TaskID
        var mode: LockMode
        /// Whether it was woken in vain, since somebody had stolen the lock: nobody may do so again
        /// (`RWSEM_FLAG_HANDOFF`). The kernel looks at the time that it has waited, 4 ms or more; who sleeps for a
        /// device makes others wait longer than that.
        var isOwed = false
        /// When it queued, for the statistics.
        var since: UInt64

        static func == (a: Self, b: Self) -> Bool { a.task == b.task && a.mode == b.mode && a.isOwed == b.isOwed }
    }

    /// What kernels do differently.
    struct Rules: BitwiseCopyable, Sendable {
        let wake: KernelModel.LockWakeRule
        let handover: KernelModel.LockHandover

        init(_ model: KernelModel) {
            wake = model.lockWake
            handover = model.lockHandover
        }
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

    /// Whether nobody holds it, and nobody waits for it.
    @inline(__always)
    var mayBeTaken: Bool { isFree && queue.isEmpty }

    /// Takes the lock if that needs no wait: `down_read_trylock()`, `down_write_trylock()`, and the fast paths.
    @inline(__always)
    mutating func tryLock(_ mode: LockMode, for task: TaskID) -> Bool {
        guard queue.isEmpty || mistaken(.readerOvertakesWriter) && mode == .read, writer == .none else { return false }
        if mode == .read {
            readers &+= 1
            return true
        }
        guard readers == 0 else { return false }
        writer = task
        return true
    }

    /// Takes the lock between its release and the run of the writer that was woken for it: the reader's way in
    /// `rwsem_down_read_slowpath()`, and the writer's first try in `rwsem_down_write_slowpath()`.
    mutating func steal(_ mode: LockMode, for task: TaskID) -> Bool {
        guard isFree, let head = queue.first, !head.isOwed else { return false }
        if mode == .read { readers = 1 } else { writer = task }
        return true
    }

    /// Lets a writer that was woken take the lock: `rwsem_try_write_lock()`. If it has been stolen, the writer stays in
    /// the queue, and is owed it.
    ///
    /// - Returns: When it queued, if it has the lock now.
    mutating func claim(_ task: TaskID) -> UInt64? {
        guard let place = queue.firstIndex(where: { $0.task == task }) else { return nil }
        guard isFree || mistaken(.writerClaimsReadLock) else {
            queue[place].isOwed = !mistaken(.robbedWriterIsOwedNothing)
            return nil
        }
        writer = task
        return queue.remove(at: place).since
    }

    /// Whether a task is in the queue; found at once if it was the last to come.
    func isQueued(_ task: TaskID) -> Bool { queue.last?.task == task || queue.contains { $0.task == task } }

    /// Puts a task at the end of the queue.
    mutating func enqueue(_ task: TaskID, _ mode: LockMode, at time: UInt64) {
        queue.append(Waiter(task: task, mode: mode, since: time))
    }

    /// Takes a task out of the queue, because a signal ended its wait; others may have become the head then.
    mutating func cancel(_ task: TaskID, _ rules: Rules) -> [Waiter] {
        queue.removeAll { $0.task == task }
        if mistaken(.cancelledWriterWakesNobody) { return [] }
        return isFree || (readers > 0 && writer == .none) ? grant(rules) : []
    }

    /// Releases the lock, and answers who is to be woken, in this order: those that have it now, or a writer that has
    /// yet to take it.
    @inline(__always)
    mutating func unlock(_ mode: LockMode, _ rules: Rules) -> [Waiter] {
        if mode == .read {
            readers &-= 1
        } else {
            writer = .none
        }
        return queue.isEmpty || !isFree ? [] : grant(rules)
    }

    /// Turns a writer into a reader: `downgrade_write()`. Queued readers at the head join it.
    mutating func downgrade(_ rules: Rules) -> [Waiter] {
        writer = .none
        readers = 1
        guard let head = queue.first, head.mode == .read, !mistaken(.downgradeWakesNobody) else { return [] }
        return grant(rules)
    }

    private mutating func grant(_ rules: Rules) -> [Waiter] {
        guard let head = queue.first else { return [] }
        if head.mode == .write {
            guard isFree else { return [] }
            switch rules.handover {
            case .given:
                writer = head.task
                queue.removeFirst()
            case .takenWhenRunning: break
            }
            return [head]
        }
        var granted: [Waiter] = []
        switch rules.wake {
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
