import FaultCore

/// `shmem_fault()` with `shmem_get_folio_gfp()` (mm/shmem.c, Linux 6.1): finds or makes the page of tmpfs or of shared
/// anonymous memory.
///
///     find ─┬─▶ [folioLocked ─▶] LOCKED
///           ├─▶ swappedIn ─▶ LOCKED
///           ├─▶ [minorLocked ─▶] handedOver
///           └─▶ punched ─▶ RETRY or NOPAGE
///
/// A fault makes no page in a hole that is being punched. It waits until the punch is over, without its lock if it may
/// drop it, and is then repeated.
///
/// The lock of a cached page is a plain sleeping lock without retry, taken with the fault lock held. A new page is
/// filled with zeroes, uptodate and clean. It needs no device, so the fault is minor.
///
/// If a fault goes to userfaultfd because its page is only in the page cache, kernels up to Linux 6.4 first lock the
/// page, and unlock it again: ``KernelModel/MinorFaultLock``.
enum ShmemFault: Routine {
    enum Stage: UInt8, RoutineStage {
        case find
        case punched
        case folioLocked
        case swappedIn
        case handedOver
        case minorLocked
    }

    static func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .find:
            if PunchHole.isPunching(fault.file, fault.index, machine), !mistaken(.holeFilledWhilePunched) {
                _ = machine.dropFaultLock(of: &fault, for: .folioLock)
                return .sleep(PunchHole.end(of: fault.file), then: .punched)
            }
            guard fault.index.value < machine.pages(of: fault.file) else { return .done(.sigbus) }
            let handled = machine.area(of: fault).flags.intersection(.userfaultModes)
            if handled.contains(.userfaultMinor), isCached(fault, machine) {
                if machine.model.minorFaultLock == .isTaken,
                    let folio = machine.cachedFolio(at: fault.index, of: fault.file)
                {
                    machine.give(folio, to: &fault)
                    return .call(machine.locking(folio), then: .minorLocked)
                }
                return .call(machine.handingOver(.minor), then: .handedOver)
            }
            if let folio = machine.cachedFolio(at: fault.index, of: fault.file) {
                machine.give(folio, to: &fault)
                return .call(machine.locking(folio), then: .folioLocked)
            }
            if machine.isLost(fault.index, of: fault.file) { return .done(.sigbus) }
            guard let slot = machine.swapSlot(of: fault.file, at: fault.index) else {
                if handled.contains(.userfaultMissing) {
                    return .call(machine.handingOver(.missing), then: .handedOver)
                }
                return makePage(&fault, &machine)
            }
            if machine.swapCachedFolio(of: slot) == nil {
                fault.result.insert(.major)
                machine.countMajorFaultEvent(fault.task)
            }
            return .call(machine.calling(.swapIn(fault.index), on: fault.file), then: .swappedIn)

        case .swappedIn:
            switch resumed.result(FileResult.self) {
            case .pages:
                machine.give(ShmemSwapIn.folio(of: fault.task, machine), to: &fault)
                ShmemSwapIn.takeFromBatch(of: fault.task, &machine)
                fault.folioLocked = true
                return .done(.locked)
            case .done, .ready: return .next(.find)
            case .failed(let errno):
                fault.result = []  // an error comes alone
                return .done(errno == .noMemory ? .oom : .sigbus)
            }

        case .minorLocked:
            fault.folioLocked = true
            let isThere = machine.cachedFolio(at: fault.index, of: fault.file) == fault.folio
            machine.releaseFolio(of: &fault)
            return isThere ? .call(machine.handingOver(.minor), then: .handedOver) : .next(.find)

        case .handedOver:
            return .done(resumed.faultResult)

        case .punched:
            guard fault.lockDropped else { return .done(.noPage) }
            machine.unpinFile(of: &fault)
            return .done(.retry)

        case .folioLocked:
            fault.folioLocked = true
            guard machine.cachedFolio(at: fault.index, of: fault.file) == fault.folio || mistaken(.cutTmpfsPageKept)
            else {
                machine.releaseFolio(of: &fault)  // truncated before we had its lock
                return .next(.find)
            }
            return .done(.locked)
        }
    }

    /// Whether the file has the page, in memory or in swap.
    private static func isCached(_ fault: VMFault, _ machine: Machine) -> Bool {
        machine.cachedFolio(at: fault.index, of: fault.file) != nil
            || machine.swapSlot(of: fault.file, at: fault.index) != nil
            || machine.isLost(fault.index, of: fault.file)
    }

    /// Makes the page of a hole. A full tmpfs gives SIGBUS; lack of memory does not.
    private static func makePage(_ fault: inout VMFault, _ machine: inout Machine) -> RoutineStep<Stage, FaultResult> {
        guard hasRoom(machine) else { return .done(.sigbus) }
        if machine.mustReclaim(for: fault.task) { return .call(machine.reclaiming, then: .find) }
        guard
            let folio = machine.addToCache(
                of: fault.file, at: fault.index, flags: [.shmem, .uptodate], point: .shmemPage, for: fault.task)
        else { return .done(.oom) }
        machine.chargePageCopy()
        machine.give(folio, to: &fault)
        fault.folioLocked = machine.tryLock(folio, by: fault.task)
        return .done(.locked)
    }

    /// Whether all tmpfs files together may have one more page: `shmem_inode_acct_block()`.
    static func hasRoom(_ machine: Machine) -> Bool { machine.tmpfsHasRoom }
}

// MARK: - What it reads

extension ShmemFault {
    static func reads(_ stage: Stage, _ frame: EmptyFrame, _ view: StageView) -> Footprint {
        let file = view.fault.file
        switch stage {
        case .find:
            guard view.machine.settings.tmpfsPages == .max else { return .everything }  // counts all of tmpfs
            // The area says whether userfaultfd handles its faults.
            return FileFault.ending(view).union(
                view.droppingFaultLock, [.channel(PunchHole.channel(of: file)), .areas(view.fault.map)])
        case .punched: return view.pins(of: file)
        case .handedOver: return []
        case .folioLocked, .minorLocked: return FileFault.ending(view)
        case .swappedIn: return FileFault.ending(view).union(view.batch)
        }
    }
}
