@testable import FaultCore
import FaultSimulator
import Testing

@Suite("Numbers are as wide as what they name, or refused")
struct WidthTests {
    private static func machine(handlers: Int = 0, devices: Int = 0) -> Machine {
        Machine(
            MachineConfiguration(
                model: .linux6_1, entry: X86FaultEntry(),
                vmOperations: [any VMOperations](repeating: SlowMemory(device: .none), count: handlers),
                blockDevices: [any BlockDevice](repeating: SeekingDisk(), count: devices)))
    }

    @Test("requests go on behind number 2^32")
    func requests() throws {
        var world = try World(.linux6_1)
        world.machine.scheduler.nextRequest = UInt64(UInt32.max)
        let tasks = [world.task(), world.task()]
        for task in tasks {
            let file = try world.file(pages: 1)
            world.start(task, .read(try world.map(file, in: task)))
        }
        #expect(world.run() == .blocked)
        #expect(world.machine.requestsUnderWay.map(\.id.rawValue) == [0xFFFF_FFFF, 0x1_0000_0000])
        world.machine.finish(RequestID(rawValue: 0x1_0000_0000))
        _ = world.run()
        #expect(!world.machine.isBusy(tasks[1]) && world.machine.isBusy(tasks[0]))
        world.machine.finish(RequestID(rawValue: 0xFFFF_FFFF))
        #expect(world.run() == .finished)
    }

    @Test("a file grows to 2^32 - 1 pages and no further", arguments: [World.FileSystem.ext4, .tmpfs])
    func fileSize(_ fileSystem: World.FileSystem) throws {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 10))
        let task = world.task()
        let file = try world.file(pages: 4, on: fileSystem)
        let most = Machine.mostPagesOfFile
        #expect(try world.perform(.truncate(file, pages: most + 1), in: task).errno == .fileTooBig)
        #expect(try world.perform(.truncate(file, pages: 1 << 40), in: task).errno == .fileTooBig)
        #expect(try world.perform(.write(file, PageIndex(most), pages: 1, from: nil), in: task).errno == .fileTooBig)
        #expect(try world.perform(.write(file, PageIndex(1 << 40), pages: 2, from: nil), in: task).errno == .fileTooBig)
        #expect(world.machine.pages(of: file) == 4 && world.machine.cachedPages(of: file) == 0)
        #expect(try world.perform(.truncate(file, pages: most), in: task).errno == nil)
        #expect(world.machine.pages(of: file) == most)
        #expect(try world.perform(.truncate(file, pages: 2), in: task).errno == nil)
        #expect(world.machine.pages(of: file) == 2)
    }

    @Test("a page is found by its frame in an area of more than 2^32 pages")
    func longArea() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let request = MapRequest(pages: 1 << 33, flags: [.read, .write, .noReserve])
        let start = PageNumber(UInt64(try world.perform(.mmap(request), in: task).value))
        for offset in [5, 1 << 32 + 5] {
            try world.perform(.write(start + offset), in: task)
            let folio = world.machine.entry(of: start + offset, in: world.machine.map(of: task)).frame
            #expect(world.machine.reverseMappings(of: folio).map(\.page) == [start + offset])
        }
    }
}
