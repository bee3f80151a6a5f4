import FaultSimulator
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// Holes of files, and ends of them.
@Suite("Holes and ends of files", .timeLimit(.minutes(60)))
struct HoleRuleTests {
    @Test("read(2) of a hole of tmpfs uses no page (shmem_file_read_iter())")
    func readOfHole() throws {
        var play = try Play(.linux6_1) { $0.frameLimit = 64 }
        let file = try play.world.file(pages: 2, on: .tmpfs)
        let before = play.world.machine.lruPages
        for _ in 0..<3 { #expect(try play.perform(.read(file, page: 0, pages: 2)).value == 2) }
        #expect(play.world.machine.lruPages == before && play.world.residentPages(of: file).isEmpty)
    }

    @Test("a file that is cut within its last page has the rest of it zeroed once, and its page is written")
    func cutWithinPage() throws {
        for isResident in [true, false] {
            var play = try Play(.linux6_1)
            let file = try play.world.file(bytes: 2 * 4096, resident: isResident ? .all : .none)
            let whole = FileIO.contentOnDevice(file, 1, play.world.machine)
            try play.perform(.truncate(file, to: .bytes(5000)))
            let folio = try #require(play.world.machine.cachedFolio(at: 1, of: file))
            #expect(play.world.machine.stamp(of: folio) == Machine.stamp(of: whole, cutTo: 5000 - 4096))
            #expect(play.world.machine.flags(of: folio).contains(.dirty))
        }
    }

    @Test("a last page that can't be read stays as it is when its file is cut (ext4_block_truncate_page())")
    func cutOfUnreadPage() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(bytes: 2 * 4096)
        play.world.machine.breakBlocks(of: file, PageRun(1, 1))
        try play.perform(.truncate(file, to: .bytes(5000)))
        let folio = try #require(play.world.machine.cachedFolio(at: 1, of: file))
        #expect(play.world.machine.flags(of: folio).isDisjoint(with: [.dirty, .uptodate, .locked]))
    }

    @Test("the first store to a page of a shared file leaves it unlocked (wp_page_shared())")
    func firstSharedStore() throws {
        for system in [World.FileSystem.ext4, .tmpfs] {
            var play = try Play(.linux6_1)
            let file = try play.world.file(pages: 1, on: system, resident: .all)
            let area = try play.world.map(file, .read, .shared, in: play.task)
            try play.perform(.read(area))
            try play.perform(.mprotect(area, .readWrite))
            try play.perform(.write(area))
            let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
            #expect(play.state() == "done" && !play.world.machine.flags(of: folio).contains(.locked))
        }
    }
}
