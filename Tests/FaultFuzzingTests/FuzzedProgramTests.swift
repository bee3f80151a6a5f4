import FaultFuzzing
import FaultSimulator
import Testing

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
