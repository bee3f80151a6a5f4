import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("Readahead windows, marks and misses", .timeLimit(.minutes(60)))
struct ReadaheadTests {
    @Test("a window that is cut at the end of the file has its mark lower, or none", arguments: [100, 110])
    func markAtEnd(page: Int) {
        // The window begins 16 before the page; its mark is 8 before its end.
        var world = MappedFile(pages: page == 100 ? 110 : 98 + 16)
        _ = world.attempts(at: page)
        #expect(world.marked == (page == 100 ? [102] : [106]))
        #expect(world.state.size == 32)
        var short = MappedFile(pages: 6)
        _ = short.attempts(at: 0)
        #expect(short.marked == [], "six pages have no place eight before their end")
    }

    @Test("a page that is cached is passed over and gets no mark")
    func cachedIsNotMarked() {
        var world = MappedFile(pages: 64, resident: [PageRun(24, 24)])
        world.machine.hold(world.device)
        world.machine.start(.read(world.base), in: world.task)
        world.run()
        #expect(world.marked == [])
        #expect(world.machine.requestsUnderWay.map(\.index) == [0, 25])
        #expect(world.machine.requestsUnderWay.map(\.pages) == [24, 7])
    }

    @Test("a mark that does not fit the state goes on behind what is cached")
    func foreignMark() {
        var world = MappedFile(pages: 512, resident: [PageRun(200, 209)])
        let folio = world.machine.cachedFolio(at: 200, of: world.file)!
        world.machine.setFlags(of: folio, adding: .readahead)
        #expect(world.attempts(at: 200) == [.retry, .noPage])
        // The window begins after the 10 marked pages, and doubles up to the limit of 32 pages.
        #expect(world.state.start == 210 && world.state.size == 32 && world.state.asyncSize == 32)
        #expect(world.cached == Array(200..<242))
        #expect(world.marked == [210])
    }

    @Test("if all pages that a mark looks at are cached, the last of them counts as missing")
    func allCached() {
        var world = MappedFile(pages: 512, resident: [PageRun(200, 300)])
        let folio = world.machine.cachedFolio(at: 200, of: world.file)!
        world.readMarked(folio, at: 200, requested: 32)
        #expect(world.state.start == 232)
        #expect(world.state.size == 32)
        #expect(world.machine.requestsUnderWay.isEmpty)
    }

    @Test(
        "up to 4.19 and from 6.11 on nothing is read if all pages that a mark looks at are cached",
        arguments: [KernelModel.linux3_15, .linux4_19, .linux6_12])
    func nothingMissing(_ model: KernelModel) {
        var world = MappedFile(pages: 512, resident: [PageRun(200, 232)], model: model)
        let before = world.state
        let folio = world.machine.cachedFolio(at: 200, of: world.file)!
        world.machine.setFlags(of: folio, adding: .readahead)
        world.readMarked(folio, at: 200, requested: 32)
        #expect(world.state == before)
        #expect(world.machine.requestsUnderWay.isEmpty)
        #expect(world.marked.isEmpty, "the mark is cleared before it looks")
    }

    @Test("history counts one page less if all that it looks at is cached")
    func history() {
        // Five pages before page 100 are history enough for a request of four; the window is what was seen and asked.
        var world = MappedFile(pages: 512, resident: [PageRun(95, 99)])
        world.readMissing(at: 100, requested: 4)
        #expect(world.state.start == 100 && world.state.size == 9 && world.state.asyncSize == 1)
        var long = MappedFile(pages: 512, resident: [PageRun(50, 99)])
        long.readMissing(at: 100, requested: 31)
        #expect(long.state == ReadaheadState(maximum: 32), "31 of 32 cached pages are no more than the request")
        #expect(long.cached == Array(50..<131))
        var whole = MappedFile(pages: 512, resident: [PageRun(0, 9)])
        whole.readMissing(at: 10, requested: 4)
        #expect(whole.state.size == 24, "a stream from page 0 on counts twice")
    }

    @Test("a small random read leaves the state alone, one behind the last read(2) begins a stream")
    func previousPosition() {
        var world = MappedFile(pages: 512)
        world.readMissing(at: 100, requested: 2)
        #expect(world.state == ReadaheadState(maximum: 32))
        #expect(world.cached == [100, 101])
        Readahead.noteRead(of: world.file, through: 101, &world.machine)
        world.readMissing(at: 103, requested: 2)
        #expect(world.state.start == 103 && world.state.size == 4 && world.state.asyncSize == 2)
        #expect(world.marked == [105])
    }

    @Test("a read of more than the window reads as much as the device takes at once")
    func largeRequest() {
        var world = MappedFile(pages: 1024)
        world.readMissing(at: 0, requested: 400)
        #expect(world.state.size == 320 && world.state.asyncSize == 160)
        #expect(world.machine.requestsUnderWay.map(\.pages) == [320])
    }

    @Test("MADV_WILLNEED of 600 pages reads 320 and leaves the state alone")
    func forced() {
        var world = BareMachine()
        let file = world.file(1024)
        world.machine.hold(world.device)
        let before = world.machine[readaheadOf: file]
        #expect(world.run(.readAhead(file, 10, pages: 600)).isDone)
        #expect(world.cached(file) == Array(10..<330))
        #expect(world.cached(file, with: .readahead).isEmpty)
        #expect(world.machine[readaheadOf: file] == before)
        var wide = BareMachine()
        let other = wide.file(1024)
        wide.machine.hold(wide.device)
        wide.machine[readaheadOf: other].maximum = 900
        wide.run(.readAhead(other, 0, pages: 2000))
        #expect(wide.cached(other).count == 900)
        #expect(wide.machine.requestsUnderWay.map(\.pages) == [320, 192, 320, 68])
    }

    @Test("the 101st write miss in a row is the first that reads its page alone")
    func manyWriteMisses() {
        var world = MappedFile(pages: 64 * 110, flags: [.read, .write, .shared])
        world.touch(.write, stride(from: 32, to: 64 * 100, by: 64))
        #expect(world.state.mmapMiss == 100)
        #expect(world.cached.count == 100 * 32)
        world.touch(.write, [64 * 100 + 32])
        #expect(world.cached.count == 100 * 32 + 1)
        #expect(world.state.mmapMiss == 101)
        #expect(world.machine.violations.isEmpty)
    }

    @Test("fault-around gives misses back, one for each page it looks at, mapped or not")
    func missesGivenBack() {
        var world = MappedFile(pages: 64, resident: [PageRun(0, 63)])
        world.machine[readaheadOf: world.file].mmapMiss = 40
        world.touch(.read, [0])
        #expect(world.state.mmapMiss == 24)
        world.touch(.read, 1..<32)
        #expect(world.state.mmapMiss == 8)
        world.touch(.read, [40])
        #expect(world.state.mmapMiss == 0)
    }

    @Test("with random advice a marked page faults each time it is unmapped, and keeps its mark")
    func markUnderRandomAdvice() {
        var world = MappedFile(pages: 64, resident: [PageRun(0, 31)], flags: [.read, .randomRead])
        world.machine.setFlags(of: world.machine.cachedFolio(at: 5, of: world.file)!, adding: .readahead)
        world.touch(.read, [0])
        #expect(world.mapped == Array(0..<5) + Array(6..<16))
        #expect(world.attempts(at: 5) == [.locked])
        #expect(world.marked == [5])
    }

    @Test("a shared write to a marked page reads on, and clears the mark")
    func markAndWrite() {
        var world = MappedFile(pages: 128, flags: [.read, .write, .shared])
        _ = world.attempts(at: 0)
        #expect(world.marked == [24])
        #expect(world.attempts(at: 24, .write) == [.retry, [.locked]])
        #expect(world.marked == [32])
        #expect(world.flags(of: 24).contains(.dirty))
        #expect(world.machine.violations.isEmpty)
    }

    @Test("with readahead off pages are read one by one")
    func off() {
        var settings = MachineSettings()
        settings.readaheadPages = 0
        var world = MappedFile(pages: 64, settings: settings)
        #expect(world.attempts(at: 7) == [[.major, .retry], .noPage])
        #expect(world.cached == [7])
        world.readMissing(at: 20, requested: 5)
        #expect(world.cached == [7, 20])
    }
}

extension MappedFile {
    /// Reads because a page is missing: `page_cache_sync_ra()`, without the lock.
    fileprivate mutating func readMissing(at index: PageIndex, requested: Int) {
        guard let window = Readahead.planSynchronous(file, at: index, requested: requested, &machine) else { return }
        Readahead.read(window, of: file, by: task, &machine)
    }

    /// Reads on because a page is marked: `page_cache_async_ra()`, without the lock.
    fileprivate mutating func readMarked(_ folio: FrameNumber, at index: PageIndex, requested: Int) {
        guard
            let window = Readahead.planAsynchronous(
                file, marked: folio, at: index, requested: requested, &machine)
        else { return }
        Readahead.read(window, of: file, by: task, &machine)
    }
}
