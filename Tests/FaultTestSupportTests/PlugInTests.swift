import FaultTestSupport
import Testing

@Suite("Ready-made plug-ins", .timeLimit(.minutes(60)))
struct PlugInTests {
    @Test("memory waits for a request, without its lock, is tried again, and remembers")
    func waitsForRequest() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(WaitingMemory(.request(world.disk))), pages: 4, in: task)
        world.start(.read(area, page: 2), in: task)
        #expect(world.run() == .blocked)
        #expect(world.mmapLock(of: task).isFree)
        world.completeReads()
        #expect(world.run() == .finished)
        #expect(world.story(of: task).retriedOnce)
        let state = try #require(world.machine.areaState(at: area[0], in: area.map, as: WaitingMemory.self))
        #expect(state.faults == 1 && state.retries == 1)
    }

    @Test("memory that is told to keep its lock keeps it, and is not tried again")
    func keepsLock() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let memory = WaitingMemory(.time(1_000), dropsLock: false)
        let area = try world.map(world.register(memory), pages: 1, in: task)
        world.start(.read(area), in: task)
        let story = world.story { $0.run() }.story(of: task)
        #expect(story.neverRetried && !story.neverSleptHoldingTheMmapLock && story.waitedInAll == .microseconds(1))
    }

    @Test("memory waits until a channel is woken; SIGKILL ends that wait")
    func channel() throws {
        var world = try World(.linux6_12)
        let task = world.task()
        let area = try world.map(world.register(WaitingMemory(.channel(7))), pages: 1, in: task)
        world.start(.read(area), in: task)
        #expect(world.run() == .blocked)
        var other = world
        other.kill(task)
        #expect(other.run() == .finished && other.story(of: task).ended(by: .kill))
        world.machine.wake(channel: 7)
        #expect(world.run() == .finished && world.story(of: task).succeeded)
    }

    @Test("every plug-in survives the failure of everything", arguments: Kernels.released(from: .linux5_10))
    func sweeps(_ kernel: KernelModel) throws {
        var world = try World(kernel)
        let task = world.task()
        let waiting = try world.map(world.register(WaitingMemory(.request(world.disk))), pages: 1, in: task)
        let holey = world.register(HoleyFiles(), mappedBy: HoleyMemory(on: world.disk))
        let area = try world.map(world.file(pages: 2, on: holey), in: task)
        for operation in [TaskOperation.read(waiting), .read(area, pages: 2)] {
            let sweep = world.failingEachOnce(operation, in: task)
            #expect(sweep.holds, "\(sweep)")
        }
    }

    @Test("a toy architecture handles faults, retries, and signals")
    func toy() throws {
        var world = try World(.linux6_1, entry: ToyEntry())
        let task = world.task()
        let file = try world.file(pages: 4)
        let area = try world.map(file, pages: 8, in: task)
        let report = try world.perform(.read(area, page: 1), in: task)
        #expect(report.attempts.map(\.result) == [[.major, .retry], .noPage])
        #expect(try world.perform(.read(area, page: 7), in: task).signal == .bus(.noSuchAddress))
        try world.perform(.munmap(area), in: task)
        #expect(try world.perform(.read(area), in: task).signal == .segv(.notMapped))
        let sweep = world.failingEachOnce(.write(try world.map(anonymousPages: 1, in: task)), in: task)
        #expect(sweep.holds, "\(sweep)")
    }

    @Test("in every order of a read and a munmap, the toy keeps the laws")
    func toySchedules() throws {
        var world = try World(.linux6_1, entry: ToyEntry())
        let task = world.task()
        let area = try world.map(world.file(pages: 1), .read, in: task)
        world.start(.read(area), in: task)
        world.start(.munmap(area), in: world.thread(of: task))
        let verdict = world.checkSchedules(.exhaustive, for: [.lawsAtEnd])
        #expect(verdict.holds, "\(verdict)")
    }

    @Test("a disk is slow now and then, the same requests in every world")
    func unevenDisk() throws {
        func latencies(_ seed: Seed) throws -> [Duration] {
            var world = try World(.linux6_1)
            let disk = world.addDisk(
                UnevenDisk(usually: .microseconds(100), rarely: .milliseconds(10), oneIn: 10, seed: seed),
                named: "flash")
            let task = world.task()
            let area = try world.map(world.file(pages: 200, on: .ext4, device: disk), in: task)
            try world.perform(.madvise(area, .random), in: task)
            return try (0..<200).map { page in
                let begin = world.elapsed
                try world.perform(.read(area, page: page), in: task)
                return world.elapsed - begin
            }
        }
        let times = try latencies(1)
        let (again, others) = (try latencies(1), try latencies(2))
        #expect(times == again && times != others)
        let slow = times.count { $0 == .milliseconds(10) }
        #expect((10...30).contains(slow), "\(slow) of 200")
        #expect(times.allSatisfy { $0 == .milliseconds(10) || (.microseconds(90)...(.microseconds(110))).contains($0) })
    }

    @Test("a hole is zeroes and needs no disk; all else is read, and major")
    func holes() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let holey = world.register(HoleyFiles(), mappedBy: HoleyMemory(on: world.disk))
        let file = try world.file("sparse", pages: 8, on: holey)
        try world.perform(.punchHole(file, 4, pages: 2), in: task)
        let area = try world.map(file, in: task)
        let hole = try world.perform(.read(area, page: 5), in: task)
        #expect(hole.minorFaults == 1 && hole.outcome.stamp == 0 && hole.attempts.map(\.result) == [[]])
        let data = try world.perform(.read(area, page: 3), in: task)
        #expect(data.majorFaults == 1 && data.counters.pgmajfault == 1 && data.outcome.stamp == 4)
        #expect(data.attempts.map(\.result) == [[.major, .retry], []])
        #expect(try world.perform(.write(file, page: 0), in: task).errno == .invalid)
        let buffer = try world.map(anonymousPages: 2, in: task)
        #expect(try world.perform(.directRead(file, page: 4, pages: 2, into: buffer), in: task).value == 2)
        #expect("\(world.machine.state(of: file, of: HoleyFiles.self))" == "holes: 4-5")
    }
}
