import FaultSimulator
import Testing

/// Every race, in every order, with the laws checked at every state: all its outcomes are listed.
@Suite("Explored races", .timeLimit(.minutes(60)))
struct ExploredRaceTests {
    /// Explores with laws, and expects that no law is broken and no task is left asleep.
    private func explore(_ scenario: ExploringScenario) -> Exploration {
        let found = scenario.explore(.depthFirst)
        #expect(found.isComplete)
        #expect(found.brokenLaws.map(\.description) == [])
        #expect(found.deadlocks.map(\.chain) == [])
        return found
    }

    @Test("two readers of one cold page: one read, both succeed, at most both count as major")
    func twoReaders() throws {
        let found = explore(try .twoReaders())
        #expect(found.states == 8217)
        #expect(found.texts.count == 38)
        // Nobody fails, and somebody has read the page.
        #expect(!found.texts.contains { $0.contains("SIG") })
        #expect(found.texts.allSatisfy { $0.contains("MAJOR|RETRY") })
        // The second may find the page mapped before it looks, cached, locked by the read, or missing as well.
        for second in ["ok", "NOPAGE, faults 1/0", "RETRY, NOPAGE, faults 0/1", "MAJOR|RETRY, NOPAGE, faults 0/1"] {
            #expect(found.texts.contains { $0.hasSuffix("task 1: \(second)") }, "\(second)")
        }
    }

    @Test("a read fault against munmap of its area: it succeeds, or is SIGSEGV at its first or second attempt")
    func munmap() throws {
        let found = explore(try .munmap())
        #expect(found.states == 437)
        #expect(
            found.texts == [
                "task 0: MAJOR|RETRY, NOPAGE, faults 0/1, SIGSEGV/MAPERR; task 1: ok",
                "task 0: MAJOR|RETRY, NOPAGE, faults 0/1; task 1: ok",
                "task 0: MAJOR|RETRY, SIGSEGV/MAPERR; task 1: ok",
                "task 0: SIGSEGV/MAPERR; task 1: ok",
            ])
    }

    @Test("a read fault against truncation: it succeeds, or is SIGBUS, also after an attempt that succeeded")
    func truncation() throws {
        let found = explore(try .truncation())
        #expect(found.states == 1694)
        #expect(
            found.texts == [
                "task 0: MAJOR|RETRY, NOPAGE, SIGBUS, faults 0/1, SIGBUS/ADRERR; task 1: ok",
                "task 0: MAJOR|RETRY, NOPAGE, faults 0/1; task 1: ok",
                "task 0: MAJOR|RETRY, SIGBUS, SIGBUS/ADRERR; task 1: ok",
                "task 0: SIGBUS, SIGBUS/ADRERR; task 1: ok",
            ])
    }

    @Test("a read fault whose page is evicted between its attempts reads it again under the lock, and ends")
    func eviction() throws {
        let found = explore(try .eviction())
        #expect(found.states == 1039)
        #expect(
            found.texts == [
                "task 0: MAJOR|RETRY, MAJOR|LOCKED, faults 0/1; task 1: ok",
                "task 0: MAJOR|RETRY, NOPAGE, faults 0/1",
                "task 0: MAJOR|RETRY, NOPAGE, faults 0/1; task 1: ok",
            ])
    }

    @Test("a throttled shared write against munmap: the write lands, once or again, or its area is gone")
    func throttledWrite() throws {
        let found = explore(try .throttledWrite())
        #expect(found.states == 786)
        #expect(
            found.texts == [
                "task 0: LOCKED|COMPLETED, WRITE|COMPLETED, faults 2/0, SIGSEGV/MAPERR; task 1: ok",
                "task 0: LOCKED|COMPLETED, WRITE|COMPLETED, faults 2/0; task 1: ok",
                "task 0: LOCKED|COMPLETED, faults 1/0, SIGSEGV/MAPERR; task 1: ok",
                "task 0: LOCKED|COMPLETED, faults 1/0; task 1: ok",
                "task 0: SIGSEGV/MAPERR; task 1: ok",
            ])
    }

    @Test("a writer between two readers, and a monitor behind them: all get through, in every order")
    func monitor() throws {
        let found = explore(try .monitorOfOldKernel(writerIsQueued: true))
        #expect(found.states == 6455)
        #expect(
            found.texts == ["task 0: MAJOR|LOCKED, faults 0/1; task 1: ok; task 2: NOPAGE, faults 1/0; task 3: ok"])
    }

    @Test("the inversion of 2018: where faults keep the lock, the monitor waits behind writer and reader for the disk")
    func inversion() throws {
        func chain(_ scenario: ExploringScenario) -> String {
            var world = scenario.world
            return WaitLink.chain(of: world.run().waits)
        }
        #expect(
            chain(try .monitorOfOldKernel()) == """
                task 3 waits for the mmap lock of map 0 (read), behind task 1, task 2, task 0 <- \
                task 2 waits for the mmap lock of map 0 (read), behind task 1, task 0 <- \
                task 1 waits for the mmap lock of map 0 (write), behind task 0 <- \
                task 0 waits for I/O on page 0 of file 0, holding the mmap lock (read)
                """)
        #expect(chain(try .monitor()) == "task 0 waits for I/O on page 0 of file 0")
    }

    @Test("a write to a page shared after fork, against its release by the child: always a page of one's own")
    func copyOnWrite() throws {
        let found = explore(try .copyOnWrite())
        #expect(found.states == 168)
        #expect(found.texts == ["task 0: WRITE, faults 1/0; task 1: ok"])
    }

    @Test("SIGKILL at every sleep of a cold read: it dies without a second attempt, or was never asleep")
    func killed() throws {
        let found = explore(try .killed())
        #expect(found.states == 69)
        #expect(
            found.texts == ["task 0: MAJOR|RETRY, NOPAGE, faults 0/1", "task 0: MAJOR|RETRY, SIGKILL"])
    }

    @Test("two writers of one anonymous page: one page stays, and the loser's fault counts too")
    func twoWriters() throws {
        let found = explore(try .twoWriters())
        #expect(found.states == 605)
        #expect(
            found.texts == [
                "task 0: 0, faults 1/0; task 1: 0, faults 1/0",
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: ok; task 1: 0, faults 1/0",
            ])
    }

    @Test("swap-in against swap-out: it is read once, or again if it went between the attempts, and never lost")
    func swapping() throws {
        let found = explore(try .swapping())
        #expect(found.states == 681)
        #expect(
            found.texts == [
                "task 0: 2 x MAJOR, faults 0/2; task 1: ok",
                "task 0: 2 x MAJOR|RETRY, 2 x 0, faults 0/2; task 1: ok",
                "task 0: MAJOR, faults 0/1; task 1: ok",
                "task 0: MAJOR|RETRY, 0, faults 0/1; task 1: ok",
                "task 0: MAJOR|RETRY, MAJOR, 0, faults 0/2; task 1: ok",
            ])
    }
}
