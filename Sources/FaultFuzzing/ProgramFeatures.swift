/// Additional features of random programs: see ``ModelOverrides/firstFailure(under:programs:firstSeed:features:)``.
///
/// Without features, or with ``pins`` alone, each seed gives the same program in every version.
public struct ProgramFeatures: OptionSet, Sendable {
    /// The bits.
    public var rawValue: UInt16

    /// Makes a set of the given bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Pages are pinned, and the pins are released.
    public static let pins = Self(rawValue: 1 << 0)
    /// Memory is short: there are few frames, or a memory group with a low limit that changes. There are more swap
    /// areas, of several kinds, and swapoff(2).
    public static let pressure = Self(rawValue: 1 << 1)
    /// Slots of swap areas can't be read or written, and disks refuse to read ahead.
    public static let errors = Self(rawValue: 1 << 2)
    /// Userfaultfd hands faults over to programs.
    public static let userfaults = Self(rawValue: 1 << 3)
    /// All other operations on memory and files: direct reads, heaps, locks, accesses to other processes, faults
    /// without an exception, and mappings and moves to fixed addresses.
    public static let moreOperations = Self(rawValue: 1 << 4)

    /// Files are cut within a page.
    public static let partialPages = Self(rawValue: 1 << 5)
    /// The machine is of another architecture than x86: any of `Architecture.all`.
    public static let architectures = Self(rawValue: 1 << 6)
    /// In a part of each round tasks and devices take turns in any order, stage by stage.
    public static let turns = Self(rawValue: 1 << 7)
    /// Protection keys, jumps, stores to other processes, tasks that compute, processes that end as a whole, and poll(2).
    public static let rareOperations = Self(rawValue: 1 << 8)

    /// All of it.
    public static let all: Self = [
        .pins, .pressure, .errors, .userfaults, .moreOperations, .partialPages, .architectures, .turns, .rareOperations,
    ]
}

extension ProgramFeatures: CustomStringConvertible {
    /// The names of the features, such as `pins, pressure`.
    public var description: String {
        let names: [(Self, String)] = [
            (.pins, "pins"), (.pressure, "pressure"), (.errors, "errors"), (.userfaults, "userfaults"),
            (.moreOperations, "more operations"), (.partialPages, "partial pages"),
            (.architectures, "architectures"), (.turns, "turns"), (.rareOperations, "rare operations"),
        ]
        let found = names.filter { contains($0.0) }.map(\.1)
        return found.isEmpty ? "nothing more" : found.joined(separator: ", ")
    }
}
