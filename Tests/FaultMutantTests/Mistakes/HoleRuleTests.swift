import FaultSimulator
import Testing

@testable import FaultCore

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
}
