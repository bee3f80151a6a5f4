/// Replaces numbers in a text with the names that a test has given: `task 2` becomes `reader`, `page 0x19` becomes
/// `page 9 of buffer`.
///
/// Everything prints an object as its kind and its number (see ``ID``). Names are put in afterwards, here, so that no
/// description has to know of them. A value that prints without its machine keeps the names that were known when it was
/// made. Names never make two values differ.
package struct ObjectNames: Equatable, Sendable {
    /// `nil` until something has a name, so that unused names cost nothing.
    private var table: Shared<NameTable>?
    /// The map of the addresses that a text gives without a map.
    private var map = MapID.none

    package init() {}

    /// Always true: values that hold names are compared without them.
    package static func == (a: Self, b: Self) -> Bool { true }

    /// The same names, for a text whose addresses are those of `map`.
    func inMap(_ map: MapID) -> Self {
        var names = self
        names.map = map
        return names
    }

    /// The names. The first change makes the table.
    var names: NameTable {
        get { table?.value ?? NameTable() }
        set { if table == nil { table = Shared(newValue) } else { table!.value = newValue } }
    }

    /// Whether anything was ever named.
    var areUsed: Bool { table != nil }

    /// `text` with names in the place of numbers.
    package func applied(to text: String) -> String {
        guard let table else { return text }
        var reader = NameReader(text: Array(text.utf8), names: table.value, map: map)
        return reader.read()
    }

    /// The name and the number of an object, as lists print them, such as `reader (task 2)`.
    func title(of task: TaskID) -> String { title("\(task)", table?.value.tasks[task]) }
    /// The name and the number, such as `log (file 0)`.
    func title(of file: FileID) -> String { title("\(file)", table?.value.files[file]) }

    private func title(_ number: String, _ name: String?) -> String { name.map { "\($0) (\(number))" } ?? number }
}

/// Reads a text and replaces numbers with names.
private struct NameReader {
    let text: [UInt8]
    let names: NameTable
    let map: MapID
    private var place = 0

    init(text: [UInt8], names: NameTable, map: MapID) {
        self.text = text
        self.names = names
        self.map = map
    }

    mutating func read() -> String {
        var read: [UInt8] = []
        while place < text.count {
            let isWordStart = place == 0 || !Self.isPartOfWord(text[place - 1])
            if isWordStart, let name = nextName() {
                read += Array(name.utf8)
            } else {
                read.append(text[place])
                place += 1
            }
        }
        return String(decoding: read, as: UTF8.self)
    }

    /// Reads the object at the current place and returns its name; without a name, reads nothing.
    private mutating func nextName() -> String? {
        let start = place
        if let id = nextID(TaskKind.self), let name = names.tasks[id] { return name }
        place = start
        if let id = nextID(FileKind.self), let name = names.files[id] { return name }
        place = start
        if let id = nextID(DeviceKind.self), let name = names.devices[id] { return name }
        place = start
        if let name = nextPage() { return name }
        place = start
        return nil
    }

    /// Reads a page such as `page 0x19` or `page 0x19 of map 0`.
    private mutating func nextPage() -> String? {
        guard skip("page 0x"), let number = nextNumber(radix: 16) else { return nil }
        let page = PageNumber(number)
        let end = place
        var map = map
        let isOfMap = skip(" of ")
        if isOfMap, let named = nextID(MapKind.self) { map = named } else { place = end }
        guard let range = names.range(containing: page, in: map) else { return nil }
        if names.isInSeveralMaps(range.name) { place = end }
        return "page \(page - range.pages.lowerBound) of \(range.name)"
    }

    /// Reads an object such as `task 3`.
    private mutating func nextID<Kind: IDKind>(_ kind: Kind.Type) -> ID<Kind>? {
        guard skip(kind.noun), skip(" "), let number = nextNumber(radix: 10) else { return nil }
        return Int32(exactly: number).map { ID(rawValue: $0) }
    }

    private mutating func nextNumber(radix: UInt64) -> UInt64? {
        let start = place
        var number: UInt64 = 0
        while place < text.count, let digit = Self.digit(text[place]), digit < radix {
            let (product, overflows) = number.multipliedReportingOverflow(by: radix)
            guard !overflows else { return nil }
            number = product &+ digit
            place += 1
        }
        guard place > start, place == text.count || !Self.isPartOfWord(text[place]) else { return nil }
        return number
    }

    private mutating func skip(_ word: String) -> Bool {
        let bytes = word.utf8
        guard text[place...].starts(with: bytes) else { return false }
        place += bytes.count
        return true
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
        default: nil
        }
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
