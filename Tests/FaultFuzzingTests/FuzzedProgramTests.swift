import FaultSimulator
import Testing

@testable import FaultFuzzing

@Suite("Fuzzed programs", .timeLimit(.minutes(60)))
struct FuzzedProgramTests {
    @Test("the bytes of a program make the same program again", arguments: 0..<20 as Range<UInt64>)
    func sameProgram(seed: UInt64) {
        let seeded = FuzzedProgram(seed: seed)
        let run = seeded.run(tellsSteps: true)
        let again = FuzzedProgram(bytes: run.bytes)
        #expect(again.model == seeded.model)
        #expect(again.base.name == seeded.base.name)
        #expect(again.features == seeded.features)
        #expect(again.run(tellsSteps: true) == run)
    }

    @Test("any bytes are a program that keeps the laws", arguments: 0..<40 as Range<UInt64>)
    func anyBytes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let bytes = (0..<random.below(300)).map { _ in random.below(UInt8.max) }
        let run = FuzzedProgram(bytes: bytes).run()
        if case .failed(let reason) = run.end { Issue.record("\(bytes): \(reason)") }
        #expect(run.bytes.count <= max(bytes.count, 4), "the kernel and the features are there without any bytes")
        #expect(FuzzedProgram(bytes: run.bytes).run() == run)
    }

    @Test("a descriptor is not released while a look-up of pages tries again with the lock held, up to Linux 6.14")
    func releaseStarves() throws {
        let digits = [
            "1b01d80001000000010a0a0000000033000000000101010402090302011800040102020b09000f020106070401040105",
            "0217000102041c010101000302030001030202020303020002000202030500010c000101060501000701000002000102",
            "02010200010101000000000100010101010700020302000d010112020a04020701020703010201020002030103000002",
            "00020001020101020000020e000100010400020800020000030303030000010101010102020200000202000100000001",
            "02030502020002060304010b000102040702010001040204010201020002130704000203050400010904020205000002",
            "01010304710301030100030200010103010103020201030302020201000103020201020119070602020e030301040601",
            "09010103010000000000020200010002020100020109000002030015030606030602020a020403020101020203040300",
            "020202010302020300040401010104040203000000000000040003000401030201010303000400000402010102040102",
            "030604000a0002020308000000090200000003080008010000000b0800000008023a0101000003020000000102010000",
            "020100010000000101010101000100010000010100010101",
        ].joined()
        let values = digits.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
        let program = FuzzedProgram(bytes: bytes)
        #expect(program.model.name == KernelModel.linux6_8.name)
        #expect(program.run().end == .hangs(.releaseStarves))
        var mended = program.model
        mended.releasedUserfault = .isRetried  // commit fe4cdc2c4e24
        var again = try RandomProgram(mended, program.choices, features: program.features)
        let end = again.run(rounds: program.rounds)
        #expect(end == .ended)
    }

    @Test("without bytes a program does nothing, under the first preset")
    func empty() {
        let program = FuzzedProgram(bytes: [])
        #expect(program.base == KernelModel.presets[0])
        #expect(program.model == program.base)
        #expect(program.features == [])
        #expect(program.run(tellsSteps: true).end == .ended)
        #expect(program.run(tellsSteps: true).steps == [])
        #expect(program.shrunk().run() == program.run(), "what does not fail is not made shorter")
    }

    @Test("a kernel is a preset with rules that do not contradict each other")
    func kernels() {
        let kernels = (0..<300).map { FuzzedProgram(seed: $0) }
        #expect(kernels.allSatisfy { $0.model.problems.isEmpty })
        let changed = kernels.map { $0.model.differences(from: $0.base).count }
        #expect(Set(changed) == [0, 1, 2])
        #expect(Set(kernels.map(\.base.name.description)).count > KernelModel.presets.count / 2)
    }

    @Test("it prints its kernel, its features, how it ended, and what it did if that was asked for")
    func printed() throws {
        let program = FuzzedProgram(seed: 5)
        #expect("\(program)".hasPrefix("\(program.base.name)"))
        #expect("\(program)".hasSuffix("with \(program.features)"))
        #expect(program.run().steps == [])
        let lines = program.run(tellsSteps: true).description.split(separator: "\n")
        #expect(lines.first == "ended")
        #expect(lines[1] == "  round 1")
        #expect(lines.contains { $0.hasPrefix("  task 0: ") })
        #expect(lines.contains { $0.hasPrefix("  run") })
    }
}
