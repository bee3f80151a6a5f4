/// Sleeping locks and page locks.
extension Machine {
    /// Calls `body` with the lock of that name.
    @inline(__always)
    mutating func withSemaphore<R>(_ lock: LockName, _ body: (inout ReadWriteSemaphore) -> R) -> R {
        switch lock.kind {
        case .mmap: body(&maps[lock.number].lock)
        case .inode: body(&files[lock.number].inodeLock)
        case .invalidate: body(&files[lock.number].invalidateLock)
        case .mapChanging: body(&userfaults[lock.number].mapChangingLock)
        case .none: misuse("LockName.none is the name of no lock")
        }
    }

    func semaphore(_ lock: LockName) -> ReadWriteSemaphore {
        switch lock.kind {
        case .mmap: maps[lock.number].lock
        case .inode: files[lock.number].inodeLock
        case .invalidate: files[lock.number].invalidateLock
        case .mapChanging: userfaults[lock.number].mapChangingLock
        case .none: misuse("LockName.none is the name of no lock")
        }
    }

    /// How `task` holds `lock`; `nil` if it does not.
    @inline(__always)
    public func holds(_ lock: LockName, _ task: TaskID) -> LockMode? {
        let held = tasks[index(of: task)].held
        if held.0.lock == lock { return held.0.mode }
        if held.1.lock == lock { return held.1.mode }
        if held.2.lock == lock { return held.2.mode }
        if held.3.lock == lock { return held.3.mode }
        let instant = scheduler.instantHold
        return instant.lock == lock && lock != .none && task == scheduler.current ? instant.mode : nil
    }

    /// The locks that `task` holds.
    public func heldLocks(of task: TaskID) -> [HeldLock] {
        let held = tasks[index(of: task)].held
        return [held.0, held.1, held.2, held.3].filter { $0.lock != .none }
    }

    /// Takes a lock if it can without waiting: `mmap_read_trylock()` and its siblings.
    @inline(__always)
    package mutating func tryLock(_ lock: LockName, _ mode: LockMode, for task: TaskID) -> Bool {
        guard withSemaphore(lock, { $0.tryLock(mode, for: task) }) else { return false }
        noteTaken(lock, mode, by: task, waitedSince: clock)
        return true
    }

    /// The call that takes a lock, sleeping if necessary. It returns a ``Completion``: `EINTR` if a signal ended the
    /// wait.
    public func taking(_ lock: LockName, _ mode: LockMode, _ wait: TaskWait.Mode = .uninterruptible) -> RoutineCall {
        require(lock, "Machine.taking")
        let wait = model.lockWaits == .uninterruptible ? .uninterruptible : wait
        return RoutineCall(LockRoutine.self, LockRoutine.Frame(lock: lock, mode: mode, wait: wait))
    }

    /// The call that takes the mmap lock for a fault, sleeping if necessary. The sleep is killable if this kernel has
    /// killable sleeps there. The call returns a ``Completion``: `EINTR` if a signal ended the wait.
    public func takingForFault(_ lock: LockName, _ mode: LockMode) -> RoutineCall {
        taking(lock, mode, model.lockWaits == .killable ? .killable : .uninterruptible)
    }

    /// Whether the kernel has such a lock. A lock that it does not have is taken and released at once, and delays
    /// nothing.
    func exists(_ lock: LockName) -> Bool {
        switch lock.kind {
        case .invalidate: hasInvalidateLocks
        case .mapChanging: model.fillLock == .area
        case .none, .inode, .mmap: true
        }
    }

    /// Whether files have an `invalidate_lock`.
    package var hasInvalidateLocks: Bool { model.invalidateLock == .excludes }

    @inline(__always)
    mutating func noteTaken(_ lock: LockName, _ mode: LockMode, by task: TaskID, waitedSince: UInt64) {
        noteWrite(.lock(lock))
        noteWrite(toOther: task)
        let held = HeldLock(lock, mode, since: clock)
        switch LockName.none {
        case tasks[task.index].held.0.lock: tasks[task.index].held.0 = held
        case tasks[task.index].held.1.lock: tasks[task.index].held.1 = held
        case tasks[task.index].held.2.lock: tasks[task.index].held.2 = held
        case tasks[task.index].held.3.lock: tasks[task.index].held.3 = held
        default: report(.lockOrder, task, "holds four locks and takes the \(lock)")
        }
        if lock.kind == .mmap {
            countTaking(of: lock, mode, by: task, waited: mistaken(.waitCountedFromNow) ? 0 : clock &- waitedSince)
            if mode == .write { maps[lock.number].writeLockCount &+= 1 }
        }
        record(.lockTaken, task, UInt64(lock.rawValue), UInt64(mode.rawValue))
    }

    /// Releases a lock, and hands it to its waiters.
    @inline(__always)
    public mutating func unlock(_ lock: LockName, by task: TaskID) {
        if scheduler.instantHold.lock != .none, scheduler.instantHold.lock == lock { return endInstantHold(by: task) }
        _ = index(of: task, "Machine.unlock")
        guard let held = takeHeld(lock, of: task) else {
            guard exists(lock) else { return }
            report(.faultLockReleasedOnce, task, "releases the \(lock), which it does not hold")
            return
        }
        if lock.kind == .mmap {
            countRelease(of: lock, held.mode, held: clock &- held.since)
            if held.mode == .write { removeMarks(of: lock.number) }
        }
        record(.lockReleased, task, UInt64(lock.rawValue), UInt64(held.mode.rawValue))
        noteWrite(.lock(lock))
        let rules = ReadWriteSemaphore.Rules(model)
        let woken = withSemaphore(lock) { $0.unlock(held.mode, rules) }
        if !woken.isEmpty { hand(lock, to: woken) }
    }

    /// Turns a write lock into a read lock: `mmap_write_downgrade()`.
    @inline(__always)
    package mutating func downgrade(_ lock: LockName, by task: TaskID) {
        if scheduler.instantHold.lock != .none, scheduler.instantHold.lock == lock { return downgradeInstantHold() }
        downgradeHeld(lock, by: task)
    }

    @inline(never)
    private mutating func downgradeHeld(_ lock: LockName, by task: TaskID) {
        guard let held = takeHeld(lock, of: task), held.mode == .write else {
            report(.faultLockReleasedOnce, task, "downgrades the \(lock), which it does not hold for writing")
            return
        }
        if lock.kind == .mmap {
            countRelease(of: lock, .write, held: clock &- held.since)
            removeMarks(of: lock.number)
        }
        record(.lockDowngraded, task, UInt64(lock.rawValue), 1)
        noteTaken(lock, .read, by: task, waitedSince: clock)
        let rules = ReadWriteSemaphore.Rules(model)
        let woken = withSemaphore(lock) { $0.downgrade(rules) }
        hand(lock, to: woken)
    }

    /// Removes the write marks of a map's areas, which end with the map's write lock.
    @inline(__always)
    private mutating func removeMarks(of map: Int) {
        guard !maps[map].areaLocks.marks.isEmpty else { return }
        noteWrite(.areaLocks(MapID(map)))
        maps[map].areaLocks.removeMarks()
    }

    @inline(__always)
    private mutating func takeHeld(_ lock: LockName, of task: TaskID) -> HeldLock? {
        let held = tasks[task.index].held
        let free = HeldLock(.none, .read)
        if held.0.lock == lock {
            tasks[task.index].held.0 = free
            return held.0
        }
        if held.1.lock == lock {
            tasks[task.index].held.1 = free
            return held.1
        }
        if held.2.lock == lock {
            tasks[task.index].held.2 = free
            return held.2
        }
        if held.3.lock == lock {
            tasks[task.index].held.3 = free
            return held.3
        }
        return nil
    }

    /// Removes a task from the queue of a lock, because a signal ended its wait.
    mutating func leaveQueue(of lock: LockName, _ task: TaskID) {
        let rules = ReadWriteSemaphore.Rules(model)
        noteWrite(.lock(lock))
        if recorder.isChecking { recorder.memory.arrivals.removeAll { $0.lock == lock && $0.task == task } }
        let woken = withSemaphore(lock) { $0.cancel(task, rules) }
        if recorder.isChecking { recorder.memory.arrivals.removeAll { $0.lock == lock && $0.task == task } }
        hand(lock, to: woken)
    }

    /// Wakes tasks that have been granted a lock, or may try to take it.
    private mutating func hand(_ lock: LockName, to waiters: [ReadWriteSemaphore.Waiter]) {
        for waiter in waiters {
            if waiter.mode == .read || semaphore(lock).writer == waiter.task {
                noteTaken(lock, waiter.mode, by: waiter.task, waitedSince: waiter.since)
            }
            wake(waiter.task)
        }
    }

    // MARK: Page locks

    /// Locks a page if it is not locked: `folio_trylock()`.
    public mutating func tryLock(_ folio: FrameNumber, by task: TaskID) -> Bool {
        require(folio, "Machine.tryLock")
        _ = index(of: task, "Machine.tryLock")
        guard !frames[folio].flags.contains(.locked) else { return false }
        setFlags(of: folio, adding: .locked)
        scheduler.pageLocks.append(PageLock(folio: folio, task: task))
        recordFolio(.folioLocked, folio, task)
        return true
    }

    /// Unlocks a page, and wakes the tasks that wait for that: `folio_unlock()`.
    public mutating func unlock(_ folio: FrameNumber) {
        require(folio, "Machine.unlock")
        guard frames[folio].flags.contains(.locked) else {
            report(.pageLockOwner, scheduler.current, "unlocks a page that is not locked")
            return
        }
        setFlags(of: folio, removing: [.locked, .underRead])
        if let owner = scheduler.pageLocks.firstIndex(where: { $0.folio == folio }) {
            scheduler.pageLocks.remove(at: owner)
        }
        recordFolio(.folioUnlocked, folio, scheduler.current)
        if !mistaken(.uncachedPageWakesNobody) || !frames[folio].flags.isDisjoint(with: [.cached, .swapCache]) {
            wakeWaiters(on: folio, .folio)
        }
        let flags = frames[folio].flags
        if flags.isSuperset(of: [.cached, .dirty]), !flags.contains(.writeback) { wakeWriters() }
    }

    @inline(__always)
    private mutating func recordFolio(_ kind: TraceEvent.Kind, _ folio: FrameNumber, _ task: TaskID) {
        guard recorder.observes else { return }
        let frame = frames[folio]
        let file = frame.flags.contains(.cached) ? UInt64(frame.owner) : UInt64(bitPattern: -1)
        record(kind, task, file, UInt64(frame.index))
    }

    /// The task that holds the lock of a page; `nil` while a device reads it, or if it is not locked.
    public func lockOwner(of folio: FrameNumber) -> TaskID? {
        require(folio)
        return scheduler.pageLocks.first { $0.folio == folio }?.task
    }

    /// The call that locks a page, sleeping if necessary. It returns a ``Completion``: `EINTR` if a signal ended the
    /// wait.
    public func locking(_ folio: FrameNumber, _ wait: TaskWait.Mode = .uninterruptible) -> RoutineCall {
        require(folio, "Machine.locking")
        return RoutineCall(LockFolioRoutine.self, LockFolioRoutine.Frame(folio: folio, wait: wait))
    }
}
