import FaultSimulator

/// How a random program ended.
public enum ProgramEnd: Equatable, Sendable {
    /// All its operations ended, and every law held.
    case ended
    /// It hangs, as it would under that kernel.
    case hangs(KernelHang)
    /// A law is broken, or it hangs for an unknown reason.
    case failed(String)
}

/// A known way in which a kernel hangs, so that a hang is no bug of the simulator.
public enum KernelHang: String, CaseIterable, Sendable {
    /// Two faults wait for each other's page, each with the neighbours of its page locked:
    /// `KernelModel.FaultAroundRule.insideHandler`.
    case neighboursLocked
    /// If memory is short, the neighbours that a fault reads one by one push out its own page:
    /// `KernelModel.FaultAroundRule.oneByOne`.
    case neighboursTakePage
    /// The page that write(2) copies from and the page that it copies to push each other out, because there is memory
    /// for only one of them. Each is read while the other is missing. `generic_perform_write()` tries again: "might be
    /// severe memory pressure".
    case copyStarves
    /// `get_user_pages()` tries a fault again and again with the mmap lock held, because the fault is handed over to a
    /// userfaultfd that is being released, and the release waits for that lock: up to Linux 6.14
    /// (`KernelModel.ReleasedUserfault.isDone`).
    case releaseStarves
    /// An OOM victim waits for a lock whose holder waits for the victim's memory: up to Linux 4.5
    /// (`KernelModel.VictimMemory.stays`).
    case victimWaits
}

extension ProgramEnd: CustomStringConvertible {
    /// What went wrong, or the known way in which the kernel hangs.
    public var description: String {
        switch self {
        case .ended: "ended"
        case .hangs(let hang): "\(hang)"
        case .failed(let reason): reason
        }
    }
}

extension KernelHang: CustomStringConvertible {
    /// Such as `hangs as its kernel does: the victim of an OOM kill waits for a lock whose holder waits for its memory`.
    public var description: String {
        let what =
            switch self {
            case .neighboursLocked: "two faults wait for each other's page with their neighbours locked"
            case .neighboursTakePage: "the neighbours that a fault reads push out its own page"
            case .copyStarves: "the pages that write(2) copies from and to push each other out"
            case .releaseStarves:
                "the release of a userfaultfd waits for the lock of a fault that is tried again for it"
            case .victimWaits: "the victim of an OOM kill waits for a lock whose holder waits for its memory"
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
