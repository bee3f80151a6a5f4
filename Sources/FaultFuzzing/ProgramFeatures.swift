/// What random programs do beyond the ordinary: see ``ModelOverrides/firstFailure(under:programs:firstSeed:features:)``.
///
/// Without any a seed means the program that it always meant; so it does with ``pins`` alone.
public struct ProgramFeatures: OptionSet, Sendable {
    /// The bits.
    public var rawValue: UInt8

    /// Makes a set of the given bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Pages are pinned, and the pins given back.
    public static let pins = Self(rawValue: 1 << 0)
    /// Memory is short: few frames, or a memory group with a low limit that changes; more swap areas, of several kinds; and
    /// swapoff(2).
    public static let pressure = Self(rawValue: 1 << 1)
    /// Slots of swap areas can't be read or written, and disks refuse to read ahead.
    public static let errors = Self(rawValue: 1 << 2)
    /// Faults are handed over to programs.
    public static let userfaults = Self(rawValue: 1 << 3)
    /// All other operations on memory and files: direct reads, heaps, locks, accesses to other processes, callers of faults
    /// other than exceptions, mappings and moves to given places.
    public static let moreOperations = Self(rawValue: 1 << 4)

    /// Files are cut within a page.
    public static let partialPages = Self(rawValue: 1 << 5)

    /// All of it.
    public static let all: Self = [.pins, .pressure, .errors, .userfaults, .moreOperations, .partialPages]
}

extension ProgramFeatures: CustomStringConvertible {
    /// The names of what is in it, such as `pins, pressure`.
    public var description: String {
        let names: [(Self, String)] = [
            (.pins, "pins"), (.pressure, "pressure"), (.errors, "errors"), (.userfaults, "userfaults"),
            (.moreOperations, "more operations"), (.partialPages, "partial pages"),
        ]
        let found = names.filter { contains($0.0) }.map(\.1)
        return found.isEmpty ? "nothing more" : found.joined(separator: ", ")
    }
}
