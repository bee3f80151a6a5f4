/// Calling plug-ins, and checking their results against the lock contract.
extension Machine {
    /// The call that makes the handler of a fault's area do `call`.
    mutating func callingHandler(_ call: HandlerCall, of fault: VMFault) -> RoutineCall {
        let operations = area(of: fault).operations
        let frames = configuration.handlerFrames[Int(operations) - 1]
        return switch call {
        case .fault: RoutineCall(.handlerFault, of: operations, frames.fault.bytes)
        case .pageMkwrite: RoutineCall(.handlerMkwrite, of: operations, frames.pageMkwrite.bytes)
        }
    }

    /// Does one stage of a handler.
    mutating func performHandler(
        _ call: HandlerCall, _ activation: inout Activation, _ fault: inout VMFault, _ answer: inout StageAnswer
    ) -> StageAnswer.Kind {
        let operations = configuration.vmOperations[Int(activation.plugIn) - 1]
        let lockBefore = fault.lock
        let kind = operations.step(call, &activation, &fault, &self, &answer)
        if call == .pageMkwrite, model.mkwriteProtocol == .keepsLock, fault.lock != lockBefore {
            report(.mkwriteKeepsLock, fault.task, "\(operations.name).pageMkwrite has dropped the fault lock")
            if lockBefore == .mmap, holds(.mmap(fault.map), fault.task) == nil {
                _ = tryLock(.mmap(fault.map), .read, for: fault.task)
            }
            fault.lock = lockBefore
        }
        if call == .fault, lockBefore != .none, fault.lock == .none, !fault.lockDropped, !hasFatalSignal(fault.task) {
            report(
                .voluntaryDrop, fault.task,
                "\(operations.name).fault has released the fault lock of an attempt that may not drop it; "
                    + "use dropFaultLock(of:for:), and keep the lock if it says no")
        }
        if kind == .isDone, call == .fault {
            answer.result = .fault(enforceContract(answer.result.result(), &fault, operations))
        }
        return kind
    }

    /// Checks a handler's result against ``LockContract``. After a report, the machine goes on as if the result had
    /// been right, so that one mistake is reported once.
    private mutating func enforceContract(
        _ result: FaultResult, _ fault: inout VMFault, _ operations: any VMOperationTable
    ) -> FaultResult {
        var result = result
        if let complaint = LockContract.complaint(about: result, flags: fault.flags) {
            report(.legalResult, fault.task, "\(operations.name).fault returned \(result): \(complaint)")
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
                "\(operations.name).fault returned \(result) with the fault lock released; return RETRY after a drop")
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
                report(.leftovers, fault.task, "\(operations.name).fault returned RETRY and kept a page")
                releaseFolio(of: &fault)
            }
            unpinFile(of: &fault)
        }
        return result
    }
}
