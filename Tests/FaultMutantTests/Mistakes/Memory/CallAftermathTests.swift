import FaultSimulator
import Testing

@testable import FaultCore

/// What calls leave of the memory that they were told about.
@Suite("What calls leave behind", .timeLimit(.minutes(60)))
struct CallAftermathTests {
    @Test("reclaim does not unmap a page of a locked area (try_to_unmap_one(), VM_LOCKED)")
    func lockedArea() throws {
        for isLocked in [true, false] {
            var play = try Play(.linux6_1) { $0.frameLimit = 64 }
            try play.swap(held: false)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            if isLocked { try play.perform(.mlock(area)) }
            let folio = play.frame(of: 0, in: area)
            if !isLocked { _ = play.world.machine.addToSwap(folio) }
            let isGone = play.world.machine.unmap(folio, by: play.task)
            #expect(isGone == !isLocked)
            #expect(play.world.presentPages(of: area) == (isLocked ? [0] : []))
        }
    }

    @Test("msync(2) over a hole does the rest, and answers ENOMEM")
    func msyncOverHole() throws {
        for hasHole in [true, false] {
            var play = try Play(.linux6_1)
            let area = try play.world.map(anonymousPages: 3, in: play.task)
            if hasHole { try play.perform(.munmap(area[1], pages: 1)) }
            let report = try play.world.perform(.msync(area.start, pages: 3), in: play.task)
            #expect(report.errno == (hasHole ? .noMemory : nil))
        }
    }

    @Test("a page that comes back into locked memory gives up its slot, another keeps it (should_try_to_free_swap())")
    func slotOfLockedPage() throws {
        for isLocked in [true, false] {
            var (play, area) = try Behaviour.swapped(.linux6_1, pages: 1)
            try play.perform(.mprotect(area, .read))
            let free = play.world.machine.freeSwapPages
            try play.perform(isLocked ? .mlock(area) : .read(area))
            #expect(play.world.presentPages(of: area) == [0])
            #expect(play.world.machine.freeSwapPages == free + (isLocked ? 1 : 0))
        }
    }

    @Test("a page that was given up and written again is kept, one that was not is dropped (MADV_FREE)")
    func writtenAfterFree() throws {
        for isWritten in [true, false] {
            var play = try Play(.linux6_1)
            try play.swap(held: false)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            try play.perform(.madvise(area, .free))
            if isWritten { try play.perform(.write(area)) }
            try play.perform(.madvise(area, .pageOut))
            #expect(play.world.presentPages(of: area).isEmpty == !isWritten)
            let read = try play.world.perform(.read(area), in: play.task)
            #expect((read.outcome.stamp != 0) == isWritten)
            #expect(play.world.machine.events.pglazyfreed == (isWritten ? 0 : 1))
        }
    }

    @Test("MADV_FREE leaves a page of the swap cache alone that another process maps, too (madvise_free_pte_range())")
    func freeOfSharedPage() throws {
        for isShared in [true, false] {
            var (play, area) = try Behaviour.swapped(.linux6_1, pages: 1)
            let child = isShared ? try play.world.fork(play.task) : nil
            try play.perform(.read(area))
            if let child { try play.perform(.read(area[0]), in: child) }
            let folio = play.frame(of: 0, in: area)
            #expect(play.world.machine.flags(of: folio).contains(.swapCache))
            try play.perform(.madvise(area, .free))
            #expect(play.world.machine.flags(of: folio).contains(.lazyFree) == !isShared)
        }
    }

    @Test(
        "read(2) that is killed answers EINTR, not EIO, whether it reads ahead or again what could not be read",
        arguments: [false, true])
    func killedRead(hasFailed: Bool) throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 1)
        if hasFailed {
            play.world.machine.breakBlocks(of: file, PageRun(0, 0))
            let failed = try play.world.perform(.read(file, page: 0, pages: 1), in: play.task)
            #expect(failed.errno == .inputOutput && play.world.machine.cachedPages(of: file) == 1)
            play.world.machine.repairBlocks(of: file, PageRun(0, 0))
        }
        try play.start(.read(file, page: 0, pages: 1))
        #expect(play.world.machine.isBusy(play.task))
        play.world.kill(play.task)
        try play.go()
        #expect(play.world.report(of: play.task).errnoWhenKilled == .interrupted)
    }
}
