import Testing

@testable import FaultCore

@Suite("The lock contract of a fault", .timeLimit(.minutes(60)))
struct LockContractTests {
    private static let bits: [FaultResult] = [
        .oom, .sigbus, .sigsegv, .hwpoison, .major, .retry, .noPage, .locked, .completed, .doneCow,
    ]

    /// Every result that can be made of these bits.
    private static var results: [FaultResult] {
        (0..<(1 << bits.count)).map { set in
            bits.indices.reduce(into: []) { if set >> $1 & 1 == 1 { $0.formUnion(bits[$1]) } }
        }
    }

    @Test("the printed table says the same as the checker, for every result and with either kind of caller")
    func table() throws {
        for result in Self.results {
            for flags in [FaultFlags.default, [.allowRetry, .retryNoWait], []] {
                let row = try #require(
                    LockContract.table.first {
                        ($0.bits.isEmpty || !$0.bits.isDisjoint(with: result))
                            && ($0.noWait ?? flags.contains(.retryNoWait)) == flags.contains(.retryNoWait)
                    })
                #expect(LockContract.lockState(after: result, flags: flags) == row.lock, "\(result) with \(flags)")
            }
        }
    }

    @Test(
        "the lock is released by RETRY and COMPLETED, and held after everything else and for callers that may not wait")
    func states() {
        func state(_ result: FaultResult, _ flags: FaultFlags = .default) -> LockContract.LockState {
            LockContract.lockState(after: result, flags: flags)
        }
        #expect(state(.retry) == .released && state([.major, .retry]) == .released)
        #expect(state(.completed) == .released && state([.locked, .completed]) == .released)
        #expect(state([]) == .held && state(.locked) == .held && state(.noPage) == .held)
        #expect(state(.sigbus) == .held && state([.oom, .retry]) == .held, "an error comes before RETRY")
        #expect(state(.retry, [.allowRetry, .retryNoWait]) == .held)
    }

    @Test(
        "in 6.4 the caller releases an area's lock after every result; from 6.6 on the contract is the same as for mmap"
    )
    func areaLocks() {
        let flags = FaultFlags.default.union(.vmaLock)
        for result in Self.results {
            #expect(LockContract.lockState(after: result, flags: flags, areaLock: .byCaller) == .held)
            #expect(
                LockContract.lockState(after: result, flags: flags, areaLock: .byCallee)
                    == LockContract.lockState(after: result, flags: .default))
        }
        #expect(
            LockContract.lockState(after: .retry, flags: .default, areaLock: .byCaller) == .released, "the mmap lock")
    }

    @Test("RETRY, COMPLETED and errors exclude each other, and COMPLETED never comes where the caller may not wait")
    func complaints() {
        for result in Self.results {
            let ends = [result.isError, result.contains(.retry), result.contains(.completed)].count { $0 }
            #expect((LockContract.complaint(about: result, flags: .default) != nil) == (ends > 1), "\(result)")
            let noWait = LockContract.complaint(about: result, flags: [.allowRetry, .retryNoWait])
            #expect((noWait != nil) == (ends > 1 || result.contains(.completed)), "\(result)")
        }
    }
}
