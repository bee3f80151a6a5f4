import ScenarioFormat
import Testing

@Suite("Text that is no scenario", .timeLimit(.minutes(60)))
struct BadTextTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let line: Int
        let field: String
        let message: String

        init(_ name: String, _ text: String, line: Int = 1, _ field: String, _ message: String) {
            self.init(name, Array(text.utf8), line: line, field, message)
        }

        init(_ name: String, _ bytes: [UInt8], line: Int = 1, _ field: String, _ message: String) {
            testDescription = name
            self.bytes = bytes
            self.line = line
            self.field = field
            self.message = message
        }
    }

    static let cases = [
        Case("an empty file", "", "file", "empty; the first line must be the header, with \"scenario\""),
        Case("an empty line", "\n" + header, "line", "empty; it must be a JSON object"),
        Case("an empty line in the middle", header + "\n\n", line: 2, "line", "empty; it must be a JSON object"),
        Case("no JSON", "hello", "column 1", "not JSON: a JSON value is expected here"),
        Case("half a word", "{\"scenario\":nul", "column 13", "not JSON: a JSON value is expected here"),
        Case("an array", "[]", "line", "must be a JSON object, not an array"),
        Case("two values", "{} {}", "column 4", "not JSON: one JSON value a line, and nothing after it, is expected"),
        Case("no colon", #"{"scenario" "s"}"#, "column 13", "not JSON: \":\" is expected here"),
        Case("no comma", #"{"scenario":"s" "about":""}"#, "column 17", "not JSON: \",\" or \"}\" is expected here"),
        Case("a trailing comma", #"{"scenario":"s",}"#, "column 17", "not JSON: a key in quotes is expected here"),
        Case("an unclosed object", #"{"scenario":"s""#, "column 16", "not JSON: \",\" or \"}\" is expected here"),
        Case("an unclosed array", #"{"scenario":[1"#, "column 15", "not JSON: \",\" or \"]\" is expected here"),
        Case("an unclosed string", #"{"scenario":"s"#, "column 15", "not JSON: the line ends inside a string"),
        Case("an unclosed escape", #"{"scenario":"s\n"#, "column 17", "not JSON: the line ends inside a string"),
        Case("a missing value", #"{"scenario":"#, "column 13", "not JSON: the line ends where a value is expected"),
        Case("an unknown escape", #"{"scenario":"\x"}"#, "column 15", "not JSON: an unknown escape in a string"),
        Case(
            "a bad escape", #"{"scenario":"\u12G4"}"#, "column 18",
            "not JSON: four hexadecimal digits are expected here"),
        Case(
            "a lone surrogate", #"{"scenario":"\ud800x"}"#, "column 20", "not JSON: half a surrogate pair in a string"),
        Case(
            "a tab in a string", "{\"scenario\":\"\t\"}", "column 14",
            "not JSON: a control character in a string must be escaped"),
        Case("a leading zero", #"{"scenario":01}"#, "column 13", "not JSON: a number does not begin with 0"),
        Case("a lone minus", #"{"scenario":-}"#, "column 14", "not JSON: a digit is expected here"),
        Case("a bare fraction", #"{"scenario":1.}"#, "column 15", "not JSON: a digit is expected here"),
        Case("a bare exponent", #"{"scenario":1e+}"#, "column 16", "not JSON: a digit is expected here"),
        Case(
            "a key twice", #"{"scenario":"s","scenario":"t"}"#, "column 17",
            "not JSON: the key \"scenario\" is used twice in one object; keep one"),
        Case(
            "a key twice among many", "{" + (0..<99).map { "\"k\($0)\":1," }.joined() + "\"k98\":1}", "column 784",
            "not JSON: the key \"k98\" is used twice in one object; keep one"),
        Case(
            "arrays a thousand deep", #"{"x":"# + String(repeating: "[", count: 1000), "column 37",
            "not JSON: arrays and objects nest deeper than 32 levels"),
        Case(
            "objects a thousand deep", String(repeating: #"{"x":"#, count: 1000), "column 161",
            "not JSON: arrays and objects nest deeper than 32 levels"),
        Case(
            "not UTF-8", Array(header.utf8) + [10, 0x7B, 0x22, 0xFF], line: 2, "line",
            "not UTF-8; save the file as UTF-8"),
        Case("UTF-8 cut short", [0x22, 0xE2, 0x82], "line", "not UTF-8; save the file as UTF-8"),
        Case(
            "a byte order mark", [0xEF, 0xBB, 0xBF] + Array(header.utf8), "line",
            "begins with a byte order mark; save the file without"),
        Case("UTF-16", [0xFF, 0xFE, 0x7B, 0x00], "line", "not UTF-8; save the file as UTF-8"),
        Case("only zeros", [UInt8](repeating: 0, count: 99), "line", "empty; it must be a JSON object"),
        Case(
            "a line too long", header + "\n{\"op\":\"" + String(repeating: "x", count: 1 << 20) + "\"}", line: 2,
            "line",
            "1048585 bytes long; at most 1048576 are allowed"),
        Case(
            "an operation on no file", header + "\n{\"op\":\"fsync\",\"file\":\"f\"}", line: 2,
            "file", "\"f\" is not the id of an earlier file"),
        Case(
            "no header", #"{"op":"fork","id":"c"}"#, "scenario",
            "missing; it must be the scenario's name; the first line must be the header"),
        Case("a name that is none", #"{"scenario":7}"#, "scenario", "must be a string, not 7"),
        Case(
            "an unknown field of the header", #"{"scenario":"s","kernal":"6.1"}"#, "kernal",
            "no field of the header, which may have scenario, about, kernel, settings"),
        Case(
            "an empty kernel", #"{"scenario":"s","kernel":""}"#, "kernel",
            "must be a string of 1 to 64 bytes, not the string \"\""),
        Case(
            "settings that are none", #"{"scenario":"s","settings":[]}"#, "settings", "must be an object, not an array"),
        Case(
            "an unknown setting", #"{"scenario":"s","settings":{"swaps":1}}"#, "settings.swaps",
            "no field of settings, which may have fault_around_bytes, read_ahead_kb, max_sectors_kb, thp, cpus, dirty_bytes, swap, page_cluster, memory_max, swap_max"
        ),
        Case(
            "a swap device that is none", #"{"scenario":"s","settings":{"swap":{"pages":0}}}"#, "settings.swap.pages",
            "must be a whole number from 1 to 16777216, not 0"),
        Case(
            "no swap device in a list", #"{"scenario":"s","settings":{"swap":[]}}"#, "settings.swap",
            "must be a device or a list of 1 to 8 devices"),
        Case(
            "a bool for a number", #"{"scenario":"s","settings":{"cpus":true}}"#, "settings.cpus",
            "must be a whole number from 1 to 1, not true"),
        Case(
            "a fraction", #"{"scenario":"s","settings":{"read_ahead_kb":128.0}}"#, "settings.read_ahead_kb",
            "must be a whole number from 0 to 1048576, not 128.0"),
        Case(
            "an unknown thp", #"{"scenario":"s","settings":{"thp":"always"}}"#, "settings.thp",
            "must be \"never\", not the string \"always\""),
    ]

    @Test("is refused, with the place and what is wrong", arguments: cases)
    func refused(_ bad: Case) throws {
        let error = try #require(readingError(bad.bytes))
        #expect(error.path == "s.jsonl")
        #expect(error.line == bad.line)
        #expect(error.field == bad.field)
        #expect(error.message == bad.message)
    }

    @Test("an error prints as one line, whatever the input and the path hold")
    func oneLine() throws {
        do {
            _ = try Scenario(text: #"{"scenario":"s","a\nb\u2028":1}"#, path: "x\ny.jsonl")
            Issue.record("read without an error")
        } catch {
            #expect(
                error.description
                    == #"x\u{a}y.jsonl:1: a\u{a}b\u{2028}: no field of the header, which may have scenario, about, "#
                    + "kernel, settings")
        }
    }

    @Test("a line too many is refused")
    func tooManyLines() throws {
        let text = header + String(repeating: "\n" + #"{"op":"brk","pages":0}"#, count: ScenarioLimits.lines)
        let error = try #require(readingError(Array(text.utf8)))
        #expect(error.line == 4097)
        #expect(error.message == "one line too many; a scenario has at most 4096")
    }

    @Test("an id too many is refused")
    func tooManyIDs() throws {
        let forks = (0...ScenarioLimits.ids).map { "{\"op\":\"fork\",\"id\":\"c\($0)\"}" }
        let error = try #require(readingError(Array(([header] + forks).joined(separator: "\n").utf8)))
        #expect(error.line == 258)
        #expect(error.message == "one thread or child too many; a scenario has at most 256")
    }

    @Test("a value of a field that varied too many is refused, in all lines together")
    func tooManyVariedValues() throws {
        let values = Array(repeating: "1", count: ScenarioLimits.variedValues / 2).joined(separator: ",")
        let line = #"{"op":"brk","pages":0,"saw":{"minflt":1,"varies":{"minflt":[\#(values)]}}}"#
        _ = try Scenario(bytes: Array([header, line, line].joined(separator: "\n").utf8), path: "s.jsonl")
        let last = #"{"op":"brk","pages":0,"saw":{"minflt":1,"varies":{"majflt":[0]}}}"#
        let error = try #require(readingError(Array([header, line, line, last].joined(separator: "\n").utf8)))
        #expect(error.line == 4)
        #expect(error.field == "saw.varies")
        #expect(error.message == "one value too many; a scenario has at most 16384 in all")
    }
}
