import FaultSimulator
import Testing

@testable import FaultCore

/// Which pages stay in memory, which go, and how they come back.
@Suite("Which pages stay, go, and come back", .timeLimit(.minutes(60)))
struct PageFateTests {
    @Test("only pages of files are kept for being executable (page_check_references())")
    func executablePages() throws {
        for isOfFile in [true, false] {
            var play = try Play(.linux6_1) {
                $0.frameLimit = 64
                $0.readaheadPages = 0
            }
            try play.swap(held: false)
            let area =
                isOfFile
                ? try play.world.map(try play.world.file(pages: 1, resident: .all), .all, in: play.task)
                : try play.world.map(anonymousPages: 1, .all, in: play.task)
            try play.perform(isOfFile ? .execute(area) : .write(area))
            let folio = play.frame(of: 0, in: area)
            play.world.machine.setFlags(of: folio, removing: .referenced)
            let outcome = play.world.machine.reclaimPage(folio, by: play.task)
            #expect(outcome == (isOfFile ? .activated : .kept))
        }
    }

    @Test("a page that its owner has freed lazily counts as such when reclaim takes it (PGLAZYFREED)")
    func lazilyFreed() throws {
        var play = try Play(.linux6_1) { $0.frameLimit = 64 }
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        try play.perform(.write(area))
        let folio = play.frame(of: 0, in: area)
        try play.perform(.madvise(area, .free))
        let outcome = play.world.machine.reclaimPage(folio, by: play.task)
        #expect(outcome == .freed && play.world.machine.events.pglazyfreed == 1)
        #expect(play.world.presentPages(of: area).isEmpty)
    }

    @Test("MADV_PAGEOUT takes all own pages of its range, the last of a page table too, but none that others map")
    func pagedOut() throws {
        for isShared in [false, true] {
            var play = try Play(.linux6_1)
            try play.swap(held: false)
            let area = try play.map(0x3FD, pages: 4)
            try play.perform(.write(area, pages: 4))
            if isShared { _ = try play.world.fork(play.task) }
            try play.perform(.madvise(area.start, pages: 3, .pageOut))
            #expect(play.world.presentPages(of: area) == (isShared ? [0, 1, 2, 3] : [3]))
        }
    }

    @Test("a victim whose memory is being changed is not reaped (__oom_reap_task_mm(): mmap_read_trylock())")
    func reapedVictim() throws {
        for isChanging in [true, false] {
            var play = try Play(.linux6_1)
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            try play.perform(.write(area, pages: 2))
            let other = play.world.task()
            if isChanging { try play.hold(.write) }
            play.world.machine.tasks[play.task.index].isOOMVictim = true
            play.world.machine.tasks[play.task.index].reapTime = 0
            let hasReaped = play.world.machine.reapVictims(by: other)
            #expect(hasReaped && play.world.machine.maps[area.map.index].isReaped == !isChanging)
            #expect(play.world.presentPages(of: area) == (isChanging ? [0, 1] : []))
            if isChanging { play.release() }
        }
    }

    @Test("who waits for victims wakes when the first of them is due")
    func firstVictim() throws {
        for times in [[50, 100], [100, 50]] as [[UInt64]] {
            var play = try Play(.linux6_1)
            for (task, time) in zip([play.task, play.thread], times) {
                play.world.machine.tasks[task.index].isOOMVictim = true
                play.world.machine.tasks[task.index].reapTime = time
            }
            #expect(play.world.machine.waitForVictim.value == 50)
        }
    }

    @Test("anonymous pages that could be swapped out count for a file's refault distance (workingset_refault())")
    func refaultBesideAnonymous() throws {
        for (hasSwap, isActive) in [(true, true), (false, false)] {
            var play = try Play(.linux6_1) {
                $0.frameLimit = 64
                $0.readaheadPages = 0
            }
            if hasSwap { try play.swap(held: false) }
            try play.perform(.write(try play.world.map(anonymousPages: 2, in: play.task), pages: 2))
            let file = try play.world.file(pages: 1, resident: .all)
            let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
            #expect(play.world.machine.lruPages.inactiveAnonymous == 2)
            play.world.machine.lists.nonresidentAge = 10
            play.world.machine.noteRefault(of: folio, Shadow(age: 8))
            #expect(play.world.machine.flags(of: folio).contains(.active) == isActive)
            #expect(play.world.machine.events.workingsetActivateFile == (isActive ? 1 : 0))
        }
    }

    @Test("swapoff(2) gives back a page whose only owner may write it at once (unuse_pte(): RMAP_EXCLUSIVE)")
    func exclusiveAfterSwapOff() throws {
        for isShared in [false, true] {
            var (play, area) = try Behaviour.swapped(.linux6_1, pages: 1)
            if isShared { _ = try play.world.fork(play.task) }
            try play.perform(.swapOff(0))
            let folio = play.frame(of: 0, in: area)
            // Who else holds the page matters only if it may be shared. No law lets an idle thread hold one.
            play.world.machine.isChecking = false
            play.world.machine.hold(folio, for: play.thread, in: .call)
            try play.perform(.write(area))
            #expect((play.frame(of: 0, in: area) == folio) == !isShared)
            play.world.machine.unhold(folio, for: play.thread, in: .call)
        }
    }

    @Test("a page that swapoff(2) can't read is lost: an access is SIGBUS, not zero (unuse_pte())")
    func lostBySwapOff() throws {
        var (play, area) = try Behaviour.swapped(.linux6_1, pages: 1)
        play.world.machine.breakSwapSlots(1...play.world.machine.swapPages)
        try play.perform(.swapOff(0))
        try play.perform(.read(area))
        #expect(play.world.report(of: play.task).end.hasPrefix("SIGBUS"))
    }

    @Test("a swapoff(2) that a signal ends leaves its area in use (try_to_unuse(): EINTR)")
    func interruptedSwapOff() throws {
        var (play, area) = try Behaviour.swapped(.linux6_1, pages: 1)
        let other = play.world.task()
        let others = try play.world.map(anonymousPages: 1, in: other)
        for operation in [TaskOperation.write(others), .madvise(others, .pageOut)] {
            try play.perform(operation, in: other)
        }
        play.world.evictSwapCache()
        play.world.start(.swapOff(0), in: play.thread)
        play.world.run(until: .asleep(play.thread))
        play.world.send(.user1, to: play.thread)
        try play.settle()
        // Of one process everything is back; the other is not looked at.
        #expect(play.world.report(of: play.thread).errno == .interrupted)
        #expect(play.world.presentPages(of: area).count + play.world.presentPages(of: others).count == 1)
        try play.swapOut(area)
        #expect(play.world.presentPages(of: area).isEmpty)
    }

    @Test("swap areas of one priority are used in the order in which they came (add_to_avail_list())")
    func equalPriorities() throws {
        var play = try Play(.linux6_1)
        for priority in [1, 2, 1] { _ = try play.world.addSwap(pages: 64, held: false, priority: priority) }
        #expect(play.world.machine.swap.available == [1, 0, 2])
    }

    @Test("a page of swap's cache that was written since is not dropped while an entry needs it")
    func writtenSwapCache() throws {
        for isDirty in [true, false] {
            var (play, area) = try Behaviour.swapped(.linux6_1, pages: 1)
            try play.perform(.madvise(area, .willNeed))
            let slot = play.world.machine.entry(of: area[0], in: area.map).frame.index
            let folio = try #require(play.world.machine.swapCachedFolio(of: slot))
            if isDirty { play.world.machine.setFlags(of: folio, adding: .dirty) }
            let evicted = play.world.evictSwapCache()
            #expect(evicted == (isDirty ? 0 : 1))
        }
    }

    @Test("MADV_WILLNEED brings all pages of its range from swap (swapin_walk_pmd_entry())")
    func neededPages() throws {
        var play = try Play(.linux6_1) { $0.swapReadaheadPages = 1 }
        try play.swap(held: false)
        let area = try play.world.map(anonymousPages: 4, in: play.task)
        try play.swapOut(area)
        try play.perform(.madvise(area, .willNeed))
        #expect(play.world.machine.swapCachedPages == 4)
    }

    @Test("a fault that has locked its page before the file was cut is SIGBUS (filemap_fault(): i_size)")
    func cutWhileLocked() throws {
        var play = try Play(.linux6_1) { $0.faultAroundPages = 1 }
        let file = try play.world.file(pages: 4, resident: .all)
        let area = try play.world.map(file, .read, .shared, in: play.task)
        play.world.start(.read(area, page: 2), in: play.task)
        try play.step(play.task, to: "checkFolio")
        play.world.start(.truncate(file, pages: 1), in: play.thread)
        try play.step(play.thread, to: "unmap")
        try play.settle()
        #expect(play.world.report(of: play.task).end == "SIGBUS/ADRERR" && play.state(of: play.thread) == "done")
    }

    @Test("a lookup of pages ends with EINTR by any signal only if it is INTERRUPTIBLE (gup_signal_pending())")
    func signalBetweenPages() throws {
        for (flags, errno) in [(GUPFlags.interruptible, Errno.interrupted), ([], nil)] {
            var play = try Play(.linux6_1)
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            play.world.start(.getUserPages(area, flags.union(.unlockable)), in: play.task)
            try play.step(play.task, to: "followPage")
            play.world.send(.user1, to: play.task)
            try play.settle()
            #expect(play.world.report(of: play.task).errno == errno)
        }
    }

    @Test("slots of swap are kept in stock as long as there is an area (enable_swap_slots_cache())")
    func stockOfSlots() throws {
        var play = try Play(.linux6_1)
        for _ in 0..<2 { try play.swap(held: false) }
        #expect(play.world.machine.swap.slotCache.isEnabled)
        try play.perform(.swapOff(0))
        #expect(play.world.machine.swap.slotCache.isEnabled)
        try play.perform(.swapOff(1))
        #expect(!play.world.machine.swap.slotCache.isEnabled)
    }

    @Test("a pin that is given back locks only pages that are not dirty yet (unpin_user_pages_dirty_lock())")
    func unpinnedDirty() throws {
        for isDirty in [true, false] {
            var play = try Play(.linux6_1)
            let area = try play.world.map(
                try play.world.file(pages: 1, on: .tmpfs, resident: .all), .readWrite, .shared, in: play.task)
            let pin = try play.world.pin(area, in: play.task)
            let folio = play.frame(of: 0, in: area)
            play.world.machine.isChecking = false
            if isDirty {
                play.world.machine.setFlags(of: folio, adding: .dirty)
            } else {
                play.world.machine.setFlags(of: folio, removing: .dirty)
            }
            let isLocked = play.world.machine.tryLock(folio, by: play.thread)
            #expect(isLocked)
            play.world.start(.unpin(pin, makesDirty: true), in: play.task)
            play.world.run()
            #expect(play.state() == (isDirty ? "done" : "waits"))
            play.world.machine.unlock(folio)
            try play.settle()
            #expect(play.world.machine.flags(of: folio).contains(.dirty))
        }
    }

    @Test("MADV_FREE leaves a dirty page that somebody has locked (madvise_free_pte_range(): folio_trylock())")
    func freedLocked() throws {
        for isLocked in [true, false] {
            var play = try Play(.linux6_1)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            let folio = play.frame(of: 0, in: area)
            play.world.machine.isChecking = false
            play.world.machine.setFlags(of: folio, adding: .dirty)
            if isLocked { _ = play.world.machine.tryLock(folio, by: play.thread) }
            try play.perform(.madvise(area, .free))
            #expect(play.world.machine.flags(of: folio).contains(.lazyFree) == !isLocked)
        }
    }

    @Test("mincore(2) takes the lock once for as many pages as a page has bytes (SYSCALL mincore)")
    func locksOfMincore() throws {
        for (pages, locks) in [(4096, 1), (4097, 2)] {
            var play = try Play(.linux6_1)
            let area = try play.world.map(anonymousPages: 4100, in: play.task)
            #expect(try play.perform(.mincore(area, pages: pages)).counters.mmapReadLocks == locks, "\(pages) pages")
        }
    }

    @Test(
        "a page of locked memory goes to the unevictable pages of its group, of a file or not (mlock_folio())",
        arguments: [1, 16])
    func lockedInGroup(_ faultAroundPages: Int) throws {
        var play = try Play(.linux6_1) { $0.faultAroundPages = faultAroundPages }
        try play.world.addMemoryGroup(limit: 64)
        let file = try play.world.file(pages: 2)
        let areas = [
            try play.world.map(file, .readWrite, .shared, in: play.task),
            try play.world.map(file, .readWrite, .private, in: play.task),
            try play.world.map(anonymousPages: 2, in: play.task),
        ]
        for area in areas { try play.perform(.mlock2(area, .onFault)) }
        try play.perform(.read(areas[0]))
        for area in areas.dropFirst() { try play.perform(.write(area)) }
        play.world.machine.drainPageBatches()
        for (number, area) in areas.enumerated() {
            let list = play.world.machine.group?.pages.list(of: play.frame(of: 0, in: area))
            #expect(list == .unevictable, "area \(number)")
        }
    }

    @Test("a page that somebody has locked is copied by a store of Linux 5.8 to 5.18 (do_wp_page(): trylock_page())")
    func lockedPageIsCopied() throws {
        for isLocked in [true, false] {
            var play = try Play(.linux5_9)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            let child = try play.world.fork(play.task)
            try play.perform(.exit, in: child)
            let folio = play.frame(of: 0, in: area)
            play.world.machine.isChecking = false
            if isLocked { _ = play.world.machine.tryLock(folio, by: play.thread) }
            try play.perform(.write(area))
            #expect((play.frame(of: 0, in: area) == folio) == !isLocked)
        }
    }
}
