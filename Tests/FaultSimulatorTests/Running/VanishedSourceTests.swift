import FaultFilemap
import FaultSimulator
import Testing

/// A write(2) whose source page is unmapped between the time that it is faulted in and the copy.
@Suite("A write(2) whose source goes before the copy", .timeLimit(.minutes(60)))
struct VanishedSourceTests {
    private struct Write {
        var world: World
        let task: TaskID
        let file: FileID
        let area: Area

        /// Stops where the page to write to is prepared, and unmaps the one to copy from.
        init(_ model: KernelModel, on fileSystem: World.FileSystem, resident: World.Resident) throws {
            world = try World(model)
            task = world.task()
            file = try world.file(pages: 2, on: fileSystem, resident: resident)
            let source = try world.map(anonymousPages: 1, in: task)
            area = try world.map(file, .readWrite, .shared, in: task)
            try world.perform(.write(source), in: task)
            let other = world.thread(of: task)
            world.start(.write(file, pages: 1, from: source), in: task)
            world.run(until: .stage(task, "fileTransfer.pagePrepared"))
            world.start(.munmap(source), in: other)
            while world.machine.isBusy(other) { world.machine.step(other) }
        }
    }

    @Test(
        "on tmpfs a new page becomes one of zeroes, dirty, and can be mapped: shmem_write_end()",
        arguments: [KernelModel.linux2_6_36, .linux5_9, .linux6_1, .linux6_12])
    func newPageOfTmpfs(_ model: KernelModel) throws {
        var write = try Write(model, on: .tmpfs, resident: .none)
        #expect(write.world.run() == .finished)
        #expect(write.world.report(of: write.task).errno == .badAddress)
        let folio = try #require(write.world.machine.cachedFolio(at: 0, of: write.file))
        #expect(write.world.machine.flags(of: folio).contains([.uptodate, .dirty]))
        let report = try write.world.perform(.read(write.area), in: write.task)
        #expect(report.signal == nil && report.outcome.stamp == 0)
        #expect(write.world.machine.violations.isEmpty && write.world.machine.checkInvariants().isEmpty)
    }

    @Test("a page of tmpfs that was there keeps its content")
    func oldPageOfTmpfs() throws {
        var write = try Write(.linux6_1, on: .tmpfs, resident: .all)
        let before = write.world.machine.stamp(of: try #require(write.world.machine.cachedFolio(at: 0, of: write.file)))
        #expect(write.world.run() == .finished)
        #expect(write.world.report(of: write.task).errno == .badAddress)
        #expect(try write.world.perform(.read(write.area), in: write.task).outcome.stamp == before)
    }

    @Test("on ext4 a new page stays without data, and a fault reads it")
    func newPageOfExt4() throws {
        var write = try Write(.linux6_1, on: .ext4, resident: .none)
        #expect(write.world.run() == .finished)
        let folio = try #require(write.world.machine.cachedFolio(at: 0, of: write.file))
        #expect(write.world.machine.flags(of: folio).isDisjoint(with: [.uptodate, .dirty]))
        write.world.start(.read(write.area), in: write.task)
        #expect(write.world.run() == .blocked, "it waits for the disk")
        write.world.completeReads()
        #expect(write.world.run() == .finished)
        #expect(write.world.report(of: write.task).outcome.stamp == Machine.initialStamp(of: write.file, at: 0))
    }
}
