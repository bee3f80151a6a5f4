import BareMachine
import FaultArchX86
import Testing

@testable import FaultCore

@Suite("Protection keys", .timeLimit(.minutes(60)))
struct ProtectionKeyTests {
    private let entry = X86FaultEntry(hasProtectionKeys: true)
    private let page = PageNumber(0x100)

    /// A process with 16 writable pages at 0x100, which have key 5.
    private func process(_ rights: X86KeyRights) -> BareMachine {
        var process = BareMachine(entry)
        process.area(at: 0x100, pages: 0x10)
        #expect(process.run(.mprotectWithKey(page, pages: 16, [.read, .write], key: 5)).errno == nil)
        process.run(.setKeyRights(rights))
        return process
    }

    @Test("an access that the key forbids is SIGSEGV/PKUERR with the key, whether or not the page is there")
    func refused() {
        var process = process(.all)
        process.run(.write(page))
        process.run(.setKeyRights(X86KeyRights.all.denyingAccess(5)))
        let present = process.run(.read(page))
        #expect(present.signal == .segv(.protectionKey))
        #expect(present.signalDetail?.protectionKey == 5)
        #expect(present.signalDetail?.errorCode == [.protection, .user, .protectionKey])
        #expect(present.counters.attempts == 0)
        let missing = process.run(.write(page + 1))
        #expect(missing.signal == .segv(.protectionKey))
        #expect(missing.signalDetail?.protectionKey == 5)
        #expect(missing.signalDetail?.errorCode == [.write, .user])
        #expect(process.machine.violations.isEmpty)
    }

    @Test("a key that forbids writing lets reads through, and no key forbids to execute")
    func writesOnly() {
        var process = process(X86KeyRights.all.denyingWrites(5))
        #expect(process.run(.read(page)).signal == nil)
        #expect(process.run(.write(page)).signal == .segv(.protectionKey))
        process.run(.mprotectWithKey(page, pages: 16, [.read, .execute], key: 5))
        process.run(.setKeyRights(X86KeyRights.all.denyingAccess(5)))
        #expect(process.run(.execute(page)).signal == nil)
        #expect(process.run(.read(page)).signal == .segv(.protectionKey))
    }

    @Test("an area that allows no writing is ACCERR, key or not: the key is asked of what the area allows")
    func areaComesFirst() {
        var process = process(.all)
        process.run(.mprotectWithKey(page, pages: 16, .read, key: 5))
        let report = process.run(.write(page))
        #expect(report.signal == .segv(.accessDenied))
        #expect(report.signalDetail?.protectionKey == 0)
    }

    @Test("a new process may use key 0 alone; a fork has its parent's rights")
    func inheritance() {
        var process = process(X86KeyRights.all.denyingWrites(5))
        let stranger = process.machine.addTask()
        #expect(process.machine.keyRights(of: stranger) == .initial)
        let child = TaskID(process.run(.fork).value)
        #expect(process.machine.keyRights(of: child) == X86KeyRights.all.denyingWrites(5))
        #expect(process.run(.write(page), in: child).signal == .segv(.protectionKey))
    }

    @Test("areas of different keys are different areas, and merge when they have the same again")
    func areas() {
        var process = BareMachine(entry)
        process.area(at: 0x100, pages: 0x10, [.read, .write, .account])
        process.run(.mprotectWithKey(page + 4, pages: 4, [.read, .write], key: 1))
        #expect(process.areas.map(\.flags.protectionKey) == [0, 1, 0])
        process.run(.mprotect(page + 4, pages: 4, .read))
        #expect(process.areas.map(\.flags.protectionKey) == [0, 1, 0])
        process.run(.mprotectWithKey(page + 4, pages: 4, [.read, .write], key: 0))
        #expect(process.areas.count == 1)
    }

    @Test("a key that the processor has not is EINVAL, found with the lock held")
    func unknownKey() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10)
        let report = process.run(.mprotectWithKey(page, pages: 1, .read, key: 0))
        #expect(report.errno == .invalid)
        #expect(report.counters.mmapWriteLocks == 1)
        #expect(process.areas.count == 1)
    }

    @Test("the key in an entry is the area's, also of pages that were there before")
    func entries() {
        var process = BareMachine(entry)
        process.area(at: 0x100, pages: 0x10)
        process.run(.write(page))
        process.run(.mprotectWithKey(page, pages: 2, [.read, .write], key: 9))
        process.run(.setKeyRights(.all))
        process.run(.write(page + 1))
        for number in 0x100...0x101 as ClosedRange<UInt64> {
            #expect(process.entry(number).bits.protectionKey == 9)
            let hardware = X86PTE(process.entry(number))
            #expect(hardware.rawValue >> 59 & 0xF == 9)
            #expect(hardware.decoded == process.entry(number))
        }
    }

    @Test("a user copy stops at a key without a signal, get_user_pages() fails, another process's read passes")
    func kernelAccess() {
        var process = process(X86KeyRights.all.denyingAccess(5))
        #expect(process.run(.kernelTouch(.write, page, .kernelWithFixup)).errno == .badAddress)
        #expect(process.run(.getUserPages(page, pages: 1, [])).errno == .badAddress)
        let other = process.machine.addTask()
        #expect(process.run(.readRemoteMemory(process.map, page, pages: 2), in: other).value == 2)
    }

    @Test("rights are state: two machines that differ in them are not equal")
    func fingerprint() {
        let one = process(.all)
        let two = process(X86KeyRights.all.denyingWrites(7))
        #expect(one.machine.fingerprint != two.machine.fingerprint)
        #expect(one.machine != two.machine)
    }
}
