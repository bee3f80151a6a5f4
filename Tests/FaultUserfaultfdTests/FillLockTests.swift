import FaultCore
import FaultSimulator
import Testing

/// Which locks fills take, and who waits for them.
@Suite("Locks of fills", .timeLimit(.minutes(60)))
struct FillLockTests {
    /// Shared memory whose first page another task has locked, and a thread that waits for that in CONTINUE.
    private static func continuing(
        _ model: KernelModel, _ features: UserfaultFeatures = [], for modes: UserfaultModes = .minor
    ) throws -> (test: MonitorWorld, folio: FrameNumber) {
        var test = try MonitorWorld(model, file: 4, resident: .all, for: modes, features: features)
        let folio = try #require(
            test.world.machine.cachedFolio(at: 0, of: test.world.machine.areas(of: test.area.map)[0].file))
        let holder = test.world.task()
        test.start(.sleep(nanoseconds: .max), in: holder)
        let isLocked = test.world.machine.tryLock(folio, by: holder)
        #expect(isLocked)
        return (test, folio)
    }

    @Test("MADV_DONTNEED that is told of waits for a fill under way in Linux 6.12, and not in 6.1")
    func advice() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var (test, folio) = try Self.continuing(model, .eventRemove)
            test.start(.continue(test.descriptor, test.area, page: 0), in: test.monitor)
            #expect(test.waits(test.monitor) == .folio)
            test.start(.madvise(test.area, .dontNeed, page: 3, pages: 1))
            let links = test.world.machine.waitLinks.filter { $0.task == test.task }.map(\.cause)
            if model == .linux6_12 {
                #expect(links == [.lock(.mapChanging(test.descriptor), .write)])
                // Who comes now queues behind it, and finds the memory changing.
                let third = test.world.thread(of: test.task)
                test.start(.continue(test.descriptor, test.area, page: 2), in: third)
                test.world.machine.unlock(folio)
                test.world.run()
                #expect(test.world.report(of: third).errno == .tryAgain)
            } else {
                #expect(links == [.userfaultEvent(test.descriptor)])
                test.world.machine.unlock(folio)
                test.world.run()
            }
            #expect(test.world.report(of: test.monitor).errno == nil && test.world.report(of: test.monitor).isDone)
            #expect(test.waits() == .userfaultEvent)
            #expect(try test.messages == [.remove(test.area[3], pages: 1)])
            test.world.run()
            #expect(test.world.report(of: test.task).isDone)
            test.check()
        }
    }

    @Test("fork(2) that is told of waits for a fill under way")
    func fork() throws {
        var (test, folio) = try Self.continuing(.linux6_12, .eventFork)
        test.start(.continue(test.descriptor, test.area, page: 0), in: test.monitor)
        test.start(.fork)
        let cause = test.world.machine.waitLinks.first { $0.task == test.task }?.cause
        #expect(cause == .areaLock(test.area.map) || cause == .lock(.mapChanging(test.descriptor), .write))
        test.world.machine.unlock(folio)
        test.world.run()
        #expect(test.waits() == .userfaultEvent)
        #expect(try test.messages.count == 1)
        test.world.run()
        #expect(test.world.report(of: test.task).isDone && test.world.report(of: test.task).errno == nil)
        test.check()
    }

    /// The calls that unmap registered memory.
    enum Unmapping: CaseIterable, Sendable {
        case munmap, mmapOver, mremapOver, mremapShorter, mremapShorterElsewhere, brk

        /// The call that unmaps all or the end of `memory`.
        func operation(_ memory: Area, source: Area) -> TaskOperation {
            switch self {
            case .munmap: .munmap(memory)
            case .mmapOver:
                .mmap(MapRequest(pages: 2, access: .readWrite, placement: .fixed(memory.start)))
            case .mremapOver: .mremap(source, newPages: 2, .fixed(memory.start))
            case .mremapShorter: .mremap(memory, newPages: 1)
            case .mremapShorterElsewhere: .mremap(memory, newPages: 1, .fixed(source.start))
            case .brk: .brk(-1)
            }
        }
    }

    @Test(
        "a call that unmaps registered memory, and is told of, waits for a fill of another area of the descriptor",
        arguments: Unmapping.allCases)
    func unmapping(_ call: Unmapping) throws {
        var (test, folio) = try Self.continuing(.linux6_12, .eventUnmap)
        let source = try test.world.map(anonymousPages: 2, in: test.task)
        var other = try test.world.map(anonymousPages: 2, in: test.task)
        if call == .brk {
            let before = test.world.machine.areas(of: source.map)
            try test.world.perform(.brk(2), in: test.task)
            let heap = try #require(test.world.machine.areas(of: source.map).first { !before.contains($0) })
            other = Area(map: source.map, start: heap.start, pages: 2)
        }
        try test.world.register(other, with: test.descriptor, for: .missing, by: test.task)
        test.start(.continue(test.descriptor, test.area, page: 0), in: test.monitor)
        test.start(call.operation(other, source: source))
        let cause = test.world.machine.waitLinks.first { $0.task == test.task }?.cause
        #expect(cause == .lock(.mapChanging(test.descriptor), .write))
        #expect(test.world.mmapLock(of: test.task).writer == test.task)
        test.world.machine.unlock(folio)
        test.world.run()
        #expect(test.world.report(of: test.monitor).isDone && test.waits() == .userfaultEvent)
        // What is moved away is unmapped where it was, too.
        let unmapped: [UserfaultMessage] =
            switch call {
            case .munmap, .mmapOver, .mremapOver: [.unmap(other[0], pages: 2)]
            case .mremapShorter, .brk: [.unmap(other[1], pages: 1)]
            case .mremapShorterElsewhere: [.unmap(other[1], pages: 1), .unmap(other[0], pages: 1)]
            }
        var messages: [UserfaultMessage] = []
        for _ in unmapped {
            messages += try test.messages
            test.world.run()
        }
        #expect(messages == unmapped)
        #expect(test.world.report(of: test.task).isDone && test.world.report(of: test.task).errno == nil)
        #expect(test.world.machine.heldLocks(of: test.task).isEmpty)
        test.check()
    }

    @Test("a minor fault takes the page's lock before it is handed over in Linux 6.1, and not from 6.4 on")
    func minor() throws {
        for model in [KernelModel.linux6_1, .linux6_4, .linux6_12] {
            var (test, folio) = try Self.continuing(model)
            test.start(.read(test.area))
            guard model == .linux6_1 else {
                #expect(test.waits() == .userfault)
                continue
            }
            #expect(test.waits() == .folio)
            #expect(!test.world.mmapLock(of: test.task).isFree, "with the mmap lock")
            #expect(!test.world.machine.hasMessage(test.descriptor))
            test.world.machine.unlock(folio)
            test.world.run()
            #expect(test.waits() == .userfault)
            #expect(test.world.mmapLock(of: test.task).isFree)
            test.check()
        }
    }

    /// Moves a page from `source`, and answers the errno and how often the mmap lock was taken.
    private static func move(
        _ test: inout MonitorWorld, to page: Int, from source: PageNumber, _ options: UserfaultFillOptions = []
    ) throws -> String {
        let call = UserfaultCall.move(test.area[page], pages: 1, from: source, options)
        let report = try test.answer(.userfault(test.descriptor, call))
        return "\(report.errno.map { "\($0)" } ?? "ok"), \(report.counters.mmapReadLocks)"
    }

    @Test("UFFDIO_MOVE takes the mmap lock for an anon_vma, and for a source that it can't lock")
    func moveLocks() throws {
        var test = try MonitorWorld(.linux6_12)
        let source = try test.world.map(anonymousPages: 4, in: test.monitor)
        try test.world.perform(.write(source, pages: 2), in: test.monitor)
        let nowhere = PageNumber(0x100)
        #expect(try Self.move(&test, to: 0, from: nowhere) == "ENOENT, 2")  // for the anon_vma, and to look again
        #expect(try Self.move(&test, to: 0, from: nowhere) == "ENOENT, 1")
        #expect(try Self.move(&test, to: 0, from: source.start) == "ok, 0")
        #expect(try Self.move(&test, to: 0, from: source[1]) == "EEXIST, 0")
        test.check()

        var other = try MonitorWorld(.linux6_8)
        let page = try other.world.map(anonymousPages: 1, in: other.monitor)
        try other.world.perform(.write(page), in: other.monitor)
        #expect(try Self.move(&other, to: 0, from: nowhere) == "EINVAL, 1")
        #expect(try Self.move(&other, to: 0, from: page.start) == "ok, 1")
        other.check()
    }

    @Test("UFFDIO_MOVE: no page table is ENOENT before a page in the way is EEXIST; a pinned page is EBUSY")
    func moveErrors() throws {
        var test = try MonitorWorld(.linux6_12, touching: 0..<1)
        let untouched = try test.world.map(anonymousPages: 1 << 20, in: test.monitor)
        #expect(try Self.move(&test, to: 0, from: untouched.start) == "ENOENT, 0")
        #expect(try Self.move(&test, to: 0, from: untouched.start, .allowSourceHoles) == "EEXIST, 0")
        #expect(try Self.move(&test, to: 1, from: untouched.start, .allowSourceHoles) == "ok, 0")
        let source = try test.world.map(anonymousPages: 1, in: test.monitor)
        try test.world.perform(.write(source), in: test.monitor)
        try test.world.perform(.pinUserPages(source.start, pages: 1, .write), in: test.monitor)
        #expect(try Self.move(&test, to: 1, from: source.start) == "EBUSY, 0")
        test.check()
    }

    @Test("no memory for a table of markers is ENOMEM from Linux 6.3 on, and passed over before")
    func markers() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var test = try MonitorWorld(model, file: 4, resident: .none, for: .writeProtect)
            test.world.machine.failAllocation(at: .pageTable)
            let report = try test.answer(.writeProtect(test.descriptor, test.area))
            #expect(report.errno == (model == .linux6_1 ? nil : .noMemory))
            #expect(test.protected == [])
            test.check()
        }
    }
}
