import FaultSimulator
import Testing

@testable import FaultCore

/// Pages that are gone, or not as they were, when their lock is had.
@Suite("Pages that have changed when they are locked", .timeLimit(.minutes(60)))
struct FoundAgainTests {
    /// A file's only page, which a thread has locked.
    private func locked(_ change: (inout MachineSettings) -> Void = { _ in }) throws -> (Play, FileID, FrameNumber) {
        var play = try Play(.linux6_1, change)
        let file = try play.world.file(pages: 1, resident: .all)
        let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
        play.world.machine.isChecking = false  // no law lets an idle thread lock a page
        let isLocked = play.world.machine.tryLock(folio, by: play.thread)
        try #require(isLocked)
        return (play, file, folio)
    }

    @Test("write(2) lets go of a page that is no longer the file's (pagecache_get_page(): mapping)")
    func writeToPageThatIsGone() throws {
        var (play, file, folio) = try locked()
        try play.start(.write(file, page: 0))
        #expect(play.state() == "waits")
        play.world.machine.hold(folio, for: play.thread, in: .call)
        play.world.machine.removeFromCache(folio)
        play.world.machine.unlock(folio)
        try play.settle()
        #expect(play.state() == "done" && play.world.machine.cachedFolio(at: 0, of: file) != folio)
        #expect(!play.world.machine.flags(of: folio).contains(.locked))
    }

    @Test("a page that has lost its content when it is locked is read under the invalidate lock (filemap_fault())")
    func pageWithoutContent() throws {
        var (play, file, folio) = try locked { $0.faultAroundPages = 1 }
        let area = try play.world.map(file, .read, in: play.task)
        try play.start(.getUserPages(area, [], pages: 1))
        #expect(play.state() == "waits")
        play.world.machine.setFlags(of: folio, removing: .uptodate)
        play.world.machine.unlock(folio)
        try play.go()
        #expect(play.world.machine.requestsUnderWay.count == 1)
        #expect(!play.world.machine.semaphore(.invalidate(file)).isFree)
        try play.settle()
        #expect(play.state() == "done" && play.frame(of: 0, in: area) == folio)
        #expect(!play.world.machine.flags(of: folio).contains(.locked))
    }

    @Test("up to 5.8 a store waits for who has locked its page, and then reuses it at once (do_wp_page())")
    func reusedAfterWait() throws {
        var play = try Play(.linux5_1)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        try play.perform(.write(area))
        try play.perform(.exit, in: try play.world.fork(play.task))
        let folio = play.frame(of: 0, in: area)
        play.world.machine.isChecking = false  // no law lets an idle thread lock a page
        let isLocked = play.world.machine.tryLock(folio, by: play.thread)
        try #require(isLocked)
        try play.start(.write(area))
        #expect(play.state() == "waits")
        play.world.machine.unlock(folio)
        try play.settle()
        let report = play.world.report(of: play.task)
        #expect(report.isDone && report.counters.exceptions == 1 && play.frame(of: 0, in: area) == folio)
        #expect(!play.world.machine.flags(of: folio).contains(.locked))
    }
}
