import FaultSimulator

/// How a random program has ended.
public enum ProgramEnd: Equatable, Sendable {
    /// All that it does has ended, and every law held.
    case ended
    /// It goes on for ever, as it would under that kernel.
    case hangs(KernelHang)
    /// A law is broken, or it goes on for ever and nothing is known of why.
    case failed(String)
}

/// A known way in which a kernel goes on for ever: no fault of the simulator's.
public enum KernelHang: String, CaseIterable, Sendable {
    /// Two faults wait for each other's page, each with its neighbours locked: `KernelModel.FaultAroundRule.insideHandler`.
    case neighboursLocked
    /// The neighbours that a fault reads one by one take its own page away again where memory is short:
    /// `KernelModel.FaultAroundRule.oneByOne`.
    case neighboursTakePage
    /// The page that write(2) copies from, and the one that it copies to, take each other's place where memory is so short
    /// that there is one for both: each is read while the other is away. `generic_perform_write()` tries on, "might be
    /// severe memory pressure".
    case copyStarves
    /// Who was killed for memory waits for a lock of who waits for the memory: up to Linux 4.5
    /// (`KernelModel.VictimMemory.stays`).
    case victimWaits
}

extension ProgramEnd: CustomStringConvertible {
    /// What was wrong, or the known way in which the kernel hangs.
    public var description: String {
        switch self {
        case .ended: "ended"
        case .hangs(let hang): "\(hang)"
        case .failed(let reason): reason
        }
    }
}

extension KernelHang: CustomStringConvertible {
    /// Such as `hangs as its kernel does: who was killed for memory waits for who waits for it`.
    public var description: String {
        let what =
            switch self {
            case .neighboursLocked: "two faults wait for each other's page with their neighbours locked"
            case .neighboursTakePage: "the neighbours that a fault reads take its own page away"
            case .copyStarves: "the pages that write(2) copies from and to take each other's place"
            case .victimWaits: "who was killed for memory waits for who waits for it"
            }
        return "hangs as its kernel does: " + what
    }
}

extension KernelHang {
    /// The known way in which tasks wait for each other, if it is one that `model` has.
    init?(ring links: [WaitLink], under model: KernelModel) {
        guard let ring = WaitLink.ring(in: links) else { return nil }
        let causes = links.filter { ring.contains($0.task) }.map(\.cause)
        if causes.contains(.memory), model.victimMemory == .stays {
            self = .victimWaits
        } else if model.faultAround == .insideHandler, causes.allSatisfy(\.isPageLock) {
            self = .neighboursLocked
        } else {
            return nil
        }
    }
}

extension WaitLink.Cause {
    fileprivate var isPageLock: Bool {
        if case .pageLock = self { true } else { false }
    }
}
