import FaultSimulator
import Testing

/// A world with few page frames, whose disks are done at once unless they are held.
private func smallWorld(
    _ model: KernelModel = .linux6_1, frames: Int, swap: Int = 0, readahead: Int = 0, held: Bool = false
) throws -> World {
    var settings = MachineSettings()
    settings.frameLimit = frames
    settings.readaheadPages = readahead
    settings.swapReadaheadPages = 1
    settings.faultAroundPages = 1
    var world = try World(model, disk: held ? .held : .latency(nanoseconds: 1000), settings: settings)
    if swap > 0 { try world.addSwap(pages: swap, held: held) }
    return world
}

@Suite("Reclaim", .timeLimit(.minutes(60)))
struct ReclaimTests {
    @Test("a file larger than memory can be read, mapped and by read(2)", arguments: [0, 8])
    func largeFile(_ readahead: Int) throws {
        var world = try smallWorld(frames: 24, readahead: readahead)
        let file = try world.file(pages: 100)
        let task = world.task()
        let area = try world.map(file, .read, .shared, in: task)
        let report = try world.perform(.read(area, pages: 100), in: task)
        #expect(report.signal == nil && report.counters.exceptions >= 100)
        #expect(world.machine.framesInUse <= 24 && world.machine.framesInUse == world.machine.cachedPages(of: file))
        #expect(world.machine.events.pgsteal >= 76 && world.machine.events.allocstall > 0)
        #expect(world.rss(of: task).file <= 24)
        #expect(world.presentPages(of: area).last == 99)

        let other = try world.perform(.read(file, pages: 100), in: task)
        #expect(other.value == 100 && world.machine.framesInUse <= 24)
        #expect(world.machine.events.oomKill == 0)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "a store to a private page faults again if reclaim took its entry for the copy's sake; the page is held meanwhile"
    )
    func takesWhatIsCopied() throws {
        var world = try smallWorld(frames: 5, swap: 8)
        let file = try world.file(pages: 1, resident: .all)
        let task = world.task()
        let area = try world.map(file, in: task)
        let locked = try world.map(anonymousPages: 3, in: task)
        let other = try world.map(anonymousPages: 1, in: task)
        try world.perform(.mlock(locked), in: task)
        try world.perform(.read(area), in: task)
        try world.perform(.write(other), in: task)
        let report = try world.perform(.write(area), in: task)
        #expect(report.attempts.map(\.result) == [[], .locked])
        #expect(report.signal == nil && report.counters.exceptions == 2 && report.counters.pgmajfault == 0)
        #expect(world.residentPages(of: file) == [0])
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "so does one to a page that two processes share: it is not read back from swap, and does not go round in circles",
        arguments: [KernelModel.linux4_19, .linux5_9, .linux6_1, .linux6_12])
    func takesWhatIsShared(_ model: KernelModel) throws {
        var world = try smallWorld(model, frames: 5, swap: 8)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, in: task)
        let stamp = try world.perform(.write(area), in: task).outcome.stamp
        let child = try world.fork(task)
        let locked = try world.map(anonymousPages: 3, in: task)
        try world.perform(.mlock(locked), in: task)
        let other = try world.map(anonymousPages: 1, in: task)
        try world.perform(.write(other), in: task)
        let report = try world.perform(.write(area), in: task)
        #expect(report.signal == nil && report.counters.exceptions <= 3 && report.counters.pgmajfault == 0)
        #expect(try world.perform(.read(area), in: child).outcome.stamp == stamp)
        #expect(world.machine.events.oomKill == 0 && world.machine.checkInvariants().isEmpty)
    }

    @Test("what a reclaimer has freed others may take: it frees more, and does not go round in circles")
    func othersTakeIt() throws {
        var world = try smallWorld(frames: 8)
        try world.addSwap(pages: 16, held: false, isSynchronous: true)
        let task = world.task()
        let other = world.task()
        let area = try world.map(anonymousPages: 9, in: task)
        let its = try world.map(anonymousPages: 1, in: other)
        try world.perform(.write(area, pages: 8), in: task)
        world.start(.write(area, page: 8), in: task)
        for _ in 0..<4 where world.machine.framesInUse == 8 {
            world.machine.step(task)
            #expect(world.run(until: .stage(task, "reclaim.passDone")) == .conditionMet)
        }
        #expect(world.machine.framesInUse == 7)
        world.start(.write(its), in: other)
        while world.machine.isBusy(other) { world.machine.step(other) }
        #expect(world.machine.framesInUse == 8)
        #expect(world.machine.run(limit: 10_000) == .finished)
        #expect(world.machine.events.pswpout == 2 && world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "reading the page again that was read last is no second use",
        arguments: [KernelModel.linux5_4, .linux6_1, .linux6_12])
    func readsInPieces(_ model: KernelModel) throws {
        var world = try smallWorld(model, frames: 24, readahead: 0)
        let file = try world.file(pages: 4)
        let task = world.task()
        for _ in 0..<3 { try world.perform(.read(file, page: 1), in: task) }
        #expect(world.machine.lruPages.activeFile == 0 && world.machine.lruPages.inactiveFile == 1)
        try world.perform(.read(file, page: 2), in: task)
        try world.perform(.read(file, page: 1), in: task)
        #expect(world.machine.lruPages.activeFile == 1 && world.machine.lruPages.inactiveFile == 1)
    }

    @Test("write(2) uses pages of tmpfs, also new ones, and not those of other files")
    func writesUse() throws {
        var world = try smallWorld(frames: 24, readahead: 0)
        let task = world.task()
        let file = try world.file(pages: 2)
        let shared = try world.file(pages: 2, on: .tmpfs)
        for _ in 0..<3 {
            try world.perform(.write(file, pages: 2), in: task)
        }
        #expect(world.machine.lruPages.activeFile == 0)
        try world.perform(.write(shared, pages: 2), in: task)
        #expect(world.machine.lruPages.activeAnonymous == 0)
        try world.perform(.write(shared, pages: 1), in: task)
        #expect(world.machine.lruPages.activeAnonymous == 1)
    }

    @Test("what is populated is used besides its entry: the second time makes it active")
    func populatingUses() throws {
        var world = try smallWorld(frames: 24)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        try world.perform(.madvise(area, .populateWrite), in: task)
        #expect(world.machine.lruPages.activeAnonymous == 0)
        try world.perform(.madvise(area, .populateWrite), in: task)
        #expect(world.machine.lruPages.activeAnonymous == 4)
    }

    @Test("a page that write(2) brings back whole does not count as one that is back")
    func writesNothingBack() throws {
        var world = try smallWorld(frames: 24, readahead: 0)
        let task = world.task()
        let file = try world.file(pages: 4)
        let area = try world.map(file, .read, .shared, in: task)
        try world.perform(.read(area, pages: 4), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        #expect(world.machine.cachedPages(of: file) == 0)
        try world.perform(.write(file, pages: 2), in: task)
        #expect(world.machine.events.workingsetRefaultFile == 0 && world.machine.lruPages.activeFile == 0)
        try world.perform(.read(area, page: 2, pages: 2), in: task)
        #expect(world.machine.events.workingsetRefaultFile == 2)
    }

    @Test("used pages get a second chance: what is touched again and again stays")
    func secondChance() throws {
        var world = try smallWorld(frames: 16)
        let hot = try world.file(pages: 2)
        let cold = try world.file(pages: 60)
        let task = world.task()
        let hotArea = try world.map(hot, .read, .shared, in: task)
        try world.perform(.read(hotArea, pages: 2), in: task)
        var misses: [Int] = []
        for page in 0..<60 {
            try world.perform(.read(cold, page: page), in: task)
            if try world.perform(.read(hotArea, pages: 2), in: task).counters.pgmajfault > 0 { misses.append(page) }
        }
        #expect(misses.isEmpty)
        #expect(world.residentPages(of: hot) == [0, 1])
        #expect(world.machine.lruPages.activeFile >= 2)
    }

    @Test(
        "use through an area that is read at random keeps no page from 6.3 on; one read in sequence never did",
        arguments: [KernelModel.linux6_1, .linux6_12], [Advice.normal, .random, .sequential])
    func recency(_ model: KernelModel, _ advice: Advice) throws {
        var world = try smallWorld(model, frames: 16)
        let hot = try world.file(pages: 2)
        let cold = try world.file(pages: 60)
        let task = world.task()
        let hotArea = try world.map(hot, .read, .shared, in: task)
        try world.perform(.madvise(hotArea, advice), in: task)
        try world.perform(.read(hotArea, pages: 2), in: task)
        var misses = 0
        for page in 0..<60 {
            try world.perform(.read(cold, page: page), in: task)
            misses += try world.perform(.read(hotArea, pages: 2), in: task).counters.pgmajfault
        }
        let counts = advice == .normal || (advice == .random && model == .linux6_1)
        #expect((misses == 0) == counts, "\(misses)")
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("pages that MADV_FREE gave up go first, without a write, and read as zeroes then")
    func lazyFree() throws {
        var world = try smallWorld(frames: 16, swap: 64)
        let task = world.task()
        let kept = try world.map(anonymousPages: 8, in: task)
        let given = try world.map(anonymousPages: 4, in: task)
        let more = try world.map(anonymousPages: 6, in: task)
        try world.perform(.write(kept, pages: 8), in: task)
        try world.perform(.write(given, pages: 4), in: task)
        try world.perform(.madvise(given, .free), in: task)
        let again = try world.perform(.write(given, page: 3), in: task).outcome.stamp
        try world.perform(.write(more, pages: 6), in: task)
        #expect(world.machine.events.pglazyfreed >= 2 && world.machine.events.pswpout == 0)
        #expect(world.presentPages(of: kept).count == 8)
        #expect(try world.perform(.read(given, page: 2), in: task).outcome.stamp == 0)
        #expect(try world.perform(.read(given, page: 3), in: task).outcome.stamp == again, "it was written since")
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("anonymous memory larger than memory is swapped, and keeps its contents")
    func swapping() throws {
        var world = try smallWorld(frames: 16, swap: 128)
        let task = world.task()
        let area = try world.map(anonymousPages: 48, in: task)
        var stamps: [UInt32] = []
        for page in 0..<48 {
            try world.perform(.write(area, page: page), in: task)
            stamps.append(try world.perform(.write(area, page: page), in: task).outcome.stamp)
        }
        let rss = world.rss(of: task)
        #expect(rss.anonymous + rss.swapEntries == 48 && rss.anonymous <= 16)
        for page in 0..<48 {
            #expect(try world.perform(.read(area, page: page), in: task).outcome.stamp == stamps[page])
        }
        #expect(world.machine.events.workingsetRefaultAnonymous > 0)
        #expect(world.machine.events.oomKill == 0)
        #expect(world.machine.checkInvariants().isEmpty)
        try world.perform(.exit, in: task)
        #expect(world.machine.rss(of: area.map) == ResidentPages())
    }

    @Test("a task that reclaims waits for the write with the mmap lock held, also on a first attempt")
    func waitsForWrites() throws {
        var world = try smallWorld(frames: 8, swap: 64, held: true)
        let task = world.task()
        let area = try world.map(anonymousPages: 16, in: task)
        world.start(.write(area, pages: 16), in: task)
        #expect(world.run() == .blocked)
        #expect(world.mmapLock(of: task).readers == [task])
        #expect(world.machine.backtrace(of: task).map(\.routine).suffix(2) == ["pageFault", "reclaim"])
        #expect(world.presentPages(of: area).count < 8)
        var rounds = 0
        while world.machine.isBusy(task), rounds < 100 {
            let device = try #require(world.machine.requestsUnderWay.first?.device)
            world.machine.finishHeld(on: device)
            let reason = world.run()
            #expect(reason.violations.isEmpty)
            rounds += 1
        }
        let report = world.report(of: task)
        #expect(report.isDone && report.minorFaults == 16 && report.majorFaults == 0)
    }

    @Test("locked pages stay")
    func locked() throws {
        var world = try smallWorld(frames: 16, swap: 64)
        let task = world.task()
        let locked = try world.map(anonymousPages: 6, in: task)
        try world.perform(.mlock(locked), in: task)
        let area = try world.map(anonymousPages: 30, in: task)
        try world.perform(.write(area, pages: 30), in: task)
        #expect(world.presentPages(of: locked).count == 6)
        #expect(world.rss(of: task).swapEntries > 0)
    }

    @Test("dirty pages of files are written back, and then go")
    func dirtyFile() throws {
        var world = try smallWorld(frames: 16)
        let file = try world.file(pages: 40)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        var stamps: [UInt32] = []
        for page in 0..<40 { stamps.append(try world.perform(.write(area, page: page), in: task).outcome.stamp) }
        #expect(world.machine.framesInUse <= 16)
        for page in 0..<40 {
            #expect(try world.perform(.read(area, page: page), in: task).outcome.stamp == stamps[page])
        }
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("a page that comes back soon is active at once, one that comes back late is not")
    func refaults() throws {
        var world = try smallWorld(frames: 16)
        let file = try world.file(pages: 200)
        let task = world.task()
        try world.perform(.read(file, pages: 200), in: task)
        #expect(world.machine.events.workingsetRefaultFile == 0)
        try world.perform(.read(file, page: 0), in: task)
        #expect(world.machine.events.workingsetRefaultFile == 1)
        #expect(world.machine.events.workingsetActivate == 0, "200 pages later")

        // An active list as long as the distance makes it part of the working set.
        var near = try smallWorld(frames: 16)
        let other = try near.file(pages: 40)
        let reader = near.task()
        for _ in 0..<3 { try near.perform(.read(other, pages: 10), in: reader) }
        #expect(near.machine.lruPages.activeFile == 10)
        try near.perform(.read(other, page: 10, pages: 7), in: reader)
        let before = near.machine.events.workingsetActivate
        let gone = (10..<17).filter { !near.residentPages(of: other).contains($0) }
        let page = try #require(gone.last)
        try near.perform(.read(other, page: page), in: reader)
        #expect(near.machine.events.workingsetActivate == before + 1)
    }

    @Test("a page that is reclaimed between two attempts is read twice, and counts as major once")
    func reclaimedBetweenAttempts() throws {
        var world = try smallWorld(frames: 8, held: true)
        let file = try world.file(pages: 4)
        let reader = world.task()
        let area = try world.map(file, .read, .shared, in: reader)
        let writer = world.task()
        let memory = try world.map(anonymousPages: 8, in: writer)
        world.start(.read(area), in: reader)
        #expect(world.run() == .blocked)
        world.completeReads()
        while world.report(of: reader).attempts.isEmpty { world.machine.step(reader) }
        world.start(.write(memory, pages: 8), in: writer)
        while world.machine.isBusy(writer) {
            #expect(world.machine.runnableTasks.contains(writer)); world.machine.step(writer)
        }
        #expect(world.residentPages(of: file).isEmpty)

        world.perform(.madvise(memory, .dontNeed), by: writer)
        #expect(world.run() == .blocked)
        #expect(world.mmapLock(of: reader).readers == [reader], "the second attempt reads with the lock held")
        world.completeReads()
        #expect(world.run() == .finished)
        let report = world.report(of: reader)
        #expect(report.attempts.map(\.result) == [[.major, .retry], [.major, .locked]] || report.attempts.count == 2)
        #expect(report.counters.pgmajfault == 2 && report.majorFaults == 1 && report.minorFaults == 0)
    }

    @Test("MADV_COLD makes pages go before older ones")
    func cold() throws {
        var world = try smallWorld(frames: 32, swap: 64)
        let task = world.task()
        let old = try world.map(anonymousPages: 12, in: task)
        let young = try world.map(anonymousPages: 12, in: task)
        try world.perform(.write(old, pages: 12), in: task)
        try world.perform(.write(young, pages: 12), in: task)
        try world.perform(.madvise(young, .cold), in: task)
        let more = try world.map(anonymousPages: 12, in: task)
        try world.perform(.write(more, pages: 12), in: task)
        #expect(world.presentPages(of: old).count == 12)
        #expect(world.presentPages(of: young).count < 12)
    }

    @Test("machines that reclaim alike are equal, wherever their frames are; the order of use is state")
    func canonical() throws {
        var a = try smallWorld(frames: 16, swap: 64)
        let task = a.task()
        let area = try a.map(anonymousPages: 40, in: task)
        var b = a
        b.machine.skipFrameNumbers(7)
        try a.perform(.write(area, pages: 40), in: task)
        try b.perform(.write(area, pages: 40), in: task)
        #expect(a.machine == b.machine && a.machine.fingerprint == b.machine.fingerprint)
        #expect(a.machine.fingerprint == a.machine.fingerprintFromScratch)

        var c = try smallWorld(frames: 16, swap: 64)
        let other = c.task()
        let memory = try c.map(anonymousPages: 4, in: other)
        var d = c
        try c.perform(.write(memory, page: 0), in: other)
        try c.perform(.write(memory, page: 1), in: other)
        try d.perform(.write(memory, page: 1), in: other)
        try d.perform(.write(memory, page: 0), in: other)
        #expect(c.machine != d.machine && c.machine.fingerprint != d.machine.fingerprint)
    }

    @Test("without a limit nothing is kept in lists")
    func unlimited() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        try world.perform(.write(area, pages: 4), in: task)
        let lists = world.machine.lruPages
        #expect(lists.inactiveAnonymous == 0 && lists.activeAnonymous == 0)
        #expect(lists.inactiveFile == 0 && lists.activeFile == 0)
    }
}

extension World {
    /// Lets `task` do a call while no other task runs.
    fileprivate mutating func perform(_ operation: TaskOperation, by task: TaskID) {
        start(operation, in: task)
        while machine.isBusy(task), machine.step(task) {}
    }
}
