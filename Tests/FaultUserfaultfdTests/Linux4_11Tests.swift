import FaultSimulator
import Testing

/// What the first kernel that handles shared memory, and is told of changes, does otherwise.
@Suite("userfaultfd of Linux 4.11", .timeLimit(.minutes(60)))
struct Linux4_11Tests {
    @Test("what a descriptor can be asked for")
    func features() throws {
        let features = KernelModel.linux4_11.userfaults.features
        #expect(
            features == [
                .eventFork, .eventRemap, .eventRemove, .eventUnmap, .missingHugetlbfs, .missingShmem,
            ])
        var world = try World(.linux4_11)
        let task = world.task()
        #expect(throws: WorldError.self) { try world.userfaultfd(in: task, features: .sigbus) }
    }

    @Test("a page is filled although the memory is changing")
    func changing() throws {
        for (model, errno) in [(KernelModel.linux4_11, nil as Errno?), (.linux4_19, .tryAgain)] {
            var test = try MonitorWorld(model, features: .eventUnmap)
            test.start(.munmap(test.area, page: 7))
            #expect(test.waits() == .userfaultEvent)
            #expect(try test.answer(.copy(test.descriptor, test.area, page: 1)).errno == errno)
            test.check()
        }
    }

    @Test("what fills a private area of tmpfs is in the file, up to 4.19, and there is no zero page for it in 4.11")
    func sharedFill() throws {
        for (model, isInFile, zero) in [
            (KernelModel.linux4_11, true, Errno.invalid as Errno?), (.linux4_19, true, nil), (.linux5_1, false, nil),
        ] {
            var test = try MonitorWorld(model, file: 4, resident: .none, for: .missing, sharing: .private)
            #expect(try test.answer(.copy(test.descriptor, test.area, page: 1)).errno == nil)
            #expect(try test.answer(.zeropage(test.descriptor, test.area, page: 2)).errno == zero)
            let file = test.world.machine.areas(of: test.area.map)[0].file
            #expect(test.world.residentPages(of: file) == (isInFile ? (zero == nil ? [1, 2] : [1]) : []))
            #expect(test.world.rss(of: test.task).anonymous == (isInFile ? 0 : 1))
            test.check()
        }
    }

    @Test("memory that is gone is ENOSPC")
    func gone() throws {
        for (model, errno) in [(KernelModel.linux4_11, Errno.noSpace), (.linux4_19, .noSuchProcess)] {
            var test = try MonitorWorld(model)
            let process = try test.world.fork(test.task)
            for task in [test.task, test.monitor] { test.world.start(.exit, in: task) }
            test.world.run()
            let report = try test.world.perform(.copy(test.descriptor, test.area, page: 0), in: process)
            #expect(report.errno == errno)
            test.check()
        }
    }
}
