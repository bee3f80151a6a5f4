import FaultSimulator
import ScenarioFormat
import ScenarioFuzzing
import ScenarioPlayer
import Testing

/// Makes runners that end in one way.
private struct EndingFactory: ScenarioRunnerFactory {
    /// Why a scenario is refused; `nil` if it is played.
    var refusal: String?

    struct Runner: ScenarioRunner {
        var onEvent: ((String) -> Void)?

        mutating func play(_ line: Line) throws(PlayError) -> Saw {
            throw .lawBroken(line: line.number, op: line.operation.name, reason: "law 1 (of a test)\nwhat led there")
        }
    }

    func check(_ scenario: Scenario, as options: PlayOptions) throws(PlayError) {
        if let refusal { throw .unsupported(line: 2, op: "file", reason: refusal) }
    }

    func makeRunner(for scenario: Scenario, as options: PlayOptions) throws(PlayError) -> any ScenarioRunner {
        Runner()
    }
}

@Suite("Trials with scenarios", .timeLimit(.minutes(60)))
struct ScenarioTrialTests {
    private static let lines = [
        #"{"scenario":"s","settings":{}}"#,
        #"{"op":"file","id":"f","pages":8,"fs":"ext4","resident":"none"}"#,
        #"{"op":"mmap","id":"a","file":"f","pages":8,"prot":"r","flags":["private"]}"#,
        #"{"op":"read","area":"a","page":0,"saw":{"minflt":0,"majflt":1}}"#,
    ]

    /// Texts that differ in their last byte, so that each way of trying is taken.
    private static func variants(_ lines: [String]) -> [[UInt8]] {
        (0..<8).map { Array((lines.joined(separator: "\n") + String(repeating: " ", count: $0)).utf8) }
    }

    @Test("a scenario that plays is no finding", arguments: variants(lines))
    func plays(bytes: [UInt8]) {
        #expect(ScenarioTrial.finding(in: bytes) == nil)
    }

    @Test("a broken law is a finding, which says where and why", arguments: variants(lines))
    func brokenLaw(bytes: [UInt8]) throws {
        let finding = try #require(ScenarioTrial.finding(in: bytes, playedBy: EndingFactory()))
        #expect(finding.hasPrefix("scenario:2: file: law 1 (of a test)"))
        #expect(finding.contains("what led there"))
    }

    @Test("a scenario that the player refuses is no finding", arguments: variants(lines))
    func refusals(bytes: [UInt8]) {
        #expect(ScenarioTrial.finding(in: bytes, playedBy: EndingFactory(refusal: "it can't be played")) == nil)
    }

    @Test("a scenario that is refused, or fails with a reason, is no finding")
    func refused() {
        let wrong = Self.lines.map { $0.replacing(#""majflt":1"#, with: #""majflt":2"#) }
        let texts: [[String]] = [
            [], [""], ["{"], [Self.lines[0], #"{"op":"fly"}"#], Array(Self.lines[0...0] + Self.lines[2...]), wrong,
            Self.lines + [#"{"op":"exit"}"#, #"{"op":"read","area":"a","page":0}"#],
        ]
        for text in texts {
            for bytes in Self.variants(text) { #expect(ScenarioTrial.finding(in: bytes) == nil, "\(text)") }
        }
        #expect(ScenarioTrial.finding(in: [0xFF, 0x0A, 0x80]) == nil)
    }

    @Test("lines of another scenario are put in after the header, without what was recorded")
    func inserted() {
        let other = ChangedScenario(
            Self.lines.map { $0.replacing(#""id":"f""#, with: #""id":"g""#) }.joined(separator: "\n"))
        var whole: Set<Int> = []
        for seed in 0..<50 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            var scenario = ChangedScenario(Self.lines.joined(separator: "\n"))
            scenario.insert(from: other, &random)
            let lines = scenario.text.split(separator: "\n")
            #expect(lines[0] == Self.lines[0])
            #expect(!scenario.text.contains("saw"))
            whole.insert(lines.count)
        }
        #expect(whole == [5, 6, 7], "one to three lines")
    }
}
