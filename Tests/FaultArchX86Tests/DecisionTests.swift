import FaultArchX86
import FaultCore
import Testing

@Suite("The decisions of arch/x86/mm/fault.c, row by row", .timeLimit(.minutes(60)))
struct DecisionTests {
    struct AccessRow: CustomTestStringConvertible {
        let code: X86ErrorCode
        let area: VMAFlags
        var keyRefuses = false
        let refused: Bool
        var testDescription: String { "\(code) on area flags \(area.rawValue)\(keyRefuses ? ", key refuses" : "")" }
    }

    @Test(
        "access_error: the first row that matches decides",
        arguments: [
            AccessRow(code: [.user, .protection, .protectionKey], area: [.read, .write], refused: true),
            AccessRow(code: [.user, .sgx], area: [.read, .write], refused: true),
            AccessRow(code: [.user], area: [.read], keyRefuses: true, refused: true),
            AccessRow(code: [.user, .write], area: [.read, .write], keyRefuses: true, refused: true),
            AccessRow(code: [.user, .instruction], area: [.read, .execute], keyRefuses: true, refused: false),
            AccessRow(code: [.user, .write], area: [.read], refused: true),
            AccessRow(code: [.user, .write, .protection], area: [.read, .execute], refused: true),
            AccessRow(code: [.user, .write], area: [], refused: true),
            AccessRow(code: [.user, .write], area: [.write], refused: false),
            AccessRow(code: [.user, .write, .protection], area: [.read, .write], refused: false),
            AccessRow(code: [.user, .protection], area: [.read, .write], refused: true),
            AccessRow(code: [.user, .instruction, .protection], area: [.read], refused: true),
            AccessRow(code: [.user, .instruction, .protection], area: [.execute], refused: true),
            AccessRow(code: [.user], area: [], refused: true),
            AccessRow(code: [.user], area: [.shared, .growsDown], refused: true),
            AccessRow(code: [.user, .instruction], area: [], refused: true),
            AccessRow(code: [.user], area: [.read], refused: false),
            AccessRow(code: [.user], area: [.write], refused: false),
            AccessRow(code: [.user], area: [.execute], refused: false),
            AccessRow(code: [.user, .instruction], area: [.read], refused: false),
        ])
    func accessError(_ row: AccessRow) {
        #expect(X86FaultEntry.isRefused(row.code, by: row.area, keyRefuses: row.keyRefuses) == row.refused)
    }

    @Test("a protection key is named only by a processor that has them")
    func protectionKeys() {
        let plain = X86FaultEntry()
        let keyed = X86FaultEntry(hasProtectionKeys: true)
        #expect(plain.refusal(ofAccess: [.user, .protectionKey]) == .accessDenied)
        #expect(keyed.refusal(ofAccess: [.user, .protectionKey]) == .protectionKey)
        #expect(keyed.refusal(ofAccess: [.user], keyRefuses: true) == .protectionKey)
        #expect(keyed.refusal(ofAccess: [.user, .write]) == .accessDenied)
    }

    // MARK: Result by mode

    struct ReplyRow: CustomTestStringConvertible {
        let refusal: X86FaultEntry.Refusal
        let user: X86FaultEntry.Reply
        var fixup: X86FaultEntry.Reply = .fixup
        var testDescription: String { "\(refusal)" }
    }

    static let replies = [
        ReplyRow(refusal: .notMapped, user: .signal(.segv(.notMapped))),
        ReplyRow(refusal: .accessDenied, user: .signal(.segv(.accessDenied))),
        ReplyRow(refusal: .protectionKey, user: .signal(.segv(.protectionKey))),
        ReplyRow(refusal: .outOfMemory, user: .replay),
        ReplyRow(refusal: .noData, user: .signal(.bus(.noSuchAddress))),
        ReplyRow(refusal: .memoryError, user: .signal(.bus(.memoryError))),
        ReplyRow(refusal: .handlerRefused, user: .signal(.segv(.notMapped))),
        ReplyRow(refusal: .dying, user: .killed),
        ReplyRow(refusal: .unexpected, user: .oops, fixup: .oops),
    ]

    @Test("a refusal is a signal in user mode, the fixup in a user copy, else an oops", arguments: replies)
    func reply(_ row: ReplyRow) {
        let user = X86FaultEntry.reply(to: row.refusal, [.user], X86Registers(.user))
        let copy = X86FaultEntry.reply(to: row.refusal, [], X86Registers(.kernelWithFixup))
        let atomic = X86FaultEntry.reply(to: row.refusal, [], X86Registers(.kernelAtomic))
        let stray = X86FaultEntry.reply(to: row.refusal, [], X86Registers(.kernelWithoutFixup))
        #expect(user == row.user)
        #expect(copy == row.fixup)
        #expect(atomic == row.fixup)
        #expect(stray == .oops)
    }

    @Test("every refusal has its row")
    func repliesAreComplete() {
        #expect(Self.replies.map(\.refusal) == X86FaultEntry.Refusal.allCases)
    }

    @Test("an access by the processor itself on a program's behalf is an oops, not SIGSEGV")
    func implicitAccess() {
        #expect(X86FaultEntry.reply(to: .notMapped, [], X86Registers(.user)) == .oops)
        #expect(X86FaultEntry.reply(to: .noData, [], X86Registers(.user)) == .signal(.bus(.noSuchAddress)))
    }

    @Test(
        "an error of the handler is named by its first bit in the kernel's order",
        arguments: [
            ([.oom, .sigbus], .outOfMemory), ([.sigbus], .noData), ([.sigbus, .hwpoison], .memoryError),
            ([.hwpoisonLarge], .memoryError), ([.sigsegv], .handlerRefused), ([.sigbus, .sigsegv], .noData),
            ([.fallback], .unexpected), ([.major, .locked], nil), ([], nil),
        ] as [(FaultResult, X86FaultEntry.Refusal?)])
    func handlerError(_ result: FaultResult, _ refusal: X86FaultEntry.Refusal?) {
        #expect(X86FaultEntry.refusal(of: result, X86Registers(.user), hasFatalSignal: true) == refusal)
        let dying: X86FaultEntry.Refusal? = refusal == nil ? nil : .dying
        #expect(X86FaultEntry.refusal(of: result, X86Registers(.kernelWithFixup), hasFatalSignal: true) == dying)
        #expect(X86FaultEntry.refusal(of: result, X86Registers(.kernelWithFixup), hasFatalSignal: false) == refusal)
    }

    @Test("only RETRY gives up for a signal; an ordinary one only in user mode")
    func givesUp() {
        func givesUp(_ result: FaultResult, _ mode: FaultException.Mode, fatal: Bool) -> Bool {
            let follows = KernelModel.linux6_1.afterRetry(
                inUserMode: X86Registers(mode).isUserMode, fatalSignal: fatal, signal: true)
            return result.contains(.retry) && follows != .triesAgain
        }
        #expect(givesUp([.major, .retry], .user, fatal: false))
        #expect(givesUp(.retry, .user, fatal: true))
        #expect(!givesUp(.retry, .kernelWithFixup, fatal: false))
        #expect(givesUp(.retry, .kernelWithFixup, fatal: true))
        #expect(!givesUp(.completed, .user, fatal: true))
        #expect(!givesUp(.sigbus, .user, fatal: true))
    }

    // MARK: The tests at the top

    @Test("a user address is tested for what the kernel may not do, reserved bits, SMAP and context, in this order")
    func verdicts() {
        let entry = X86FaultEntry(hasSMAP: true)
        var older = KernelModel.linux6_1
        older.kernelViolation = .isBadArea
        let copy = X86Registers(.kernelWithFixup)
        let stray = X86Registers(.kernelWithoutFixup)
        let atomic = X86Registers(.kernelAtomic)
        let user = X86Registers(.user)
        #expect(entry.verdict(onUserAddress: [.instruction], copy, hasMap: true) == .oops)
        #expect(entry.verdict(onUserAddress: [.user, .instruction], user, hasMap: true) == .handle)
        #expect(entry.verdict(onUserAddress: [.user, .reserved], user, hasMap: true) == .oops)
        #expect(entry.verdict(onUserAddress: [.write], stray, hasMap: true) == .oops)
        #expect(entry.verdict(onUserAddress: [.write], stray, hasMap: true, under: older) == .badArea)
        #expect(entry.verdict(onUserAddress: [.instruction], copy, hasMap: true, under: older) == .handle)
        #expect(X86FaultEntry().verdict(onUserAddress: [.write], stray, hasMap: true) == .handle)
        #expect(entry.verdict(onUserAddress: [.write], copy, hasMap: true) == .handle)
        #expect(entry.verdict(onUserAddress: [.write], atomic, hasMap: true) == .badArea)
        #expect(entry.verdict(onUserAddress: [.write], copy, hasMap: false) == .badArea)
        #expect(entry.verdict(onUserAddress: [.user], user, hasMap: true) == .handle)
    }

    @Test("a kernel fault is spurious only for the exact codes, and if the entry allows the access now")
    func spurious() {
        let writable = PTE(FrameNumber(1), [.present, .writable])
        let executable = PTE(FrameNumber(1), [.present, .executable])
        #expect(X86FaultEntry.isSpurious([.write, .protection], kernelEntry: writable))
        #expect(!X86FaultEntry.isSpurious([.write, .protection], kernelEntry: executable))
        #expect(X86FaultEntry.isSpurious([.instruction, .protection], kernelEntry: executable))
        #expect(!X86FaultEntry.isSpurious([.instruction, .protection], kernelEntry: writable))
        #expect(!X86FaultEntry.isSpurious([.write], kernelEntry: writable))
        #expect(!X86FaultEntry.isSpurious([.write, .protection, .user], kernelEntry: writable))
        #expect(!X86FaultEntry.isSpurious([.write, .protection], kernelEntry: .none))
    }

    @Test("flags begin with the default and say who, what and how")
    func flags() {
        let base: FaultFlags = [.allowRetry, .killable, .interruptible]
        #expect(X86FaultEntry.flags(for: [.user], X86Registers(.user)) == base.union(.user))
        #expect(X86FaultEntry.flags(for: [.user, .write], X86Registers(.user)) == base.union([.user, .write]))
        #expect(X86FaultEntry.flags(for: [.write], X86Registers(.kernelWithFixup)) == base.union(.write))
        #expect(
            X86FaultEntry.flags(for: [.user, .instruction], X86Registers(.user)) == base.union([.user, .instruction]))
    }

    @Test("the error code of an access has the processor's bits and the kernel's names")
    func errorCodes() {
        let refusedWrite = X86ErrorCode(FaultException(.write, .user, translationPresent: true))
        #expect(refusedWrite.rawValue == 0x7)
        #expect(refusedWrite.description == "PROT|WRITE|USER")
        let copy = X86ErrorCode(FaultException(.read, .kernelWithFixup, translationPresent: false))
        #expect(copy.rawValue == 0)
        #expect(copy.description == "0")
        let fetch = X86ErrorCode(FaultException(.execute, .user, translationPresent: true))
        #expect(fetch.rawValue == 0x15)
        #expect(fetch.description == "PROT|USER|INSTR")
        #expect(X86ErrorCode(rawValue: 0x8028).description == "RSVD|PK|SGX")
        #expect(X86ErrorCode(rawValue: 0x80).description == "0x80")
    }

    @Test("user memory ends a page below 2^47 or 2^56, but the vsyscall page counts as user memory")
    func addresses() {
        let four = X86FaultEntry(paging: .fourLevel)
        let five = X86FaultEntry(paging: .fiveLevel)
        #expect(!four.isKernelAddress(PageNumber(0x7_FFFF_FFFE)))
        #expect(four.isKernelAddress(PageNumber(0x7_FFFF_FFFF)))
        #expect(!five.isKernelAddress(PageNumber(0x7_FFFF_FFFF)))
        #expect(!five.isKernelAddress(PageNumber(0xFFF_FFFF_FFFE)))
        #expect(five.isKernelAddress(PageNumber(0xFFF_FFFF_FFFF)))
        #expect(!four.isKernelAddress(X86FaultEntry.vsyscallPage))
        #expect(X86FaultEntry.vsyscallPage.rawValue << 12 == 0xFFFF_FFFF_FF60_0000)
        #expect(four.geometry.levels == 4)
        #expect(five.geometry.levels == 5)
    }
}
