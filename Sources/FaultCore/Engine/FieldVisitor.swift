/// Something whose fields are listed once, for all who must look at each of them.
///
/// Fingerprint, canonical form, balance of references, wait chains, names and prints are visitors over that one list, so
/// that they can't differ in what they know. A field that names a page, a file, a map or a task says so by its type; see
/// ``FieldVisitor``. Bytes are never hashed or compared: what lies between fields is undefined.
public protocol FieldList: BitwiseCopyable, Sendable {
    /// Shows each stored field to `visitor`, under its own name and in the order of declaration; of an enum, its case and
    /// the payload of that case.
    func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor)
}

/// Looks at the fields of a ``FieldList``, one after the other.
///
/// Most visitors take words: a field's type then says how its value becomes one. A visitor that cares for a kind of field
/// implements that kind's requirement as well.
public protocol FieldVisitor {
    /// Takes a field as a word: a number, a flag, a name whose number means the same in every machine.
    mutating func visit(_ name: StaticString, word: UInt64)
    /// Takes a page frame, whose number says nothing.
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
    /// As the number of the file, 0 for none.
    @inlinable
    public mutating func visit(_ name: StaticString, _ pin: FilePin) { visit(name, pin.file) }
    /// As the number of the map.
    @inlinable
    public mutating func visit(_ name: StaticString, _ use: MapUse) { visit(name, use.map) }
    /// As its number.
    @inlinable
    public mutating func visit(_ name: StaticString, _ page: PageNumber) { visit(name, word: page.rawValue) }
    /// As its number.
    @inlinable
    public mutating func visit(_ name: StaticString, _ index: PageIndex) { visit(name, word: index.rawValue) }
    /// As its number.
    @inlinable
    public mutating func visit(_ name: StaticString, _ task: TaskID) {
        visit(name, word: UInt64(UInt32(bitPattern: task.rawValue)))
    }
    /// As its number.
    @inlinable
    public mutating func visit(_ name: StaticString, _ map: MapID) {
        visit(name, word: UInt64(UInt32(bitPattern: map.rawValue)))
    }
    /// As its number.
    @inlinable
    public mutating func visit(_ name: StaticString, _ file: FileID) {
        visit(name, word: UInt64(UInt32(bitPattern: file.rawValue)))
    }
    /// As kind and number.
    @inlinable
    public mutating func visit(_ name: StaticString, _ lock: LockName) { visit(name, word: UInt64(lock.rawValue)) }
    /// As 1 or 0.
    @inlinable
    public mutating func visit(_ name: StaticString, _ flag: Bool) { visit(name, word: flag ? 1 : 0) }
    /// As its bits.
    @inlinable
    public mutating func visit(_ name: StaticString, _ number: Int) {
        visit(name, word: UInt64(bitPattern: Int64(number)))
    }
    /// As its raw value.
    @inlinable
    public mutating func visit<Choice: RawRepresentable>(_ name: StaticString, _ choice: Choice)
    where Choice.RawValue: FixedWidthInteger { visit(name, word: UInt64(truncatingIfNeeded: choice.rawValue)) }
    /// Field by field.
    @inlinable
    public mutating func visit<Part: FieldList>(_ name: StaticString, _ part: Part) { part.visit(&self) }

    /// Takes a number that may be missing, as whether it is there and its bits.
    @inlinable
    public mutating func visit(_ name: StaticString, _ number: Int?) {
        visit(name, word: number == nil ? 0 : 1)
        if let number { visit(name, number) }
    }
    /// Takes a page that may be missing, as whether it is there and its number.
    @inlinable
    public mutating func visit(_ name: StaticString, _ page: PageNumber?) {
        visit(name, word: page == nil ? 0 : 1)
        if let page { visit(name, page) }
    }
    /// Takes a choice that may be missing, as whether it is there and its raw value.
    @inlinable
    public mutating func visit<Choice: RawRepresentable>(_ name: StaticString, _ choice: Choice?)
    where Choice.RawValue: FixedWidthInteger {
        visit(name, word: choice == nil ? 0 : 1)
        if let choice { visit(name, choice) }
    }
    /// Takes fields that may be missing, as whether they are there and field by field.
    @inlinable
    public mutating func visit<Part: FieldList>(_ name: StaticString, _ part: Part?) {
        visit(name, word: part == nil ? 0 : 1)
        if let part { visit(name, part) }
    }
    /// Takes a narrow number.
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

    /// Nothing is kept open.
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

    /// No map is used.
    @inlinable
    public static var none: Self { Self(.none) }
}
