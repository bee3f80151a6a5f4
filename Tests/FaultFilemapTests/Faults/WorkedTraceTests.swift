import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// Section 5.8 of the semantics: whole access patterns with their counts.
@Suite("Access patterns on a file", .timeLimit(.minutes(60)))
struct WorkedTraceTests {
    @Test("128 pages ascending take 9 faults, of which one misses the cache")
    func ascending() {
        var world = MappedFile(pages: 128)
        let counts = world.touch(.read, 0..<128)
        #expect(counts == Counts(faults: 9, minor: 4, major: 5, pgfault: 14, pgmajfault: 1, locks: 14))
        #expect(world.cached == Array(0..<128))
        #expect(world.machine.violations.isEmpty)
    }

    @Test(
        "the pages that ascending reads bring in and map, touch by touch",
        arguments: [
            Touch(0, [[.major, .retry], .noPage], cached: 32, marked: [24], mapped: Array(0..<16)),
            Touch(16, [.noPage], cached: 32, marked: [24], mapped: Array(0..<24) + Array(25..<32)),
            Touch(24, [.retry, .noPage], cached: 64, marked: [32], mapped: Array(0..<32)),
            Touch(32, [.retry, .noPage], cached: 96, marked: [64], mapped: Array(0..<48)),
            Touch(48, [.noPage], cached: 96, marked: [64], mapped: Array(0..<64)),
            Touch(64, [.retry, .noPage], cached: 128, marked: [96], mapped: Array(0..<80)),
            Touch(80, [.noPage], cached: 128, marked: [96], mapped: Array(0..<96)),
            Touch(96, [.retry, .noPage], cached: 128, marked: [], mapped: Array(0..<112)),
            Touch(112, [.noPage], cached: 128, marked: [], mapped: Array(0..<128)),
        ])
    func ascendingStepByStep(_ touch: Touch) {
        var world = MappedFile(pages: 128)
        world.touch(.read, 0..<touch.page)
        #expect(world.attempts(at: touch.page) == touch.results)
        #expect(world.cached == Array(0..<touch.cached))
        #expect(world.marked == touch.marked)
        #expect(world.mapped == touch.mapped)
    }

    @Test("with sequential advice the mark stands at page 16, and 8 faults do")
    func sequential() {
        var world = MappedFile(pages: 128, flags: [.read, .sequentialRead])
        _ = world.attempts(at: 0)
        #expect(world.marked == [16])
        #expect(world.attempts(at: 16) == [.retry, .noPage])
        var whole = MappedFile(pages: 128, flags: [.read, .sequentialRead])
        let counts = whole.touch(.read, 0..<128)
        #expect(counts == Counts(faults: 8, minor: 3, major: 5, pgfault: 13, pgmajfault: 1, locks: 13))
    }

    @Test("with random advice each page is read alone, and none is counted as a miss")
    func random() {
        var world = MappedFile(pages: 64, flags: [.read, .randomRead])
        let counts = world.touch(.read, 0..<20)
        #expect(counts == Counts(faults: 20, minor: 0, major: 20, pgfault: 40, pgmajfault: 20, locks: 40))
        #expect(world.cached == Array(0..<20))
        #expect(world.state.mmapMiss == 0)
    }

    @Test("40 resident pages are mapped 16 at a time")
    func resident() {
        var world = MappedFile(pages: 40, resident: [PageRun(0, 39)])
        let counts = world.touch(.read, 0..<40)
        #expect(counts == Counts(faults: 3, minor: 3, major: 0, pgfault: 3, pgmajfault: 0, locks: 3))
    }

    @Test("an area at slot 5 has its first window from its start on, the next by address")
    func slot() {
        var world = MappedFile(pages: 40, slot: 5)
        _ = world.attempts(at: 0)
        #expect(world.mapped == Array(0..<16))
        _ = world.attempts(at: 16)
        #expect(world.mapped == Array(0..<24) + [25, 26])
        let rest = world.touch(.read, 17..<40)
        #expect(rest.faults == 2)
        #expect(world.counts == Counts(faults: 4, minor: 2, major: 2, pgfault: 6, pgmajfault: 1, locks: 6))
    }

    @Test("page 100 of 512 reads 32 pages around it, and maps its window but the marked page")
    func single() {
        var world = MappedFile(pages: 512)
        let counts = world.touch(.read, [100])
        #expect(counts == Counts(faults: 1, minor: 0, major: 1, pgfault: 2, pgmajfault: 1, locks: 2))
        #expect(world.cached == Array(84...115))
        #expect(world.marked == [108])
        #expect(world.mapped == Array(96...107) + Array(109...111))
    }

    @Test("64 pages descending")
    func descending() {
        var world = MappedFile(pages: 64)
        let counts = world.touch(.read, (0..<64).reversed())
        #expect(counts == Counts(faults: 8, minor: 3, major: 5, pgfault: 13, pgmajfault: 4, locks: 13))
    }

    @Test("every 16th of 256 pages: all but one miss")
    func everySixteenth() {
        var world = MappedFile(pages: 256)
        let counts = world.touch(.read, stride(from: 0, to: 256, by: 16))
        #expect(counts == Counts(faults: 16, minor: 1, major: 15, pgfault: 31, pgmajfault: 15, locks: 31))
    }

    @Test("300 pages far apart read 32 pages each: fault-around pays the misses back")
    func farApart() {
        var world = MappedFile(pages: 900_000)
        let counts = world.touch(.read, stride(from: 0, to: 900_000, by: 3000))
        #expect(counts == Counts(faults: 300, minor: 0, major: 300, pgfault: 600, pgmajfault: 300, locks: 600))
        #expect(world.state.mmapMiss == 0)
        #expect(world.machine.cachedPages(of: world.file) == 300 * 32)
    }

    /// A touch and what is there after it.
    struct Touch: CustomTestStringConvertible {
        let page: Int
        let results: [FaultResult]
        let cached: Int
        let marked: [Int]
        let mapped: [Int]

        init(_ page: Int, _ results: [FaultResult], cached: Int, marked: [Int], mapped: [Int]) {
            self.page = page
            self.results = results
            self.cached = cached
            self.marked = marked
            self.mapped = mapped
        }

        var testDescription: String { "page \(page)" }
    }
}
