import FaultSimulator
import Testing

@Suite("Faults under an area lock", .timeLimit(.minutes(60)))
struct AreaLockTests {
    @Test("a fault that sleeps under its area's lock holds no mmap lock: memory can be mapped meanwhile")
    func noMmapLock() throws {
        var test = try AreaLockWorld()
        #expect(test.begin(.write(test.sleepy), in: test.first) == .blocked)
        #expect(test.world.machine.areaRead(by: test.first) == test.sleepy.start)
        #expect(test.world.mmapLock(of: test.first).isFree)
        test.begin(.mmap(MapRequest(pages: 4, access: .readWrite)), in: test.second)
        #expect(!test.world.machine.isBusy(test.second))
        #expect(test.wake() == .finished)
        #expect(test.world.machine.areaRead(by: test.first) == nil)
        let report = test.world.report(of: test.first)
        #expect(report.counters.attempts == 1 && report.counters.areaLockAttempts == 1)
        #expect(report.counters.mmapReadLocks == 0 && report.minorFaults == 1)
        #expect(report.attempts.map(\.flags.description) == ["WRITE|ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE|VMA_LOCK"])
    }

    @Test("a task that changes an area waits for the faults under its lock, with the mmap lock held for writing")
    func writerWaits() throws {
        var test = try AreaLockWorld()
        test.begin(.write(test.sleepy), in: test.first)
        test.begin(.munmap(test.sleepy), in: test.second)
        #expect(test.cause(of: test.second) == .areaLock(test.sleepy.map))
        #expect(test.world.mmapLock(of: test.first).writer == test.second)
        #expect(
            WaitLink.chain(of: test.world.machine.waitLinks) == """
                task 1 waits for the lock of an area of map 0 (write), behind task 0, holding the mmap lock (write) <- \
                task 0 waits for channel 7
                """)
        // SIGKILL does not end that wait.
        test.world.kill(test.second)
        #expect(test.world.run() == .blocked)
        #expect(test.wake() == .finished)
        #expect(test.world.machine.hasExited(test.second))
        #expect(test.world.presentPages(of: test.sleepy) == [])
    }

    @Test("munlockall and mlockall wait for the faults in an area that they leave as it is, if another joins it")
    func lockAllJoins() throws {
        for locksAll in [false, true] {
            var test = try AreaLockWorld()
            let half = MlockRange(test.sleepy, locksAll)
            test.begin(.mlock2(half.start, pages: 4, .onFault), in: test.second)
            #expect(test.world.machine.areas(of: test.sleepy.map).count == 2)
            test.begin(.write(test.sleepy, page: half.other), in: test.first)
            test.begin(locksAll ? .mlockAll([.current, .onFault]) : .munlockAll, in: test.second)
            #expect(test.cause(of: test.second) == .areaLock(test.sleepy.map), "locks all: \(locksAll)")
            #expect(test.wake() == .finished)
            #expect(test.world.machine.areas(of: test.sleepy.map).count == 1)
            #expect(test.world.machine.violations.isEmpty)
        }
    }

    /// Which half of an area is locked, and a page that is faulted on in an area that does not change.
    private struct MlockRange {
        let start: PageNumber
        let other: Int

        /// mlockall(2) leaves the half as it is that is locked, munlockall(2) the other one.
        init(_ area: Area, _ locksAll: Bool) {
            start = area.start
            other = locksAll ? 2 : 6
        }
    }

    @Test("a writer that waits keeps new faults out: they go to the mmap lock, others' areas stay open")
    func readersFallBack() throws {
        var test = try AreaLockWorld()
        let file = try test.world.file(pages: 16, resident: .all)
        let other = try test.world.map(file, .read, in: test.first)
        test.begin(.write(test.sleepy), in: test.first)
        test.begin(.mprotect(test.sleepy, .read, pages: 4), in: test.second)
        #expect(test.world.machine.isAreaWriteLocked(test.sleepy.start, in: test.sleepy.map))
        let aborts = test.world.machine.events.vmaLockAbort
        test.begin(.read(test.sleepy, page: 6), in: test.third)
        #expect(test.cause(of: test.third) == .lock(.mmap(test.sleepy.map), .read))
        #expect(test.world.report(of: test.third).counters.mmapTrylockFailures == 1)
        #expect(test.world.machine.events.vmaLockAbort == aborts + 1)
        #expect(!test.world.machine.isAreaWriteLocked(other.start, in: other.map))
        let fourth = test.world.thread(of: test.first)
        test.begin(.read(other), in: fourth)
        #expect(!test.world.machine.isBusy(fourth))
        // The reader that waited for the mmap lock now sleeps under it.
        #expect(test.wake() == .blocked)
        #expect(!test.world.machine.isBusy(test.second))
        #expect(test.wake() == .finished)
        #expect(test.world.report(of: test.third).counters.areaLockAttempts == 0)
    }

    @Test("all marks are gone when the writer downgrades: a fault elsewhere goes on under its area's lock")
    func downgradeEndsWrite() throws {
        var test = try AreaLockWorld()
        let file = try test.world.file(pages: 64, resident: .all)
        let area = try test.world.map(file, .read, in: test.first)
        test.world.start(.munmap(area, page: 32), in: test.second)
        #expect(test.world.run(until: .stage(test.second, "munmap.downgrade")) == .conditionMet)
        #expect(test.world.machine.isAreaWriteLocked(area.start, in: area.map))
        #expect(test.world.run(until: .stage(test.second, "munmap.tearDown")) == .conditionMet)
        #expect(!test.world.machine.isAreaWriteLocked(area.start, in: area.map))
        let successes = test.world.machine.events.vmaLockSuccess
        test.begin(.read(area), in: test.third)
        #expect(test.world.report(of: test.third).counters.mmapReadLocks == 0)
        #expect(test.world.machine.events.vmaLockSuccess == successes + 1)
    }

    @Test("an area that was replaced between its look-up and its lock counts as a miss, and is looked up again")
    func replaced() throws {
        var test = try AreaLockWorld()
        let file = try test.world.file(pages: 64, resident: .all)
        let area = try test.world.map(file, .read, in: test.first)
        test.world.start(.read(area, page: 40), in: test.first)
        #expect(test.world.run(until: .stage(test.first, of: X86FaultEntry.self, .lockArea)) == .conditionMet)
        // The other thread goes first: the upper part becomes an area of its own. The lower one still begins there.
        test.world.start(.mprotect(area, .readExecute, page: 32), in: test.second)
        while test.world.machine.isBusy(test.second), test.world.machine.step(test.second) {}
        #expect(test.world.run() == .finished)
        #expect(test.world.machine.events.vmaLockMiss == 0)
        #expect(test.world.report(of: test.first).counters.mmapReadLocks == 1)

        var gone = try AreaLockWorld()
        let other = try gone.world.map(try gone.world.file(pages: 64, resident: .all), .read, in: gone.first)
        gone.world.start(.read(other, page: 40), in: gone.first)
        #expect(gone.world.run(until: .stage(gone.first, "faultEntry.lockArea")) == .conditionMet)
        gone.world.start(.munmap(other, pages: 32), in: gone.second)
        while gone.world.machine.isBusy(gone.second), gone.world.machine.step(gone.second) {}
        #expect(gone.world.run() == .finished)
        #expect(gone.world.machine.events.vmaLockMiss == 1)
        #expect(gone.world.report(of: gone.first).counters.mmapReadLocks == 0)
        #expect(gone.world.report(of: gone.first).minorFaults == 1)
    }

    @Test("fork waits for the faults under any area's lock, mremap and mlock for those of theirs")
    func otherWriters() throws {
        for operation in [0, 1, 2, 3] {
            var test = try AreaLockWorld()
            test.begin(.write(test.sleepy), in: test.first)
            let writer: TaskOperation =
                switch operation {
                case 0: .fork
                case 1: .mremap(test.sleepy.start, pages: 8, newPages: 8, .fixed(PageNumber(0x4000)))
                case 2: .mlock(test.sleepy, page: 7)
                default: .madvise(test.sleepy, .random)
                }
            test.begin(writer, in: test.second)
            #expect(test.cause(of: test.second) == .areaLock(test.sleepy.map), "\(writer)")
            test.wake()
            while test.isAsleep(test.second) { test.wake() }  // mlock faults the page in
            #expect(test.world.report(of: test.second).errno == nil, "\(writer)")
            #expect(test.world.run() == .finished)
        }
    }

    @Test("mapping memory that joins an area waits for the faults under that area's lock; elsewhere it does not")
    func mergeWaits() throws {
        for joins in [true, false] {
            var test = try AreaLockWorld()
            let start = PageNumber(0x5000)
            var request = MapRequest(
                pages: 4, access: .readWrite, flags: .shared, placement: .fixed(start),
                operations: test.world.machine.register(SleepyHandler()))
            let area = try test.world.map(request, in: test.first)
            test.begin(.write(area), in: test.first)
            request.placement = .fixed(joins ? start + 4 : start + 5)
            request.offset = 4
            test.begin(.mmap(request), in: test.second)
            #expect(test.isAsleep(test.second) == joins)
            #expect(test.wake() == .finished)
            let joined = test.world.machine.area(containing: start, in: area.map)?.pages
            #expect(joined == (joins ? 8 : 4))
        }
    }

    @Test("a handler without map_pages is not called under the area's lock")
    func handlerWithoutMapPages() throws {
        var test = try AreaLockWorld(mapsPages: false)
        test.begin(.write(test.sleepy), in: test.first)
        #expect(test.world.machine.areaRead(by: test.first) == nil)
        #expect(test.world.mmapLock(of: test.first).readers == [test.first])
        #expect(test.wake() == .finished)
        let report = test.world.report(of: test.first)
        #expect(report.counters.attempts == 2 && report.counters.areaLockAttempts == 1)
        #expect(report.results.map(\.result) == [.retry, []])
        #expect(test.world.machine.events.pgfault == 1 && report.minorFaults == 1)
    }

    @Test("the kernel's own faults, and those that let a stack grow, never try the area's lock")
    func neverTried() throws {
        var test = try AreaLockWorld()
        let area = try test.world.map(anonymousPages: 4, in: test.first)
        try test.world.perform(.kernelTouch(.write, area[0], .kernelWithFixup), in: test.first)
        #expect(test.world.report(of: test.first).counters.areaLockAttempts == 0)
        #expect(test.world.report(of: test.first).counters.mmapReadLocks == 1)
        let stack = try test.world.map(
            MapRequest(pages: 4, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x9000))),
            in: test.first)
        try test.world.perform(.write(stack, page: -1), in: test.first)
        let grown = test.world.report(of: test.first)
        #expect(grown.counters.areaLockAttempts == 0 && grown.counters.attempts == 1)
        #expect(grown.counters.mmapReadLocks == 2 && grown.counters.mmapWriteLocks == 1)
    }

    @Test("a fault that waits under its area's lock and is killed gives the lock up first")
    func killed() throws {
        var world = try World(.linux6_12)
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .read, in: task)
        world.start(.read(area), in: task)
        #expect(world.run() == .blocked)
        #expect(world.machine.areaRead(by: task) == nil)
        world.kill(task)
        #expect(world.run() == .finished)
        #expect(world.machine.hasExited(task))
        #expect(world.machine.events.pgfault == 0)
        #expect(world.report(of: task).results.map(\.result) == [[.major, .retry]])
    }

    @Test("a copy of a world in which a writer waits for a reader goes its own way")
    func fork() throws {
        var test = try AreaLockWorld()
        test.begin(.write(test.sleepy), in: test.first)
        test.begin(.munmap(test.sleepy), in: test.second)
        var other = test
        #expect(test.wake() == .finished)
        #expect(other.world.machine != test.world.machine)
        #expect(other.isAsleep(other.second))
        #expect(other.wake() == .finished)
        #expect(other.world.machine == test.world.machine)
        #expect(other.world.machine.fingerprint == test.world.machine.fingerprint)
    }

    @Test(
        "random programs break no law under any kernel with areas' locks, nor before, and come out the same when watched",
        arguments: KernelModel.presets.filter { $0.areaLocks != .none } + [.linux6_1])
    func randomPrograms(_ model: KernelModel) throws {
        var underAreaLocks = 0
        for seed in 4000..<4012 as Range<UInt64> {
            var plain = try RandomWorld(seed: seed, model)
            var watched = try RandomWorld(seed: seed, model)
            plain.world.machine.isChecking = false
            plain.world.machine.recordsAttempts = false
            watched.world.machine.isTracing = true
            let reason = watched.world.run()
            #expect(reason.violations.isEmpty, "seed \(seed): \(reason.violations.first?.description ?? "")")
            _ = plain.world.machine.run()
            #expect(plain.world.machine == watched.world.machine, "seed \(seed)")
            for task in watched.tasks {
                underAreaLocks += watched.world.machine.counters(of: task).areaLockAttempts
            }
        }
        #expect((underAreaLocks > 0) == (model.areaLocks != .none))
    }
}
