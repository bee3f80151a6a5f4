import FaultSimulator

@testable import FaultCore

/// Tasks, the scheduler's lists, and locks.
extension Damage {
    static let tasks: [Damage] = [
        .rest("an idle task holds the mmap lock", says: "has nothing to do and holds the mmap lock") { machine, rest in
            _ = machine.tryLock(.mmap(rest.map), .read, for: rest.play.task)
        },
        .rest("an idle task holds a page lock", says: "has nothing to do and holds a page lock") { machine, rest in
            _ = machine.tryLock(rest.cached(1), by: rest.play.task)
        },
        .rest(
            "an idle task holds the lock of an area", says: "has nothing to do and holds the lock of an area",
            .linux6_12
        ) {
            machine, rest in machine.maps[rest.map.index].areaLocks.addReader(rest.play.task, of: rest.memory[0])
        },
        .rest("an idle task has an operation", says: "routines under way") { machine, rest in
            machine.tasks[rest.play.task.index].hasOperation = true
        },
        .rest("an idle task keeps a dropped lock in mind", says: "keeps something of its last fault") { machine, rest in
            machine.tasks[rest.play.task.index].fault.lockDropped = true
        },
        .sleeping("a sleeper can run, and nobody knows", says: "can run and is in 0 places of the run queue") {
            machine, task, _ in machine.tasks[task.index].status = .runnable
        },
        .rest("an idle task can run, and has nothing to run", says: "can run and has no routine to run") {
            machine, rest in
            machine.tasks[rest.play.task.index].status = .runnable
        },
        .rest("an idle task sleeps", says: "sleeps and has no routine to go on with") { machine, rest in
            machine.tasks[rest.play.task.index].status = .sleeping
        },
        .inArea("a fault says that it has the invalidate lock", says: "says that it holds the invalidate lock") {
            machine, task, _ in
            machine.tasks[task.index].fault.file = FileID(0)
            machine.tasks[task.index].fault.invalidateLocked = true
        },
        .sleeping("a signal comes, and nobody is woken", says: "a signal is pending that its sleep lets through") {
            machine, task, _ in machine.tasks[task.index].pendingSignals.insert(.kill)
        },
        .sleeping("a page is unlocked, and nobody is woken", says: "sleeps on something that is over") {
            machine, _, folio in machine.frames[folio].flags.subtract([.locked, .underRead])
        },
        .sleeping("a page forgets who sleeps on it", says: "which does not know of it") { machine, _, folio in
            machine.frames[folio].flags.remove(.waiters)
        },
        .rest("an idle task is in the run queue", says: "is in the run queue and can't run") { machine, rest in
            machine.scheduler.processors[0].task = rest.play.task
        },
        .rest("one timer too many is counted", says: "1 timers are counted, and 0 tasks sleep until a time") {
            machine, _ in
            machine.scheduler.timers += 1
        },
    ]

    static let locks: [Damage] = [
        .rest("a page lock is kept in mind, and the page is not locked", says: "owns the lock of") { machine, rest in
            machine.scheduler.pageLocks.append(PageLock(folio: rest.cached(1), task: rest.play.task))
        },
        .rest(
            "a writer does not know of its lock", says: "is the writer of the mmap lock of map 0, and does not hold it"
        ) { machine, rest in
            _ = machine.maps[rest.map.index].lock.tryLock(.write, for: rest.play.task)
        },
        .rest(
            "a lock does not know of its writer",
            says: "holds the mmap lock of map 0 for writing, and is not its writer"
        ) {
            machine, rest in
            _ = machine.tryLock(.mmap(rest.map), .write, for: rest.play.task)
            machine.maps[rest.map.index].lock = ReadWriteSemaphore()
        },
        .rest("a reader does not know of its lock", says: "counts 1 readers, and 0 tasks hold it for reading") {
            machine, rest in _ = machine.maps[rest.map.index].lock.tryLock(.read, for: rest.play.task)
        },
        .rest("a task holds a lock twice", says: "holds the mmap lock of map 0 twice") { machine, rest in
            for _ in 0..<2 { _ = machine.tryLock(.mmap(rest.map), .read, for: rest.play.task) }
        },
        .queued("who waits for a lock sleeps on something else", says: "in the queue of the mmap lock") {
            machine, writer, _ in machine.tasks[writer.index].wait.kind = .timer
        },
        .queued("a lock becomes free, and nobody is woken", says: "waits at the head for the mmap lock") {
            machine, _, reader in
            var lock = ReadWriteSemaphore()
            lock.enqueue(TaskID(0), .write, at: 0)
            machine.maps[machine.map(of: reader).index].lock = lock
        },
        .inArea("an area stays marked", says: "no task holds its mmap lock for writing") { machine, task, area in
            machine.maps[area.map.index].areaLocks.mark(area[0]..<area[1])
        },
        .inArea("a fault forgets that it has its area's lock", says: "and no fault needs it") { machine, task, _ in
            machine.tasks[task.index].fault.lock = .none
        },
        .inArea("the area of a lock goes", says: "holds the lock of an area at") { machine, _, area in
            let areas = machine.maps[area.map.index].areas
            if let place = areas.firstPosition(endingAfter: area[0]) { machine.removeArea(at: place, in: area.map) }
        },
        .inArea("a reader of an area is waited for, and it is not marked", says: "is waited for by a task that has") {
            machine, _, area in _ = machine.maps[area.map.index].areaLocks.awaitReaders(of: area[0])
        },
        .inArea("a reader of an area is waited for by nobody", says: "no task waits for readers of areas") {
            machine, _, area in
            _ = machine.maps[area.map.index].areaLocks.awaitReaders(of: area[0])
        },
        .sleeping("who waits for an area's readers has not the mmap lock", says: "waits for an area's lock without") {
            machine, task, _ in
            machine.tasks[task.index].wait.kind = .areaReaders
            machine.tasks[task.index].wait.value = 0
        },
    ]
}
