import FaultArchX86
import FaultSimulator
import FaultUserfaultfd
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// In which order things happen at one time, and what a call takes along or leaves.
@Suite("What comes first, and what is taken along", .timeLimit(.minutes(60)))
struct OrderAndRestTests {
    @Test("at one time, a device finishes its request before a timer expires")
    func requestBeforeTimer() throws {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 1_000))
        let (sleeper, reader) = (world.task(), world.task())
        let area = try world.map(try world.file(pages: 1), .read, in: reader)
        world.machine.isTracing = true
        world.start(.sleep(nanoseconds: 1_000), in: sleeper)
        world.start(.read(area), in: reader)
        #expect(world.run() == .finished)
        let woken = world.machine.trace.filter { $0.kind == .woken && $0.time == 1_000 }.map(\.task)
        #expect(woken == [reader, sleeper])
    }

    @Test("who loses the processor to a task that is stepped comes next")
    func nextAfterStep() throws {
        var world = try World(.linux6_1)
        let tasks = (0..<3).map { _ in world.task() }
        for task in tasks { world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: task) }
        #expect(world.machine.run(limit: 1) == .limitReached)
        #expect(world.machine.runnableTasks == tasks)
        let hasRun = world.machine.step(tasks[2])
        #expect(hasRun)
        #expect(world.machine.runnableTasks == [tasks[2], tasks[0], tasks[1]])
    }

    @Test("a device that is let go has finished all its requests at once, held or not")
    func stopHolding() throws {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 1_000))
        let (first, second) = (world.task(), world.task())
        let areas = [
            try world.map(try world.file(pages: 1), .read, in: first),
            try world.map(try world.file(pages: 1), .read, in: second),
        ]
        world.start(.read(areas[0]), in: first)
        world.run(until: .asleep(first))
        world.machine.hold(world.disk)
        world.start(.read(areas[1]), in: second)
        world.run(until: .asleep(second))
        #expect(world.machine.requestsUnderWay.allSatisfy { $0.completes == .max })
        world.machine.stopHolding(world.disk)
        #expect(world.machine.requestsUnderWay.map(\.completes) == [0, 0])
        #expect(world.run() == .finished && world.clock == 0)
        world.start(.fork, in: first)
        #expect(world.run() == .finished)
        // One that is not held, and due later.
        let third = world.task()
        let area = try world.map(try world.file(pages: 1), .read, in: third)
        world.start(.read(area), in: third)
        world.run(until: .asleep(third))
        #expect(world.machine.requestsUnderWay.map(\.completes) == [1_000])
        world.machine.stopHolding(world.disk)
        #expect(world.run() == .finished && world.clock == 0)
    }

    @Test("a wait that lasts counts up to now")
    func openWait() throws {
        var world = try World(.linux6_1)
        world.machine.recordsWaits = true
        let (reader, sleeper) = (world.task(), world.task())
        world.start(.read(try world.map(try world.file(pages: 1), .read, in: reader)), in: reader)
        world.start(.sleep(nanoseconds: 700), in: sleeper)
        #expect(world.run() == .blocked)
        let totals = world.machine.waitTotals
        #expect(totals.map(\.task) == [reader, sleeper])
        #expect(totals.map(\.durations.total) == [700, 700] && totals.map(\.durations.maximum) == [700, 700])
    }

    @Test("what two tasks have counted adds up in every field, and what is taken away again leaves the first")
    func sums() throws {
        var play = try Play(.linux6_12)
        let handled = try play.world.map(anonymousPages: 2, in: play.task)
        let descriptor = try play.world.userfaultfd(in: play.task)
        try play.world.register(handled, with: descriptor, for: .missing, by: play.task)
        try play.start(.write(handled))
        _ = try play.world.perform(.copy(descriptor, handled, page: 0), in: play.thread)
        try play.settle()
        let file = try play.world.file(pages: 64)
        let area = try play.world.map(file, .readWrite, in: play.task)
        try play.perform(.write(area, page: 3))
        let buffer = try play.world.map(anonymousPages: 1, in: play.task)
        try play.perform(.read(file, page: 9, into: buffer))
        let fresh = try play.world.map(anonymousPages: 1, in: play.task)
        try play.perform(.read(fresh))
        try play.perform(.write(fresh))
        play.world.send(.user1, to: play.task)
        try play.go()
        let counters = play.world.machine.counters(of: play.task)
        let fields = Mirror(reflecting: counters).children.map { ($0.label ?? "", $0.value as? Int ?? 0) }
        #expect(fields.count >= 15)
        #expect(fields.filter { $0.1 == 0 }.map(\.0) == ["mmapTrylockFailures"])
        let other = play.world.machine.counters(of: play.thread)
        #expect((other + counters) - counters == other && (counters + other) - other == counters)
        let sums = Mirror(reflecting: counters + counters).children.map { $0.value as? Int ?? 0 }
        #expect(sums == fields.map { 2 * $0.1 })
    }

    @Test("after fork(2) the child's entries are old, and the parent's as they were (copy_present_pte())")
    func youngEntries() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            let child = try play.world.fork(play.task)
            let childs = play.world.machine.entry(of: area[0], in: play.world.machine.map(of: child))
            #expect(childs.isPresent && !childs.bits.contains(.young) && childs.isDirty, "\(model.name)")
            #expect(play.world.machine.entry(of: area[0], in: area.map).bits.contains(.young), "\(model.name)")
        }
    }

    @Test("fork(2) copies two pinned pages, which takes the time of two copies (copy_present_page())")
    func copiedByFork() throws {
        var costs = CostModel()
        costs.pageCopyNanoseconds = 500
        var times: [UInt64] = []
        for isPinned in [false, true] {
            var play = try Play(.linux6_1, costs: costs)
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            try play.perform(.write(area, pages: 2))
            if isPinned { try play.world.pin(area, in: play.task) }
            let before = play.world.clock
            try play.perform(.fork)
            play.world.run(until: .time(before + 10_000))
            let ready = play.world.machine.tasks[play.task.index].readyAt
            times.append(ready - before)
        }
        #expect(times[1] - times[0] == 1_000)
    }

    @Test("a child has its parent's rights of protection keys (arch_dup_pkeys())")
    func keyRights() throws {
        var play = try Play(.linux6_1, entry: X86FaultEntry(hasProtectionKeys: true))
        try play.perform(.setKeyRights(.initial.denyingWrites(3)))
        let child = try play.world.fork(play.task)
        #expect(play.world.machine.keyRights(of: child) == .initial.denyingWrites(3))
    }

    @Test("a page of tmpfs can't be filled behind the end of its file (shmem_mfill_atomic_pte())")
    func fillBehindEnd() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 4, on: .tmpfs, resident: .none)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            let descriptor = try play.world.userfaultfd(in: play.task)
            try play.world.register(area, with: descriptor, for: .missing, by: play.task)
            try play.perform(.truncate(file, pages: 2))
            for page in 1...2 {
                let report = try play.perform(.copy(descriptor, area, page: page), in: play.thread)
                #expect(report.errno == (page == 1 ? nil : .badAddress), "page \(page) of \(model.name)")
            }
            #expect(play.world.machine.cachedPages(of: file) == 1)
        }
    }

    @Test("fallocate(2) that can't write the pages that it is to punch out fails, and leaves them (ext4_punch_hole())")
    func punchOfBadBlock() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 4, resident: .all)
        try play.perform(.write(file, page: 1))
        play.world.machine.breakBlocks(of: file, PageRun(1, 1))
        #expect(try play.perform(.punchHole(file, 1, pages: 1)).errno == .inputOutput)
        #expect(play.world.machine.cachedPages(of: file) == 4)
        #expect(try play.perform(.punchHole(file, 1, pages: 1)).errno == nil, "the error was told")
        #expect(play.world.machine.cachedPages(of: file) == 3)
    }

    @Test("while tmpfs punches a hole, faults in just its pages wait (shmem_falloc_wait())")
    func punchedPages() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 6, on: .tmpfs, resident: .all)
        play.world.start(.punchHole(file, 2, pages: 2), in: play.task)
        try play.step(play.task, to: "removePages")
        let pages = (0..<6).filter { PunchHole.isPunching(file, PageIndex($0), play.world.machine) }
        #expect(pages == [2, 3])
        try play.settle()
        #expect(!PunchHole.isPunching(file, 2, play.world.machine))
    }
}
