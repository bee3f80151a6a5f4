public import FaultSimulator
public import ScenarioFormat

/// The text of a scenario as words and what is between them, to be changed: another number, another name, a field or a
/// line less or twice. Unlike damaged text most of what comes out is still a scenario, so that the machine meets what
/// nobody has thought of.
public struct ChangedScenario {
    /// For each line the text, cut before and after each number, string, and literal.
    private var lines: [[Substring]]

    /// The scenario of `text`, without what was recorded, which is wrong after the first change.
    public init(_ text: String) {
        lines = text.split(separator: "\n").map { Self.words(of: Self.withoutSaw($0)) }
    }

    /// Drops the lines that are refused.
    ///
    /// - Returns: Why the first of them is.
    public mutating func dropRefusedLines() -> ScenarioError? {
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

    /// The text.
    public var text: String { lines.map { $0.joined() }.joined(separator: "\n") }

    private static func withoutSaw(_ line: Substring) -> Substring {
        guard let saw = line.firstRange(of: ",\"saw\":") else { return line }
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

    /// Makes one change. The header is left as it is.
    public mutating func change(_ random: inout SplitMix64) {
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

    /// Inserts some lines of another scenario that follow each other.
    public mutating func insert(from other: ChangedScenario, _ random: inout SplitMix64) {
        guard !lines.isEmpty, other.lines.count > 1 else { return }
        let first = 1 + random.below(other.lines.count - 1)
        let end = min(first + 1 + random.below(8), other.lines.count)
        lines.insert(contentsOf: other.lines[first..<end], at: 1 + random.below(lines.count))
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
