import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("write(2) and dirty throttling", .timeLimit(.minutes(60)))
struct FileWriteTests {
    @Test("missing pages are made uptodate and dirty without a read; the file grows over holes")
    func createsPages() {
        var world = BareMachine()
        let file = world.file(4)
        #expect(world.run(.write(file, 6, pages: 2, from: nil)).value == 2)
        #expect(world.cached(file) == [6, 7] && world.cached(file, with: [.uptodate, .dirty]) == [6, 7])
        #expect(world.machine.pages(of: file) == 8)
        #expect(FileIO.hasBlock(file, 6, world.machine) && !FileIO.hasBlock(file, 5, world.machine))
        #expect(world.machine.dirtyPages == 2)
        #expect(world.isClean(file))
    }

    @Test("a page that is there keeps its readahead mark")
    func keepsMark() {
        var world = BareMachine()
        let file = world.file(64)
        world.run(.read(file, 0, pages: 1, into: nil))
        world.run(.write(file, 1, pages: 1, from: nil))
        #expect(world.cached(file, with: [.readahead, .dirty]) == [1])
    }

    @Test("a page under read is waited for with the inode lock held")
    func waitsForRead() {
        var world = BareMachine()
        let file = world.file(64)
        world.machine.hold(world.device, writes: false)
        let writer = world.machine.addTask()
        world.run(.read(file, 0, pages: 1, into: nil))
        world.run(.write(file, 2, pages: 1, from: nil), in: writer)
        #expect(world.cause(of: writer) == .io(file, 2))
        #expect(world.machine.holds(.inode(file), writer) == .write)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: writer).value == 1)
        #expect(world.stamp(file, 2) != FileIO.initialStamp(file, 2))
        #expect(world.isClean(file))
    }

    @Test("data comes from the source's pages, which fault once each")
    func fromMemory() {
        var world = BareMachine()
        let file = world.file(16)
        let source = world.file(16, resident: [PageRun(0, 15)])
        let area = world.map(source, 2, [.read])
        let report = world.run(.write(file, 0, pages: 3, from: area))
        #expect(report.value == 2, "the area ends")
        #expect(world.stamp(file, 0) == FileIO.initialStamp(source, 0))
        #expect(world.stamp(file, 1) == FileIO.initialStamp(source, 1))
        #expect(report.counters.kernelExceptions == 2, "fault-around brings the second, the third is tried once")
        #expect(world.cached(file) == [0, 1] && world.isClean(file, source))
    }

    @Test("without a block it is ENOSPC, after what fits")
    func noSpace() {
        var world = BareMachine()
        let file = world.file(0)
        world.machine.failAllocation(at: .block, skipping: 2)
        #expect(world.run(.write(file, 0, pages: 4, from: nil)).value == 2)
        world.machine.failAllocation(at: .block)
        #expect(world.run(.write(file, 2, pages: 1, from: nil)).errno == .noSpace)
        #expect(world.cached(file) == [0, 1] && world.machine.pages(of: file) == 2)
        #expect(world.isClean(file))
    }

    @Test("tmpfs pages are dirty, not accounted, and limited by the size of the file system")
    func shmemLimit() {
        var settings = MachineSettings()
        settings.tmpfsPages = 3
        var world = BareMachine(settings: settings)
        let file = world.shmem(0)
        #expect(world.run(.write(file, 0, pages: 5, from: nil)).value == 3)
        #expect(world.run(.write(file, 3, pages: 1, from: nil)).errno == .noSpace)
        #expect(world.cached(file, with: [.dirty, .shmem, .uptodate]) == [0, 1, 2])
        #expect(world.machine.dirtyPages == 0)
        #expect(world.isClean(file))
    }

    @Test("over the limit a writer sleeps with the inode lock until the device has written")
    func throttled() {
        var settings = MachineSettings()
        settings.dirtyLimitPages = 16
        var world = BareMachine(settings: settings)
        let file = world.file(64)
        world.machine.hold(world.device, reads: false)
        world.run(.write(file, 0, pages: 40, from: nil))
        #expect(world.cause(of: world.task) == .dirtyThrottle)
        #expect(world.machine.holds(.inode(file), world.task) == .write)
        #expect(world.cached(file, with: .writeback).count == 17)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).value == 40)
        #expect(world.machine.dirtyPages <= 16)
        #expect(world.machine.violations.isEmpty)
    }

    @Test("Linux 6.1 throttles after a page, 6.12 before the next one: after the last page it does not")
    func throttledAtTheEnd() {
        for (model, waits) in [(KernelModel.linux6_1, true), (.linux6_12, false)] {
            var settings = MachineSettings()
            settings.dirtyLimitPages = 16
            var world = BareMachine(model, settings: settings)
            let file = world.file(64)
            world.machine.hold(world.device)
            world.run(.write(file, 0, pages: 16, from: nil))
            #expect(world.machine.report(of: world.task).value == 16)
            world.run(.write(file, 16, pages: 1, from: nil))
            #expect((world.cause(of: world.task) == .dirtyThrottle) == waits, "\(model.name)")
            world.machine.release(world.device)
            world.run()
            #expect(world.machine.report(of: world.task).value == 1)
            world.machine.hold(world.device)
            world.run(.write(file, 17, pages: 30, from: nil))
            #expect(world.cause(of: world.task) == .dirtyThrottle, "\(model.name)")
            world.machine.release(world.device)
            world.run()
            #expect(world.machine.report(of: world.task).value == 30 && world.machine.violations.isEmpty)
        }
    }

    @Test("a kill ends throttling, and the write with what was written")
    func throttledKilled() {
        var settings = MachineSettings()
        settings.dirtyLimitPages = 4
        var world = BareMachine(settings: settings)
        let file = world.file(64)
        world.machine.hold(world.device)
        world.run(.write(file, 0, pages: 40, from: nil))
        world.machine.send(.kill, to: world.task)
        world.run(until: .idle, limit: 40)
        #expect(world.machine.holds(.inode(file), world.task) == nil)
        #expect(world.machine.pages(of: file) == 64 && world.cached(file).count == 5)
    }

    @Test("a shared write fault over the limit completes with the lock dropped")
    func throttledFault() {
        var settings = MachineSettings()
        settings.dirtyLimitPages = 2
        var world = BareMachine(settings: settings)
        let file = world.file(8, resident: [PageRun(0, 7)])
        let area = world.map(file, 8)
        world.machine.hold(world.device)
        world.run(.write(area, pages: 4))
        #expect(world.cause(of: world.task) == .dirtyThrottle)
        #expect(world.machine.holds(.mmap(world.map), world.task) == nil)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).isDone)
        #expect(world.machine.violations.isEmpty)
        #expect(world.isClean(file))
    }
}
