/// Calling the handler of an area, and checking its results against the lock contract.
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
        _ call: HandlerCall, _ activation: inout Activation, _ fault: inout VMFault, _ payload: inout StepPayload
    ) -> StepPayload.Kind {
        let operations = configuration.vmOperations[Int(activation.plugIn) - 1]
        let lockBefore = fault.lock
        let task = fault.task
        let kind = operations.step(call, &activation, &fault, &self, &payload)
        if scheduler.current != task { refuseReplacement(by: "\(operations.name).\(call)") }
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
                    + "use dropFaultLock(of:for:), and keep the lock if it returns false")
        }
        if kind == .done, call == .fault {
            payload.result = .fault(enforceContract(payload.result.result(), &fault, operations))
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
                "\(operations.name).fault returned \(result) with the fault lock held; "
                    + "call dropFaultLock(of:for:) first, and return RETRY only if it returns true")
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
        if !result.isError, result.isDisjoint(with: [.retry, .completed, .noPage, .doneCow]) {
            enforcePage(of: &fault, &result, operations)
        }
        return result
    }

    /// Checks the page that comes with a handler's result: there is one, and `LOCKED` says whether the fault has it
    /// locked. Models what `__do_fault()` relies on.
    private mutating func enforcePage(
        of fault: inout VMFault, _ result: inout FaultResult, _ operations: any VMOperationTable
    ) {
        guard fault.folio != .none else {
            report(
                .legalResult, fault.task,
                "\(operations.name).fault returned \(result) without a page; give one with giveNewPage(stamp:to:) or "
                    + "give(_:to:), or return NOPAGE if you have mapped it")
            result = .sigbus
            return
        }
        guard recorder.isChecking else { return }
        let isLocked = lockOwner(of: fault.folio) == fault.task
        if isLocked == result.contains(.locked) { return }
        report(
            .pageLockOwner, fault.task,
            isLocked
                ? "\(operations.name).fault returned \(result) with its page locked; return LOCKED, or unlock the page"
                : "\(operations.name).fault returned \(result) with its page not locked; leave LOCKED out, or lock it")
        result.formSymmetricDifference(.locked)
    }
}
