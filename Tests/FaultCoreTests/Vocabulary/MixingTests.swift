@testable import FaultCore
import Testing

@Suite("Places in the fingerprint", .timeLimit(.minutes(60)))
struct MixingTests {
    @Test("the same page is another place in every map, up to the last map that a machine may have")
    func maps() {
        let maps = [0, 1, 4095, 4096, 4097, 8192, 1 << 24, (1 << 28) - 1].map { MapID($0) }
        for bits in [1, PTE(FrameNumber(rawValue: .max), .swap).rawValue, 0xFFFF_0002] {
            for page in [0, 1, (1 << 52) - 1] as [UInt64] {
                let places = maps.map { Mixing.entryPlace($0, PageNumber(page), bits) }
                #expect(Set(places).count == maps.count)
            }
        }
    }
}
