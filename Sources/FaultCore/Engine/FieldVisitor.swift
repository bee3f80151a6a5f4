/// A type whose fields are listed once, for all code that must look at each of them.
///
/// Fingerprint, canonical form, balance of references, wait chains, names and descriptions are visitors over that one
/// list, so they can't differ in which fields they know. A field that names a page, a file, a map or a task says so by
/// its type; see ``FieldVisitor``. Bytes are never hashed or compared: the bytes between fields are undefined.
public protocol FieldList: BitwiseCopyable, Sendable {
    /// Shows each stored field to `visitor`, under its own name and in the order of declaration; for an enum, its case
    /// and the payload of that case.
    func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor)
}

/// Looks at the fields of a ``FieldList``, one after the other.
///
/// Most visitors take words: the type of a field then says how its value becomes a word. A visitor that treats a kind
/// of field specially implements the requirement for that kind as well.
public protocol FieldVisitor {
    /// Takes a field as a word: a number, a flag, or a name whose number means the same in every machine.
    mutating func visit(_ name: StaticString, word: UInt64)
    /// Takes a page frame, whose number has no meaning.
    mutating func visit(_ name: StaticString, _ folio: FrameNumber)
    /// Takes a file that the holder of the field keeps open: `get_file()`.
    mutating func visit(_ name: StaticString, _ pin: FilePin)
    /// Takes a memory map that the holder of the field uses: `mmget()`.
    mutating func visit(_ name: StaticString, _ use: MapUse)
    /// Takes a page of a memory map.
    mutating func visit(_ name: StaticString, _ page: PageNumber)
    /// Takes a page of a file.
    mutating func visit(_ name: StaticString, _ index: PageIndex)
    /// Takes a task.
    mutating func visit(_ name: StaticString, _ task: TaskID)
    /// Takes a memory map.
    mutating func visit(_ name: StaticString, _ map: MapID)
    /// Takes a file.
    mutating func visit(_ name: StaticString, _ file: FileID)
    /// Takes a lock.
    mutating func visit(_ name: StaticString, _ lock: LockName)
    /// Takes a flag.
    mutating func visit(_ name: StaticString, _ flag: Bool)
    /// Takes a number.
    mutating func visit(_ name: StaticString, _ number: Int)
    /// Takes one of a closed list of choices, or a set of flags.
    mutating func visit<Choice: RawRepresentable>(_ name: StaticString, _ choice: Choice)
    where Choice.RawValue: FixedWidthInteger
    /// Takes fields that belong together.
    mutating func visit<Part: FieldList>(_ name: StaticString, _ part: Part)
}

extension FieldVisitor {
    /// By default, takes the number of the file, 0 for none.
    @inlinable
    public mutating func visit(_ name: StaticString, _ pin: FilePin) { visit(name, pin.file) }
    /// By default, takes the number of the map.
    @inlinable
    public mutating func visit(_ name: StaticString, _ use: MapUse) { visit(name, use.map) }
    /// By default, takes the number of the page.
    @inlinable
    public mutating func visit(_ name: StaticString, _ page: PageNumber) { visit(name, word: page.rawValue) }
    /// By default, takes the number of the page.
    @inlinable
    public mutating func visit(_ name: StaticString, _ index: PageIndex) { visit(name, word: index.rawValue) }
    /// By default, takes the number of the task.
    @inlinable
    public mutating func visit(_ name: StaticString, _ task: TaskID) {
        visit(name, word: UInt64(UInt32(bitPattern: task.rawValue)))
    }
    /// By default, takes the number of the map.
    @inlinable
    public mutating func visit(_ name: StaticString, _ map: MapID) {
        visit(name, word: UInt64(UInt32(bitPattern: map.rawValue)))
    }
    /// By default, takes the number of the file.
    @inlinable
    public mutating func visit(_ name: StaticString, _ file: FileID) {
        visit(name, word: UInt64(UInt32(bitPattern: file.rawValue)))
    }
    /// By default, takes kind and number.
    @inlinable
    public mutating func visit(_ name: StaticString, _ lock: LockName) { visit(name, word: UInt64(lock.rawValue)) }
    /// By default, takes 1 or 0.
    @inlinable
    public mutating func visit(_ name: StaticString, _ flag: Bool) { visit(name, word: flag ? 1 : 0) }
    /// By default, takes the bits.
    @inlinable
    public mutating func visit(_ name: StaticString, _ number: Int) {
        visit(name, word: UInt64(bitPattern: Int64(number)))
    }
    /// By default, takes the raw value.
    @inlinable
    public mutating func visit<Choice: RawRepresentable>(_ name: StaticString, _ choice: Choice)
    where Choice.RawValue: FixedWidthInteger { visit(name, word: UInt64(truncatingIfNeeded: choice.rawValue)) }
    /// By default, takes the part field by field.
    @inlinable
    public mutating func visit<Part: FieldList>(_ name: StaticString, _ part: Part) { part.visit(&self) }

    /// Takes an optional number: whether there is one, and its bits.
    @inlinable
    public mutating func visit(_ name: StaticString, _ number: Int?) {
        visit(name, word: number == nil ? 0 : 1)
        if let number { visit(name, number) }
    }
    /// Takes an optional page: whether there is one, and its number.
    @inlinable
    public mutating func visit(_ name: StaticString, _ page: PageNumber?) {
        visit(name, word: page == nil ? 0 : 1)
        if let page { visit(name, page) }
    }
    /// Takes an optional choice: whether there is one, and its raw value.
    @inlinable
    public mutating func visit<Choice: RawRepresentable>(_ name: StaticString, _ choice: Choice?)
    where Choice.RawValue: FixedWidthInteger {
        visit(name, word: choice == nil ? 0 : 1)
        if let choice { visit(name, choice) }
    }
    /// Takes optional fields: whether there are any, and then field by field.
    @inlinable
    public mutating func visit<Part: FieldList>(_ name: StaticString, _ part: Part?) {
        visit(name, word: part == nil ? 0 : 1)
        if let part { visit(name, part) }
    }
    /// Takes a number of a smaller type.
    @inlinable
    public mutating func visit<Number: FixedWidthInteger>(_ name: StaticString, _ number: Number) {
        visit(name, word: UInt64(truncatingIfNeeded: number))
    }
}

/// A field that keeps a file open, so that a task may wait for it without the mmap lock: `get_file()` to `fput()`.
@frozen
public struct FilePin: Equatable, BitwiseCopyable, Sendable {
    /// The file; none if nothing is kept open.
    public var file: FileID

    /// A field that keeps `file` open; see `Machine.pin(_:)`.
    @inlinable
    public init(_ file: FileID) { self.file = file }

    /// Keeps no file open.
    @inlinable
    public static var none: Self { Self(.none) }
}

/// A field that keeps the memory map of another process alive: `mmget()` to `mmput()`.
@frozen
public struct MapUse: Equatable, BitwiseCopyable, Sendable {
    /// The map; none if none is used.
    public var map: MapID

    /// A field that keeps `map` alive.
    @inlinable
    public init(_ map: MapID) { self.map = map }

    /// Keeps no map alive.
    @inlinable
    public static var none: Self { Self(.none) }
}
