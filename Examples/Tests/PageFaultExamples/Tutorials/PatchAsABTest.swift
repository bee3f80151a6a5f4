import FaultTestSupport
import Testing

@Suite("Tutorial: a kernel patch as an A/B test", .timeLimit(.minutes(60)))
struct PatchAsABTest {
    /// The patch: a store that was throttled says that it is done, instead of asking for a second attempt.
    private static var patched: KernelModel {
        var kernel = KernelModel.linux5_19
        kernel.throttledSharedWrite = .completes
        return kernel
    }

    /// The workload: each page of a shared file in memory is written once, and throttled.
    private func storeEachPage(_ kernel: KernelModel, costs: CostModel = CostModel()) throws -> (World, TaskID) {
        var settings = MachineSettings()
        settings.dirtyLimitPages = 1
        var world = try World(kernel, settings: settings, costs: costs)
        let writer = world.task("writer")
        let area = try world.map(world.file("shm", pages: 64, on: .tmpfs), .readWrite, .shared, in: writer)
        try world.perform(.write(area, pages: 64), in: writer)
        return (world, writer)
    }

    @Test("what the patch changes is one rule")
    func patch() {
        #expect(Self.patched.differences(from: .linux5_19) == ["throttledSharedWrite: retries -> completes"])
        #expect("\(Self.patched)" == "linux5_19 but throttledSharedWrite: retries -> completes")
    }

    @Test("what it does to the counts")
    func counts() throws {
        let (before, writer) = try storeEachPage(.linux5_19)
        let (after, _) = try storeEachPage(Self.patched)
        let changes = after.report(of: writer).counters.differences(from: before.report(of: writer).counters)
        #expect(
            changes.joined(separator: "\n") == """
                minorFaults: 0 -> 64
                majorFaults: 64 -> 0
                attempts: 128 -> 64
                pgfault: 128 -> 64
                mmapReadLocks: 128 -> 64
                """)
    }

    @Test("what it does to the time")
    func time() throws {
        let costs = CostModel(
            exception: .nanoseconds(500), faultStage: .nanoseconds(50), pageCopy: .nanoseconds(300))
        let before = try storeEachPage(.linux5_19, costs: costs).0.clock
        let after = try storeEachPage(Self.patched, costs: costs).0.clock
        #expect(before == 118_400 && after == 99_200)
    }

    @Test("which kernels behave as before, and which as after", arguments: Kernels.released(from: .linux5_15))
    func history(_ kernel: KernelModel) throws {
        let (world, writer) = try storeEachPage(kernel)
        let isAfter = Kernels.released(from: .linux6_1).contains(kernel)
        #expect(world.story(of: writer).completed == isAfter)
    }

    @Test("it breaks nothing, in any order of a store and a munmap", arguments: [KernelModel.linux5_19, patched])
    func everyOrder(_ kernel: KernelModel) throws {
        var settings = MachineSettings()
        settings.dirtyLimitPages = 1
        var world = try World(kernel, settings: settings)
        let writer = world.task("writer")
        let area = try world.map(world.file("shm", pages: 2, on: .tmpfs), .readWrite, .shared, in: writer)
        world.start(.write(area, pages: 2), in: writer)
        world.start(.munmap(area), in: world.thread("mapper", of: writer))
        let verdict = world.checkSchedules(.exhaustive, for: [.lawsAtEnd])
        #expect(verdict.holds, "\(verdict)")
    }
}
