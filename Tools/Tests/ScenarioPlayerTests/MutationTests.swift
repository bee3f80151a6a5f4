import FaultSimulator
import Foundation
import ScenarioFormat
import ScenarioPlayer
import Testing

/// Recordings with something changed: another number, another id, a field or a line less or twice. Unlike damaged text
/// most of them are still scenarios, so that it is the machine that meets what nobody has thought of.
@Suite("Changed recordings", .timeLimit(.minutes(60)))
struct MutationTests {
    /// How many are played for each seed. `FAULTSIM_MUTANTS` sets another number, for a long run by hand.
    static let mutants = ProcessInfo.processInfo.environment["FAULTSIM_MUTANTS"].flatMap { Int($0) } ?? 60

    @Test(
        "are refused or played to their end or to an error of one line; no law is broken",
        arguments: [1, 2, 3, 4] as [UInt64])
    func mutants(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let texts = try Recordings.passing.map { try String(contentsOfFile: Recordings.folder + $0, encoding: .utf8) }
        var refused = 0
        var stopped = 0
        var played = 0
        for number in 0..<Self.mutants {
            var mutant = Mutant(texts[random.below(texts.count)])
            for _ in 0...random.below(4) { mutant.change(&random) }
            let name = "seed \(seed), mutant \(number)"
            if let error = mutant.dropRefusedLines() {
                refused += 1
                #expect(!error.description.contains("\n"), "\(name)")
            }
            let text = mutant.text
            // What traps or hangs can be read there afterwards.
            if let path = ProcessInfo.processInfo.environment["FAULTSIM_MUTANT_FILE"] {
                try text.write(toFile: "\(path).\(seed)", atomically: false, encoding: .utf8)
            }
            do {
                let scenario = try Scenario(text: text, path: "s.jsonl")
                var runner = try SimulatorRunner(scenario, as: PlayOptions(), watching: .laws)
                for line in scenario.lines { _ = try runner.play(line) }
                played += 1
            } catch let error as PlayError {
                stopped += 1
                if case .lawBroken = error { Issue.record("\(name): \(error)\n\(text)") }
                #expect(!error.description(path: "s.jsonl").contains("\n"), "\(name)")
            }
        }
        #expect(refused > Self.mutants / 4 && played > Self.mutants / 2)
        if Self.mutants > 1000 { print("seed \(seed): \(played) played, \(stopped) stopped, \(refused) refused") }
    }
}

/// A scenario as words and what is between them, to be changed.
private struct Mutant {
    /// For each line the text, cut before and behind each number, string, and literal.
    private var lines: [[Substring]]

    init(_ text: String) {
        lines = text.split(separator: "\n").map { Self.words(of: Self.withoutSaw($0)) }
    }

    /// Drops the lines that are refused; the first reason.
    mutating func dropRefusedLines() -> ScenarioError? {
        var first: ScenarioError?
        while lines.count > 1 {
            do {
                _ = try Scenario(text: text, path: "s.jsonl")
                return first
            } catch {
                first = first ?? error
                lines.remove(at: error.line - 1)
            }
        }
        return first
    }

    var text: String { lines.map { $0.joined() }.joined(separator: "\n") }

    private static func withoutSaw(_ line: Substring) -> Substring {
        guard let saw = line.range(of: ",\"saw\":") else { return line }
        return line[..<saw.lowerBound] + "}"
    }

    private static func words(of line: Substring) -> [Substring] {
        var words: [Substring] = []
        var rest = line
        while let first = rest.first {
            var end = rest.index(after: rest.startIndex)
            if first == "\"" {
                end = rest[end...].firstIndex(of: "\"").map { rest.index(after: $0) } ?? rest.endIndex
            } else if first.isNumber || first.isLetter || first == "-" {
                end = rest[end...].firstIndex { !$0.isNumber && !$0.isLetter } ?? rest.endIndex
            }
            words.append(rest[..<end])
            rest = rest[end...]
        }
        return words
    }

    private static let numbers: [Substring] = [
        "0", "1", "2", "3", "7", "8", "15", "16", "17", "31", "32", "33", "63", "64", "100", "127", "128", "511", "512",
        "513", "1000", "1024", "-1", "-2", "-16", "262143",
    ]

    private static let enormous: [Substring] = ["16777215", "16777216", "1048576", "9223372036854775807", "1e9"]

    private static let values: [Substring] = [
        "\"r\"", "\"w\"", "\"rw\"", "\"rwx\"", "\"x\"", "\"\"", "\"shared\"", "\"private\"", "\"populate\"",
        "\"locked\"",
        "\"growsdown\"", "\"noreserve\"", "\"ext4\"", "\"tmpfs\"", "\"normal\"", "\"random\"", "\"sequential\"",
        "\"willneed\"", "\"dontneed\"", "\"dontneed_locked\"", "\"free\"", "\"populate_read\"", "\"populate_write\"",
        "\"dontfork\"", "\"wipeonfork\"", "\"read\"", "\"write\"", "\"exec\"", "\"munmap\"", "\"mlock\"", "\"munlock\"",
        "\"evict\"", "\"fsync\"", "\"pread\"", "\"pwrite\"", "\"punch\"", "\"mincore\"", "\"msync\"", "\"device\"",
        "\"device2\"", "\"reads\"", "\"writes\"", "\"SIGKILL\"", "\"SIGUSR1\"", "\"all\"", "\"none\"", "true", "false",
        "\"missing\"", "\"wp\"", "\"minor\"", "\"dontwake\"", "\"protect\"", "\"remove\"", "\"uffd_copy\"",
        "\"uffd_zeropage\"", "\"uffd_continue\"", "\"uffd_poison\"", "\"uffd_wp\"", "\"uffd_wake\"",
        "\"uffd_register\"",
        "\"uffd_unregister\"", "\"uffd_read\"", "\"uffd_close\"", "\"event_fork\"", "\"event_unmap\"",
        "\"event_remove\"",
        "\"event_remap\"", "\"sigbus\"", "\"wp_async\"", "null",
    ]

    mutating func change(_ random: inout SplitMix64) {
        guard lines.count > 1 else { return }
        let line = 1 + random.below(lines.count - 1)
        switch random.below(12) {
        case 0: lines.remove(at: line)
        case 1: lines.insert(lines[line], at: 1 + random.below(lines.count - 1))
        case 2: lines.swapAt(line, 1 + random.below(lines.count - 1))
        case 3:
            if let place = fields(of: line, random: &random) { lines[line].removeSubrange(place) }
        case 4: lines[line].insert(contentsOf: Self.extra(&random), at: lines[line].count - 1)
        case 5, 6, 7:
            replace(in: line, &random) {
                $0.first?.isNumber == true || $0.first == "-"
            } with: { random in
                random.below(30) == 0
                    ? Self.enormous[random.below(Self.enormous.count)] : Self.numbers[random.below(Self.numbers.count)]
            }
        case 8, 9:
            let other = lines[1 + random.below(lines.count - 1)].filter { $0.first == "\"" }
            guard !other.isEmpty else { return }
            replace(in: line, &random) {
                $0.first == "\""
            } with: {
                other[$0.below(other.count)]
            }
        default:
            replace(in: line, &random) {
                $0.first == "\""
            } with: {
                Self.values[$0.below(Self.values.count)]
            }
        }
    }

    private static func extra(_ random: inout SplitMix64) -> [Substring] {
        let fields: [Substring] = [
            ",\"start\":true", ",\"in\":\"t1\"", ",\"in\":\"t2\"", ",\"in\":\"c\"", ",\"slot\":511", ",\"move\":true",
            ",\"stride\":-1", ",\"offset\":3", ",\"direct\":true", ",\"on\":\"device2\"", ",\"only\":\"reads\"",
            ",\"of\":\"t1\"", ",\"to\":\"t1\"", ",\"in\":\"m\"", ",\"mode\":[\"wp\"]", ",\"mode\":[\"dontwake\"]",
            ",\"blocking\":true", ",\"user_mode_only\":true", ",\"max\":1", ",\"from_area\":\"a\",\"from\":0",
        ]
        return [fields[random.below(fields.count)]]
    }

    private mutating func replace(
        in line: Int, _ random: inout SplitMix64, _ isMeant: (Substring) -> Bool,
        with replacement: (inout SplitMix64) -> Substring
    ) {
        let places = lines[line].indices.filter { isMeant(lines[line][$0]) }
        guard !places.isEmpty else { return }
        lines[line][places[random.below(places.count)]] = replacement(&random)
    }

    /// A field with its value and the comma before it.
    private func fields(of line: Int, random: inout SplitMix64) -> Range<Int>? {
        let commas = lines[line].indices.filter { lines[line][$0] == "," }
        guard !commas.isEmpty else { return nil }
        let first = commas[random.below(commas.count)]
        let end = lines[line][(first + 1)...].firstIndex { $0 == "," || $0 == "}" } ?? lines[line].endIndex
        return first..<end
    }
}
