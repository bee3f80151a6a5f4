import FaultFuzzing
import FaultSimulator
import Testing

/// A random program that was found to go wrong.
struct KnownProgram: Sendable, CustomTestStringConvertible {
    let preset: String
    let seed: UInt64
    let features: ProgramFeatures
    let mechanism: String
    /// How it ends that does not simply end.
    var hang: KernelHang?

    init(
        _ preset: String, _ seed: UInt64, _ features: ProgramFeatures, _ mechanism: String, hang: KernelHang? = nil
    ) {
        self.preset = preset
        self.seed = seed
        self.features = features
        self.mechanism = mechanism
        self.hang = hang
    }

    var testDescription: String { "\(mechanism): \(preset), seed \(seed)" }

    static let all: [KnownProgram] = {
        let most: ProgramFeatures = [.pins, .pressure, .errors, .moreOperations]
        let whole = most.union(.userfaults)
        let held = "the page that a copy is made of is held while memory is reclaimed"
        let reaped = "who needs memory does not wait forever for a victim that waits for its lock"
        let page = "a page locked over the allocation of its copy, for which the victim waits"
        let populating = "populating, whose attempts leave a missing page to the next one"
        let joins = "mlockall(2) waits for the faults in areas that join the changed ones"
        return [
            KnownProgram("linux6_8", 31668, .pressure, held),
            KnownProgram("linux6_6", 1_105_389, [.pins, .pressure, .errors], held),
            KnownProgram("mortonSequence2006", 22410, .pressure, page, hang: .victimWaits),
            KnownProgram(
                "linux3_19", 1_104_045, [.pressure, .errors, .userfaults, .moreOperations], reaped, hang: .victimWaits),
            KnownProgram("linux6_1", 1_000_115, most, reaped),
            KnownProgram("linux6_8", 1_001_334, [.pins, .pressure], reaped),
            KnownProgram("linux6_19", 1_010_101, [.pressure, .errors], reaped),
            KnownProgram("linux6_6", 1_018_504, [.pins, .pressure, .errors], reaped),
            KnownProgram("bacik2018", 33131, [.pins, .pressure, .moreOperations], populating),
            KnownProgram("kara2018", 1_014_756, [.pins, .pressure, .userfaults, .moreOperations], populating),
            KnownProgram("linux6_8", 1_013_540, [.errors, .userfaults, .moreOperations], joins),
            KnownProgram("linux6_12", 1_091_860, [.pressure, .errors, .moreOperations], joins),
            KnownProgram(
                "linux6_8", 1_015_758, [.errors, .userfaults],
                "populating goes in circles while a marked page is being written"),
            KnownProgram(
                "linux5_19", 1_048_468, whole, "populating goes in circles until the flusher writes a marked page"),
            KnownProgram(
                "linux6_8", 1_057_236, [.pins, .pressure], "who was killed in a lock's queue comes to it anew"),
            KnownProgram(
                "shutemov2014", 1_087_142, [.pressure, .errors, .moreOperations],
                "what one reclaimer has freed another takes"),
            KnownProgram("linux5_9", 1_089_891, most, "a truncated page that a pin alone holds is not written"),
            KnownProgram(
                "linux6_12", 1_087_976, [.pressure, .moreOperations], "a task that is alone on the processor"),
            KnownProgram(
                "shutemov2014", 31_344_239, [.pins, .errors],
                "a throttled task looks again at pages that were locked when it came by"),
            KnownProgram("kara2018", 1_093_870, [.pins, .errors], "pins that come and go between two scans"),
        ]
    }()
}

@Suite("Random programs that went wrong once", .timeLimit(.minutes(60)))
struct KnownProgramTests {
    /// Debug runs are slow, and take every fourth.
    #if DEBUG
    static let programs = stride(from: 0, to: KnownProgram.all.count, by: 4).map { KnownProgram.all[$0] }
    #else
    static let programs = KnownProgram.all
    #endif

    @Test("they end, or hang as their kernel would", arguments: programs)
    func ends(_ program: KnownProgram) throws {
        let model = try #require(KernelModel.preset(named: program.preset))
        let end = try ModelOverrides.end(under: model, seed: program.seed, features: program.features)
        #expect(end == program.hang.map { .hangs($0) } ?? .ended)
    }

    @Test("a hang says what hangs, and is no failure")
    func hangs() throws {
        #expect(
            ProgramEnd.hangs(.victimWaits).description
                == "hangs as its kernel does: the victim of an OOM kill waits for a lock whose holder waits for its "
                + "memory")
        #expect(Set(KernelHang.allCases.map(\.description)).count == KernelHang.allCases.count)
        let failure = try ModelOverrides.firstFailure(
            under: .linux2_6_36, programs: 1, firstSeed: 8066,
            features: [.pins, .pressure, .errors, .userfaults, .moreOperations])
        #expect(failure == nil)
    }
}
