/// What a random test begins with, as an argument that prints what replays it.
///
///     @Test("random reads", arguments: Seed.each(1...20))
///     func randomReads(_ seed: Seed) throws {
///         var random = seed.numbers
///         …
///         #expect(world.story.allLawsHold, "\(seed)")
///     }
///
/// A failing case prints `seed 7 (again: Seed.only(7))`: write ``only(_:)`` in place of ``each(_:)``, and this one alone
/// runs.
public struct Seed: Hashable, BitwiseCopyable, Sendable {
    /// The number.
    public let value: UInt64

    /// Makes a seed.
    public init(_ value: UInt64) { self.value = value }

    /// A seed for each number of a range.
    public static func each(_ values: ClosedRange<UInt64>) -> [Seed] { values.map { Seed($0) } }

    /// One seed, to run a failed case again.
    public static func only(_ value: UInt64) -> [Seed] { [Seed(value)] }

    /// The random numbers that follow from it, the same everywhere.
    public var numbers: SplitMix64 { SplitMix64(seed: value) }

    /// So many schedules in which chance decides at every choice: `Strategy.random(seed:runs:)`.
    public func schedules(_ runs: Int) -> Strategy { .random(seed: value, runs: runs) }
}

extension Seed: CustomStringConvertible {
    /// What replays it: `seed 7 (again: Seed.only(7))`.
    public var description: String { "seed \(value) (again: Seed.only(\(value)))" }
}

extension Seed: ExpressibleByIntegerLiteral {
    /// A seed.
    public init(integerLiteral value: UInt64) { self.init(value) }
}
