import ScenarioFormat
import Testing

/// The first line of most tests' scenarios.
let header = #"{"scenario":"s"}"#

/// A file `f`, an area `a` of it, an area `g` that grows down, a thread `t1` and a child `c0`: lines 2 to 6.
let prelude = [
    #"{"op":"file","id":"f","pages":64,"fs":"ext4","resident":[[0,3],[7,7]]}"#,
    #"{"op":"mmap","id":"a","file":"f","pages":64,"prot":"rw","flags":["private"]}"#,
    #"{"op":"mmap","id":"g","pages":8,"prot":"rw","flags":["private","growsdown"]}"#,
    #"{"op":"thread","id":"t1"}"#,
    #"{"op":"fork","id":"c0"}"#,
]

/// Reads the header, the prelude, and `lines` behind them, which so begin at line 7.
func readAfterPrelude(_ lines: [String]) throws -> [Line] {
    let scenario = try Scenario(text: ([header] + prelude + lines).joined(separator: "\n"), path: "s.jsonl")
    return Array(scenario.lines.dropFirst(prelude.count))
}

/// The error of reading `bytes`; an issue and nil where there is none.
func readingError(_ bytes: [UInt8]) -> ScenarioError? {
    do {
        _ = try Scenario(bytes: bytes, path: "s.jsonl")
        Issue.record("read without an error")
        return nil
    } catch {
        return error
    }
}

/// A saw of its JSON.
func saw(_ json: String) throws -> Saw {
    try Saw(jsonLine: json)
}
