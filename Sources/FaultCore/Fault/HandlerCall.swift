/// Calling what plugs in, with the lock contract enforced on its answer.
extension Machine {
    /// Does one stage of a handler.
    mutating func performHandler(
        _ call: inout Activation, _ fault: inout VMFault, mkwrite: Bool
    ) -> Step<HandlerStage> {
        let operations = configuration.vmOperations[Int(call.owner) - 1]
        let lockBefore = fault.lock
        let step =
            mkwrite ? operations.pageMkwrite(&call, &fault, &self) : operations.fault(&call, &fault, &self)
        if mkwrite, model.mkwriteProtocol == .keepsLock, fault.lock != lockBefore {
            report(.mkwriteKeepsLock, fault.task, "\(operations.name).pageMkwrite has dropped the fault lock")
            if lockBefore == .mmap, holds(.mmap(fault.map), fault.task) == nil {
                _ = tryLock(.mmap(fault.map), .read, for: fault.task)
            }
            fault.lock = lockBefore
        }
        if !mkwrite, lockBefore != .none, fault.lock == .none, !fault.lockDropped, !hasFatalSignal(fault.task) {
            report(
                .voluntaryDrop, fault.task,
                "\(operations.name).fault has released the fault lock of an attempt that may not drop it; "
                    + "use dropFaultLock(of:for:), and keep the lock if it says no")
        }
        guard case .returned(let value) = step, !mkwrite else { return step }
        return .returned(enforceContract(FaultResult(rawValue: UInt32(truncatingIfNeeded: value)), &fault, operations))
    }

    /// Holds a handler's answer against ``LockContract``. After a report the machine goes on as if the answer had been
    /// right, so that one mistake is reported once.
    private mutating func enforceContract(
        _ result: FaultResult, _ fault: inout VMFault, _ operations: any VMOperations
    ) -> Int64 {
        var result = result
        if let complaint = LockContract.complaint(about: result, flags: fault.flags) {
            report(.legalResult, fault.task, "\(operations.name).fault answered \(result): \(complaint)")
            if result.isError {
                result.subtract([.retry, .completed])
            } else {
                result.remove(.completed)
                result.insert(.retry)
            }
        }
        switch LockContract.lockState(after: result, flags: fault.flags, areaLock: model.areaLockRelease) {
        case .held where fault.lock == .none:
            report(
                .faultLockReleasedOnce, fault.task,
                "\(operations.name).fault answered \(result) with the fault lock released; answer RETRY after a drop")
            releaseFolio(of: &fault)
            unpinFile(of: &fault)
            result = .retry
        case .released where fault.lock != .none:
            report(
                .faultLockReleasedOnce, fault.task,
                "\(operations.name).fault answered \(result) with the fault lock held; "
                    + "call dropFaultLock(of:for:) first, and answer RETRY only if it says that the lock is dropped")
            releaseFaultLock(of: &fault)
        default: break
        }
        if result.contains(.retry) {
            if fault.folio != .none {
                report(.leftovers, fault.task, "\(operations.name).fault answered RETRY and kept a page")
                releaseFolio(of: &fault)
            }
            unpinFile(of: &fault)
        }
        return Int64(result.rawValue)
    }
}
