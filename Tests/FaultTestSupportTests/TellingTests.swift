import FaultTestSupport
import Testing

@Suite("What stories and plug-ins tell", .timeLimit(.minutes(60)))
struct TellingTests {
    @Test("a task's own story tells behind whom it waited, and for what")
    func behind() throws {
        var chain = try StoryTests.Chain(.linux2_6_36)
        let story = chain.world.story { $0.run() }.story(of: chain.mapper)
        #expect(story.waited(behind: chain.reader) && story.waited(behind: chain.reader, for: .mmapLock))
        #expect(!story.waited(behind: chain.reader, for: .io) && !story.waited(behind: chain.monitor))
    }

    @Test("a set of pages counts each page once")
    func count() {
        #expect(PageSet([3, 1, 3, 2]).count == 3)
        #expect(([0...3, 9] as PageSet).count == 5)
        #expect(PageSet([]).isEmpty && PageSet([]).count == 0)
    }

    @Test("a caller that allows no retry gets a page of the holey memory with the lock held", arguments: [false, true])
    func withoutRetry(hasMemory: Bool) throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(pages: 8, on: world.register(HoleyFiles(), mappedBy: HoleyMemory(on: world.disk)))
        let area = try world.map(file, in: task)
        if !hasMemory { world.machine.failAllocation(at: .pageTable) }
        let report = try world.perform(.faultIn(.fixup, .read, area, page: 3), in: task)
        #expect(report.attempts.map(\.result) == [hasMemory ? .major : .oom])
        #expect(report.errno == (hasMemory ? nil : .noMemory) && report.counters.mmapReadLocks == 1)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("a file on a file system of one's own must have a new name and a possible size")
    func refusedFiles() throws {
        var world = try World(.linux6_1)
        let system = world.register(HoleyFiles(), mappedBy: HoleyMemory(on: world.disk))
        let file = try world.file("sparse", pages: 1, on: system)
        #expect(throws: WorldError.invalid("\(file) is named \"sparse\" already; take another name")) {
            try world.file("sparse", pages: 1, on: system)
        }
        for pages in [-1, 1 << 24 + 1] {
            let text = "a file of \(pages) pages can't be made; pages must be 0 to 2^24"
            #expect(throws: WorldError.invalid(text)) { try world.file(pages: pages, on: system) }
        }
        #expect(try world.file(pages: 0, on: system) != file)
    }

    @Test("an operation that waits for what only the test can do throws who waits for what, and what to do")
    func stillWaits() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(WaitingMemory(.channel(7))), pages: 1, in: task)
        let error = #expect(throws: WorldError.self) { try world.perform(.read(area), in: task) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasPrefix("the operation still waits (") && text.contains("task 0 waits for "), "\(text)")
        #expect(text.hasSuffix("); finish its reads with completeReads(), or use start(_:in:)"), "\(text)")
    }
}
