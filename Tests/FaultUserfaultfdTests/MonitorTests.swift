import FaultExplorer
import FaultSimulator
import Testing

@Suite("Ready-made monitors", .timeLimit(.minutes(60)))
struct MonitorTests {
    private static let models = [KernelModel.linux4_19, .linux6_1, .linux6_12, .linux6_19]
    private static let protecting = [KernelModel.linux6_1, .linux6_12, .linux6_19]

    @Test(
        "post-copy fills each page that is asked for, after its latency, and then waits for the next", arguments: models
    )
    func postCopy(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        let monitor = test.world.startMonitor(.postCopy(latency: .microseconds(200)), of: test.descriptor)
        try test.world.perform(.write(test.area, page: 3), in: test.task)
        #expect(test.world.clock == 200_000)
        test.world.start([.read(test.area, page: 1), .read(test.area, page: 3)], in: test.task)
        #expect(test.world.run() == .blocked)
        #expect(test.world.clock == 400_000)
        #expect(test.world.presentPages(of: test.area) == [1, 3])
        #expect(test.world.reports(of: test.task).map(\.errno) == [nil, nil])
        #expect(test.waits(monitor) == .userfaultMessage)
        test.check()
    }

    @Test("post-copy fetches the rest meanwhile, first what is asked for, and ends", arguments: models)
    func fetching(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, pages: 4)
        let monitor = UserfaultMonitor.postCopy(
            latency: .microseconds(10), fetching: test.area, every: .microseconds(100))
        test.world.startMonitor(monitor, of: test.descriptor)
        test.world.run(until: .time(50_000))
        test.world.start(.write(test.area, page: 3), in: test.task)
        #expect(test.world.run() == .finished)
        // Page 0 at 100, then page 3 at 110, then the others, and page 3 again in vain.
        #expect(test.world.clock == 410_000)
        #expect(test.world.presentPages(of: test.area) == [0, 1, 2, 3])
        test.check()
    }

    @Test("a snapshot saves a page before it is written, and all pages in the end", arguments: protecting)
    func snapshot(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, pages: 4, for: .writeProtect, touching: 0..<4)
        let monitor = test.world.startMonitor(
            .snapshot(of: test.area, latency: .microseconds(10), every: .microseconds(100)), of: test.descriptor)
        test.world.run(until: .time(50_000))
        #expect(test.protected == [0, 1, 2, 3])
        test.world.start(.write(test.area, page: 2), in: test.task)
        test.world.run(until: .done(test.task))
        #expect(test.world.clock == 110_000)
        #expect(test.protected == [1, 3])
        #expect(test.world.run() == .finished)
        #expect(test.protected == [] && test.world.clock == 410_000)
        #expect(!test.world.machine.isBusy(monitor))
        test.check()
    }

    @Test("minor faults are mapped from the page cache", arguments: protecting)
    func minorFaults(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, file: 4, resident: .all, for: .minor)
        test.world.startMonitor(.minorFaults(latency: .microseconds(5)), of: test.descriptor)
        try test.world.perform(.write(test.area, page: 2), in: test.task)
        #expect(test.world.clock == 5_000)
        #expect(test.world.presentPages(of: test.area) == [2])
        test.check()
    }

    /// Every event, read by the monitor while a fault waits for it.
    @Test(
        "events are read, and what was refused meanwhile is filled then", arguments: [KernelModel.linux6_1, .linux6_12])
    func events(_ model: KernelModel) throws {
        let all: UserfaultFeatures = [.eventFork, .eventRemap, .eventRemove, .eventUnmap]
        for number in 0..<4 {
            var test = try MonitorWorld(model, features: all)
            let other = test.world.thread(of: test.task)
            try test.answer(.copy(test.descriptor, test.area, page: 6, pages: 2))
            let operations: [TaskOperation] = [
                .fork, .munmap(test.area, page: 7), .madvise(test.area, .dontNeed, page: 6),
                .mremap(test.area[6], pages: 2, newPages: 3, .mayMove),
            ]
            test.world.start(.read(test.area, page: 1), in: test.task)
            test.world.start(operations[number], in: other)
            test.world.startMonitor(.postCopy(), of: test.descriptor)
            #expect(test.world.run() == .blocked)
            #expect(test.world.report(of: test.task).isDone && test.world.report(of: other).isDone)
            #expect(test.world.report(of: other).errno == nil)
            #expect(test.entry(1).isPresent)
            test.check()
        }
    }

    @Test(
        "the faults of children are answered through the descriptors that come with forks",
        arguments: [KernelModel.linux4_11, .linux4_19, .linux6_1, .linux6_12])
    func children(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, pages: 4, features: .eventFork)
        let monitor = test.world.startMonitor(.postCopy(latency: .microseconds(10)), of: test.descriptor)
        try test.world.perform(.write(test.area), in: test.task)
        let child = try test.world.fork(test.task)
        test.world.start([.read(test.area, page: 0), .read(test.area, page: 1)], in: child)
        test.world.start(.read(test.area, page: 1), in: test.task)
        #expect(test.world.run() == .blocked)
        let grandchild = try test.world.fork(child)
        try test.world.perform(.read(test.area, page: 2), in: grandchild)
        for task in [test.task, child, grandchild] {
            #expect(test.world.report(of: task).isDone && test.world.report(of: task).errno == nil)
        }
        #expect(test.world.machine.counters(of: child).attempts == 2, "the first page is its parent's")
        #expect(test.world.machine.userfaultDescriptors(of: test.area.map).count == 3)
        #expect(test.world.run() == .blocked)
        #expect(test.waits(monitor) == .userfaultMessage)
        test.world.kill(child)
        try test.world.perform(.read(test.area, page: 3), in: test.task)
        test.check()
    }

    @Test("a monitor that is killed leaves who waits for it asleep", arguments: models)
    func killed(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        let child = try test.world.fork(test.task)
        test.world.startMonitor(.postCopy(latency: .microseconds(200)), of: test.descriptor, in: child)
        test.world.start(.read(test.area), in: test.task)
        test.world.run(until: .time(100_000))
        test.world.kill(child)
        #expect(test.world.run() == .blocked)
        #expect(test.waits() == .userfault)
        test.check()
    }

    @Test(
        "in every order of two faults, their monitor and an unmapping", arguments: [KernelModel.linux6_1, .linux6_12])
    func explored(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, pages: 2, features: .eventUnmap)
        test.world.start(.read(test.area), in: test.task)
        test.world.start(.munmap(test.area, page: 1), in: test.world.thread(of: test.task))
        test.world.startMonitor(.postCopy(), of: test.descriptor)
        let found = test.world.explore()
        #expect(found.isComplete && found.brokenLaws.isEmpty && found.deadlocks.isEmpty)
        #expect(found.states == (model == .linux6_1 ? 13163 : 18409))
        let waits = model == .linux6_1 ? ["0/1"] : ["0/1", "1/0"]
        #expect(found.texts == waits.map { "task 0: RETRY, 0, faults \($0); task 2: ok; task 3: sleeps" })
    }

    @Test("who waits for whom is told by name: a page, its monitor, and what that waits for")
    func chains() throws {
        var world = try World(.linux6_12)
        let guest = world.task("guest")
        let monitor = world.thread("monitor", of: guest)
        let ram = try world.map(anonymousPages: 8, named: "ram", in: guest)
        let descriptor = try world.userfaultfd(in: guest)
        try world.register(ram, with: descriptor, for: .missing, by: guest)
        var other = world
        world.startMonitor(.postCopy(latency: .microseconds(200)), of: descriptor, in: monitor)
        world.start(.read(ram, page: 3), in: guest)
        world.run(until: .time(100_000))
        let what = "userfaultfd 0 to answer its access to missing page 3 of ram, behind guest, monitor"
        #expect(
            world.machine.waitLinks.map(\.description) == ["guest waits for \(what)", "monitor waits for a timer"])

        other.start(.read(ram, page: 3), in: guest)
        other.start(.write(ram, page: 4), in: monitor)
        let stopped = other.run()
        #expect(stopped == .blocked && stopped.isDeadlock)
        #expect(
            "\(stopped)" == """
                blocked
                guest waits for \(what)
                <- monitor waits for userfaultfd 0 to answer its write of missing page 4 of ram, behind guest, monitor
                """)
    }
}
