import FaultSimulator
import Testing

@testable import FaultCore

/// What a store has left is read back after its page was dropped.
@Suite("Stores are not lost", .timeLimit(.minutes(60)))
struct LostStoreTests {
    private func play(_ model: KernelModel = .linux6_1) throws -> Play {
        try Play(model) { $0.readaheadPages = 0 }
    }

    @Test("what write(2) has written is read back after the page was written and dropped")
    func writtenByCall() throws {
        var play = try play()
        let file = try play.world.file(pages: 2, resident: .all)
        try play.perform(.write(file, page: 1))
        let written = try #require(play.world.machine.cachedFolio(at: 1, of: file))
        let stamp = play.world.machine.stamp(of: written)
        try play.perform(.fsync(file))
        try play.perform(.dropCache(file))
        #expect(play.world.machine.cachedFolio(at: 1, of: file) == nil)
        let report = try play.perform(.read(file, page: 1))
        #expect(report.outcome.stamp == stamp)
    }

    @Test("a dirty page is written, and not dropped before that")
    func droppedWhileDirty() throws {
        var play = try play()
        let file = try play.world.file(pages: 1, resident: .all)
        let area = try play.world.map(file, .readWrite, .shared, in: play.task)
        try play.perform(.write(area))
        try play.perform(.munmap(area))
        let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
        let stamp = play.world.machine.stamp(of: folio)
        try play.perform(.dropCache(file))
        try play.perform(.fsync(file))
        try play.perform(.dropCache(file))
        let report = try play.perform(.read(file, page: 0))
        #expect(report.outcome.stamp == stamp)
    }

    @Test("a page whose write has failed is clean and newer than its block, which breaks no law")
    func failedWrite() throws {
        var play = try play()
        let file = try play.world.file(pages: 1, resident: .all)
        try play.perform(.write(file, page: 0))
        play.world.machine.breakBlocks(of: file, PageRun(0, 0))
        let report = try play.perform(.fsync(file))
        #expect(report.errno == .inputOutput)
        let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
        #expect(play.world.machine.flags(of: folio).contains(.unsaved))
        #expect(!play.world.machine.flags(of: folio).contains(.dirty))
        #expect(play.world.machine.checkInvariants().isEmpty)
        play.world.machine.repairBlocks(of: file)
        try play.perform(.write(file, page: 0))
        try play.perform(.fsync(file))
        #expect(!play.world.machine.flags(of: folio).contains(.unsaved))
    }
}
