/// A writer of one JSON object, member by member, in the order of the calls.
struct ObjectWriter {
    private var members = ""

    /// An object without members.
    init() {}

    /// The members of `dictionary`, in the order of their keys.
    init<Value>(_ dictionary: [String: Value], _ json: (Value) -> String) {
        for (key, value) in dictionary.sorted(by: { $0.key < $1.key }) { add(key, json(value)) }
    }

    /// Adds a member with a JSON value, if that is not nil.
    mutating func add(_ key: String, _ json: String?) {
        guard let json else { return }
        if !members.isEmpty { members += "," }
        members += jsonString(key)
        members += ":"
        members += json
    }

    /// The object.
    var text: String {
        "{\(members)}"
    }
}

/// `text` as a JSON string.
func jsonString(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\0"..<" ":
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// A run list as JSON, ascending, with touching and overlapping runs joined.
func jsonRuns(_ runs: [ClosedRange<Int>]) -> String {
    "[" + joined(runs).map { "[\($0.lowerBound),\($0.upperBound)]" }.joined(separator: ",") + "]"
}

/// The pages of `runs` as the fewest runs, ascending.
func joined(_ runs: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
    var result: [ClosedRange<Int>] = []
    for run in runs.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        if let last = result.last, run.lowerBound <= last.upperBound + 1 {
            result[result.count - 1] = last.lowerBound...max(last.upperBound, run.upperBound)
        } else {
            result.append(run)
        }
    }
    return result
}
