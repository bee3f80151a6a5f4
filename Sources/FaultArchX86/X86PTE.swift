public import FaultCore

/// A lowest-level page-table entry in the format of the processor and of Linux 6.1. Models `pte_t` of
/// arch/x86/include/asm/pgtable_types.h.
///
/// | bits  | name              | in a present entry                                  |
/// |-------|-------------------|-----------------------------------------------------|
/// | 0     | `_PAGE_PRESENT`   | the processor may use the entry                     |
/// | 1     | `_PAGE_RW`        | stores may go through                               |
/// | 2     | `_PAGE_USER`      | programs may use it                                 |
/// | 5     | `_PAGE_ACCESSED`  | set by the processor on the first use               |
/// | 6     | `_PAGE_DIRTY`     | set by the processor on the first store             |
/// | 8     | `_PAGE_PROTNONE`  | with bit 0 clear: present for Linux, `PROT_NONE`    |
/// | 9     | `_PAGE_SPECIAL`   | the zero page; nothing counts its uses              |
/// | 12-51 | frame             | inverted in `PROT_NONE` and swap entries            |
/// | 51    | (reserved)        | set in a damaged entry: no address is that long     |
/// | 59-62 | `_PAGE_PKEY_BIT*` | the protection key                                  |
/// | 63    | `_PAGE_NX`        | instructions may not be fetched; not in `PROT_NONE` |
///
/// In a swap entry bits 0 and 8 are clear, bit 3 is `_PAGE_SWP_EXCLUSIVE`, bits 59-63 are the swap type (always 0
/// here), and the slot is inverted in bits 9-58. It is inverted so that a processor which speculates past bit 0 finds
/// no memory (L1TF, arch/x86/include/asm/pgtable-invert.h).
@frozen
public struct X86PTE: RawRepresentable, Equatable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The bits, as the processor numbers them.
    public var rawValue: UInt64

    /// Makes an entry from its bits.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    private static let present: UInt64 = 1 << 0
    private static let writable: UInt64 = 1 << 1
    private static let user: UInt64 = 1 << 2
    private static let swapExclusive: UInt64 = 1 << 3
    private static let accessed: UInt64 = 1 << 5
    private static let dirty: UInt64 = 1 << 6
    private static let protectionNone: UInt64 = 1 << 8
    private static let special: UInt64 = 1 << 9
    private static let frameMask: UInt64 = 0x000F_FFFF_FFFF_F000
    private static let swapSlotMask: UInt64 = 0x07FF_FFFF_FFFF_FE00
    private static let reserved: UInt64 = 1 << 51
    private static let keyMask: UInt64 = 0xF << 59
    private static let noExecute: UInt64 = 1 << 63

    /// Converts an entry of the simulator to the processor's format.
    public init(_ entry: PTE) {
        rawValue = 0
        guard !entry.isNone else { return }
        let bits = entry.bits
        guard entry.isPresent else {
            rawValue = ~(UInt64(entry.frame.rawValue) << 9) & Self.swapSlotMask
            if bits.contains(.swapExclusive) { rawValue |= Self.swapExclusive }
            return
        }
        let frame = UInt64(entry.frame.rawValue) << 12
        if bits.contains(.accessible) {
            rawValue = frame | Self.present | Self.user
            if !bits.contains(.executable) { rawValue |= Self.noExecute }
        } else {
            rawValue = ~frame & Self.frameMask | Self.protectionNone
        }
        if bits.contains(.writable) { rawValue |= Self.writable }
        if bits.contains(.young) { rawValue |= Self.accessed }
        if bits.contains(.dirty) { rawValue |= Self.dirty }
        if bits.contains(.special) { rawValue |= Self.special }
        if bits.contains(.damaged) { rawValue ^= Self.reserved }
        rawValue |= UInt64(bits.protectionKey) << 59
    }

    /// The entry in the simulator's format.
    ///
    /// - Precondition: The number of its frame or slot fits into 32 bits, as in all entries that the simulator makes.
    public var decoded: PTE {
        if rawValue == 0 { return .none }
        guard has(Self.present) || has(Self.protectionNone) else {
            let slot = ~rawValue & Self.swapSlotMask
            let bits: PTE.Bits = has(Self.swapExclusive) ? [.swap, .swapExclusive] : .swap
            return PTE(FrameNumber(Int(slot >> 9)), bits)
        }
        var bits: PTE.Bits = .present
        if has(Self.present) { bits.formUnion(has(Self.noExecute) ? .accessible : [.accessible, .executable]) }
        if has(Self.writable) { bits.insert(.writable) }
        if has(Self.accessed) { bits.insert(.young) }
        if has(Self.dirty) { bits.insert(.dirty) }
        if has(Self.special) { bits.insert(.special) }
        bits.protectionKey = UInt8(truncatingIfNeeded: (rawValue & Self.keyMask) >> 59)
        var frame = (has(Self.present) ? rawValue : ~rawValue) & Self.frameMask
        if frame & Self.reserved != 0 {
            bits.insert(.damaged)
            frame ^= Self.reserved
        }
        return PTE(FrameNumber(Int(frame >> 12)), bits)
    }

    private func has(_ bit: UInt64) -> Bool { rawValue & bit != 0 }

    /// The bits in hexadecimal.
    public var description: String { "0x" + String(rawValue, radix: 16) }
}
