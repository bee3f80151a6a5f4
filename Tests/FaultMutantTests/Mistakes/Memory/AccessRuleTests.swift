import FaultSimulator
import Testing

@testable import FaultCore

/// What an access leaves in the entry of its page.
@Suite("What an access leaves behind", .timeLimit(.minutes(60)))
struct AccessRuleTests {
    @Test("an access to a page that was not used for a while makes its entry young again")
    func youngAgain() throws {
        for access in [FaultException.Access.read, .write, .execute] {
            for (pages, isAtOnce) in [(1, false), (3, false), (1, true), (3, true)] {
                var play = try Play(.linux6_1)
                play.world.machine.isChecking = !isAtOnce
                play.world.machine.recordsAttempts = !isAtOnce
                let area = try play.world.map(anonymousPages: 3, .all, in: play.task)
                try play.perform(.write(area, pages: 3))
                for page in 0..<3 { _ = play.world.machine.takeReferences(to: play.frame(of: page, in: area)) }
                try play.perform(.touch(access, area[0], pages: pages, stride: 1))
                let young = (0..<3).filter {
                    play.world.machine.entry(of: area[$0], in: area.map).bits.contains(.young)
                }
                #expect(young == Array(0..<pages), "\(access), at once: \(isAtOnce)")
            }
        }
    }

    @Test("a processor tells of the key for a load of a read-only page, not for a store, which the page forbids")
    func keyOfReadOnlyPage() throws {
        for isWrite in [false, true] {
            var play = try Play(.linux6_1, entry: X86FaultEntry(hasProtectionKeys: true))
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            try play.perform(.mprotectWithKey(area, .read, key: 3))
            try play.perform(.setKeyRights(.all.denyingAccess(3)))
            #expect(try play.perform(isWrite ? .write(area) : .read(area)).end == "SIGSEGV/PKUERR")
            let code = play.world.report(of: play.task).signalDetail?.errorCode
            #expect(code?.contains(.protectionKey) == !isWrite)
        }
    }
}
