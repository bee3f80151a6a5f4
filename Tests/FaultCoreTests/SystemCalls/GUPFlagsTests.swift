import FaultCore
import Testing

@Suite("Flags of get_user_pages()", .timeLimit(.minutes(60)))
struct GUPFlagsTests {
    @Test("no two flags have a bit in common")
    func distinct() {
        let flags: [GUPFlags] = [
            .write, .touch, .get, .force, .noWait, .noFault, .hwpoison, .tried, .remote, .pin, .unlockable,
            .interruptible, .advice,
        ]
        var seen: GUPFlags = []
        for flag in flags {
            #expect(flag.rawValue.nonzeroBitCount == 1 && seen.isDisjoint(with: flag))
            seen.formUnion(flag)
        }
    }
}
