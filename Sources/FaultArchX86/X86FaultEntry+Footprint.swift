public import FaultCore

// What the stages read and hold. A stage that can only refuse the access names the fault lock, because a refusal
// releases it.
extension X86FaultEntry {
    /// What a stage may read or write.
    public func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let map = view.fault.map
        switch stage {
        case .classify, .kernelAddress, .userAddress, .lockTaken: return []
        case .findWithoutLock: return [.areas(map)]
        case .lockArea: return [.areas(map), .areaLocks(map)]
        case .lockMmap: return [.lock(.mmap(map))]
        case .findArea: return Footprint([.areas(map)]).union(view.hasArea ? [] : view.faultLock)
        case .growArea: return view.releasing(.mmap(map)).union([.areas(map), .areaLocks(map)])
        case .checkAccess: return Footprint([.areas(map)]).union(isRefused(view) ? view.faultLock : [])
        case .handled: return view.ending(view.resumed.faultResult)
        case .handleError: return view.ending(frame.error)
        }
    }

    private func isRefused(_ view: StageView) -> Bool {
        let area = view.areaOfFault
        let keyRefuses = view.machine.keyRefuses(area, view.fault.exception.access, by: view.task)
        return Self.isRefused(X86ErrorCode(view.fault.exception), by: area.flags, keyRefuses: keyRefuses)
    }

    /// The mmap lock, if it is the fault lock, or is about to be.
    public func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        let lock = LockName.mmap(view.fault.map)
        switch stage {
        case .lockTaken: return .lock(lock, .read, if: view.resumed.errno == nil)
        case .growArea: return .lock(lock, .write, if: view.resumed.errno == nil)
        case .classify, .kernelAddress, .userAddress, .findWithoutLock, .lockArea, .lockMmap, .findArea, .checkAccess,
            .handled, .handleError:
            return view.heldFaultLock
        }
    }
}
