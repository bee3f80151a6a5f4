import FaultTestSupport
import Testing

@Suite("Arguments of tests, and recorded traces", .timeLimit(.minutes(60)))
struct ArgumentTests {
    @Test("released kernels are in order, from and through what is named; proposals are apart")
    func kernels() {
        #expect(Kernels.released.first == .linux2_6_36 && Kernels.released.last == .linux6_19)
        #expect(Kernels.released(from: .linux5_1, through: .linux5_5) == [.linux5_1, .linux5_4, .linux5_5])
        #expect(Kernels.proposals.contains(.bacik2018) && !Kernels.proposals.contains(.linux6_1))
        #expect(Kernels.released.count + Kernels.proposals.count == KernelModel.presets.count)
        #expect(Kernels.where { $0.areaLocks != .none }.contains(.linux6_12))
    }

    @Test("a seed prints what runs it again, and gives the same numbers each time", arguments: Seed.each(1...3))
    func seeds(_ seed: Seed) {
        var (first, second) = (seed.numbers, seed.numbers)
        #expect(first.next() == second.next())
        #expect("\(seed)" == "seed \(seed.value) (again: Seed.only(\(seed.value)))")
        #expect(Seed.only(seed.value) == [seed] && seed.schedules(5) == .random(seed: seed.value, runs: 5))
    }

    private func recorded(_ kernel: KernelModel) throws -> RecordedTrace {
        var world = try World(kernel)
        let reader = world.task("reader")
        let area = try world.map(world.file("log", pages: 64), named: "buffer", in: reader)
        return world.recorded {
            $0.start(.read(area, page: 9), in: reader)
            $0.run()
            $0.completeReads()
            $0.run()
        }
    }

    @Test("a trace is what its golden copy says, line by line, with names and without times")
    func golden() throws {
        let trace = try recorded(.linux6_1)
        let difference = trace.difference(
            from: """
                reader an exception: read of page 9 of buffer
                reader takes the mmap lock of map 0 (read)
                reader an attempt at page 9 of buffer begins: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE
                reader takes the invalidate lock of log (read)
                """)
        #expect(trace.difference(from: RecordedTrace(trace.text)).isEmpty)
        #expect(!difference.isEmpty)
        #expect(trace.lines.first == "reader an exception: read of page 9 of buffer", "\(trace)")
        #expect(trace.lines.contains("reader an attempt at page 9 of buffer ends: MAJOR|RETRY"), "\(trace)")
        #expect(!trace.lines.contains { $0.contains("stage") })
    }

    @Test("another kernel's trace differs, and a failing expectation prints only where")
    func difference() throws {
        let old = try recorded(.linux2_6_36)
        let new = try recorded(.linux6_1)
        let text = printed { #expect(new.difference(from: old).isEmpty) }
        #expect(text.contains("- expected, + found:"), "\(text)")
        #expect(text.contains("+ reader the fault lock is dropped"), "\(text)")
        #expect(text.contains("- reader an attempt at page 9 of buffer ends: MAJOR|LOCKED"), "\(text)")
    }

    @Test("a difference has as few lines as there can be, each with its sign")
    func lines() {
        let difference = TextDifference(from: ["a", "b", "c", "d"], to: ["a", "c", "x", "d"])
        #expect(difference.lines == [.same("a"), .missing("b"), .same("c"), .extra("x"), .same("d")])
        #expect(
            TextDifference(from: ["a"], to: ["a"]).isEmpty && "\(TextDifference(from: [], to: []))" == "no difference")
        let far = TextDifference(from: (0..<50).map { "\($0)" }, to: (1..<51).map { "\($0)" })
        #expect(
            "\(far)".split(separator: "\n").map(String.init) == [
                "- expected, + found:", "- 0", "  1", "  2", "  ...", "  48", "  49", "+ 50",
            ])
    }

    @Test("kernels from a later one to an earlier one end with a sentence that says what to do")
    func reversedKernels() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Kernels.released(from: .linux6_12, through: .linux5_4)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("linux6_12 is later than linux5_4; give the earlier kernel first"))
    }

    @Test("a set of more pages than a file may have ends with a sentence")
    func endlessPageSet() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = [0...16_777_216] as PageSet
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains("PageSet: the run 0...16777216 is longer than a file"))
    }
}
