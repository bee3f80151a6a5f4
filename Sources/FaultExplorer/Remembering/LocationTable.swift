import FaultCore

/// A set of locations, by their numbers in a ``LocationTable``.
struct LocationSet: BitwiseCopyable, Equatable, Sendable {
    /// The locations up to 63, a bit each, and those from 64 on.
    private(set) var low: UInt64 = 0
    private(set) var high: UInt64 = 0

    /// All locations.
    static var all: Self { Self(low: .max, high: .max) }

    /// Whether a location is in it.
    @inline(__always)
    func contains(_ number: Int) -> Bool { (number < 64 ? low : high) >> UInt64(number & 63) & 1 == 1 }

    /// Whether a location is in both.
    func meets(_ other: Self) -> Bool { low & other.low | high & other.high != 0 }

    /// Adds a location.
    mutating func insert(_ number: Int) {
        if number < 64 { low |= 1 << UInt64(number) } else { high |= 1 << UInt64(number & 63) }
    }

    /// Adds the locations of another set.
    mutating func formUnion(_ other: Self) {
        low |= other.low
        high |= other.high
    }
}

/// The locations that stages have named, with numbers. The first numbers are those of the tasks.
struct LocationTable: Sendable {
    private var locations: [StateLocation]
    /// The largest number of locations.
    static let most = 128
    /// The largest number of tasks.
    static let mostTasks = 32

    /// A table of some tasks.
    init(tasks: Range<Int>) { locations = tasks.map { .task(TaskID($0)) } }

    /// How many there are.
    var count: Int { locations.count }

    /// The location of this number.
    subscript(_ number: Int) -> StateLocation { locations[number] }

    /// The number of a location that has one.
    func known(_ location: StateLocation) -> Int? {
        locations.firstIndex(of: location)
    }

    /// The number of a location, which gets one if it has none; `nil` if there is no number left.
    mutating func number(of location: StateLocation) -> Int? {
        if let known = known(location) { return known }
        guard locations.count < Self.most else { return nil }
        locations.append(location)
        return locations.count - 1
    }
}
