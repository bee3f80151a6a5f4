import FaultLab
import Testing

@Suite("Proposals of 2006 and 2018", .timeLimit(.minutes(60)))
struct ProposalTests {
    static let of2006 = Result {
        var experiment = RetryOf2006()
        if isDebug { experiment.evictions = 1 }
        return try experiment.run()
    }

    @Test("2006: a retry in user mode is a second exception; a sole user keeps the lock; a sequence spares an attempt")
    func coldReads() throws {
        let reads = try Self.of2006.get().reads
        func read(_ model: String, mapper: Bool) throws -> RetryOf2006.Read {
            try #require(reads.first { $0.model == model && $0.hasMapper == mapper })
        }
        for mapper in [false, true] {
            let user = try read("herrenschmidt2006", mapper: mapper)
            #expect(user.exceptions == 2 && user.attempts == 2 && !user.holdsLock)
            let kernel = try read("waychison2006", mapper: mapper)
            #expect(kernel.exceptions == 1 && kernel.attempts == 2 && !kernel.holdsLock)
        }
        #expect(try read("mortonSoleUser2006", mapper: false).holdsLock)
        #expect(try read("mortonSoleUser2006", mapper: false).attempts == 1)
        #expect(try !read("mortonSoleUser2006", mapper: true).holdsLock)
        #expect(try read("mortonSequence2006", mapper: false).attempts == 1)
        #expect(try read("mortonSequence2006", mapper: true).attempts == 2)
    }

    @Test("2006: a thread that maps waits for the read only where the lock is held over it")
    func holds() throws {
        let outcome = try Self.of2006.get()
        for read in outcome.reads {
            let keeps =
                read.model == "linux2_6_36" || (read.model == "mortonSoleUser2006" && !read.hasMapper)
            #expect(read.hold == (keeps ? 10_000_000 : 0), "\(read.model)")
            #expect(read.mapperWait == (keeps && read.hasMapper ? 9_000_000 : 0), "\(read.model)")
        }
        #expect(outcome.reads.count == 12 && outcome.timelines.count == 6)
    }

    @Test(
        "2006: a fault that retries without limit can be delayed forever, a fault that retries once can't",
        arguments: RetryOf2006.Thief.allCases)
    func livelock(_ thief: RetryOf2006.Thief) throws {
        let chases = try Self.of2006.get().chases.filter { $0.thief == thief }
        #expect(chases.count == 4)
        for chase in chases {
            if thief == .madvise {
                // The page stays in the cache, so no wait is begun again: an exception each time, under any kernel.
                #expect(chase.retries == 1 && chase.attempts == chase.rounds + 1, "\(chase.model)")
            } else if chase.model == "herrenschmidt2006" {
                #expect(!chase.hasEnded && chase.attempts == chase.rounds + 1 && chase.retries == chase.rounds)
            } else {
                #expect(chase.hasEnded && chase.attempts == 2 && chase.retries == 1)
            }
        }
    }

    @Test("2006: over all schedules a retried fault takes as many attempts as the page is taken away, or two")
    func bounds() throws {
        let bounds = try Self.of2006.get().bounds
        #expect(bounds.map(\.model) == ["herrenschmidt2006", "waychison2006"])
        let count = isDebug ? 2 : 4
        #expect(bounds.map(\.attempts) == [[2, 3, 4, 5], [2, 2, 2, 2]].map { Array($0.prefix(count)) })
        #expect(bounds.allSatisfy { $0.alwaysEnds })
    }

    @Test("2018: as posted a miss waits in its second attempt, with the lock, and btrfs prepares its page twice")
    func posted() throws {
        let kernels = try PostedOf2018().run().behaviours
        #expect(kernels.map(\.model) == ["bacik2018", "chinner2018", "kara2018", "linux5_1"])
        #expect(kernels.map(\.preparations) == [2, 1, 1, 1])
        #expect(kernels.map(\.attempts) == [2, 2, 2, 1])
        #expect(kernels[0].holdsLock && kernels[0].attempt == 2)
        #expect(kernels[..<3].allSatisfy { $0.holdsLock && $0.attempt == 2 })
        #expect(!kernels[3].holdsLock && kernels[3].attempt == 1)
        // A thread that maps 10 ms after the fault waits for the rest of the 100 ms, or not at all.
        #expect(kernels.map(\.mapperWait) == [90_000_000, 90_000_000, 90_000_000, 0])
        #expect(kernels.map(\.mapperWaitInStore) == [0, 0, 0, 90_000_000])
    }
}
