import FaultSimulator
import Testing

@testable import FaultCore

/// Mistakes of one place that were made by hand in the code: what each of them changes.
@Suite("What one mistake would change", .timeLimit(.minutes(60)))
struct MistakeTests {
    @Test("get_user_pages() looks for the page after COMPLETED, and faults no second time (faultin_page(), 6.0)")
    func completedIsNoRetry() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(
            try play.world.file(pages: 2, on: .tmpfs), .readWrite, .shared, in: play.task)
        let report = try play.perform(.getUserPages(area, [.write, .unlockable], pages: 1))
        #expect(report.value == 1 && play.results() == "LOCKED|COMPLETED")
        #expect(report.counters.attempts == 1 && report.counters.mmapReadLocks == 2)
        // Where the page is gone again, the next attempt says that it was tried, as after RETRY.
        var other = try Play(.linux6_1)
        let shared = try other.world.map(
            try other.world.file(pages: 2, on: .tmpfs), .readWrite, .shared, in: other.task)
        other.world.start(.getUserPages(shared, [.write, .unlockable], pages: 1), in: other.task)
        other.step(other.task) { $0.report(of: $1).attempts.isEmpty }
        other.world.start(.madvise(shared, .dontNeed), in: other.thread)
        other.step(other.thread)
        try other.settle()
        let flags = other.world.report(of: other.task).attempts.map { $0.flags.contains(.tried) }
        #expect(flags == [false, true])
    }

    @Test("a page that was cut off during page_mkwrite is not mapped (do_page_mkwrite(), do_wp_page())")
    func mkwriteChecksAgain() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 4, on: .btrfs, resident: .all)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.perform(.read(area, page: 2))
            try play.start(.write(area, page: 2))
            #expect(play.state() == "waits", "the file system prepares the page")
            try play.start(.truncate(file, pages: 1), in: play.world.task())
            try play.settle()
            #expect(play.world.report(of: play.task).end == "SIGBUS/ADRERR", "\(model.name)")
            #expect(!play.world.presentPages(of: area).contains(2))
            #expect(play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("readers behind a writer that gives up get the lock that others read (rwsem_mark_wake())")
    func cancelledWriter() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            let writer = play.world.thread(of: play.task)
            try play.hold(.read)
            try play.start(.munmap(area), in: writer)
            try play.start(.kernelTouch(.read, area[0], .kernelWithFixup))
            #expect(play.state(of: writer) == "waits" && play.state() == "waits")
            play.world.kill(writer)
            try play.go()
            #expect(play.state() == "done", "\(model.name)")
            play.release()
        }
    }

    @Test("locked pages stay under pressure, and MADV_PAGEOUT does not take them")
    func lockedPagesStay() throws {
        for model in [KernelModel.linux5_19, .linux6_1, .linux6_12] {
            var play = try Play(model) {
                $0.frameLimit = 24
                $0.readaheadPages = 0
            }
            try play.swap(held: false)
            let locked = try play.world.map(anonymousPages: 8, in: play.task)
            let more = try play.world.map(anonymousPages: 40, in: play.task)
            try play.perform(.mlock(locked))
            for _ in 0..<6 { try play.perform(.write(more, pages: 40)) }
            #expect(play.world.presentPages(of: locked).count == 8, "\(model.name)")
            try play.perform(.madvise(locked, .pageOut))
            #expect(play.world.presentPages(of: locked).count == 8)
            #expect(play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("read(2) ends at the end of the file", arguments: [World.FileSystem.ext4, .tmpfs, .btrfs])
    func endOfRead(_ fileSystem: World.FileSystem) throws {
        for model in [KernelModel.linux2_6_37, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 4, on: fileSystem, resident: .all)
            #expect(try play.perform(.read(file, page: 2, pages: 4)).value == 2)
            #expect(try play.perform(.read(file, page: 4, pages: 1)).value == 0)
            try play.perform(.truncate(file, pages: 3))
            #expect(try play.perform(.read(file, page: 2, pages: 4)).value == 1, "\(model.name)")
        }
    }

    @Test("a wait for a lock is counted from when it began")
    func waitTime() throws {
        var play = try Play(.linux6_1)
        let other = play.world.task()
        try play.hold(.read)
        play.world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: play.task)
        play.world.start(.sleep(nanoseconds: 700), in: other)
        try play.go()
        play.release()
        try play.settle()
        let statistics = play.world.machine.lockStatistics(of: play.world.map(of: play.task))
        #expect(statistics.writeWaits.total == 700 && statistics.readHolds.total == 700)
    }

    @Test("the key of a state tells attempts under an area's lock from others")
    func keyOfAreaAttempts() throws {
        var keys: [UInt64] = []
        var counters: [TaskCounters] = []
        for isEarly in [true, false] {
            var play = try Play(.linux6_12)
            let area = try play.world.map(anonymousPages: 4, in: play.task)
            try play.perform(.write(area))
            try play.hold(.write)
            play.world.machine.maps[area.map.index].areaLocks.mark(area[0]..<area[0] + 4)
            if isEarly {
                try play.start(.write(area, page: 1))  // its area is locked: it waits for the mmap lock
                play.release()
            } else {
                play.release()
                try play.start(.write(area, page: 1))
            }
            try play.settle()
            counters.append(play.world.report(of: play.task).counters)
            var own: [UInt64] = []
            keys.append(play.world.machine.stateKey(of: [.running, .facts], keepsDigests: false, &own).word)
        }
        #expect(counters.map(\.areaLockAttempts) == [0, 1])
        #expect(counters.map(\.attempts) == [1, 1] && counters.map(\.exceptions) == [1, 1])
        #expect(keys[0] != keys[1])
    }

    @Test("a retry after an area's lock is counted: vma_lock_retry")
    func areaRetryIsCounted() throws {
        var (play, _) = try Behaviour.coldRead(.linux6_8)
        try play.settle()
        let events = play.world.machine.events
        #expect(events.vmaLockRetry == 1 && events.vmaLockSuccess == 0 && events.vmaLockAbort == 0)
    }

    @Test("what is cached before a missing page makes its window (count_history_pages())")
    func history() throws {
        for model in [KernelModel.linux5_10, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 128, resident: .pages([20...27]))
            try play.perform(.read(file, page: 28))
            #expect(Behaviour.spans(play.world.residentPages(of: file)) == "20-36", "\(model.name): 8 and one")
        }
    }

    @Test("a swap entry that has gone during the wait is not mapped (do_swap_page(): pte_same())")
    func swapEntryIsCompared() throws {
        for model in [KernelModel.linux2_6_37, .linux5_1, .linux6_1, .linux6_12] {
            var (play, area) = try Behaviour.swapped(model, pages: 4, isRotational: true)
            try play.start(.read(area))
            #expect(play.state() == "waits")
            let folio = try #require(play.world.machine.swapCachedFolio(of: 1))
            // The entry goes past the lock, as if the wait had been longer than the second attempt's look at it.
            let discard = TaskOperation.madvise(area, .dontNeed, page: 0, pages: 1)
            play.world.start(discard, in: play.thread)
            play.step(play.thread)
            try play.settle()
            #expect(play.state(of: play.thread) == "done")
            #expect(play.world.report(of: play.task).outcome.stamp == 0, "\(model.name): it reads zeroes")
            #expect(play.frame(of: 0, in: area) != folio)
            #expect(play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("of two threads that wait for one swapped page, the second finds it mapped")
    func swappedPageOfTwo() throws {
        for model in [KernelModel.linux2_6_37, .linux5_1, .linux6_1, .linux6_12] {
            var (play, area) = try Behaviour.swapped(model, pages: 4, isRotational: true)
            _ = try play.world.fork(play.task)  // which keeps the slot, and with it the page in the swap cache
            try play.start(.read(area))
            try play.start(.read(area), in: play.thread)
            #expect(play.state() == "waits" && play.state(of: play.thread) == "waits")
            try play.settle()
            #expect(play.world.rss(of: play.task).anonymous == 1, "\(model.name)")
            #expect(play.world.machine.checkInvariants().isEmpty)
        }
    }
}
