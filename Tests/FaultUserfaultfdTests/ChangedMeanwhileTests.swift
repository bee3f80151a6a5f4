import FaultCore
import FaultSimulator
import Testing

/// What requests to a descriptor return if memory changes between their first check and their locks.
@Suite("Memory that changes during a request to a descriptor", .timeLimit(.minutes(60)))
struct ChangedMeanwhileTests {
    /// A process whose descriptor tells of discarded memory. Both requests and discards take the mmap lock for reading.
    private func world(_ model: KernelModel, for modes: UserfaultModes = .missing) throws -> MonitorWorld {
        try MonitorWorld(model, for: modes, features: .eventRemove, touching: 0..<1)
    }

    /// Lets the monitor begin a request, and run until a stage is next.
    private func begin(_ call: UserfaultCall, until stage: String, _ test: inout MonitorWorld) throws {
        test.world.start(.userfault(test.descriptor, call), in: test.monitor)
        try test.world.machine.step(test.monitor, toStage: stage)
    }

    /// Lets one task run until it sleeps or is done.
    private func run(_ task: TaskID, _ test: inout MonitorWorld) {
        while test.world.machine.runnableTasks.contains(task) { test.world.machine.step(task) }
    }

    @Test(
        "UFFDIO_WRITEPROTECT is EAGAIN if memory began to be discarded while it waited for its locks (mmap_changing)",
        arguments: [KernelModel.linux6_1, .linux6_12])
    func protect(_ model: KernelModel) throws {
        var test = try world(model, for: [.missing, .writeProtect])
        try begin(.writeProtect(test.area[1], pages: 1, protects: true, []), until: "locked", &test)
        test.world.start(.madvise(test.area, .dontNeed, pages: 1), in: test.task)
        run(test.task, &test)
        #expect(test.waits() == .userfaultEvent)
        test.world.run()
        #expect(test.world.report(of: test.monitor).errno == .tryAgain)
        #expect(test.protected.isEmpty)
        test.check()
    }

    @Test("UFFDIO_MOVE, too: under the mmap lock in Linux 6.8, and under those of its areas since 6.9")
    func move() throws {
        for (model, stage) in [(KernelModel.linux6_8, "mapLocked"), (.linux6_12, "lockSource")] {
            var test = try world(model)
            let source = try test.world.map(anonymousPages: 1, in: test.monitor)
            try test.world.perform(.write(source), in: test.monitor)
            try begin(.move(test.area[1], pages: 1, from: source[0], []), until: stage, &test)
            test.world.start(.madvise(test.area, .dontNeed, pages: 1), in: test.task)
            run(test.task, &test)
            #expect(test.waits() == .userfaultEvent, "\(model.name)")
            test.world.run()
            #expect(test.world.report(of: test.monitor).errno == .tryAgain, "\(model.name)")
            #expect(test.entry(1).isNone, "\(model.name)")
            test.check()
        }
    }

    /// The source of the move has no area, so it looks again under the mmap lock (`uffd_move_lock()`).
    @Test("UFFDIO_MOVE whose target is unmapped before it has the mmap lock is ENOENT; if another is there, ENOMEM")
    func moveTarget() throws {
        for (isReplaced, errno) in [(false, Errno.noEntry), (true, .noMemory)] {
            var test = try MonitorWorld(.linux6_12, touching: 7..<8)
            let other = test.world.thread(of: test.task)
            try begin(
                .move(test.area[0], pages: 1, from: test.world.machine.geometry.userLimit - 4, []),
                until: "lockSource", &test)
            // The other thread has the mmap lock, and waits for the lock of the target's area.
            let request = MapRequest(pages: 8, access: .readWrite, placement: .fixed(test.area[0]))
            test.world.start(isReplaced ? .mmap(request) : .munmap(test.area), in: other)
            run(other, &test)
            if isReplaced { test.world.machine.failAllocation(at: .anonVMA) }
            test.world.run()
            #expect(test.world.report(of: other).errno == nil)
            #expect(test.world.report(of: test.monitor).errno == errno)
            test.check()
        }
    }

    @Test(
        "MADV_DONTNEED is ENOMEM if its area is unmapped before the event about it has been read (userfaultfd_remove())",
        arguments: [KernelModel.linux6_1, .linux6_12])
    func unmapped(_ model: KernelModel) throws {
        var test = try world(model)
        test.start(.madvise(test.area, .dontNeed))
        #expect(test.waits() == .userfaultEvent)
        try test.answer(.munmap(test.area))
        #expect(try test.messages.count == 1)
        test.world.run()
        #expect(test.world.report(of: test.task).errno == .noMemory)
        test.check()
    }
}
