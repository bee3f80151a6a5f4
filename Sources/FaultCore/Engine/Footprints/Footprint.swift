/// A set of parts of the machine: those that a stage may read, or those that it has written.
public struct Footprint: Equatable, Sendable, ExpressibleByArrayLiteral {
    /// The parts; empty if it is ``everything``.
    public private(set) var locations: [StateLocation]
    /// Whether it is all that tasks share.
    public private(set) var isEverything: Bool

    /// Makes a footprint of some parts.
    public init(_ locations: [StateLocation] = []) {
        self.locations = locations
        isEverything = false
    }

    /// Makes a footprint of some parts.
    public init(arrayLiteral locations: StateLocation...) { self.init(locations) }

    private init(everything: Void) {
        locations = []
        isEverything = true
    }

    /// All that tasks share.
    public static var everything: Self { Self(everything: ()) }
    /// Nothing that tasks share.
    public static var nothing: Self { Self() }

    /// Whether it is nothing.
    public var isEmpty: Bool { !isEverything && locations.isEmpty }

    /// Adds a part.
    public mutating func insert(_ location: StateLocation) {
        if !isEverything, !locations.contains(location) { locations.append(location) }
    }

    /// Adds parts.
    public mutating func formUnion(_ other: Footprint) {
        if other.isEverything { self = .everything }
        for location in other.locations { insert(location) }
    }

    /// This and others together.
    public func union(_ others: Footprint...) -> Footprint {
        var all = self
        for other in others { all.formUnion(other) }
        return all
    }

    /// Whether a change within one can be observed through the other.
    package func overlaps(_ other: Footprint) -> Bool {
        if isEverything { return !other.isEmpty }
        if other.isEverything { return !isEmpty }
        return locations.contains { mine in other.locations.contains { mine.overlaps($0) } }
    }

    /// Whether it contains all of a part.
    public func contains(_ location: StateLocation) -> Bool {
        isEverything || locations.contains { location.isPart(of: $0) }
    }
}
