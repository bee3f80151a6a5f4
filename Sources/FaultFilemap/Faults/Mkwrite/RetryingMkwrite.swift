import FaultCore

/// A `page_mkwrite` that may be slow: that of btrfs in every kernel; and that of ext4 in the proposals of 2018, which
/// let it drop the fault lock.
///
///     begin ─┬─[prepared by the attempt before]─▶ keptLocked ─▶ LOCKED
///            └─▶ drop ─┬─▶ reserve ─▶ reserved ─▶ lockFolio                    btrfs
///                      └─▶ setTimes ─▶ invalidateTaken ─▶ lockFolio            ext4
///     lockFolio ─▶ folioLocked ─┬─▶ LOCKED, or an error
///                               ├─[lock dropped]─▶ RETRY
///                               └─[lock dropped, failed]─▶ relocked ─▶ an error (Bacik: errors come with the lock held)
///
/// Reserving space may take btrfs any time; here it takes one request to the device. ``KernelModel/MkwriteProtocol``
/// says which function drops the lock, and how the second attempt knows that the work is done.
enum RetryingMkwrite: Routine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case keptLocked
        case drop
        case reserve
        case reserved
        case setTimes
        case invalidateTaken
        case lockFolio
        case folioLocked
        case relocked
    }

    struct Frame: HandlerFrame {
        /// The result to return when the lock is held again.
        var result: FaultResult = []

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("result", result) }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        let isBtrfs = machine.traits(of: fault.file).contains(.copyOnWrite)
        switch stage {
        case .begin:
            guard seemsPrepared(fault, machine) else { return .next(.drop) }
            return .call(machine.locking(fault.folio), then: .keptLocked)

        case .keptLocked:
            guard isCurrent(fault, machine) else {
                machine.unlock(fault.folio)
                return .done(.noPage)
            }
            guard isPrepared(fault, machine) else {
                machine.unlock(fault.folio)
                return .next(.drop)
            }
            _ = machine.markDirty(fault.folio, by: fault.task)
            return .done(.locked)

        case .drop:
            machine.dropFaultLock(of: &fault, for: .pageMkwrite)
            return .next(isBtrfs ? .reserve : .setTimes)

        case .reserve:
            let request = machine.submit(
                IORequest(
                    .direct, on: machine.device(of: fault.file), file: fault.file, index: fault.index, by: fault.task))
            _ = machine.takeSubmissionWait()
            return .sleep(.request(request), then: .reserved)

        case .reserved:
            if machine.flags(of: fault.folio).contains(.writeback) {
                return .sleep(.folioWriteback(fault.folio), then: .reserved)
            }
            return .next(.lockFolio)

        case .setTimes:
            if let wait = Journal.change(fault.file, &machine) { return .sleep(wait, then: .setTimes) }
            return .call(machine.taking(.invalidate(fault.file), .read), then: .invalidateTaken)

        case .invalidateTaken:
            fault.invalidateLocked = true
            return .next(.lockFolio)

        case .lockFolio:
            return .call(machine.locking(fault.folio), then: .folioLocked)

        case .folioLocked:
            let result = FileMkwrite.prepare(fault, &machine)
            FileFault.releaseInvalidateLock(of: &fault, &machine)
            guard fault.lockDropped else { return .done(result) }
            return finish(result, &frame, &fault, &machine)

        case .relocked:
            fault.lock = .mmap
            return .done(frame.result)
        }
    }

    /// Ends a call that has dropped the lock.
    private static func finish(
        _ result: FaultResult, _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        machine.unpinFile(of: &fault)
        if result.contains(.locked) {
            machine.unlock(fault.folio)
            machine.rememberFolio(of: &fault)
            fault.keptPages = UInt32(truncatingIfNeeded: machine.pages(of: fault.file))
            return .done(.retry)
        }
        // The second attempt finds the error by itself, unless the handler has to return it.
        guard machine.model.mkwriteProtocol == .handlerRetries else { return .done(.retry) }
        frame.result = result
        return .call(machine.taking(.mmap(fault.map), .read), then: .relocked)
    }

    /// Whether the work seems to have been done, before the page is locked.
    private static func seemsPrepared(_ fault: VMFault, _ machine: Machine) -> Bool {
        switch machine.model.mkwriteProtocol {
        case .keepsLock: false
        case .handlerRetries: fault.flags.contains(.usedCached)
        case .helperRetries: fault.flags.contains(.usedCached) || fault.keptFolio == fault.folio
        case .fileSystemKnows: isReserved(fault, machine)
        }
    }

    /// Whether the work has been done and is still valid. The page is locked.
    private static func isPrepared(_ fault: VMFault, _ machine: Machine) -> Bool {
        let isDirty = machine.flags(of: fault.folio).contains(.dirty)
        switch machine.model.mkwriteProtocol {
        case .keepsLock: return false
        case .handlerRetries:
            return isDirty && fault.keptPages == UInt32(truncatingIfNeeded: machine.pages(of: fault.file))
        case .helperRetries: return isDirty
        case .fileSystemKnows: return isReserved(fault, machine)
        }
    }

    /// Whether the metadata of the file system says that the page can be written to: btrfs has reserved space for each
    /// dirty page, because it writes each page to a new place; ext4 has a block for the page or has none.
    private static func isReserved(_ fault: VMFault, _ machine: Machine) -> Bool {
        if machine.traits(of: fault.file).contains(.copyOnWrite) {
            return machine.flags(of: fault.folio).contains(.dirty)
        }
        return FileIO.hasBlock(fault.file, fault.index, machine)
    }

    /// Whether the page is still the file's.
    private static func isCurrent(_ fault: VMFault, _ machine: Machine) -> Bool {
        machine.cachedFolio(at: fault.index, of: fault.file) == fault.folio
            && fault.index.value < machine.pages(of: fault.file)
    }
}

// MARK: - What it reads and holds

extension RetryingMkwrite {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .begin, .keptLocked, .folioLocked: FileFault.ending(view)
        case .drop: view.droppingFaultLock
        case .reserve: view.submitting(of: view.fault.file)
        case .reserved: view.page(view.fault.folio)
        case .setTimes: Journal.reads(of: view.fault.file, view)
        case .invalidateTaken, .lockFolio, .relocked: []
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        if stage == .relocked { return .lock(.mmap(view.fault.map), .read) }
        let isTaken = stage == .invalidateTaken || view.fault.invalidateLocked
        return .lock(.invalidate(view.fault.file), .read, if: isTaken)
    }
}
