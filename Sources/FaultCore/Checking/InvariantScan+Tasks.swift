/// The laws of tasks, locks and the scheduler.
extension InvariantScan {
    /// Law 13: who has nothing to do holds nothing. And nobody sleeps on what is over.
    mutating func checkTask(_ task: TaskState, _ machine: Machine) {
        switch task.status {
        case .idle, .exited:
            let locks = machine.heldLocks(of: task.id)
            if let held = locks.first { report(.leftovers, task.id, "has nothing to do and holds the \(held.lock)") }
            if machine.scheduler.pageLocks.contains(where: { $0.task == task.id }) {
                report(.leftovers, task.id, "has nothing to do and holds a page lock")
            }
            if machine.areaRead(by: task.id) != nil {
                report(.leftovers, task.id, "has nothing to do and holds the lock of an area")
            }
            if !task.stack.isEmpty || task.hasOperation {
                report(.leftovers, task.id, "has nothing to do and \(task.stack.count) routines under way")
            }
            let fault = task.fault
            let keepsPages = fault.folio != .none || fault.copy != .none || fault.keptFolio != .none
            if keepsPages || !task.aroundBatch.isEmpty || fault.lockDropped || fault.invalidateLocked {
                report(.leftovers, task.id, "has nothing to do and keeps something of its last fault")
            }
        case .runnable:
            let places =
                (machine.scheduler.runQueue.contains(task.id) ? 1 : 0)
                + machine.scheduler.processors.filter { $0.task == task.id }.count
            if places != (machine.scheduler.isDriven ? 0 : 1) {
                report(.lostWakeup, task.id, "can run and is in \(places) places of the run queue")
            }
            if task.stack.isEmpty { report(.lostWakeup, task.id, "can run and has no routine to run") }
        case .sleeping:
            if task.stack.isEmpty { report(.lostWakeup, task.id, "sleeps and has no routine to go on with") }
            checkSleeper(task, machine)
        }
        if task.fault.invalidateLocked, !task.stack.isEmpty, task.fault.file != .none, machine.hasInvalidateLocks,
            machine.holds(.invalidate(task.fault.file), task.id) == nil
        {
            report(.lockHolders, task.id, "says that it holds the invalidate lock of \(task.fault.file), and does not")
        }
    }

    /// A sleep that is over has ended: whoever made it so has woken the sleeper. Timers alone may be late, while another
    /// task's stage is not done.
    private mutating func checkSleeper(_ task: TaskState, _ machine: Machine) {
        let wait = task.wait
        if machine.isInterrupted(wait.mode, task.id) {
            report(.lostWakeup, task.id, "sleeps, and a signal is pending that its sleep lets through")
        }
        guard !wait.isTimed else { return }
        if !machine.isPending(wait, of: task.id), !(wait.kind == .folio && isLockedNext(wait.frame, machine)) {
            report(.lostWakeup, task.id, "sleeps on something that is over (\(wait.kind))")
        }
        if wait.kind == .folio || wait.kind == .writeback, !machine.frames[wait.frame].flags.contains(.waiters) {
            report(.lostWakeup, task.id, "sleeps on \(wait.frame), which does not know of it")
        }
    }

    /// Whether somebody runs who was woken to lock this page, and will wake the next one when he unlocks it.
    private func isLockedNext(_ folio: FrameNumber, _ machine: Machine) -> Bool {
        machine.tasks.contains { task in
            task.status == .runnable && (task.fault.folio == folio || machine.works(task, on: folio))
        }
    }

    // MARK: Locks

    /// Every lock, against what the tasks say that they hold and wait for.
    mutating func checkLocks(_ machine: Machine) {
        var held: [(task: TaskID, lock: HeldLock)] = []
        for index in machine.tasks.indices {
            held += machine.heldLocks(of: TaskID(index)).map { (TaskID(index), $0) }
        }
        for map in machine.maps {
            checkLock(.mmap(map.id), map.lock, held, machine)
            checkAreaLocks(of: map, machine)
        }
        for (number, file) in machine.files.enumerated() {
            checkLock(.inode(FileID(number)), file.inodeLock, held, machine)
            checkLock(.invalidate(FileID(number)), file.invalidateLock, held, machine)
        }
        for lock in machine.scheduler.pageLocks where !machine.frames[lock.folio].flags.contains([.inUse, .locked]) {
            report(.pageLockOwner, lock.task, "owns the lock of \(lock.folio), which is not locked")
        }
    }

    private mutating func checkLock(
        _ name: LockName, _ lock: ReadWriteSemaphore, _ held: [(task: TaskID, lock: HeldLock)], _ machine: Machine
    ) {
        var readers = 0
        var writes = false
        for (place, holder) in held.enumerated() where holder.lock.lock == name {
            if holder.lock.mode == .read {
                readers += 1
            } else if holder.task == lock.writer {
                writes = true
            } else {
                report(.lockHolders, holder.task, "and the \(name) disagree about who writes")
            }
            if held[..<place].contains(where: { $0.task == holder.task && $0.lock.lock == name }) {
                report(.lockHolders, holder.task, "holds the \(name) twice")
            }
        }
        if lock.writer != .none, !writes {
            report(.lockHolders, lock.writer, "and the \(name) disagree about who writes")
        }
        if Int(lock.readers) != readers {
            report(.lockHolders, "the \(name) counts \(lock.readers) readers, and \(readers) tasks hold it for reading")
        }
        if lock.writer != .none, lock.readers > 0 {
            report(.lockHolders, lock.writer, "holds the \(name) for writing beside \(lock.readers) readers")
        }
        for (place, waiter) in lock.queue.enumerated() {
            let task = machine.tasks[waiter.task.index]
            let waits = task.status == .sleeping && task.wait.kind == .lock && task.wait.value == UInt64(name.rawValue)
            let isWoken = place == 0 && waiter.mode == .write && task.status == .runnable
            if !waits && !isWoken || lock.queue[..<place].contains(where: { $0.task == waiter.task }) {
                report(.lockHolders, waiter.task, "is in the queue of the \(name), and does not sleep on it")
            }
        }
        if let head = lock.queue.first, lock.isFree || (head.mode == .read && lock.writer == .none),
            machine.tasks[head.task.index].status == .sleeping
        {
            report(.lostWakeup, head.task, "waits at the head for the \(name), which it could have")
        }
    }

    /// The locks of a map's areas: marks are gone with the write lock, and who reads keeps his area in place.
    private mutating func checkAreaLocks(of map: MemoryMap, _ machine: Machine) {
        if !map.areaLocks.marks.isEmpty, map.lock.writer == .none {
            report(.lockHolders, "areas of \(map.id) are write-locked, and nobody holds its mmap lock for writing")
        }
        for reader in map.areaLocks.readers {
            let fault = machine.tasks[reader.task.index].fault
            let isGuarded = fault.lock == .area && fault.map == map.id && fault.area.start == reader.area
            let area = map.areas.firstPosition(endingAfter: reader.area).map { map.areas[$0] }
            if !isGuarded {
                report(.lockHolders, reader.task, "holds the lock of the area at \(reader.area), and no fault needs it")
            }
            if area?.start != reader.area {
                report(.staleArea, reader.task, "holds the lock of an area at \(reader.area), which is not there")
            }
            if reader.isAwaited, !map.areaLocks.isMarked(reader.area) {
                report(.lockHolders, reader.task, "is waited for by who has not marked the area at \(reader.area)")
            }
        }
        let sleepers = machine.tasks.filter {
            $0.status == .sleeping && $0.wait.kind == .areaReaders && $0.wait.value == UInt64(map.id.index)
        }
        if sleepers.count > 1 || sleepers.contains(where: { $0.id != map.lock.writer }) {
            report(.lockHolders, sleepers[0].id, "waits for an area's lock without the mmap lock of \(map.id)")
        }
        if map.areaLocks.isAwaited, sleepers.isEmpty {
            report(.lostWakeup, "readers of areas of \(map.id) are waited for by nobody")
        }
    }

    /// The scheduler's lists name tasks that can run, and requests are in order.
    mutating func checkScheduler(_ machine: Machine) {
        let named = Array(machine.scheduler.runQueue) + machine.scheduler.processors.map(\.task).filter { $0 != .none }
        for task in named where machine.tasks[task.index].status != .runnable {
            report(.lostWakeup, task, "is in the run queue and can't run")
        }
        let timers = machine.tasks.filter { $0.status == .sleeping && $0.wait.isTimed }.count
        if machine.scheduler.timers != timers {
            report(.bookkeeping, "\(machine.scheduler.timers) timers count, \(timers) tasks sleep until a time")
        }
        if let problem = machine.problemOfSleeperIndex { report(.bookkeeping, problem) }
        for (earlier, later) in zip(machine.scheduler.requests, machine.scheduler.requests.dropFirst())
        where earlier.completes > later.completes {
            report(.bookkeeping, "requests are not in the order of completion")
        }
    }
}
