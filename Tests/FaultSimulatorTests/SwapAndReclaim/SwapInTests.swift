import FaultSimulator
import Testing

@Suite("Swapping in", .timeLimit(.minutes(60)))
struct SwapInTests {
    @Test("a cold page drops the mmap lock for its read, retries once, and counts as major once")
    func coldPage() throws {
        var swap = try SwapWorld()
        try swap.swapOut()
        let pgfault = swap.world.machine.events.pgfault
        swap.world.start(.read(swap.area), in: swap.task)
        #expect(swap.world.run() == .blocked)
        #expect(swap.world.mmapLock(of: swap.task).readers.isEmpty)
        #expect(swap.world.report(of: swap.task).counters.pgmajfault == 1, "counted at the submission")
        #expect(swap.world.machine.requestsUnderWay.map(\.kind) == [.read])

        swap.finishReads()
        #expect(swap.world.run() == .finished)
        let report = swap.world.report(of: swap.task)
        #expect(report.attempts.map(\.result) == [[.major, .retry], []])
        #expect(report.majorFaults == 1 && report.minorFaults == 0)
        #expect(report.counters.pgmajfault == 1 && report.counters.mmapReadLocks == 2)
        #expect(swap.world.machine.events.pgfault - pgfault == 2)
        #expect(report.outcome.stamp == swap.stamps[0])
        #expect(swap.rss.anonymous == 1 && swap.rss.swapEntries == 0)
        #expect(!swap.entry().isWritable)
        #expect(swap.world.machine.flags(of: swap.frame(0)).contains([.swapCache, .anonExclusive]))
    }

    @Test("a synchronous device needs no retry: major, once, with the lock held, and nothing in the swap cache")
    func synchronous() throws {
        var swap = try SwapWorld(isSynchronous: true)
        try swap.swapOut()
        let report = try swap.touch(.read(swap.area))
        #expect(report.attempts.map(\.result) == [.major])
        #expect(report.majorFaults == 1 && report.counters.pgmajfault == 1 && report.counters.mmapReadLocks == 1)
        #expect(report.outcome.stamp == swap.stamps[0])
        #expect(swap.world.machine.swapCachedPages == 0 && swap.world.machine.freeSwapPages == 64)
        #expect(swap.world.machine.flags(of: swap.frame(0)).contains(.anonExclusive))
    }

    @Test("a write to a page that is this entry's alone maps it writable, and frees its slot")
    func write() throws {
        var swap = try SwapWorld()
        try swap.swapOut()
        let report = try swap.touch(.write(swap.area))
        #expect(report.attempts.map(\.result) == [[.major, .retry], .write])
        #expect(swap.entry().isWritable && swap.entry().isDirty)
        #expect(swap.world.machine.freeSwapPages == 64)
        #expect(report.outcome.stamp == Machine.stamp(after: swap.stamps[0], writtenBy: swap.task))
    }

    @Test("a write after a read reuses the page: it is exclusive still")
    func reuse() throws {
        var swap = try SwapWorld()
        try swap.swapOut()
        _ = try swap.touch(.read(swap.area))
        let frame = swap.frame(0)
        let reused = swap.world.machine.events.pgreuse
        let report = try swap.touch(.write(swap.area))
        #expect(report.attempts.map(\.result) == [.write])
        #expect(swap.frame(0) == frame && swap.world.machine.events.pgreuse == reused + 1)
    }

    @Test("after a fork both entries count, neither is exclusive, and a writer copies at once")
    func fork() throws {
        var swap = try SwapWorld()
        try swap.swapOut()
        let child = TaskID(try swap.world.perform(.fork, in: swap.task).value)
        #expect(swap.world.machine.swapCount(of: 1) == 2)
        #expect(swap.entry().bits == .swap && swap.world.rss(of: child).swapEntries == 1)

        let report = try swap.touch(.write(swap.area))
        #expect(report.attempts.map(\.result) == [[.major, .retry], .write], "do_wp_page() within the same attempt")
        #expect(swap.world.machine.swapCount(of: 1) == 1)
        #expect(swap.rss.anonymous == 1)
        #expect(swap.world.machine.framesInUse == 2, "the copy, and the page in the swap cache for the child")

        let other = try swap.world.perform(.read(swap.area), in: child)
        #expect(other.minorFaults == 1 && other.outcome.stamp == swap.stamps[0])
        #expect(swap.world.machine.framesInUse == 2)
        #expect(swap.world.rss(of: child).swapEntries == 0)
        let written = try swap.world.perform(.write(swap.area), in: child)
        #expect(written.attempts.map(\.result) == [.write])
        #expect(swap.world.machine.framesInUse == 2, "the last one reuses")
        #expect(swap.world.machine.freeSwapPages == 64)
        #expect(swap.world.machine.checkInvariants().isEmpty)
    }

    @Test("with a synchronous device a slot of two processes goes through the swap cache")
    func synchronousShared() throws {
        var swap = try SwapWorld(isSynchronous: true)
        try swap.swapOut()
        try swap.world.perform(.fork, in: swap.task)
        let report = try swap.touch(.read(swap.area))
        #expect(report.attempts.map(\.result) == [.major])
        #expect(swap.world.machine.swapCachedPages == 1)
        #expect(!swap.world.machine.flags(of: swap.frame(0)).contains(.anonExclusive))
    }

    @Test("a page that somebody else reads is a RETRY without MAJOR, and still counts as major")
    func foundUnderRead() throws {
        var swap = try SwapWorld()
        try swap.swapOut()
        let thread = swap.world.thread(of: swap.task)
        swap.world.start(.read(swap.area), in: swap.task)
        swap.world.run()
        swap.world.start(.read(swap.area), in: thread)
        #expect(swap.world.run() == .blocked)
        #expect(swap.world.mmapLock(of: swap.task).readers.isEmpty)
        swap.finishReads()
        #expect(swap.world.run() == .finished)
        #expect(swap.world.report(of: thread).attempts.map(\.result) == [.retry, []])
        #expect(swap.world.report(of: thread).majorFaults == 1)
        #expect(swap.world.report(of: thread).counters.pgmajfault == 0)
        #expect(swap.rss.anonymous == 1)
    }

    @Test("readahead brings the slots around, each by a request of its own, and the neighbours fault minor")
    func readahead() throws {
        var swap = try SwapWorld(pages: 8)
        try swap.swapOut()
        swap.world.start(.read(swap.area, page: 2), in: swap.task)
        swap.world.run()
        // Slot 3 of the area: the cluster of 8 is slots 0 to 7, of which slot 0 is the header.
        #expect(swap.world.machine.requestsUnderWay.map { [$0.index.value, $0.pages] } == (1...7).map { [$0, 1] })
        swap.finishReads()
        #expect(swap.world.run() == .finished)
        let neighbour = try swap.touch(.read(swap.area, page: 3))
        #expect(neighbour.minorFaults == 1 && neighbour.outcome.stamp == swap.stamps[3])
        let outside = try swap.touch(.read(swap.area, page: 7))
        #expect(outside.majorFaults == 1)
    }

    @Test("without hits the cluster shrinks to a page, step by step, and page_cluster 0 turns it off")
    func windows() throws {
        var swap = try SwapWorld(pages: 64, slots: 256)
        try swap.swapOut()
        var sizes: [Int] = []
        for page in [0, 10, 20, 40, 60] {
            let before = swap.world.machine.swapCachedPages
            _ = try swap.touch(.read(swap.area, page: page))
            sizes.append(swap.world.machine.swapCachedPages - before)
        }
        #expect(sizes == [7, 4, 2, 1, 1])

        var off = try SwapWorld(pages: 8, readahead: 1)
        try off.swapOut()
        _ = try off.touch(.read(off.area, page: 2))
        #expect(off.world.machine.swapCachedPages == 1)
    }

    @Test("a slot that can't be read is SIGBUS on the second attempt")
    func readError() throws {
        var swap = try SwapWorld()
        try swap.swapOut()
        swap.world.machine.breakSwapSlots(1...1)
        let report = try swap.touch(.read(swap.area))
        #expect(report.attempts.map(\.result) == [[.major, .retry], .sigbus])
        #expect(report.signal == .bus(.noSuchAddress))
        #expect(report.majorFaults == 0 && report.minorFaults == 0)
        #expect(swap.rss.swapEntries == 1)
    }

    @Test("SIGKILL ends the wait for a read, and the page stays in the swap cache")
    func killed() throws {
        var swap = try SwapWorld()
        try swap.swapOut()
        let other = swap.world.thread(of: swap.task)
        swap.world.start(.read(swap.area), in: swap.task)
        swap.world.run()
        swap.world.kill(swap.task)
        swap.world.run()
        #expect(swap.world.machine.hasExited(swap.task))
        swap.finishReads()
        let report = try swap.world.perform(.read(swap.area), in: other)
        #expect(report.minorFaults == 1 && report.outcome.stamp == swap.stamps[0])
    }

    @Test("GUP faults pages in from swap, and keeps the lock for the wait if it may not drop it")
    func getUserPages() throws {
        var swap = try SwapWorld(pages: 2, readahead: 1)
        try swap.swapOut()
        let report = try swap.touch(.getUserPages(swap.area.start, pages: 2, .write))
        #expect(report.value == 2)
        #expect(swap.rss.anonymous == 2)

        var unlockable = try SwapWorld()
        try unlockable.swapOut()
        unlockable.world.start(.getUserPages(unlockable.area.start, pages: 1, []), in: unlockable.task)
        #expect(unlockable.world.run() == .blocked)
        #expect(unlockable.world.mmapLock(of: unlockable.task).readers.count == 1)
        unlockable.finishReads()
        #expect(unlockable.world.run() == .finished)
    }

    @Test("if the swap cache is emptied between the attempts, the second reads again, with the lock held")
    func evictedBetweenAttempts() throws {
        var swap = try SwapWorld()
        try swap.swapOut()
        swap.world.start(.read(swap.area), in: swap.task)
        swap.world.run()
        swap.finishReads()
        // The task is awake and still refers to the page; let it end its attempt first.
        while swap.world.report(of: swap.task).attempts.isEmpty { swap.world.machine.step(swap.task) }
        #expect(swap.world.evictSwapCache() == 1)
        #expect(swap.world.run() == .blocked)
        #expect(swap.world.mmapLock(of: swap.task).readers.count == 1)
        swap.finishReads()
        #expect(swap.world.run() == .finished)
        let report = swap.world.report(of: swap.task)
        #expect(report.attempts.map(\.result) == [[.major, .retry], .major])
        #expect(report.counters.pgmajfault == 2 && report.majorFaults == 1)
    }

    @Test("SIGKILL while a second attempt waits for its read: RETRY without the lock, which the entry has to expect")
    func killedOnSecondAttempt() throws {
        var swap = try SwapWorld()
        try swap.swapOut()
        let other = swap.world.thread(of: swap.task)
        swap.world.start(.read(swap.area), in: swap.task)
        swap.world.run()
        swap.finishReads()
        while swap.world.report(of: swap.task).attempts.isEmpty { swap.world.machine.step(swap.task) }
        #expect(swap.world.evictSwapCache() == 1)
        #expect(swap.world.run() == .blocked)
        #expect(swap.world.mmapLock(of: swap.task).readers == [swap.task])
        swap.world.machine.send(.kill, to: swap.task)
        swap.world.run(until: .stage(swap.task, "exit.lock"))
        #expect(swap.world.report(of: swap.task).attempts.map(\.result) == [[.major, .retry], [.major, .retry]])
        #expect(swap.world.mmapLock(of: other).isFree && swap.entry().isPresent == false)
        swap.finishReads()
        #expect(swap.world.run() == .finished && swap.world.machine.checkInvariants().isEmpty)
    }

    @Test("without memory for a page that a synchronous device would bring: OOM, and entry and slot stay")
    func synchronousWithoutMemory() throws {
        var swap = try SwapWorld(isSynchronous: true)
        try swap.swapOut()
        let slot = swap.world.machine.swapSlot(of: swap.entry())
        swap.world.machine.failAllocation(at: .swapPage)
        let report = try swap.touch(.read(swap.area))
        #expect(report.attempts.first?.result == .oom, "\(report.attempts.map(\.result))")
        #expect(slot != nil && report.counters.pgmajfault == 1 && report.outcome.stamp == swap.stamps[0])
        #expect(swap.rss.anonymous == 1 && swap.rss.swapEntries == 0)
        #expect(swap.world.machine.checkInvariants().isEmpty)
    }

    @Test("equal worlds stay equal in fingerprint and canonical form, wherever their frames are")
    func canonical() throws {
        var a = try SwapWorld(pages: 3)
        var b = a
        try a.swapOut()
        b.world.machine.skipFrameNumbers(5)
        try b.swapOut()
        #expect(a.world.machine.fingerprint == b.world.machine.fingerprint)
        #expect(a.world.machine == b.world.machine)
        #expect(a.world.machine.fingerprint == a.world.machine.fingerprintFromScratch)
        _ = try b.touch(.read(b.area))
        #expect(a.world.machine != b.world.machine)
        _ = try a.touch(.read(a.area))
        #expect(a.world.machine == b.world.machine)
    }
}
