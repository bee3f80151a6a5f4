/// A fair lock for many readers or one writer. Models `struct rw_semaphore` (kernel/locking/rwsem.c).
///
/// A task that waits blocks every later one: a reader enters at once only if no task waits and no writer holds the
/// lock. So one sleeping reader and one waiting writer stop all readers, as in the kernel. A release grants the lock to
/// the head of the queue. If that is a reader, the lock goes to every reader in the queue (Linux 5.3 and later) or to
/// those before the first writer, by ``KernelModel/LockWakeRule``. A writer at the head is given the lock, or woken to
/// take it, by ``KernelModel/LockHandover``. Until a woken writer runs, the lock is free, and another task may steal
/// it, once. Spinning is not modelled.
struct ReadWriteSemaphore: Equatable, Sendable {
    /// A task in the queue.
    struct Waiter: Equatable, BitwiseCopyable, Sendable {
        var task: TaskID
        var mode: LockMode
        /// Whether it was woken in vain because another task had stolen the lock. No task may steal it again then
        /// (`RWSEM_FLAG_HANDOFF`). The kernel requires that the waiter has waited 4 ms or more. A holder that sleeps
        /// for a device makes others wait longer than that.
        var isOwed = false
        /// When it queued, for the statistics.
        var since: UInt64

        static func == (a: Self, b: Self) -> Bool { a.task == b.task && a.mode == b.mode && a.isOwed == b.isOwed }
    }

    /// The behaviour in which kernels differ.
    struct Rules: BitwiseCopyable, Sendable {
        let wake: KernelModel.LockWakeRule
        let handover: KernelModel.LockHandover

        init(_ model: KernelModel) {
            wake = model.lockWake
            handover = model.lockHandover
        }
    }

    /// The task that holds it for writing.
    private(set) var writer: TaskID = .none
    /// How many tasks hold it for reading.
    private(set) var readers: Int32 = 0
    /// The tasks that wait, in the order of arrival.
    private(set) var queue: [Waiter] = []

    /// Whether no task holds it.
    @inline(__always)
    var isFree: Bool { readers == 0 && writer == .none }

    /// Whether no task holds it, and none waits for it.
    @inline(__always)
    var mayBeTaken: Bool { isFree && queue.isEmpty }

    /// Takes the lock if it can without waiting: `down_read_trylock()`, `down_write_trylock()`, and the fast paths.
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

    /// Takes the lock after its release, before the writer that was woken for it runs. Models how a reader gets the
    /// lock in `rwsem_down_read_slowpath()`, and the writer's first try in `rwsem_down_write_slowpath()`.
    mutating func steal(_ mode: LockMode, for task: TaskID) -> Bool {
        guard isFree, let head = queue.first, !head.isOwed else { return false }
        if mode == .read { readers = 1 } else { writer = task }
        return true
    }

    /// Takes the lock for a writer that was woken: `rwsem_try_write_lock()`. If the lock has been stolen, the writer
    /// stays in the queue and is owed the lock.
    ///
    /// - Returns: When the writer queued, if it has the lock now.
    mutating func claim(_ task: TaskID) -> UInt64? {
        guard let place = queue.firstIndex(where: { $0.task == task }) else { return nil }
        guard isFree || mistaken(.writerClaimsReadLock) else {
            queue[place].isOwed = !mistaken(.robbedWriterIsOwedNothing)
            return nil
        }
        writer = task
        return queue.remove(at: place).since
    }

    /// Whether a task is in the queue; fast if it was the last to arrive.
    func isQueued(_ task: TaskID) -> Bool { queue.last?.task == task || queue.contains { $0.task == task } }

    /// Puts a task at the end of the queue.
    mutating func enqueue(_ task: TaskID, _ mode: LockMode, at time: UInt64) {
        queue.append(Waiter(task: task, mode: mode, since: time))
    }

    /// Removes a task from the queue, because a signal ended its wait. Other tasks may then become the head.
    mutating func cancel(_ task: TaskID, _ rules: Rules) -> [Waiter] {
        queue.removeAll { $0.task == task }
        if mistaken(.cancelledWriterWakesNobody) { return [] }
        return isFree || (readers > 0 && writer == .none) ? grant(rules) : []
    }

    /// Releases the lock. Returns the tasks to wake, in order: those that have the lock now, or a writer that has yet
    /// to take it.
    @inline(__always)
    mutating func unlock(_ mode: LockMode, _ rules: Rules) -> [Waiter] {
        if mode == .read {
            readers &-= 1
        } else {
            writer = .none
        }
        return queue.isEmpty || !isFree ? [] : grant(rules)
    }

    /// Turns a writer into a reader: `downgrade_write()`. If a reader is at the head of the queue, queued readers get
    /// the lock, too, as after a release.
    mutating func downgrade(_ rules: Rules) -> [Waiter] {
        writer = .none
        readers = 1
        guard let head = queue.first, head.mode == .read, !mistaken(.downgradeWakesNobody) else { return [] }
        return grant(rules)
    }

    /// Exchanges two tasks, as holders and as waiters.
    mutating func exchange(_ a: TaskID, _ b: TaskID) {
        writer.exchange(a, b)
        for place in queue.indices { queue[place].task.exchange(a, b) }
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
