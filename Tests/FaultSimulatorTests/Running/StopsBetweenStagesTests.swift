import FaultCore
import FaultSimulator
import Testing

/// A task runs on while nothing else comes before its next stage. A run of one stage at a time is held against that.
@Suite("What comes between two stages of a task", .timeLimit(.minutes(60)))
struct StopsBetweenStagesTests {
    /// Debug runs are slow.
    #if DEBUG
    static let seeds: UInt64 = 20
    #else
    static let seeds: UInt64 = 60
    #endif

    /// Two threads and a second process that compute, sleep, read and write, with stages that take time or not, and memory
    /// that is short or not.
    private static func world(seed: UInt64, mayBeFree: Bool = true) throws -> (World, [TaskID]) {
        var random = SplitMix64(seed: seed)
        var costs = CostModel()
        if random.below(2) == 0 || !mayBeFree {
            costs.exceptionNanoseconds = 100
            costs.faultStageNanoseconds = 30
            costs.systemCallStageNanoseconds = UInt64(random.below(60))
            costs.touchNanoseconds = UInt64(random.below(3))
        }
        var settings = MachineSettings()
        settings.processors = random.below(4) == 0 ? 2 : 1
        settings.timeSliceNanoseconds = UInt64(500 + random.below(2_000))
        if random.below(2) == 0 { settings.frameLimit = 30 }
        var world = try World(
            .linux6_1, disk: .latency(nanoseconds: UInt64(200 + random.below(600))), settings: settings, costs: costs)
        if random.below(2) == 0 {
            world.machine.isChecking = false
            world.machine.recordsAttempts = false
        }
        try world.addSwap(pages: 200, held: false, isRotational: false)
        let file = try world.file(pages: 24)
        let first = world.task()
        let tasks = [first, world.thread(of: first), world.task()]
        for (number, task) in tasks.enumerated() {
            let memory = try world.map(anonymousPages: 20, in: task)
            let cached = try world.map(file, .readWrite, number == 0 ? .shared : .private, in: task)
            world.start(
                (0..<25).map { _ -> TaskOperation in
                    switch random.below(9) {
                    case 0: .sleep(nanoseconds: UInt64(random.below(900)))
                    case 1: .compute(nanoseconds: UInt64(random.below(900)))
                    case 2: .mmap(MapRequest(pages: 2, access: .read))
                    case 3: .mincore(memory[0], pages: 20)
                    case 4, 5: .read(cached, page: random.below(20), pages: 3)
                    default: .write(memory, page: random.below(16), pages: 4)
                    }
                }, in: task)
        }
        return (world, tasks)
    }

    private static func expectSame(_ whole: World, _ single: World, _ tasks: [TaskID], _ comment: Comment) {
        #expect(whole.machine == single.machine, comment)
        #expect(whole.clock == single.clock, comment)
        #expect(whole.machine.events == single.machine.events, comment)
        for task in tasks {
            #expect(whole.report(of: task) == single.report(of: task), comment)
            #expect(whole.machine.counters(of: task) == single.machine.counters(of: task), comment)
        }
        #expect(whole.machine.checkInvariants().isEmpty && whole.machine.violations.isEmpty, comment)
    }

    @Test("does so as in runs of one stage, whatever ends them", arguments: 1...seeds)
    func runsEqualSingleStages(seed: UInt64) throws {
        var (whole, tasks) = try Self.world(seed: seed)
        var single = whole
        var random = SplitMix64(seed: seed &* 977)
        var runs = 0
        while tasks.contains(where: { whole.machine.isBusy($0) }) {
            runs += 1
            try #require(runs < 5_000)
            let stop: StopCondition =
                switch random.below(6) {
                case 0: .done(random.pick(tasks))
                case 1: .asleep(random.pick(tasks))
                default: .time(whole.clock + UInt64(1 + random.below(400)))
                }
            let reason = whole.machine.run(until: stop)
            var stages = 0
            var singly = single.machine.run(until: stop, limit: 1)
            while singly == .limitReached {
                stages += 1
                singly = single.machine.run(until: stop, limit: 1)
            }
            #expect(reason == singly, "\(stop)")
            Self.expectSame(whole, single, tasks, "run \(runs) until \(stop), \(stages) stages")
            // What is met at once would be met forever.
            if stages == 0 { #expect(whole.machine.run(limit: 1).kind == single.machine.run(limit: 1).kind) }
        }
    }

    @Test("where stages take time, all is as in runs of one stage", arguments: 1...seeds)
    func timedRunEqualsSingleStages(seed: UInt64) throws {
        var (whole, tasks) = try Self.world(seed: seed, mayBeFree: false)
        var single = whole
        let reason = whole.machine.run()
        while single.machine.run(limit: 1) == .limitReached {}
        #expect(reason == .finished)
        Self.expectSame(whole, single, tasks, "seed \(seed)")
    }

    @Test("hits where frames are short are the same with the shortcut and without", arguments: [false, true])
    func hitsUnderPressure(ofFile: Bool) throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            var settings = MachineSettings()
            settings.frameLimit = 24
            settings.swapReadaheadPages = 1
            var fast = try World(.linux6_1, disk: .latency(nanoseconds: 300), settings: settings)
            fast.machine.isChecking = false
            fast.machine.recordsAttempts = false
            try fast.addSwap(pages: 100, held: false, isRotational: false)
            let task = fast.task()
            var request = MapRequest(pages: 60, access: .readWrite, flags: ofFile ? .shared : [])
            if ofFile { request.file = try fast.file(pages: 60) }
            let area = try fast.map(request, in: task)
            var random = SplitMix64(seed: seed)
            let list = (0..<400).map { _ -> TaskOperation in
                let page = random.below(4) == 0 ? random.below(58) : random.below(8)
                return random.below(3) == 0 ? .write(area, page: page, pages: 2) : .read(area, page: page)
            }
            var slow = fast
            slow.machine.usesShortcuts = false
            for world in [0, 1] {
                if world == 0 { fast.start(list, in: task) } else { slow.start(list, in: task) }
            }
            #expect(fast.machine.run() == slow.machine.run())
            Self.expectSame(fast, slow, [task], "seed \(seed)")
            #expect(fast.machine.fingerprint == slow.machine.fingerprint)
            #expect(fast.machine.fingerprint == fast.machine.fingerprintFromScratch)
            #expect(fast.machine.events.pgsteal > 10 && fast.machine.counters(of: task).exceptions < 400)
        }
    }
}
