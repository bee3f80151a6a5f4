import FaultSimulator
import Testing

@testable import FaultArchX86
@testable import FaultCore

/// What get_user_pages() asks before it takes a page.
@Suite("What get_user_pages() asks for", .timeLimit(.minutes(60)))
struct LookupRuleTests {
    @Test("the key of memory is asked for what is to be done with its pages (check_vma_flags())")
    func keyOfPages() throws {
        let cases: [(X86KeyRights, GUPFlags, Errno?)] = [
            (.all.denyingWrites(3), .write, .badAddress), (.all.denyingWrites(3), [], nil),
            (.all.denyingAccess(3), [], .badAddress),
        ]
        for (rights, flags, errno) in cases {
            for isThere in [true, false] {
                var play = try Play(.linux6_1, entry: X86FaultEntry(hasProtectionKeys: true))
                let area = try play.world.map(anonymousPages: 1, in: play.task)
                if isThere { try play.perform(.write(area)) }
                try play.perform(.mprotectWithKey(area, .readWrite, key: 3))
                try play.perform(.setKeyRights(rights))
                let report = try play.perform(.getUserPages(area, flags.union(.unlockable), pages: 1))
                #expect(report.errno == errno, "\(flags), present: \(isThere)")
            }
        }
    }

    @Test("a forced write that had to wait is still one: it gets a copy, not the page of the file (Linux 4.8)")
    func forcedWriteThatWaits() throws {
        var play = try Play(.linux4_8)
        let file = try play.world.file(pages: 1)
        let area = try play.world.map(file, .read, .private, in: play.task)
        let flags: GUPFlags = [.write, .force, .unlockable]
        try play.perform(.getUserPages(area, flags, pages: 1))
        #expect(play.results().hasPrefix("MAJOR|RETRY"))
        #expect(play.frame(of: 0, in: area) != play.world.machine.cachedFolio(at: 0, of: file))
    }

    @Test("fixup_user_fault() of what is not mapped, or what a key forbids, is EFAULT, whoever asks")
    func fixupOfNothing() throws {
        for caller in [FaultCaller.fixup, .fixupUnlockable, .futex, .hmm] {
            var play = try Play(.linux6_1, entry: X86FaultEntry(hasProtectionKeys: true))
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.mprotectWithKey(area, .readWrite, key: 3))
            for isMapped in [false, true] {
                let request = FaultRequest(caller, .read, area[0] - (isMapped ? 0 : 8), in: area.map)
                if isMapped { try play.perform(.setKeyRights(.all.denyingAccess(3))) }
                #expect(try play.perform(.faultIn(request)).errno == .badAddress, "\(caller), mapped: \(isMapped)")
            }
        }
    }

    @Test("a long-term pin for reading takes a page of a shared file as it is (gup_must_unshare())")
    func longTermPinOfSharedFile() throws {
        for isShared in [true, false] {
            var play = try Play(.linux6_12)
            let file = try play.world.file(pages: 1, resident: .all)
            let area = try play.world.map(file, .readWrite, isShared ? .shared : .private, in: play.task)
            try play.perform(.read(area))
            try play.perform(.pinUserPages(area, pages: 1, .longTerm))
            let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
            #expect((play.frame(of: 0, in: area) == folio) == isShared)
        }
    }
}
