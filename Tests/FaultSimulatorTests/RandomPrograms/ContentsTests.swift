import FaultSimulator
import Testing

@Suite("Programs read what a second, naive model of contents says", .timeLimit(.minutes(60)))
struct ContentsTests {
    /// Runs programs, and tells of the first difference of each; how much there was to compare must be worth it.
    ///
    /// - Returns: How often a device's failure was seen, and how many programs were killed for want of memory.
    @discardableResult
    private func compare(
        seeds: Range<UInt64>, operations: Int, _ kernel: KernelModel = .linux6_1, _ features: ContentsRun.Features = []
    ) throws -> (failures: Int, killed: Int) {
        var failures = 0
        var killed = 0
        for seed in seeds {
            var run = try ContentsRun(seed: seed, kernel, features)
            do {
                try run.run(operations: operations)
            } catch {
                Issue.record("\(kernel), seed \(seed): \(error)")
            }
            if let difference = run.differences.first { Issue.record("\(kernel), seed \(seed): \(difference)") }
            #expect(run.compared > 20 || run.isKilled, "\(kernel), seed \(seed)")
            #expect(run.world.machine.checkInvariants().isEmpty, "\(kernel), seed \(seed)")
            failures += run.model.failuresSeen
            if run.isKilled { killed += 1 }
        }
        return (failures, killed)
    }

    /// How many programs each of the first two tests runs for each of its arguments. Debug runs are slow.
    #if DEBUG
    static let programs: UInt64 = 25
    #else
    static let programs: UInt64 = 100
    #endif

    @Test("what every read of random programs gives, every refusal and every short call", arguments: 0..<8)
    func contents(_ batch: Int) throws {
        let first = UInt64(batch * 1000)
        try compare(seeds: first..<first + Self.programs, operations: 60)
    }

    @Test(
        "and of more, what pins hold while other tasks write, fork, unmap, truncate files and exit",
        arguments: [KernelModel.linux5_19, .linux6_1, .linux6_6, .linux6_12])
    func pins(_ kernel: KernelModel) throws {
        try compare(seeds: 20_000..<20_000 + Self.programs, operations: 90, kernel, .pins)
    }

    @Test(
        "and where memory is short, pages are put out and taken in again, and given up by MADV_FREE",
        arguments: [KernelModel.linux5_19, .linux6_1, .linux6_6, .linux6_12])
    func swap(_ kernel: KernelModel) throws {
        let count: UInt64 = isWhole ? 2000 : 30
        let (_, killed) = try compare(seeds: 30_000..<30_000 + count, operations: 90, kernel, .swap)
        #expect(killed < Int(count) / 4)
    }

    @Test(
        "and where disks fail: a page has its content or an error, and after a failed write what it had or what is stored",
        arguments: [KernelModel.linux5_19, .linux6_1, .linux6_6, .linux6_12])
    func errors(_ kernel: KernelModel) throws {
        let count: UInt64 = isWhole ? 2000 : 30
        let (failures, _) = try compare(seeds: 40_000..<40_000 + count, operations: 90, kernel, .errors)
        #expect(failures > Int(count) / 4)
    }

    @Test(
        "and with all of it, pins, swap and errors",
        arguments: [KernelModel.linux5_19, .linux6_1, .linux6_6, .linux6_12])
    func everything(_ kernel: KernelModel) throws {
        let count: UInt64 = isWhole ? 2000 : 30
        let all: ContentsRun.Features = [.pins, .swap, .errors]
        let (failures, _) = try compare(seeds: 50_000..<50_000 + count, operations: 90, kernel, all)
        #expect(failures > Int(count) / 4)
    }

    @Test("what a write gives does not depend on whether the page was cached, or cached unread after an error")
    func writeIgnoresCache() throws {
        var stamps: [UInt32] = []
        for isCached in [false, true] {
            for isBroken in [false, true] {
                var world = try World(.linux6_1, disk: .latency(nanoseconds: 100))
                let file = try world.file(pages: 4, resident: isCached ? .all : .none)
                let task = world.task()
                if isBroken {
                    world.machine.breakBlocks(of: file, PageRun(2, 2))
                    let errno = try world.perform(.read(file, page: 2), in: task).errno
                    #expect(errno == (isCached ? nil : .inputOutput))
                }
                try world.perform(.write(file, page: 2), in: task)
                stamps.append(try world.perform(.read(file, page: 2), in: task).outcome.stamp)
            }
        }
        #expect(stamps.allSatisfy { $0 == stamps[0] })
        #expect(stamps[0] != 0)
    }

    @Test("reading a page of a file into its own mapping changes nothing")
    func readOntoItself() throws {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 100))
        let file = try world.file(pages: 4)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        let before = try world.perform(.read(area, page: 1), in: task).outcome.stamp
        #expect(try world.perform(.read(file, page: 1, into: area, at: 1), in: task).value == 1)
        #expect(try world.perform(.read(area, page: 1), in: task).outcome.stamp == before)
    }
}
