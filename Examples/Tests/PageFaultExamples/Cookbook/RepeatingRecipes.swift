import FaultTestSupport
import Testing

@Suite("Cookbook: repeating", .timeLimit(.minutes(60)))
struct RepeatingRecipes {
    /// An exhaustive check tries all orders of stages, and every moment at which the disk may finish. It lists all
    /// outcomes.
    @Test("What can a race lead to, in every order?")
    func everyOrder() throws {
        var world = try World(.linux6_1)
        let reader = world.task("reader")
        let mapper = world.thread("mapper", of: reader)
        let area = try world.map(world.file(pages: 1), .read, in: reader)
        world.start(.read(area), in: reader)
        world.start(.munmap(area), in: mapper)

        let verdict = world.checkSchedules(
            .exhaustive,
            for: [.lawsAtEnd, .finally("the reader is done") { !$0.isBusy(reader) }])
        #expect(verdict.holds, "\(verdict)")
        #expect(verdict.coverage.texts.count == 4)
    }

    /// A counterexample has a token for the shortest schedule that leads to it. A test that keeps the token replays
    /// that schedule.
    @Test("How is one bad order kept as a test?")
    func token() throws {
        var world = try World(.linux6_1)
        let reader = world.task()
        let area = try world.map(world.file(pages: 1), .read, in: reader)
        world.start(.read(area), in: reader)
        world.start(.munmap(area), in: world.thread(of: reader))
        let survives = Property.finally("the reader survives") { $0.report(of: reader).signal == nil }

        let found = try #require(world.checkSchedules(.exhaustive, for: [survives]).counterexample)
        let again = world.checkSchedules(.replay(found.token), for: [survives])
        #expect(again.counterexample?.schedule == found.schedule)
    }

    /// A failing case prints `seed 7 (again: Seed.only(7))`. The random numbers depend only on the seed.
    @Test(
        "How does a random test replay what failed?",
        arguments: Seed.each(1...5))
    func random(_ seed: Seed) throws {
        var random = seed.numbers
        var world = try World(.linux6_1, disk: .latency(.milliseconds(1)))
        let task = world.task()
        let area = try world.map(world.file(pages: 64), in: task)
        for _ in 0..<20 {
            let page = random.below(64)
            try world.perform(random.below(2) == 0 ? .read(area, page: page) : .write(area, page: page), in: task)
        }
        #expect(world.story.allLawsHold, "\(seed)")
    }

    /// The lines of a trace have names and no times. A difference prints the lines that are missing and those that came
    /// instead.
    @Test("How is a whole run compared with a golden trace?")
    func goldenTrace() throws {
        var world = try World(.linux6_1)
        let task = world.task("writer")
        let area = try world.map(anonymousPages: 1, named: "heap", in: task)

        let trace = try world.recorded { try $0.perform(.write(area), in: task) }
        let golden: RecordedTrace = """
            writer an exception: write of page 0 of heap
            writer takes the mmap lock of map 0 (read)
            writer an attempt at page 0 of heap begins: WRITE|ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE
            writer an attempt at page 0 of heap ends: 0
            writer a minor fault of page 0 of heap
            writer releases the mmap lock of map 0 (read)
            writer an operation ends: 0
            """
        #expect(trace.difference(from: golden).isEmpty)
    }

    /// An injection is something that may happen at any moment, at most a given number of times: a signal, a bad block,
    /// a failing allocation, or an operation of an idle task. Here another process drops the page from the cache, up to
    /// twice.
    @Test("What is the worst that can come from outside?")
    func injected() throws {
        func worst(_ kernel: KernelModel) throws -> Int? {
            var world = try World(kernel)
            let file = try world.file(pages: 1)
            let task = world.task("reader")
            let root = world.task("root")
            let area = try world.map(file, .read, in: task)
            world.start(.read(area), in: task)
            return (1...8).first { attempts in
                world.checkSchedules(
                    .exhaustive,
                    for: [.finally("at most so many") { $0.report(of: task).counters.attempts <= attempts }]
                ) {
                    $0.injections = [Injection(.start(.dropCache(file), in: root), times: 2)]
                }.holds
            }
        }
        #expect(try worst(.linux6_1) == 2)
        #expect(try worst(.herrenschmidt2006) == 4)
    }

    /// A world is a value. The copy continues in another way, and the original is unchanged.
    @Test("What if something else had happened?")
    func fork() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.file(pages: 64), in: task)
        world.start(.read(area, page: 9), in: task)
        world.run()

        var other = world
        other.kill(task)
        other.run()
        world.completeReads()
        world.run()
        #expect(other.story(of: task).ended(by: .kill))
        #expect(world.story(of: task).succeeded)
        #expect(world != other)
    }

    /// Each rule of a kernel model can be changed by itself. `KernelModel.rules` lists the rules.
    @Test("What does one rule of a kernel change?")
    func oneRule() throws {
        var patched = KernelModel.linux5_19
        patched.throttledSharedWrite = .completes
        #expect(patched.differences(from: .linux5_19) == ["throttledSharedWrite: retries -> completes"])

        func pgfaults(_ kernel: KernelModel) throws -> Int {
            var settings = MachineSettings()
            settings.dirtyLimitPages = 1
            var world = try World(kernel, settings: settings)
            let task = world.task()
            let area = try world.map(world.file(pages: 8, on: .tmpfs), .readWrite, .shared, in: task)
            return try world.perform(.write(area, pages: 8), in: task).counters.pgfault
        }
        #expect(try pgfaults(.linux5_19) > pgfaults(patched))
    }

    /// The disk decides when each request is done. Its random numbers depend only on a seed, so the same reads are slow
    /// in each run.
    @Test("How does a reader fare when its disk is slow now and then?")
    func slowNowAndThen() throws {
        var world = try World(.linux6_1)
        let flash = world.addDisk(
            UnevenDisk(usually: .microseconds(80), rarely: .milliseconds(8), oneIn: 20), named: "flash")
        let task = world.task("reader")
        let area = try world.map(world.file("log", pages: 100, on: .ext4, device: flash), in: task)
        try world.perform(.madvise(area, .random), in: task)

        let story = try world.story { try $0.perform(.read(area, pages: 100), in: task) }
        #expect(!story.nobodyWaited(longerThan: .milliseconds(1)))
        #expect(story.nobodyWaited(longerThan: .milliseconds(8)))
        #expect(story.story(of: task).waitedInAll > .milliseconds(16))
    }
}
