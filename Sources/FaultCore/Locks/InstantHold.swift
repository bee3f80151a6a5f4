/// A free mmap lock that a task takes for writing, may downgrade, and releases, while no other task can run.
///
/// The machine only notes the hold instead of taking the lock. The effect is the same, and the statistics are counted
/// once, at the end of the hold.
///
/// A routine does not see the difference. If other tasks can run while it still holds the lock, the lock is really
/// taken.
struct InstantHold: BitwiseCopyable, Sendable {
    /// The lock; none if no lock is held for an instant.
    fileprivate(set) var lock = LockName.none
    /// How it is held now.
    fileprivate(set) var mode = LockMode.write
}

extension Machine {
    /// Takes a lock for an instant, if it is an mmap lock that is free and wanted for writing, by a task that holds none.
    @inline(__always)
    mutating func holdsForInstant(_ lock: LockName, _ mode: LockMode) -> Bool {
        guard lock.kind == .mmap, mode == .write, maps[lock.number].lock.mayBeTaken, scheduler.instantHold.lock == .none
        else { return false }
        scheduler.instantHold = InstantHold(lock: lock, mode: .write)
        return true
    }

    /// Releases a lock that was held for an instant.
    @inline(__always)
    mutating func endInstantHold(by task: TaskID) {
        let hold = scheduler.instantHold
        scheduler.instantHold.lock = .none
        Self.count(hold, &tasks[task.index].counters, &maps[hold.lock.number])
    }

    /// Counts a hold from its start to its end.
    @inline(__always)
    private static func count(_ hold: InstantHold, _ counters: inout TaskCounters, _ map: inout MemoryMap) {
        map.writeLockCount &+= 1
        map.areaLocks.removeMarks()
        map.lockStatistics.countInstantHold(.write, &counters)
        if hold.mode == .read { map.lockStatistics.countInstantHold(.read, &counters) }
    }

    /// Downgrades a lock that is held for an instant.
    @inline(__always)
    mutating func downgradeInstantHold() {
        scheduler.instantHold.mode = .read
        if model.areaLocks != .none { maps[scheduler.instantHold.lock.number].areaLocks.removeMarks() }
    }

    /// Takes the lock that was only noted as held, because the task does not release it in this instant.
    mutating func keepInstantHold(by task: TaskID) {
        let hold = scheduler.instantHold
        guard hold.lock != .none else { return }
        scheduler.instantHold.lock = .none
        guard tryLock(hold.lock, .write, for: task) else { misuse("InstantHold: the \(hold.lock) is not free") }
        if hold.mode == .read { downgrade(hold.lock, by: task) }
    }
}
