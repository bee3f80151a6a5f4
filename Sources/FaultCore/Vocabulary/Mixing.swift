/// The mixing functions of the fingerprint: fixed, the same in every process.
package enum Mixing {
    /// Mixes two words into one: whitens and multiplies them, then folds the halves of the product together.
    @inlinable
    @inline(__always)
    package static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        fold(a ^ 0x9E37_79B9_7F4A_7C15, b ^ 0xD1B5_4A32_D192_ED03)
    }

    /// Mixes two nonzero words, one of them already mixed: folds the halves of their product together.
    @inlinable
    @inline(__always)
    package static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    /// Mixes a word.
    @inline(__always)
    static func mix(_ a: UInt64) -> UInt64 { mix(a, 0x8CB9_2BA7_2F3D_8DD7) }

    /// The place "entry of `page` in map `map`, holding `bits`".
    @inline(__always)
    static func entryPlace(_ map: MapID, _ page: PageNumber, _ bits: UInt64) -> UInt64 {
        // A page has 52 bits and an entry 48, which leaves room for the 28 bits of a map.
        let map = UInt64(UInt32(bitPattern: map.rawValue))
        return mix(page.rawValue ^ map << 52, bits ^ (map >> 12 & 0xFFFF) << 48 ^ 0x5851_F42D_4C95_7F2D)
    }

    /// The place "page `index` of the cache of `file`".
    @inline(__always)
    package static func cachePlace(_ file: FileID, _ index: PageIndex) -> UInt64 {
        mix(index.rawValue ^ 0x2545_F491_4F6C_DD1D, UInt64(UInt32(bitPattern: file.rawValue)) ^ 0x9FB2_1C65_1E98_DF25)
    }

    /// The place "page `position` of the pin `id`".
    @inline(__always)
    static func pinPlace(_ id: PinID, _ position: Int) -> UInt64 {
        let name = UInt64(UInt32(bitPattern: id.task.rawValue)) << 32 ^ UInt64(truncatingIfNeeded: id.number)
        return mix(name ^ 0x8EBC_6AF0_9C88_C6E3, UInt64(truncatingIfNeeded: position) ^ 0x5895_0EDE_A2A3_7C5B)
    }

    /// The place "slot `slot` of what task `task` holds".
    @inline(__always)
    static func stackPlace(_ task: TaskID, _ slot: UInt64) -> UInt64 {
        mix(slot ^ 0xA076_1D64_78BD_642F, UInt64(UInt32(bitPattern: task.rawValue)) ^ 0xE703_7ED1_A0B4_28DB)
    }
}

/// Mixes a sequence of words into one; their order matters.
struct WordHasher {
    private(set) var value: UInt64

    init(seed: UInt64) { value = Mixing.mix(seed) }

    mutating func add(_ word: UInt64) { value = Mixing.mix(value, word) }
    mutating func add(_ word: Int) { add(UInt64(bitPattern: Int64(word))) }
    mutating func add(_ word: UInt32) { add(UInt64(word)) }
    mutating func add(_ word: Int32) { add(UInt64(UInt32(bitPattern: word))) }
    mutating func add(_ flag: Bool) { add(flag ? 1 : 2 as UInt64) }
}
