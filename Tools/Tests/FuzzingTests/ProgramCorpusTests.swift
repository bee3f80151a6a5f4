import FaultFuzzing
import FaultSimulator
import Foundation
import Testing

/// The programs with which fuzzing begins: for each place of the simulator that fuzzing has reached, one that reaches it.
@Suite("Programs with which fuzzing begins", .timeLimit(.minutes(60)))
struct ProgramCorpusTests {
    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/programs.txt").path

    private static func programs() throws -> [[UInt8]] {
        try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { line in
            try #require([UInt8](hexadecimal: line), "\(line)")
        }
    }

    @Test("they keep the laws, and end or hang as their kernels do")
    func kept() throws {
        for bytes in try Self.programs() {
            let run = FuzzedProgram(bytes: bytes).run()
            if case .failed(let reason) = run.end { Issue.record("\(bytes): \(reason)") }
        }
    }

    @Test("they run under most presets, and with each feature")
    func wide() throws {
        let programs = try Self.programs().map { FuzzedProgram(bytes: $0) }
        #expect(programs.count > 300)
        #expect(Set(programs.map(\.base.name.description)).count > KernelModel.presets.count * 3 / 4)
        for bit in 0..<9 {
            let feature = ProgramFeatures(rawValue: 1 << bit)
            #expect(programs.contains { $0.features.contains(feature) }, "\(feature)")
        }
    }
}

extension [UInt8] {
    fileprivate init?(hexadecimal digits: Substring) {
        let values = digits.compactMap(\.hexDigitValue)
        guard values.count == digits.count, values.count % 2 == 0 else { return nil }
        self = stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}
