/// The members of one JSON object, read field by field. A field that was not read is an error in `finish()`.
struct FieldReader {
    /// The place of the members.
    let place: Place
    private let members: [JSONValue.Member]
    private var asked: [String] = []
    private var found = 0

    init(_ members: [JSONValue.Member], at place: Place) {
        self.members = members
        self.place = place
    }

    /// The value of `field`, or nil if the object does not have it.
    mutating func value(_ field: String) -> JSONValue? {
        asked.append(field)
        for member in members where member.key == field {
            found += 1
            return member.value
        }
        return nil
    }

    /// Whether the object has `field`.
    func has(_ field: String) -> Bool {
        members.contains { $0.key == field }
    }

    /// The value of `field`, which must be there; `wanted` completes "missing; it must be".
    mutating func required(_ field: String, _ wanted: String) throws(ScenarioError) -> JSONValue {
        guard let value = value(field) else { throw place.error(field, "missing; it must be \(wanted)") }
        return value
    }

    /// Fails if the object has a field that was not read.
    func finish(of thing: String) throws(ScenarioError) {
        guard found < members.count else { return }
        for member in members where !asked.contains(member.key) {
            throw place.error(member.key, "no field of \(thing), which may have \(asked.joined(separator: ", "))")
        }
    }

    mutating func integer(_ field: String, in range: ClosedRange<Int>) throws(ScenarioError) -> Int? {
        guard let value = value(field) else { return nil }
        return try place.integer(value, field, in: range)
    }

    mutating func requiredInteger(_ field: String, in range: ClosedRange<Int>) throws(ScenarioError) -> Int {
        let value = try required(field, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        return try place.integer(value, field, in: range)
    }

    mutating func count(_ field: String) throws(ScenarioError) -> Int? {
        guard let value = value(field) else { return nil }
        return try place.count(value, field)
    }

    mutating func requiredCount(_ field: String) throws(ScenarioError) -> Int {
        try place.count(try required(field, "a whole number"), field)
    }

    mutating func bool(_ field: String) throws(ScenarioError) -> Bool? {
        guard let value = value(field) else { return nil }
        return try place.bool(value, field)
    }

    mutating func string(_ field: String) throws(ScenarioError) -> String? {
        guard let value = value(field) else { return nil }
        return try place.string(value, field)
    }

    mutating func requiredString(_ field: String, _ wanted: String) throws(ScenarioError) -> String {
        try place.string(try required(field, wanted), field)
    }

    mutating func requiredID(_ field: String = "id") throws(ScenarioError) -> String {
        try place.id(try required(field, "a new id"), field)
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ field: String, of type: Choice.Type = Choice.self
    ) throws(ScenarioError) -> Choice? {
        guard let value = value(field) else { return nil }
        return try place.choice(value, field)
    }

    mutating func requiredChoice<Choice: RawRepresentable<String> & CaseIterable>(
        _ field: String, of type: Choice.Type = Choice.self
    ) throws(ScenarioError) -> Choice {
        try place.choice(try required(field, listed(Choice.allCases.map { "\"\($0.rawValue)\"" })), field)
    }

    mutating func object(_ field: String) throws(ScenarioError) -> FieldReader? {
        guard let value = value(field) else { return nil }
        return try place.object(value, field)
    }
}
