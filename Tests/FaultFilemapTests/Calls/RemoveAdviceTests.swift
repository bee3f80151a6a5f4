import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("madvise(MADV_REMOVE)", .timeLimit(.minutes(60)))
struct RemoveAdviceTests {
    @Test("the pages of an ext4 file go from cache, page tables and disk, and are zero when they are touched again")
    func ext4() {
        var world = BareMachine()
        let file = world.file(16, resident: [PageRun(0, 15)])
        let area = world.map(file, 8, offset: 4)
        let other = world.machine.addTask()
        let elsewhere = world.map(file, 16, [.read, .shared], in: other)
        world.run(.write(area, pages: 8))
        world.run(.read(elsewhere, pages: 16), in: other)
        let report = world.run(.madvise(area + 2, pages: 3, .remove))
        #expect(report.errno == nil && report.counters.mmapReadLocks == 2 && report.counters.mmapWriteLocks == 0)
        #expect(world.cached(file) == [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 15])
        for page in 0..<8 { #expect(world.entry(area + page).isPresent == !(2..<5).contains(page)) }
        for page in 0..<16 { #expect(world.entry(elsewhere + page, of: other).isPresent == !(6..<9).contains(page)) }
        #expect(
            world.machine[blocksOf: file] == [PageRun(0, 5), PageRun(9, 15)] && world.machine.pages(of: file) == 16)
        #expect(world.run(.read(area + 2, pages: 3)).errno == nil)
        #expect((6..<9).map { world.stamp(file, $0) } == [0, 0, 0])
        #expect(world.machine.files[file.index].pins == 0 && world.isClean(file))
    }

    @Test("the pages of a tmpfs file are a hole again, and zero when they are touched")
    func shmem() {
        var world = BareMachine()
        let file = world.shmem(4)
        let area = world.map(file, 4)
        world.run(.write(area, pages: 4))
        #expect(world.stamp(file, 1) != 0)
        #expect(world.run(.madvise(area + 1, pages: 2, .remove)).errno == nil)
        #expect(world.cached(file) == [0, 3] && world.machine.pages(of: file) == 4)
        #expect(world.entry(area + 1).isNone && world.entry(area + 3).isPresent)
        world.run(.read(area + 1, pages: 2))
        #expect(world.stamp(file, 1) == 0 && world.stamp(file, 2) == 0 && world.isClean(file))
    }

    @Test("a private copy of a page that goes stays")
    func privateCopy() {
        var world = BareMachine()
        let file = world.file(4, resident: [PageRun(0, 3)])
        let shared = world.map(file, 4)
        let copy = world.map(file, 4, [.read, .write])
        world.run(.write(copy + 1))
        world.run(.read(copy + 2))
        #expect(world.run(.madvise(shared, pages: 4, .remove)).errno == nil)
        #expect(world.entry(copy + 1).isPresent && world.entry(copy + 2).isNone && world.cached(file).isEmpty)
    }

    struct Refusal: CustomTestStringConvertible {
        let testDescription: String
        let flags: VMAFlags
        let isFile: Bool
        let errno: Errno?
    }

    @Test(
        "locked memory and memory without a file are EINVAL, what is not shared is EACCES",
        arguments: [
            Refusal(testDescription: "shared", flags: [.read, .write, .shared], isFile: true, errno: nil),
            Refusal(
                testDescription: "shared, locked", flags: [.write, .shared, .locked], isFile: true, errno: .invalid),
            Refusal(
                testDescription: "locked on fault", flags: [.write, .shared, .locked, .lockOnFault], isFile: true,
                errno: .invalid),
            Refusal(testDescription: "private", flags: [.read, .write], isFile: true, errno: .accessDenied),
            Refusal(testDescription: "private, read-only", flags: [.read], isFile: true, errno: .accessDenied),
            Refusal(testDescription: "private, locked", flags: [.write, .locked], isFile: true, errno: .invalid),
            Refusal(testDescription: "anonymous", flags: [.read, .write], isFile: false, errno: .invalid),
        ])
    func refusals(_ refusal: Refusal) {
        var world = BareMachine()
        let file = world.file(4, resident: [PageRun(0, 3)])
        let area = world.map(refusal.isFile ? file : nil, 4, refusal.flags)
        let report = world.run(.madvise(area, pages: 4, .remove))
        #expect(report.errno == refusal.errno && world.cached(file).isEmpty == (refusal.errno == nil))
        #expect(world.machine.files[file.index].pins == 0 && world.machine.heldLocks(of: world.task).isEmpty)
    }

    @Test(
        "memory that may become writable is enough, or it must be, by kernel",
        arguments: [
            (.linux6_1, nil), (.linux6_12, nil), (.linux5_19, .accessDenied), (.linux6_4, .accessDenied),
        ] as [(KernelModel, Errno?)])
    func readOnly(_ model: KernelModel, _ errno: Errno?) {
        var world = BareMachine(model)
        let file = world.file(4, resident: [PageRun(0, 3)])
        let area = world.map(file, 4, [.read, .shared])
        #expect(world.run(.madvise(area, pages: 4, .remove)).errno == errno)
        #expect(world.cached(file).isEmpty == (errno == nil))
    }

    @Test("areas are gone through one by one: a hole is passed over, and what came before a refusal stays done")
    func walk() {
        var world = BareMachine()
        let first = world.file(4, resident: [PageRun(0, 3)])
        let second = world.shmem(4)
        let area = world.map(first, 4)
        let behind = world.map(second, 4)
        world.run(.write(behind, pages: 4))
        let across = behind - area
        #expect(world.run(.madvise(area + 2, pages: across, .remove)).errno == .noMemory)
        #expect(world.cached(first) == [0, 1] && world.cached(second) == [2, 3])
        world.run(.mlock(behind + 2, pages: 2))
        #expect(world.run(.madvise(area, pages: behind - area + 4, .remove)).errno == .invalid)
        #expect(world.cached(first).isEmpty && world.cached(second) == [2, 3])
    }

    @Test("while the file system works the lock is free and the file stays open, though the area may go meanwhile")
    func lockDropped() {
        var world = BareMachine()
        let file = world.file(16, resident: [PageRun(0, 15)])
        let area = world.map(file, 16)
        let other = world.machine.addTask(in: world.map)
        world.run(.write(area, pages: 4))
        world.machine.hold(world.device)
        world.run(.madvise(area, pages: 4, .remove))
        #expect(world.cause(of: world.task) == .io(file, 0), "it writes first")
        #expect(world.machine.files[file.index].pins == 1)
        #expect(world.machine.holds(.mmap(world.map), world.task) == nil)
        #expect(world.run(.munmap(area, pages: 16), in: other).errno == nil)
        #expect(world.machine.areas(of: world.machine.map(of: other)).isEmpty)
        world.machine.release(world.device)
        world.run()
        let report = world.machine.report(of: world.task)
        #expect(report.isDone && report.errno == nil && report.counters.mmapReadLocks == 2)
        #expect(world.cached(file) == Array(4..<16))
        #expect(world.machine.files[file.index].pins == 0 && world.isClean(file))
    }
}
