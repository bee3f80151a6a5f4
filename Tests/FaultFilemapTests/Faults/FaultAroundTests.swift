import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("Fault-around", .timeLimit(.minutes(60)))
struct FaultAroundTests {
    @Test("mapping a run leaves what mapping page by page would leave", arguments: [0, 120, 500])
    func runEqualsPages(skippedFrames: Int) {
        // The window crosses chunks of frames, of the cache, and has gaps, a mark and a locked page.
        var world = MappedFile(pages: 1024, resident: [PageRun(500, 505), PageRun(508, 520)], slot: 3)
        world.machine.skipFrameNumbers(skippedFrames)
        world.bare.cache([PageRun(506, 506)], of: world.file)
        world.machine.setFlags(of: world.machine.cachedFolio(at: 503, of: world.file)!, adding: .readahead)
        world.bare.hold(world.bare.folio(world.file, 510), by: world.task)
        let map = world.machine.map(of: world.task)
        var fault = VMFault()
        fault.task = world.task
        fault.map = map
        fault.page = world.base + 505
        fault.lock = .mmap
        _ = world.machine.findArea(of: &fault)

        var single = world.machine
        let leaf = single.makeLeafTable(map, fault.page, for: world.task)!
        let bits = single.entryBits(of: single.currentArea(fault.area), forWrite: false)
        for page in Array(500...506) + Array(508...508) where page != 503 {
            let folio = single.cachedFolio(at: PageIndex(page), of: world.file)!
            single.mapFrame(folio, bits, at: world.base + page, in: map, leaf: leaf)
        }

        let (visited, _, served) = world.machine.mapReadyPages(fault, from: 500, through: 508)
        #expect(visited == 7 && served)
        #expect(world.machine.structuralHash == single.structuralHash)
        #expect(world.machine.rss(of: map) == single.rss(of: map))
        for page in 495..<530 {
            #expect(world.machine.entry(of: world.base + page, in: map) == single.entry(of: world.base + page, in: map))
        }
        let again = world.machine.mapReadyPages(fault, from: 500, through: 508)
        #expect(again.visited == 7 && !again.servedFault)
        #expect(world.machine.structuralHash == single.structuralHash)
    }

    @Test("a run crosses chunks of the page cache")
    func crossesCacheChunks() {
        var world = MappedFile(pages: 1024, resident: [PageRun(505, 519)])
        world.touch(.read, [510])
        #expect(world.mapped == Array(505...511))
        let counts = world.touch(.read, [512])
        #expect(world.mapped == Array(505...519))
        #expect(counts.minor == 1)
    }

    @Test("a run that reaches a chunk of the cache without any page ends before it")
    func endsBeforeEmptyChunk() {
        // The window of page 511 goes from 504 to 519, and only the chunks beside that of page 512 have pages.
        var world = MappedFile(pages: 1100, resident: [PageRun(505, 511), PageRun(1024, 1024)], slot: 8)
        let counts = world.touch(.read, [511])
        #expect(world.mapped == Array(505...511) && counts.minor == 1 && counts.major == 0)
        #expect(world.machine.rss(of: world.bare.map).file == 7 && world.machine.violations.isEmpty)
    }

    @Test("with nothing ready no page table is made")
    func nothingReady() {
        var world = MappedFile(pages: 64)
        var fault = VMFault()
        fault.task = world.task
        fault.map = world.machine.map(of: world.task)
        fault.page = world.base
        _ = world.machine.findArea(of: &fault)
        let (visited, _, served) = world.machine.mapReadyPages(fault, from: 0, through: 15)
        #expect(visited == 0 && !served)
        #expect(!world.machine.hasTable(for: world.base, in: fault.map))
    }
}
