import FaultSimulator
import Testing

@Suite("What advice does beyond faults", .timeLimit(.minutes(60)))
struct AdviceTests {
    @Test(
        "a page that was read leaves a mark when it is unmapped, unless the area is read sequentially",
        arguments: [Advice.normal, .sequential])
    func markOfUse(_ advice: Advice) throws {
        let isMarked = advice != .sequential
        for way in 0..<4 {
            var world = try World(.linux6_1)
            let file = try world.file(pages: 4, resident: .all)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            try world.perform(.madvise(area, advice), in: task)
            try world.perform(.read(area, page: 1), in: task)
            let frame = world.machine.entry(of: area[1], in: area.map).frame
            #expect(!world.machine.flags(of: frame).contains(.referenced))
            switch way {
            case 0: try world.perform(.munmap(area), in: task)
            case 1: try world.perform(.madvise(area, .dontNeed), in: task)
            case 2: try world.perform(.exit, in: task)
            default: try world.perform(.punchHole(file, 2, pages: 2), in: task)
            }
            let seen = world.machine.flags(of: frame).contains(.referenced)
            #expect(seen == (way == 3 ? false : isMarked), "way \(way)")
        }
    }

    @Test("a copy that takes a page's place leaves no mark of use on it")
    func copy() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 1, resident: .all)
        let task = world.task()
        let area = try world.map(file, .readWrite, in: task)
        try world.perform(.read(area), in: task)
        let frame = world.machine.entry(of: area[0], in: area.map).frame
        try world.perform(.write(area), in: task)
        #expect(world.machine.entry(of: area[0], in: area.map).frame != frame)
        #expect(!world.machine.flags(of: frame).contains(.referenced))
    }

    @Test("MADV_WILLNEED has swapped pages read, each by itself, and waits for none")
    func willNeed() throws {
        var swapped = try SwapWorld(pages: 3)
        try swapped.swapOut()
        let report = try swapped.world.perform(.madvise(swapped.area, .willNeed), in: swapped.task)
        #expect(report.errno == nil && report.majorFaults == 0)
        #expect(swapped.world.machine.requestsUnderWay.map(\.pages) == [1, 1, 1])
        #expect(swapped.world.machine.events.pgmajfault == 0)
        swapped.finishReads()
        let touch = try swapped.touch(.read(swapped.area, pages: 3))
        #expect(touch.minorFaults == 3 && touch.majorFaults == 0)
        #expect((0..<3).map { swapped.world.machine.stamp(of: swapped.frame($0)) } == swapped.stamps)
        #expect(swapped.world.machine.checkInvariants().isEmpty)
    }
}

@Suite("Holes that are being punched", .timeLimit(.minutes(60)))
struct PunchedHoleTests {
    /// A tmpfs file, the punch of whose middle has just unmapped it, and a thread that may touch it.
    private func punching() throws -> (World, puncher: TaskID, other: TaskID, Area) {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 4, on: .tmpfs, resident: .all)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        let puncher = world.thread(of: task)
        world.start(.punchHole(file, 1, pages: 2), in: puncher)
        for _ in 0..<100
        where world.machine.backtrace(of: puncher).last != "punchHole.removePages" {
            world.machine.step(puncher)
        }
        #expect(world.machine.isBusy(puncher))
        return (world, puncher, task, area)
    }

    private func runUntilAsleep(_ task: TaskID, _ world: inout World) {
        while world.machine.step(task) {}
    }

    @Test("a fault on tmpfs waits for the end of the punch without its lock, and is done again")
    func waits() throws {
        var (world, _, task, area) = try punching()
        world.start(.write(area, page: 1), in: task)
        runUntilAsleep(task, &world)
        #expect(world.machine.isBusy(task))
        #expect(world.mmapLock(of: task).isFree)
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.attempts.map(\.result) == [.retry, .locked])
        #expect(report.majorFaults == 1)
    }

    @Test("a fault beside the hole waits for nothing")
    func beside() throws {
        var (world, _, task, area) = try punching()
        world.start(.write(area, page: 3), in: task)
        runUntilAsleep(task, &world)
        #expect(!world.machine.isBusy(task))
    }

    @Test("all orders of a punch and a fault on its hole end well")
    func explored() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 1, on: .tmpfs, resident: .all)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        world.start(.write(area), in: task)
        world.start(.punchHole(file, 0, pages: 1), in: world.thread(of: task))
        let found = world.explore()
        #expect(found.brokenLaws.map(\.description) == [] && found.deadlocks.map(\.chain) == [])
        #expect(found.texts.contains { $0.contains("RETRY") && $0.contains("faults 0/1") }, "\(found.texts)")
    }

    @Test("all orders of MADV_REMOVE and a store to its pages end well: without the page, or with the store behind")
    func removal() throws {
        for kind in [World.FileSystem.tmpfs, .ext4] {
            var world = try World(.linux6_1)
            let file = try world.file(pages: 1, on: kind, resident: .all)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            world.start(.write(area), in: task)
            world.start(.madvise(area, .remove), in: world.thread(of: task))
            var options = Explorer.Options()
            options.observe = { machine in machine.firstCached(of: file, from: 0) == nil ? "no page" : "a page" }
            let found = world.explore(options)
            #expect(found.brokenLaws.map(\.description) == [] && found.deadlocks.map(\.chain) == [])
            #expect(found.texts == ["a page", "no page"], "\(kind)")
        }
    }
}
