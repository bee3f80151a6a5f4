import FaultSimulator
import Testing

/// Files that end within a page.
@Suite(.timeLimit(.minutes(60)))
struct PartialPageTests {
    /// The content of a cached page.
    private func stamp(of file: FileID, at index: PageIndex, _ world: World) -> UInt32? {
        world.machine.cachedFolio(at: index, of: file).map { world.machine.stamp(of: $0) }
    }

    static let fileSystems: [World.FileSystem] = [.ext4, .tmpfs, .btrfs]

    @Test(arguments: fileSystems)
    func `A file of 5,000 bytes has two pages, and a read says where it ends`(_ fileSystem: World.FileSystem) throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(bytes: 5000, on: fileSystem)
        #expect(world.bytes(of: file) == 5000)
        #expect(world.machine.pages(of: file) == 2)
        let read = try world.perform(.read(file, 0, pages: 4, into: nil), in: task)
        #expect(read.value == 2)
        #expect(read.bytes == 5000)
        let last = try world.perform(.read(file, 1, pages: 4, into: nil), in: task)
        #expect(last.bytes == 5000 - 4096)
        let behind = try world.perform(.read(file, 2, pages: 1, into: nil), in: task)
        #expect(behind.bytes == 0)
    }

    @Test func `A direct read stops at the end of the file`() throws {
        var world = try World(.linux6_12)
        let task = world.task()
        let file = try world.file(bytes: 3 * 4096 + 17)
        let buffer = try world.map(anonymousPages: 8, in: task)
        let read = try world.perform(.directRead(file, 0, pages: 8, into: buffer.start), in: task)
        #expect(read.value == 4)
        #expect(read.bytes == 3 * 4096 + 17)
    }

    @Test func `The partial page can be touched, and the next one is SIGBUS`() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(bytes: 4097)
        let area = try world.map(file, pages: 3, .readWrite, .shared, in: task)
        #expect(try world.perform(.read(area[1]), in: task).signal == nil)
        #expect(try world.perform(.read(area[2]), in: task).signal == .bus(.noSuchAddress))
    }

    @Test(arguments: fileSystems)
    func `A write of the last page fills it`(_ fileSystem: World.FileSystem) throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(bytes: 5000, on: fileSystem)
        let write = try world.perform(.write(file, 1, pages: 1, from: nil), in: task)
        #expect(write.bytes == 4096)
        #expect(world.bytes(of: file) == 2 * 4096)
        _ = try world.perform(.write(file, 0, pages: 1, from: nil), in: task)
        #expect(world.bytes(of: file) == 2 * 4096)
    }

    @Test(arguments: fileSystems)
    func `Truncation within a page keeps that page, and zeroes what is past the end`(
        _ fileSystem: World.FileSystem
    ) throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(pages: 4, on: fileSystem, resident: .all)
        let area = try world.map(file, .readWrite, .shared, in: task)
        _ = try world.perform(.read(area.start, pages: 4), in: task)
        let before = try #require(stamp(of: file, at: 1, world))
        let cut = try world.perform(.truncate(file, to: .bytes(5000)), in: task)
        #expect(cut.errno == nil)
        #expect(world.bytes(of: file) == 5000)
        #expect(world.residentPages(of: file) == [0, 1])
        // It stays mapped: what is past the end is zeroed in place.
        #expect(world.presentPages(of: area) == [0, 1])
        let after = try #require(stamp(of: file, at: 1, world))
        #expect(after != before && after != 0)
        let folio = try #require(world.machine.cachedFolio(at: 1, of: file))
        #expect(world.machine.flags(of: folio).contains(.dirty))
        _ = try world.perform(.truncate(file, pages: 8), in: task)
        #expect(world.bytes(of: file) == 8 * 4096)
        #expect(stamp(of: file, at: 1, world) == after)
    }

    @Test func `ext4 reads the page that a truncation cuts, and writes it back zeroed`() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(pages: 4)
        let cut = try world.perform(.truncate(file, to: .bytes(4096 + 100)), in: task)
        #expect(cut.errno == nil)
        #expect(world.residentPages(of: file) == [1])
        let zeroed = try #require(stamp(of: file, at: 1, world))
        _ = try world.perform(.fsync(file), in: task)
        _ = try world.perform(.dropCache(file), in: task)
        #expect(world.residentPages(of: file) == [])
        _ = try world.perform(.read(file, 1, pages: 1, into: nil), in: task)
        #expect(stamp(of: file, at: 1, world) == zeroed)
    }

    @Test func `A hole that the file ends in is not read`() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(pages: 4)
        _ = try world.perform(.punchHole(file, 1, pages: 1), in: task)
        _ = try world.perform(.truncate(file, to: .bytes(5000)), in: task)
        #expect(world.residentPages(of: file) == [])
        #expect(world.completeReads() == 0)
    }

    @Test func `tmpfs brings the page that a truncation cuts back from swap`() throws {
        var world = try World(.linux6_1)
        _ = try world.addSwap(pages: 64, held: false)
        let task = world.task()
        let file = try world.file(pages: 4, on: .tmpfs, resident: .all)
        let area = try world.map(file, .readWrite, .shared, in: task)
        _ = try world.perform(.write(area.start, pages: 4), in: task)
        _ = try world.perform(.madvise(area.start, pages: 4, .pageOut), in: task)
        #expect(world.residentPages(of: file) == [])
        _ = try world.perform(.truncate(file, to: .bytes(5000)), in: task)
        #expect(world.residentPages(of: file).contains(1))
        #expect(world.machine.events.pswpin > 0)
        #expect(world.machine.swappedPages(of: file) <= 1)
    }

    @Test func `A truncation waits for the page that it cuts to be written`() throws {
        var world = try World(.linux6_1)
        let (writer, cutter) = (world.task(), world.task())
        let disk = world.addDisk()
        let file = try world.file(pages: 2, device: disk, resident: .all)
        world.start(.write(file, 1, pages: 1, from: nil), in: writer)
        world.run()
        world.start(.fsync(file), in: writer)
        world.run()
        world.start(.truncate(file, to: .bytes(4096 + 1)), in: cutter)
        world.run()
        #expect(!world.report(of: cutter).isDone)
        let cause = try #require(world.machine.waitLinks.first { $0.task == cutter })
        #expect("\(cause)".contains("page 1 of file 0"))
        // The page, and the inode in the journal.
        while world.completeWrites(on: disk) > 0 { world.run() }
        #expect(world.report(of: cutter).isDone)
    }

    @Test func `Sizes below 0 and beyond all offsets are refused`() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(pages: 1)
        #expect(throws: WorldError.self) { try world.file(bytes: -1) }
        #expect(try world.perform(.truncate(file, to: .bytes(-1)), in: task).errno == .invalid)
        #expect(try world.perform(.truncate(file, to: .bytes(.max)), in: task).errno == .fileTooBig)
        #expect(try world.perform(.truncate(file, pages: .max), in: task).errno == .invalid)
    }

    @Test func `Two worlds whose files differ by a byte differ`() throws {
        var (one, other) = try (World(.linux6_1), World(.linux6_1))
        _ = try one.file(bytes: 5000)
        _ = try other.file(bytes: 5001)
        #expect(one != other)
        #expect(one.machine.fingerprint != other.machine.fingerprint)
        #expect("\(other.differences(from: one))".contains("bytes"))
    }
}
