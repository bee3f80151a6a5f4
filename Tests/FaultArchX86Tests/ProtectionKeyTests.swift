import BareMachine
import FaultArchX86
import FaultCore
import Testing

@Suite("Protection keys of memory", .timeLimit(.minutes(60)))
struct ProtectionKeyTests {
    @Test("a processor that has protection keys has 16, and one without has none: pkey_mprotect is EINVAL beyond")
    func numbers() {
        for (hasKeys, last) in [(true, 15), (false, -1)] {
            let entry = X86FaultEntry(hasProtectionKeys: hasKeys)
            var world = BareMachine(MachineConfiguration(model: .linux6_1, entry: entry)) { Issue.record("\($0)") }
            let area = world.area(at: 0x1000, pages: 4)
            for key in 0...16 {
                let errno = world.run(.mprotectWithKey(area, pages: 4, .readWrite, key: UInt8(key))).errno
                #expect(errno == (key <= last ? nil : .invalid), "key \(key), keys: \(hasKeys)")
            }
        }
    }
}
