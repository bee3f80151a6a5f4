/// The seed of a random test, as an argument that prints how to replay it.
///
///     @Test("random reads", arguments: Seed.each(1...20))
///     func randomReads(_ seed: Seed) throws {
///         var random = seed.numbers
///         …
///         #expect(world.story.allLawsHold, "\(seed)")
///     }
///
/// A failing case prints `seed 7 (again: Seed.only(7))`. Write ``only(_:)`` instead of ``each(_:)`` to run only this
/// case.
public struct Seed: Hashable, BitwiseCopyable, Sendable {
    /// The number.
    public let value: UInt64

    /// Makes a seed.
    public init(_ value: UInt64) { self.value = value }

    /// A seed for each number of a range.
    public static func each(_ values: ClosedRange<UInt64>) -> [Seed] { values.map { Seed($0) } }

    /// One seed, to run a failed case again.
    public static func only(_ value: UInt64) -> [Seed] { [Seed(value)] }

    /// The random numbers of this seed, the same on every machine.
    public var numbers: SplitMix64 { SplitMix64(seed: value) }

    /// A strategy of `runs` random schedules: `Strategy.random(seed:runs:)`.
    public func schedules(_ runs: Int) -> Strategy { .random(seed: value, runs: runs) }
}

extension Seed: CustomStringConvertible {
    /// How to replay it: `seed 7 (again: Seed.only(7))`.
    public var description: String { "seed \(value) (again: Seed.only(\(value)))" }
}

extension Seed: ExpressibleByIntegerLiteral {
    /// A seed.
    public init(integerLiteral value: UInt64) { self.init(value) }
}
