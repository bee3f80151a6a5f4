/// A small random number generator, SplitMix64 of Steele, Lea and Flood. Its numbers follow from a seed and are the
/// same in every process and on every machine.
///
/// Random programs and fuzzing use it. Its state is one word. Whatever looks random in a simulation comes from a
/// generator like this one, never from the host.
@frozen
public struct SplitMix64: RandomNumberGenerator, BitwiseCopyable, Sendable {
    /// The state from which the next number follows.
    @usableFromInline
    var state: UInt64

    /// A generator whose numbers follow from `seed`.
    @inlinable
    public init(seed: UInt64) { state = seed }

    /// The next number.
    @inlinable
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// The next number, taken modulo `bound`: from 0 to `bound` - 1, the low ones a little likelier.
    ///
    /// - Precondition: `bound` is at least 1.
    @inlinable
    public mutating func below<Number: FixedWidthInteger>(_ bound: Number) -> Number {
        guard bound >= 1 else { Self.refuse("below: no number is from 0 to below \(bound)") }
        return Number(next() % UInt64(bound))
    }

    /// One of `choices`, by ``below(_:)``.
    ///
    /// - Precondition: There is at least one choice.
    @inlinable
    public mutating func pick<T>(_ choices: [T]) -> T {
        guard !choices.isEmpty else { Self.refuse("pick: there is nothing to choose from") }
        return choices[below(choices.count)]
    }

    @usableFromInline
    static func refuse(_ what: String) -> Never { misuse("SplitMix64.\(what); give at least 1") }
}

extension SplitMix64: CustomStringConvertible {
    /// The state, such as `random numbers after 0x2a`.
    public var description: String { "random numbers after \(FieldText.hex(state))" }
}
