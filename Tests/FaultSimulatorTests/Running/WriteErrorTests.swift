import FaultSimulator
import Testing

/// Which call reports that a write to the disk has failed.
@Suite("Writes to the disk that fail", .timeLimit(.minutes(60)))
struct WriteErrorTests {
    private static let models = [KernelModel.linux6_1, .linux6_12]

    @Test(
        "fsync(2) is EIO if another write of the file fails while it waits for the journal (ext4_sync_file())",
        arguments: models)
    func failsDuringCommit(_ model: KernelModel) throws {
        var world = try World(model)
        let file = try world.file(pages: 16, resident: .all)
        let (syncer, other) = (world.task(), world.task())
        func finish(_ kind: IORequest.Kind, at index: PageIndex? = nil) throws {
            let requests = world.machine.requestsUnderWay
            let request = requests.first { $0.kind == kind && (index == nil || $0.index == index) }
            world.machine.finish(try #require(request, "\(requests)").id)
            world.run()
        }
        try world.perform(.write(file, page: 8), in: other)
        world.start(.fsync(file), in: syncer)
        world.run()
        // A page before the one that fsync(2) waits for is written on its own.
        try world.perform(.write(file, page: 3), in: other)
        world.machine.breakBlocks(of: file, PageRun(3, 3))
        world.start(.dropCache(file), in: other)
        world.run()
        try finish(.write, at: 8)
        #expect(world.machine.isBusy(syncer) && world.machine.requestsUnderWay.contains { $0.kind == .commit })
        try finish(.write, at: 3)
        try finish(.commit)
        #expect(world.report(of: syncer).errno == .inputOutput)
        world.machine.repairBlocks(of: file)
        #expect(try world.perform(.fsync(file), in: other).errno == nil, "an error is reported once")
    }
}
