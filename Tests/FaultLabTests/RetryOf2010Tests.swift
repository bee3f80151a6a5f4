import FaultLab
import FaultSimulator
import Testing

@Suite("2010: a thread that maps beside one that reads", .timeLimit(.minutes(60)))
struct RetryOf2010Tests {
    @Test("the mapper is chained to the reader where the lock is held over reads, and free where it is dropped")
    func chainedAndFree() throws {
        var experiment = RetryOf2010()
        experiment.nanoseconds = 400_000_000
        let outcome = try experiment.run()

        #expect(abs(outcome.alone / 15_000 - 1) < 0.01, "an input: chosen so")
        #expect(abs(outcome.after.mappings / outcome.alone - 1) < 0.01)
        for rates in outcome.before + outcome.beforeWithBatches + [outcome.after] {
            #expect(abs(rates.reads - 55) <= 5, "the reader is never held up for long")
        }
        // Back at once: once between two reads. Back during munmap: an iteration. Later: more.
        let chained = outcome.before.map { ($0.mappings / $0.reads * 2).rounded() / 2 }
        #expect(chained == [0.5, 1, 3])
    }

    @Test("with one reader, how the lock wakes its queue makes no difference")
    func wakeRule() throws {
        var experiment = RetryOf2010()
        experiment.nanoseconds = 200_000_000
        let outcome = try experiment.run()
        #expect(outcome.before.map(\.mappings) == outcome.beforeWithBatches.map(\.mappings))
        #expect(outcome.before.map(\.reads) == outcome.beforeWithBatches.map(\.reads))
    }
}
