import FaultSimulator

/// The choices that a random program makes, one after the other: by numbers that follow from a seed, or by given bytes.
///
/// Choices by a seed are kept as bytes, and the same bytes give the same choices again. So bytes are what is changed to
/// find a shorter program, or one that reaches other code.
struct ProgramChoices {
    /// Where numbers come from; `nil` if the bytes are given.
    private var random: SplitMix64?
    private var bytes: [UInt8]
    /// The number of bytes that have been used.
    private var used = 0

    /// Choices whose numbers follow from `seed`. They never end.
    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        bytes = []
    }

    /// Choices by `bytes`. After their end each choice is the first possibility.
    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether all given bytes have been used.
    var areUsedUp: Bool { random == nil && used == bytes.count }

    /// The bytes of the choices so far.
    var made: ArraySlice<UInt8> { bytes[..<used] }

    /// The bytes that no choice has used.
    var left: ArraySlice<UInt8> { bytes[used...] }

    /// A number from 0 to `bound` - 1.
    mutating func below(_ bound: Int) -> Int {
        guard let number = random?.below(bound) else { return given(Self.size(below: bound)) % bound }
        bytes += Self.bytes(of: number, below: bound)
        used = bytes.count
        return number
    }

    /// One of `choices`.
    mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

    /// The next `size` bytes as a number, the most significant first.
    private mutating func given(_ size: Int) -> Int {
        var number = 0
        for _ in 0..<size {
            number = number << 8
            guard used < bytes.count else { continue }
            number |= Int(bytes[used])
            used += 1
        }
        return number
    }

    /// The bytes with which a choice of `bound` possibilities is `number`.
    static func bytes(of number: Int, below bound: Int) -> [UInt8] {
        (0..<size(below: bound)).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// How many bytes hold any number below `bound`.
    private static func size(below bound: Int) -> Int {
        bound <= 1 ? 0 : (Int.bitWidth - (bound - 1).leadingZeroBitCount + 7) / 8
    }
}
