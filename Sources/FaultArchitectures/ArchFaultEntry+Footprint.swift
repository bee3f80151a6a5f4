public import FaultCore

// What the stages read and hold. A stage that can only refuse the access names the fault lock, because a refusal
// releases it.
extension ArchFaultEntry {
    /// What a stage may read or write.
    public func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let map = view.fault.map
        switch stage {
        case .classify, .lockTaken, .lockedForTail: return []
        case .findWithoutLock: return [.areas(map)]
        case .lockArea: return [.areas(map), .areaLocks(map)]
        case .lockMmap: return [.lock(.mmap(map))]
        case .findArea: return Footprint([.areas(map)]).union(view.hasArea ? [] : view.faultLock)
        case .growArea: return view.releasing(.mmap(map)).union([.areas(map), .areaLocks(map)])
        case .checkAccess:
            let isRefused = isRefused(view.fault.exception, by: view.areaOfFault.flags)
            return Footprint([.areas(map)]).union(isRefused ? view.faultLock : [])
        // The tails read the tables that the fault has filled.
        case .handled: return view.ending(view.resumed.faultResult).union(tables(view))
        case .runTail: return view.faultLock.union(tables(view))
        }
    }

    private func tables(_ view: StageView) -> Footprint {
        switch architecture.tail {
        case .none, .accounting: []
        case .presentLoop: view.entry(view.fault.page, in: view.fault.map)
        case .translationBuffer, .guestTable: [.entries(view.fault.map)]
        }
    }

    /// The mmap lock, if it is the fault lock, or is about to be.
    public func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        let lock = LockName.mmap(view.fault.map)
        switch stage {
        case .lockTaken: return .lock(lock, .read, if: view.resumed.errno == nil)
        case .lockedForTail: return .lock(lock, .read)
        case .growArea: return .lock(lock, .write, if: view.resumed.errno == nil)
        case .classify, .findWithoutLock, .lockArea, .lockMmap, .findArea, .checkAccess, .handled, .runTail:
            return view.heldFaultLock
        }
    }
}
