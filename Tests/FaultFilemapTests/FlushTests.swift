import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("The flusher", .timeLimit(.minutes(60)))
struct FlushTests {
    /// A file whose pages 0 to 2, 5 and 6 are dirty.
    private static func world(
        settings: MachineSettings = MachineSettings(), disk: Disk = Disk()
    ) -> (BareMachine, FileID) {
        var world = BareMachine(settings: settings, disk: disk)
        let file = world.file(8, resident: [PageRun(0, 7)])
        world.run(.write(file, 0, pages: 3, from: nil))
        world.run(.write(file, 5, pages: 2, from: nil))
        return (world, file)
    }

    @Test("it has the dirty pages of a file written, a request for each run, without waiting; locked pages are skipped")
    func runs() {
        var (world, file) = Self.world()
        #expect(world.cached(file, with: .dirty) == [0, 1, 2, 5, 6])
        world.hold(world.folio(file, 6), by: world.task)
        Filemap.pageCache.operations.flush(file, &world.machine)
        let requests = world.machine.requestsUnderWay
        #expect(requests.map(\.kind) == [.write, .write])
        #expect(requests.map(\.index) == [0, 5] && requests.map(\.pages) == [3, 1])
        #expect(requests.allSatisfy { $0.task == .none && $0.file == file })
        #expect(world.cached(file, with: .dirty) == [6])
        #expect(world.cached(file, with: .writeback) == [0, 1, 2, 5])
        world.machine.unlock(world.folio(file, 6))
        #expect(world.run() == .finished)
        #expect(world.cached(file, with: .writeback) == [])
        for page in [0, 5] {
            #expect(world.machine.storedStamp(of: file, at: PageIndex(page)) == world.stamp(file, page))
        }
        #expect(world.machine.storedStamp(of: file, at: 6) == FileIO.initialStamp(file, 6))
        #expect(world.isClean(file))
    }

    @Test("a request has no more pages than a device accepts")
    func largestRequest() {
        var settings = MachineSettings()
        settings.largestRequestPages = 2
        var (world, file) = Self.world(settings: settings)
        Filemap.pageCache.operations.flush(file, &world.machine)
        #expect(world.machine.requestsUnderWay.map(\.index) == [0, 2, 5])
        #expect(world.machine.requestsUnderWay.map(\.pages) == [2, 1, 2])
    }

    @Test("a device that finishes requests at once has finished them when it is done")
    func atOnce() {
        var (world, file) = Self.world(disk: Disk(latencyNanoseconds: 0))
        Filemap.pageCache.operations.flush(file, &world.machine)
        #expect(world.machine.requestsUnderWay.isEmpty)
        #expect(world.cached(file, with: .dirty) == [] && world.cached(file, with: .writeback) == [])
        #expect(world.machine.dirtyPages == 0)
    }
}
