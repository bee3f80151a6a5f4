import FaultLab
import Testing

@Suite("Proposals of 2006 and 2018")
struct ProposalTests {
    @Test("2006: a retry in user mode is a second exception; a sole user keeps the lock; a sequence spares an attempt")
    func coldReads() throws {
        let reads = try RetryOf2006().run().reads
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

    @Test("2006: who retries for ever can be held up for ever, who retries once can't")
    func livelock() throws {
        let chases = try RetryOf2006().run().chases
        let forever = chases.filter { $0.model == "herrenschmidt2006" }
        #expect(forever.allSatisfy { !$0.hasEnded && $0.attempts > $0.rounds })
        let once = chases.filter { $0.model == "waychison2006" }
        #expect(once.allSatisfy { $0.hasEnded && $0.attempts == 2 })
    }

    @Test("2018: as posted a miss waits in its second attempt, with the lock, and btrfs prepares its page twice")
    func posted() throws {
        let kernels = try PostedOf2018().run().behaviours
        #expect(kernels.map(\.model) == ["bacik2018", "chinner2018", "kara2018", "linux5_1"])
        #expect(kernels.map(\.preparations) == [2, 1, 1, 1])
        #expect(kernels.map(\.attempts) == [2, 2, 2, 1])
        #expect(kernels[0].holdsLock && kernels[0].attempt == 2)
        #expect(!kernels[3].holdsLock && kernels[3].attempt == 1)
    }
}
