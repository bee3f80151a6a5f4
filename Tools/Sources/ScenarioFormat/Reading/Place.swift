/// The place of a value in a file, and the checks of single values, which need it for their errors.
struct Place {
    /// The file, as it was named.
    let path: String
    /// The line, from 1.
    let line: Int
    /// The fields around the value, with a dot after each.
    var prefix = ""

    /// The place of the members of the object that is the value of `field` here.
    func inside(_ field: String) -> Place {
        Place(path: path, line: line, prefix: prefix + field + ".")
    }

    func error(_ field: String, _ message: String) -> ScenarioError {
        ScenarioError(path: path, line: line, field: excerpt(prefix + field, limit: 120), message: message)
    }

    private func mismatch(_ field: String, _ wanted: String, _ value: JSONValue) -> ScenarioError {
        error(field, "must be \(wanted), not \(value.summary)")
    }

    func integer(_ value: JSONValue, _ field: String, in range: ClosedRange<Int>) throws(ScenarioError) -> Int {
        guard case .integer(let number) = value, range.contains(number) else {
            throw mismatch(field, "a whole number from \(range.lowerBound) to \(range.upperBound)", value)
        }
        return number
    }

    func count(_ value: JSONValue, _ field: String) throws(ScenarioError) -> Int {
        try integer(value, field, in: 0...ScenarioLimits.count)
    }

    func bool(_ value: JSONValue, _ field: String) throws(ScenarioError) -> Bool {
        guard case .bool(let bool) = value else { throw mismatch(field, "true or false", value) }
        return bool
    }

    func string(_ value: JSONValue, _ field: String) throws(ScenarioError) -> String {
        guard case .string(let text) = value else { throw mismatch(field, "a string", value) }
        return text
    }

    func array(_ value: JSONValue, _ field: String) throws(ScenarioError) -> [JSONValue] {
        guard case .array(let elements) = value else { throw mismatch(field, "an array", value) }
        return elements
    }

    func members(_ value: JSONValue, _ field: String) throws(ScenarioError) -> [JSONValue.Member] {
        guard case .object(let members) = value else { throw mismatch(field, "an object", value) }
        return members
    }

    func object(_ value: JSONValue, _ field: String) throws(ScenarioError) -> FieldReader {
        FieldReader(try members(value, field), at: inside(field))
    }

    /// The case of `Choice` with the value's name.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ value: JSONValue, _ field: String, of type: Choice.Type = Choice.self
    ) throws(ScenarioError) -> Choice {
        guard case .string(let text) = value, let choice = Choice(rawValue: text) else {
            throw mismatch(field, listed(Choice.allCases.map { "\"\($0.rawValue)\"" }), value)
        }
        return choice
    }

    /// A new id.
    func id(_ value: JSONValue, _ field: String) throws(ScenarioError) -> String {
        guard case .string(let text) = value, 1...ScenarioLimits.idBytes ~= text.utf8.count else {
            throw mismatch(field, "a string of 1 to \(ScenarioLimits.idBytes) bytes", value)
        }
        return text
    }

    /// A run list: ranges `[first,last]`, ascending and apart. Runs that touch are joined.
    func runs(
        _ value: JSONValue, _ field: String, in range: ClosedRange<Int>
    ) throws(ScenarioError) -> [ClosedRange<Int>] {
        guard case .array(let elements) = value else {
            throw mismatch(field, "a run list such as [[0,3],[7,7]]", value)
        }
        var runs: [ClosedRange<Int>] = []
        runs.reserveCapacity(elements.count)
        for element in elements {
            guard case .array(let ends) = element, ends.count == 2, case .integer(let first) = ends[0],
                case .integer(let last) = ends[1]
            else {
                throw error(field, "each run must be two whole numbers, [first,last], not \(element.summary)")
            }
            guard first <= last else {
                throw error(field, "a run must not end before it begins, as [\(first),\(last)] does")
            }
            guard range.contains(first), range.contains(last) else {
                throw error(
                    field, "run [\(first),\(last)] must be within pages \(range.lowerBound) to \(range.upperBound)")
            }
            if let before = runs.last {
                guard before.upperBound < first else {
                    throw error(
                        field, "runs must ascend without overlap, but [\(first),\(last)] follows \(before.upperBound)")
                }
                if before.upperBound == first - 1 {
                    runs[runs.count - 1] = before.lowerBound...last
                    continue
                }
            }
            runs.append(first...last)
        }
        return runs
    }
}

/// `a`, `a or b`, `a, b or c`.
func listed(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}
