import FaultSimulator
import Testing

@testable import FaultCore

/// Which pages reclaim takes, by what is known of them.
@Suite("What reclaim decides of one page", .timeLimit(.minutes(60)))
struct ReclaimDecisionTests {
    private func play(frames: Int = 64) throws -> Play {
        try Play(.linux6_1) {
            $0.frameLimit = frames
            $0.readaheadPages = 0
        }
    }

    @Test("a page that two processes have used stays among the active, one that one has used has a second chance")
    func users() throws {
        for users in [1, 2] {
            var play = try play()
            let file = try play.world.file(pages: 1, resident: .all)
            let tasks = [play.task, play.world.task()]
            let areas = try tasks.map { try play.world.map(file, in: $0) }
            for (task, area) in zip(tasks, areas) { try play.perform(.read(area), in: task) }
            let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
            if users == 1 {
                _ = play.world.machine.takeReferences(to: folio)
                try play.perform(.read(areas[0]))
            }
            play.world.machine.setFlags(of: folio, removing: .referenced)
            let outcome = play.world.machine.reclaimPage(folio, by: play.task)
            #expect(outcome == (users == 2 ? .activated : .kept))
        }
    }

    @Test("a page that somebody has locked is left alone")
    func lockedPage() throws {
        var play = try play()
        let file = try play.world.file(pages: 1, resident: .all)
        let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
        for isLocked in [true, false] {
            if isLocked { _ = play.world.machine.tryLock(folio, by: play.task) }
            let outcome = play.world.machine.reclaimPage(folio, by: play.task)
            #expect(outcome == (isLocked ? .kept : .freed))
            if isLocked { play.world.machine.unlock(folio) }
        }
    }

    @Test("the swap cache keeps a page that somebody holds, when it is emptied")
    func heldSwapCache() throws {
        var (play, area) = try Behaviour.swapped(.linux6_1, pages: 1)
        _ = try play.world.fork(play.task)
        try play.perform(.read(area))
        let folio = play.frame(of: 0, in: area)
        #expect(play.world.machine.flags(of: folio).contains(.swapCache))
        let evicted = play.world.evictSwapCache()
        #expect(evicted == 0 && play.world.machine.flags(of: folio).contains(.swapCache))
        #expect(play.world.machine.checkInvariants().isEmpty)
    }

    @Test("swapped pages count when the largest process is looked for, and nobody else is killed while it dies")
    func largestBySwap() throws {
        var play = try play()
        try play.swap(held: false)
        let area = try play.world.map(anonymousPages: 8, in: play.task)
        try play.swapOut(try play.world.map(anonymousPages: 6, in: play.task))
        try play.perform(.write(area, pages: 1))
        let other = play.world.task()
        try play.perform(.write(try play.world.map(anonymousPages: 5, in: other), pages: 5), in: other)
        // It sleeps where no signal wakes it.
        play.world.start(.sleep(nanoseconds: 1000), in: play.thread)
        for _ in 0..<2 { play.world.machine.killForMemory(by: other) }
        #expect(play.world.machine.isOOMVictim(play.task) && !play.world.machine.isOOMVictim(other))
        #expect(play.world.machine.events.oomKill == 1)
    }

    @Test(
        "a page of a file comes back as active if no more pages have gone since than are active (workingset_refault())")
    func refaultDistance() throws {
        for more in [0, 1] {
            var play = try play()
            let file = try play.world.file(pages: 4, resident: .all)
            for _ in 0..<2 { for page in 0..<2 { try play.perform(.read(file, page: page, pages: 1)) } }
            var machine = play.world.machine
            #expect(machine.lruPages.activeFile == 2 && machine.lruPages.inactiveFile == 2)
            let folio = try #require(machine.cachedFolio(at: 3, of: file))
            machine.lists.nonresidentAge = 10
            machine.noteRefault(of: folio, Shadow(age: UInt64(8 - more)))
            #expect(machine.flags(of: folio).contains(.active) == (more == 0))
            #expect(machine.events.workingsetRefaultFile == 1)
        }
    }

    @Test("an anonymous page is compared with the pages of files, too")
    func anonymousDistance() throws {
        var play = try play()
        let file = try play.world.file(pages: 4, resident: .all)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        try play.perform(.write(area))
        var machine = play.world.machine
        #expect(machine.lruPages.inactiveFile == 4 && machine.cachedPages(of: file) == 4)
        machine.lists.nonresidentAge = 10
        machine.noteRefault(of: play.frame(of: 0, in: area), Shadow(age: 6))
        #expect(machine.flags(of: play.frame(of: 0, in: area)).contains(.active))
    }

    @Test("the second of two accesses makes a page active, and is used up by that (folio_mark_accessed())")
    func secondAccess() throws {
        var play = try play()
        let file = try play.world.file(pages: 2, resident: .all)
        let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
        // The page that was read last is not used again by being read once more.
        for page in [0, 0, 1, 0] {
            #expect(!play.world.machine.flags(of: folio).contains(.active))
            try play.perform(.read(file, page: page, pages: 1))
        }
        let flags = play.world.machine.flags(of: folio)
        #expect(flags.contains(.active) && !flags.contains(.referenced))
    }

    @Test("an active page that is let go of is one of the working set (shrink_active_list())")
    func agedPage() throws {
        var play = try play(frames: 24)
        let file = try play.world.file(pages: 12, resident: .all)
        for _ in 0..<2 { try play.perform(.read(file, page: 0, pages: 12)) }
        #expect(play.world.machine.lruPages.activeFile == 12)
        let area = try play.world.map(anonymousPages: 14, in: play.task)
        try play.perform(.write(area, pages: 14))
        let left = (0..<12).compactMap { play.world.machine.cachedFolio(at: PageIndex($0), of: file) }
        #expect(left.count < 12)
        #expect(left.contains { play.world.machine.flags(of: $0).contains(.workingset) })
    }
}
