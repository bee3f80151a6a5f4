import FaultSimulator
import Testing

@testable import FaultCore

/// Files whose pages can't be had, or have never been written.
@Suite("Details of files", .timeLimit(.minutes(60)))
struct FileDetailTests {
    @Test("a fault that may not drop its lock and gets no page is out of memory (2018)")
    func noPageForFault() throws {
        var play = try Play(.bacik2018)
        let file = try play.world.file(pages: 4)
        let area = try play.world.map(file, .read, in: play.task)
        play.world.machine[readaheadOf: file].maximum = 0
        for _ in 0..<2 { play.world.machine.failAllocation(at: .cachePage) }
        try play.perform(.getUserPages(area, [], pages: 1))
        #expect(play.world.report(of: play.task).errno == .noMemory)
    }

    @Test("a file is cut without its last page if there is no memory for the page (ext4_block_truncate_page())")
    func noPageForEnd() throws {
        for point in [AllocationPoint.cachePage, .shmemPage] {
            var play = try Play(.linux6_1)
            let file = try play.world.file(bytes: 2 * 4096)
            play.world.machine.failAllocation(at: point)
            #expect(try play.perform(.truncate(file, to: .bytes(5000))).errno == nil)
            #expect((play.world.machine.cachedFolio(at: 1, of: file) == nil) == (point == .cachePage))
        }
    }

    @Test("the end of a page without a block is zeroed, and the page stays clean (truncate_inode_partial_folio())")
    func endOfHole() throws {
        for system in [World.FileSystem.ext4, .tmpfs] {
            var play = try Play(.linux6_1)
            let file = try play.world.file(bytes: 2 * 4096, on: system)
            if system == .ext4 { try play.perform(.punchHole(file, 1, pages: 1)) }
            let area = try play.world.map(file, .read, .shared, in: play.task)
            try play.perform(.read(area, page: 1))
            let folio = try #require(play.world.machine.cachedFolio(at: 1, of: file))
            play.world.machine.setFlags(of: folio, removing: .dirty)
            try play.perform(.truncate(file, to: .bytes(5000)))
            #expect(play.world.machine.cachedFolio(at: 1, of: file) == folio)
            #expect(play.world.machine.flags(of: folio).contains(.dirty) == (system == .tmpfs))
        }
    }

    @Test("a read after cached pages marks the last page that it reads ahead (page_cache_sync_ra())")
    func markAfterHistory() throws {
        var play = try Play(.linux6_12)
        let file = try play.world.file(pages: 64, resident: .pages([0...9]))
        try play.perform(.read(file, page: 10))
        let marked = (10..<64).filter { index in
            play.world.machine.cachedFolio(at: PageIndex(index), of: file).map {
                play.world.machine.flags(of: $0).contains(.readahead)
            } ?? false
        }
        // Ten cached pages from the first one on count twice.
        #expect(marked == [10 + 20])
        #expect(play.world.machine.cachedPages(of: file) == 10 + 21)
    }
}
