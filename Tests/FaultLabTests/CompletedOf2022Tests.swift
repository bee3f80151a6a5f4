import FaultLab
import Testing

@Suite("2022: dirtying shared memory", .timeLimit(.minutes(60)))
struct CompletedOf2022Tests {
    @Test("a store takes two attempts and is major where it is retried, one and minor where it is completed")
    func attempts() throws {
        var experiment = CompletedOf2022()
        if isDebug { experiment.pages /= 100 }  // every page is the same
        let outcome = try experiment.run()
        let (before, after) = (outcome.before, outcome.after)
        let pages = experiment.pages
        #expect(before.pgfault == 2 * pages && before.attempts == 2 * pages && before.lockAcquisitions == 2 * pages)
        #expect(after.pgfault == pages && after.attempts == pages && after.lockAcquisitions == pages)
        #expect(before.faults == pages && after.faults == pages)
        #expect(before.majorFaults == pages && before.minorFaults == 0)
        #expect(after.majorFaults == 0 && after.minorFaults == pages)
    }

    @Test("the published counts are of 400 MB")
    func size() { #expect(CompletedOf2022().pages == 102_400) }

    @Test("the saving is the published one, from costs that were measured without a retry")
    func ratio() throws {
        var experiment = CompletedOf2022()
        if isDebug { experiment.pages /= 100 }
        let outcome = try experiment.run()
        #expect(abs(outcome.ratio - 569.396 / 650.980) < 0.02)
        #expect(outcome.bounds.contains(569.396 / 650.980), "an attempt costs no less and no more than it can")
    }
}

/// Whether this is a debug build, some twenty times slower.
let isDebug: Bool = {
    var answer = false
    assert(
        {
            answer = true
            return true
        }())
    return answer
}()
