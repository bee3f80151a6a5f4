import FaultArchX86
import FaultCore
import Testing

@Suite("What x86 prints", .timeLimit(.minutes(60)))
struct X86WordTests {
    @Test("registers are told in words")
    func registers() {
        // A copy by the kernel allows itself to access user memory: stac sets the flag of alignment checks.
        let modes: [(FaultException.Mode, String)] = [
            (.user, "user mode"), (.kernelWithoutFixup, "kernel mode"),
            (.kernelWithFixup, "kernel mode, fixup, alignment check"),
            (.kernelAtomic, "kernel mode, fixup, faults disabled, alignment check"),
        ]
        for (mode, text) in modes { #expect("\(X86Registers(mode))" == text) }
        var registers = X86Registers(.user)
        registers.alignmentCheck = true
        #expect("\(registers)" == "user mode, alignment check")
    }

    @Test("an entry tells its paging, its vsyscall mode and its features")
    func entry() {
        #expect("\(X86FaultEntry())".hasPrefix("x86, fourLevel, vsyscall "))
        var entry = X86FaultEntry()
        entry.hasSMAP = true
        entry.hasSMEP = false
        entry.hasProtectionKeys = true
        #expect("\(entry)".hasSuffix(", SMAP, protection keys"))
        entry.hasSMEP = true
        #expect("\(entry)".hasSuffix(", SMAP, SMEP, protection keys"))
        entry.hasSMAP = false
        entry.hasProtectionKeys = false
        #expect("\(entry)".hasSuffix(", SMEP"))
    }
}
