/// Which tasks hold a lock, for descriptions of locks and waits.
extension Machine {
    /// The tasks that hold `lock`, by number. Tasks are looked at until all holders that the lock counts are found.
    func holders(of lock: LockName) -> [TaskID] {
        let semaphore = semaphore(lock)
        var left = Int(semaphore.readers) + (semaphore.writer == .none ? 0 : 1)
        if scheduler.instantHold.lock == lock { left += 1 }
        if left == 1, semaphore.writer != .none, holds(lock, semaphore.writer) != nil { return [semaphore.writer] }
        var found: [TaskID] = []
        for index in tasks.indices {
            guard left > 0 else { break }
            guard holds(lock, TaskID(index)) != nil else { continue }
            found.append(TaskID(index))
            left -= 1
        }
        return found
    }
}

/// The holders and queues that were looked up so far, so that a description of many waits looks up each lock only once.
struct KnownLocks {
    private var holders: [UInt32: [TaskID]] = [:]
    private var places: [UInt32: [TaskID: Int]] = [:]

    /// The tasks that hold `lock`, by number.
    mutating func holders(of lock: LockName, in machine: Machine) -> [TaskID] {
        if let known = holders[lock.rawValue] { return known }
        let found = machine.holders(of: lock)
        holders[lock.rawValue] = found
        return found
    }

    /// The place of `task` in the queue of `lock`; `nil` if it is not there.
    mutating func place(of task: TaskID, inQueueOf lock: LockName, in machine: Machine) -> Int? {
        if let known = places[lock.rawValue] { return known[task] }
        var found: [TaskID: Int] = [:]
        for (place, waiter) in machine.semaphore(lock).queue.enumerated() where found[waiter.task] == nil {
            found[waiter.task] = place
        }
        places[lock.rawValue] = found
        return found[task]
    }
}
