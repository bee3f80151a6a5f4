import FaultSimulator
import Testing

/// A reader that sleeps with the mmap lock held, a writer that waits behind it, and the tasks that come between the
/// reader's release and the writer's next stage.
private struct Handover {
    var world: World
    let reader: TaskID
    let writer: TaskID
    let area: Area

    /// A writer that waits behind the first, if there is one.
    private(set) var last: TaskID?

    /// Lets the reader release the lock; the writer has not run since.
    init(_ model: KernelModel, writers: Int = 1) throws {
        world = try World(model)
        let file = try world.file(pages: 1)
        writer = world.task()
        area = try world.map(file, .read, in: writer)
        let other = try world.map(anonymousPages: 1, in: writer)
        reader = world.task()
        world.start(.readProcMem(area.map, area[0], pages: 1), in: reader)
        world.run()
        world.start(.munmap(other), in: writer)
        world.run()
        if writers > 1 {
            let thread = world.thread(of: writer)
            world.start(.munmap(other), in: thread)
            world.run()
            last = thread
        }
        world.completeReads()
        stepToEnd(reader)
    }

    /// The tasks that hold the lock, and the tasks that wait for it.
    var lock: LockView { world.mmapLock(of: writer) }

    mutating func stepToEnd(_ task: TaskID) {
        while world.machine.isBusy(task), world.machine.step(task) {}
    }

    /// Starts an operation in another thread, and lets it run until it holds the lock or waits for it.
    mutating func come(_ operation: TaskOperation) -> TaskID {
        let task = world.thread(of: writer)
        world.start(operation, in: task)
        while world.machine.heldLocks(of: task).isEmpty, world.machine.step(task) {}
        return task
    }
}

@Suite("Handing over a lock", .timeLimit(.minutes(60)))
struct LockHandoverTests {
    @Test(
        "a task that was killed while it waited takes the lock again to exit: it may find the lock free, and overtakes no task"
    )
    func killedComesAnew() throws {
        var test = try Handover(.linux6_1, writers: 2)
        let last = try #require(test.last)
        #expect(test.lock.isFree && test.lock.waiters == [test.writer, last])
        test.world.kill(last)
        #expect(test.lock.waiters == [test.writer])
        while test.lock.readers != [last], test.world.machine.step(last) {}
        #expect(test.lock.readers == [last], "exit_mm() takes it for reading, past the writer that has not run yet")
        #expect(test.world.run() == .finished)
        #expect(test.world.machine.hasExited(last) && test.world.machine.violations.isEmpty)
    }

    @Test("a reader that comes before the writer that was woken has run takes the lock; the next one waits")
    func readerSteals() throws {
        var test = try Handover(.linux6_1)
        #expect(test.lock.isFree && test.lock.waiters == [test.writer])
        let thief = test.come(.readProcMaps(test.area.map))
        #expect(test.lock.readers == [thief] && test.lock.waiters == [test.writer])
        test.world.machine.step(test.writer)
        test.stepToEnd(thief)
        // Free again, but owed to the writer.
        #expect(test.lock.isFree && !test.world.machine.isBusy(thief))
        let second = test.come(.readProcMaps(test.area.map))
        #expect(test.lock.isFree && test.lock.waiters == [test.writer, second])
        #expect(test.world.run() == .finished)
    }

    @Test("so does another writer")
    func writerSteals() throws {
        var test = try Handover(.linux6_12)
        let thief = test.come(.mmap(MapRequest(pages: 1, access: .readWrite)))
        #expect(test.lock.writer == thief && test.lock.waiters == [test.writer])
        #expect(test.world.run() == .finished)
        #expect(test.lock.isFree && test.lock.waiters.isEmpty)
    }

    @Test("a try fails while the woken writer has not run")
    func tryFails() throws {
        var test = try Handover(.linux6_1)
        let task = test.world.thread(of: test.writer)
        let hasLock = test.world.machine.tryLock(.mmap(test.area.map), .read, for: task)
        #expect(!hasLock)
    }

    @Test("up to 5.9 the lock is the writer's at once")
    func given() throws {
        var test = try Handover(.linux5_9)
        #expect(test.lock.writer == test.writer && test.lock.waiters.isEmpty)
        let next = test.come(.readProcMaps(test.area.map))
        #expect(test.lock.writer == test.writer && test.lock.waiters == [next])
        #expect(test.world.run() == .finished)
    }

    @Test(
        "behind a reader that sleeps and a munmap, a fault finds the area or not, depending on which task gets the lock first"
    )
    func explored() throws {
        let reader = "task 0: ok; task 1: MAJOR|LOCKED, faults 0/1; task 2: "
        let endings = ["0, faults 1/0", "0, faults 1/0, SIGSEGV/MAPERR", "SIGSEGV/MAPERR", "ok"].map { reader + $0 }
        for (model, states, texts) in [
            (KernelModel.linux6_1, 963, endings), (.linux5_9, 585, [endings[2], endings[3]]),
        ] {
            var world = try World(model)
            let file = try world.file(pages: 1)
            let first = world.task()
            let area = try world.map(file, .read, in: first)
            world.start(.readProcMem(area.map, area[0], pages: 1), in: world.task())
            world.run()
            world.start(.munmap(area), in: first)
            world.run()
            world.start(.read(area), in: world.thread(of: first))
            let found = world.explore()
            #expect(found.brokenLaws.map(\.description) == [] && found.deadlocks.isEmpty && found.isComplete)
            #expect(found.states == states, "\(model.name)")
            #expect(found.texts == texts, "\(model.name)")
        }
    }
}

@Suite("Waiting for the lock of a page", .timeLimit(.minutes(60)))
struct PageLockQueueTests {
    @Test("a task that wants to lock a page is woken alone, and wakes the next one when it unlocks the page")
    func oneAtATime() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 1)
        let first = world.task()
        let area = try world.map(file, .read, in: first)
        let readers = [first, world.thread(of: first), world.thread(of: first)]
        for reader in readers {
            world.start(.read(area), in: reader)
            world.run()
        }
        world.completeReads()
        #expect(world.machine.runnableTasks == [readers[0]])
        for next in 1...2 {
            while world.machine.runnableTasks == [readers[next - 1]] { world.machine.step(readers[next - 1]) }
            #expect(world.machine.runnableTasks.contains(readers[next]), "woken by the unlock of the one before")
            while world.machine.isBusy(readers[next - 1]), world.machine.step(readers[next - 1]) {}
        }
        #expect(world.run() == .finished)
    }

    @Test(
        "a task that reads a single page and only waits for the read is woken with the first task that wants the lock")
    func shared() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 1)
        let first = world.task()
        let area = try world.map(file, .read, in: first)
        let other = world.thread(of: first)
        world.start(.read(file), in: other)
        world.run()
        world.start(.read(area), in: first)
        world.run()
        world.completeReads()
        #expect(world.machine.runnableTasks == [other, first])
    }
}
