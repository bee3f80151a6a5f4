/// The laws of tasks, locks and the scheduler.
extension InvariantScan {
    /// Law 13: a task with nothing to do holds nothing. Also, no task sleeps for something that is over.
    mutating func checkTask(_ place: Int, _ machine: Machine) {
        // By number, because a variable would be a copy of the task.
        let task = TaskID(place)
        switch machine.tasks[place].status {
        case .idle, .exited:
            let locks = machine.heldLocks(of: task)
            if let held = locks.first { report(.leftovers, task, "has nothing to do and holds the \(held.lock)") }
            if machine.scheduler.pageLocks.contains(where: { $0.task == task }) {
                report(.leftovers, task, "has nothing to do and holds a page lock")
            }
            if machine.areaRead(by: task) != nil {
                report(.leftovers, task, "has nothing to do and holds the lock of an area")
            }
            if !machine.tasks[place].stack.isEmpty || machine.tasks[place].hasOperation {
                report(.leftovers, task, "has nothing to do and \(machine.tasks[place].stack.count) routines under way")
            }
            let fault = machine.tasks[place].fault
            let keepsPages = fault.folio != .none || fault.copy != .none || fault.keptFolio != .none
            if keepsPages || !machine.tasks[place].aroundBatch.isEmpty || fault.lockDropped || fault.invalidateLocked {
                report(.leftovers, task, "has nothing to do and keeps something of its last fault")
            }
        case .runnable:
            let places =
                (machine.scheduler.runQueue.contains(task) ? 1 : 0)
                + machine.scheduler.processors.count { $0.task == task }
            if places != (machine.scheduler.isDriven ? 0 : 1) {
                report(.lostWakeup, task, "can run and is in \(places) places of the run queue")
            }
            if machine.tasks[place].stack.isEmpty { report(.lostWakeup, task, "can run and has no routine to run") }
        case .sleeping:
            if machine.tasks[place].stack.isEmpty {
                report(.lostWakeup, task, "sleeps and has no routine to go on with")
            }
            checkSleeper(place, machine)
        }
        let fault = machine.tasks[place].fault
        if fault.invalidateLocked, fault.file != .none, machine.hasInvalidateLocks, !machine.tasks[place].stack.isEmpty,
            machine.holds(.invalidate(fault.file), task) == nil
        {
            report(.lockHolders, task, "says that it holds the invalidate lock of \(fault.file), and does not")
        }
    }

    /// Checks that a task whose wait is over has been woken. Only a timer may be late, while another task's stage is
    /// not done.
    private mutating func checkSleeper(_ place: Int, _ machine: Machine) {
        let task = TaskID(place)
        let wait = machine.tasks[place].wait
        if machine.isInterrupted(wait.mode, task) {
            report(.lostWakeup, task, "sleeps, and a signal is pending that its sleep lets through")
        }
        guard !wait.isTimed || wait.kind == .memory && wait.value > machine.clock else { return }
        if !machine.isPending(wait, of: task), !(wait.kind == .folio && isLockedNext(wait.frame, machine)) {
            report(.lostWakeup, task, "sleeps on something that is over (\(wait.kind))")
        }
        if wait.kind == .folio || wait.kind == .writeback, !machine.frames[wait.frame].flags.contains(.waiters) {
            report(.lostWakeup, task, "sleeps on \(wait.frame), which does not know of it")
        }
    }

    /// Whether a task is running that was woken to lock this page, and will wake the next one when it unlocks the page.
    private func isLockedNext(_ folio: FrameNumber, _ machine: Machine) -> Bool {
        machine.tasks.indices.contains { place in
            machine.tasks[place].status == .runnable
                && (machine.tasks[place].fault.folio == folio || machine.works(machine.tasks[place], on: folio))
        }
    }

    // MARK: Locks

    /// Checks every lock against what the tasks hold and wait for, by their own account.
    mutating func checkLocks(_ machine: Machine) {
        let held = Self.heldByLock(machine)
        for number in machine.maps.indices {
            checkLock(.mmap(MapID(number)), machine.maps[number].lock, held, machine)
            checkAreaLocks(of: MapID(number), machine)
        }
        for number in machine.files.indices {
            checkLock(.inode(FileID(number)), machine.files[number].inodeLock, held, machine)
            checkLock(.invalidate(FileID(number)), machine.files[number].invalidateLock, held, machine)
        }
        for lock in machine.scheduler.pageLocks where !machine.frames[lock.folio].flags.contains([.inUse, .locked]) {
            report(.pageLockOwner, lock.task, "owns the lock of \(lock.folio), which is not locked")
        }
    }

    /// A lock that a task's own state says it holds.
    private struct Held {
        let lock: LockName
        let task: TaskID
        let mode: LockMode
    }

    /// What all tasks hold by their own account, sorted by lock, then by task.
    private static func heldByLock(_ machine: Machine) -> [Held] {
        var held: [Held] = []
        for index in machine.tasks.indices {
            let locks = machine.tasks[index].held
            func add(_ lock: HeldLock) {
                if lock.lock != .none { held.append(Held(lock: lock.lock, task: TaskID(index), mode: lock.mode)) }
            }
            add(locks.0)
            add(locks.1)
            add(locks.2)
            add(locks.3)
        }
        held.sort { ($0.lock.rawValue, $0.task.index) < ($1.lock.rawValue, $1.task.index) }
        return held
    }

    private mutating func checkLock(
        _ name: LockName, _ lock: ReadWriteSemaphore, _ held: [Held], _ machine: Machine
    ) {
        var readers = 0
        var writes = false
        var last = TaskID.none
        for place in held.places(from: { $0.lock.rawValue < name.rawValue }, while: { $0.lock == name }) {
            let holder = held[place]
            if holder.mode == .read {
                readers += 1
            } else if holder.task == lock.writer {
                writes = true
            } else {
                report(.lockHolders, holder.task, "holds the \(name) for writing, and is not its writer")
            }
            if holder.task == last { report(.lockHolders, holder.task, "holds the \(name) twice") }
            last = holder.task
        }
        if lock.writer != .none, !writes {
            report(.lockHolders, lock.writer, "is the writer of the \(name), and does not hold it")
        }
        if Int(lock.readers) != readers {
            report(.lockHolders, "the \(name) counts \(lock.readers) readers, and \(readers) tasks hold it for reading")
        }
        if lock.writer != .none, lock.readers > 0 {
            report(.lockHolders, lock.writer, "holds the \(name) for writing beside \(lock.readers) readers")
        }
        let queued = lock.queue.map(\.task.index).sorted()
        for (place, waiter) in lock.queue.enumerated() {
            let (status, wait) = (machine.tasks[waiter.task.index].status, machine.tasks[waiter.task.index].wait)
            let waits = status == .sleeping && wait.kind == .lock && wait.value == UInt64(name.rawValue)
            let isWoken = place == 0 && waiter.mode == .write && status == .runnable
            let same = queued.places(from: { $0 < waiter.task.index }, while: { $0 == waiter.task.index })
            if !waits && !isWoken || same.count > 1 {
                report(.lockHolders, waiter.task, "is in the queue of the \(name), and does not sleep on it")
            }
        }
        if let head = lock.queue.first, lock.isFree || (head.mode == .read && lock.writer == .none),
            machine.tasks[head.task.index].status == .sleeping
        {
            report(.lostWakeup, head.task, "waits at the head for the \(name), which it could have")
        }
    }

    /// Checks the locks of a map's areas: marks end with the write lock, and an area with a reader keeps its place.
    private mutating func checkAreaLocks(of map: MapID, _ machine: Machine) {
        // Only the locks: a variable for the map would copy all of it.
        let locks = machine.maps[map.index].areaLocks
        let writer = machine.maps[map.index].lock.writer
        if !locks.marks.isEmpty, writer == .none {
            report(.lockHolders, "areas of \(map) are write-locked, and no task holds its mmap lock for writing")
        }
        for reader in locks.readers {
            let fault = machine.tasks[reader.task.index].fault
            // A task that moves pages reads a second area besides that of its fault.
            let isGuarded =
                fault.lock == .area && fault.map == map
                && locks.readers.contains { $0.task == reader.task && $0.area == fault.area.start }
            let area = machine.area(endingAfter: reader.area, in: map)
            if !isGuarded {
                report(.lockHolders, reader.task, "holds the lock of the area at \(reader.area), and no fault needs it")
            }
            if area?.start != reader.area {
                report(.staleArea, reader.task, "holds the lock of an area at \(reader.area), which is not there")
            }
            if reader.isAwaited, !locks.isMarked(reader.area) {
                report(
                    .lockHolders, reader.task, "is waited for by a task that has not marked the area at \(reader.area)")
            }
        }
        let sleepers = machine.tasks.indices.filter { place in
            let wait = machine.tasks[place].wait
            return machine.tasks[place].status == .sleeping && wait.kind == .areaReaders
                && wait.value == UInt64(map.index)
        }
        if sleepers.count > 1 || sleepers.contains(where: { TaskID($0) != writer }) {
            report(.lockHolders, TaskID(sleepers[0]), "waits for an area's lock without the mmap lock of \(map)")
        }
        if locks.isAwaited, sleepers.isEmpty {
            report(.lostWakeup, "no task waits for readers of areas of \(map), which are marked as waited for")
        }
    }

    /// Checks that the scheduler's lists name tasks that can run, and that requests are in order.
    mutating func checkScheduler(_ machine: Machine) {
        let named = Array(machine.scheduler.runQueue) + machine.scheduler.processors.map(\.task).filter { $0 != .none }
        for task in named where machine.tasks[task.index].status != .runnable {
            report(.lostWakeup, task, "is in the run queue and can't run")
        }
        let timers = machine.tasks.indices.count {
            machine.tasks[$0].status == .sleeping && machine.tasks[$0].wait.isTimed
        }
        if machine.scheduler.timers != timers {
            report(
                .bookkeeping, "\(machine.scheduler.timers) timers are counted, and \(timers) tasks sleep until a time")
        }
        let busy = machine.tasks.indices.count { machine.tasks[$0].hasOperation }
        if machine.scheduler.busyTasks != busy {
            report(
                .bookkeeping,
                "\(machine.scheduler.busyTasks) operations are counted, and \(busy) tasks have one under way")
        }
        if let problem = machine.problemOfSleeperIndex { report(.bookkeeping, problem) }
        for (earlier, later) in zip(machine.scheduler.requests, machine.scheduler.requests.dropFirst())
        where earlier.completes > later.completes {
            report(.bookkeeping, "requests are not in the order of completion")
        }
    }
}
