import FaultSimulator
import Testing

/// For each pair of neighbouring models something that programs can see, not only a count.
@Suite("What each proposal of 2018 does that its neighbour does not", .timeLimit(.minutes(60)))
struct EraOf2018Tests {
    @Test(
        "2018: btrfs prepares a page once if the kept page, or its own metadata, tells it; as mailed it does so twice")
    func mkwriteWork() throws {
        for (model, reservations) in [
            (KernelModel.linux5_1, 1), (.bacik2018, 2), (.chinner2018, 1), (.kara2018, 1),
        ] {
            var world = try World(model)
            let file = try world.file(pages: 4, on: .btrfs, resident: .all)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            try world.perform(.read(area), in: task)
            world.start(.write(area), in: task)
            var requests = 0
            var locks: [Bool] = []
            while true {
                world.run()
                guard world.machine.isBusy(task) else { break }
                locks.append(!world.mmapLock(of: task).isFree)
                requests += world.completeReads()
            }
            #expect(requests == reservations, "\(model.name)")
            let mayDrop = model.mkwriteProtocol != .keepsLock
            #expect(locks.first == !mayDrop, "the first is waited for with the lock held: \(model.name)")
            #expect(world.report(of: task).attempts.count == (mayDrop ? 2 : 1))
            #expect(world.report(of: task).signal == nil)
        }
    }

    @Test(
        "2018: a store to ext4 drops the lock under a helper for all, and not where the file system knows of its block")
    func ext4Store() throws {
        for (model, attempts) in [(KernelModel.bacik2018, 1), (.chinner2018, 2), (.kara2018, 1), (.linux5_1, 1)] {
            var world = try World(model)
            let file = try world.file(pages: 4, resident: .all)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            let report = try world.perform(.write(area), in: task)
            #expect(report.attempts.count == attempts, "\(model.name)")
        }
    }

    @Test("2018: a page that is kept for the second attempt can't be dropped from the cache before it")
    func keptPage() throws {
        for (model, stays) in [(KernelModel.bacik2018, true), (.kara2018, false)] {
            var world = try World(model)
            let file = try world.file(pages: 1)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            world.start(.read(file, page: 0), in: world.task())
            world.run()
            world.start(.read(area), in: task)
            world.run()
            let writer = world.thread(of: task)
            let isFree = world.hold(.write, by: writer)
            #expect(isFree, "the wait for a page that was found is without the lock")
            world.completeReads()
            world.run()
            try world.perform(.dropCache(file), in: world.task())
            #expect(world.residentPages(of: file) == (stays ? [0] : []), "\(model.name)")
            world.machine.unlock(.mmap(world.machine.map(of: writer)), by: writer)
            repeat { world.run() } while world.completeReads() > 0
            #expect(!world.machine.isBusy(task))
        }
    }

    @Test(
        "2018: a full disk is SIGBUS; Bacik's page_mkwrite takes the lock again for it, the others fail on the retry")
    func fullDiskWithoutLock() throws {
        for (model, results, locks) in [
            (KernelModel.linux5_1, [FaultResult.sigbus], 1), (.bacik2018, [.sigbus], 2),
            (.chinner2018, [.retry, .sigbus], 2), (.kara2018, [.retry, .sigbus], 2),
        ] {
            var (world, task, area) = try storingWorld(model, isHole: true)
            for _ in results { world.machine.failAllocation(at: .block) }
            world.start(.write(area), in: task)
            repeat { world.run() } while world.completeReads() > 0
            let report = world.report(of: task)
            #expect(report.attempts.map(\.result) == results, "\(model.name): \(report.attempts.map(\.result))")
            #expect(report.signal == .bus(.noSuchAddress) && report.counters.mmapReadLocks == locks, "\(model.name)")
            #expect(world.machine.heldLocks(of: task).isEmpty && world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("2018: a page that is truncated before the attempt that would find it prepared: NOPAGE, then SIGBUS")
    func truncatedWhenPrepared() throws {
        for model in [KernelModel.chinner2018, .kara2018] {
            var (world, task, area) = try storingWorld(model)
            world.start(.write(area), in: task)
            world.run()
            world.completeReads()
            #expect(world.run(until: .event(.attemptEnded, of: task)) == .conditionMet)
            // The next attempt waits for the page's lock, which a truncation has.
            #expect(world.run(until: .stage(task, "handlerMkwrite.begin")) == .conditionMet)
            let other = world.task()
            world.start(.truncate(world.machine.areas(of: area.map)[0].file, pages: 0), in: other)
            while world.machine.step(other) {}
            #expect(world.report(of: other).isDone)
            repeat { world.run() } while world.completeReads() > 0
            #expect(world.report(of: task).attempts.map(\.result) == [.retry, .noPage, .sigbus], "\(model.name)")
            #expect(world.machine.heldLocks(of: task).isEmpty && world.machine.checkInvariants().isEmpty)
        }
    }

    /// A world with a cached file on btrfs, and a task that has mapped and read it.
    private func storingWorld(_ model: KernelModel, isHole: Bool = false) throws -> (World, TaskID, Area) {
        var world = try World(model)
        let file = try world.file("data", pages: 4, on: .btrfs, resident: .all)
        let task = world.task()
        if isHole { try world.perform(.punchHole(file, 0, pages: 4), in: task) }
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.read(area), in: task)
        return (world, task, area)
    }
}
