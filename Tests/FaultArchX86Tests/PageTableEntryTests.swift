import FaultArchX86
import FaultCore
import Testing

@Suite("Page-table entries in the processor's format", .timeLimit(.minutes(60)))
struct PageTableEntryTests {
    @Test("every entry that the core makes comes back as it was")
    func roundTrip() {
        let optional: [PTE.Bits] = [.writable, .dirty, .young, .executable, .special]
        for set in 0..<(1 << optional.count) {
            var bits: PTE.Bits = [.present, .accessible]
            for (bit, option) in optional.enumerated() where set & (1 << bit) != 0 { bits.insert(option) }
            let frame = bits.contains(.special) ? FrameNumber.none : FrameNumber(rawValue: 0xDEAD_BEEF)
            let entry = PTE(frame, bits)
            #expect(X86PTE(entry).decoded == entry)
            let inaccessible = PTE(frame, bits.subtracting([.accessible, .executable]))
            #expect(X86PTE(inaccessible).decoded == inaccessible)
        }
        for bits: PTE.Bits in [.swap, [.swap, .swapExclusive]] {
            let entry = PTE(FrameNumber(rawValue: 0x8000_0001), bits)
            #expect(X86PTE(entry).decoded == entry)
        }
        #expect(X86PTE(.none).decoded == .none)
        #expect(X86PTE(.none).rawValue == 0)
    }

    @Test("the bits are where the processor has them")
    func positions() {
        let plain = X86PTE(PTE(FrameNumber(0x123), [.present, .accessible, .writable, .dirty, .young]))
        #expect(plain.rawValue == 0x8000_0000_0012_3067)
        let code = X86PTE(PTE(FrameNumber(0x123), [.present, .accessible, .executable, .young]))
        #expect(code.rawValue == 0x12_3025)
        let zero = X86PTE(PTE(.none, [.present, .accessible, .special, .young]))
        #expect(zero.rawValue == 0x8000_0000_0000_0225)
    }

    @Test("entries that the processor must not use have bit 0 clear and their frame inverted")
    func inverted() {
        let none = X86PTE(PTE(FrameNumber(0x123), [.present, .young]))
        #expect(none.rawValue == 0x000F_FFFF_FFED_C120)
        let swap = X86PTE(PTE(FrameNumber(1), [.swap, .swapExclusive]))
        #expect(swap.rawValue == 0x07FF_FFFF_FFFF_FC08)
        #expect(none.description == "0xfffffffedc120")
    }
}
