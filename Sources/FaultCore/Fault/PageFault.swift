/// `handle_mm_fault()` and what is below it (mm/memory.c, Linux 6.1), from the caller's flags to the result.
///
///     enter ─▶ lookUp ─┬─▶ anonymousPrepare ─▶ anonymousInstall
///                      ├─▶ faultAround ─▶ callHandler              read of a file page
///                      ├─▶ copyPrepare ─▶ callHandler              private write of one
///                      ├─▶ callHandler                             shared write of one
///                      ├─▶ writeProtected ─┬─▶ copyInstall         do_wp_page()
///                      │                   └─▶ callMkwrite ...     wp_page_shared()
///                      └─▶ swapLookUp ...                          do_swap_page(): see ``SwapFault``
///     callHandler ─▶ handlerReturned ─▶ folioLocked ─▶ [callMkwrite ─▶ mkwriteReturned ─▶ mkwriteLocked ─▶] finish
///     finish ─▶ [dirtyShared ─▶ throttled]
///
/// Other kernels' ways: `reuseLocked`, ``AnonymousReuse/onlyMapping``; `copyReclaimed`, ``CopyAllocation/afterHandler``;
/// `aroundNext` and on, ``FaultAroundOneByOne``.
///
/// Entered with the fault lock held for reading, and with ``VMFault/area`` valid. The result says whether the lock is
/// still held: see ``LockContract``. Each stage is atomic, as if under the page-table lock.
enum PageFault: CoreRoutine {
    enum Stage: UInt8, RoutineStage {
        case enter
        case lookUp
        case anonymousPrepare
        case anonymousInstall
        case faultAround
        case copyPrepare
        case callHandler
        case handlerReturned
        case folioLocked
        case callMkwrite
        case mkwriteReturned
        case mkwriteLocked
        case finish
        case writeProtected
        case copyInstall
        case sharedReused
        case dirtyShared
        case throttled
        case swapLookUp
        case swapRecheck
        case swapLock
        case swapWoken
        case swapLocked
        case swapMap
        case reuseLocked
        case copyReclaimed
        case aroundNext
        case aroundReturned
        case aroundLocked
    }

    /// What a routine of this one keeps beyond the task's ``VMFault``.
    struct Frame: RoutineFrame {
        /// The faults on neighbours that follow the fault's own, if the kernel makes them one by one.
        var neighbours: FaultAroundOneByOne.Neighbours?

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("neighbours", neighbours) }
    }

    typealias Answer = Step<Stage, FaultResult>

    static var number: RoutineNumber { .pageFault }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Answer {
        switch stage {
        case .enter:
            machine.beginAttempt(&fault)
            return .next(.lookUp)

        case .lookUp:
            return lookUp(&fault, &machine)

        case .anonymousPrepare:
            return AnonymousFault.prepare(&fault, &machine)

        case .anonymousInstall:
            return AnonymousFault.install(&fault, &machine)

        case .faultAround:
            return FaultAround.run(&fault, &machine)

        case .copyPrepare:
            return CopyOnWriteFault.prepareCopyOfFilePage(&fault, &machine)

        case .callHandler:
            if !machine.hasTable(for: fault.page, in: fault.map), machine.allocationFails(.pageTable, for: fault.task) {
                return abandon(.oom, &fault, &machine)
            }
            if machine.model.faultAround == .insideHandler, !fault.isWrite { fault.flags.insert(.around) }
            return .call(machine.callingHandler(.fault, of: fault), then: .handlerReturned)

        case .handlerReturned:
            return handlerReturned(resumed.faultResult, &fault, &machine)

        case .folioLocked:
            fault.folioLocked = true
            if !fault.isWrite { return .next(.finish) }
            let area = machine.area(of: fault)
            if !area.flags.contains(.shared) {
                if fault.copy == .none { return .next(.copyReclaimed) }
                machine.copyContent(from: fault.folio, to: fault.copy)
                return .next(.finish)
            }
            guard machine.hasMkwrite(area) else { return .next(.finish) }
            machine.unlock(fault.folio)
            fault.folioLocked = false
            return .next(.callMkwrite)

        case .callMkwrite:
            fault.savedFlags = fault.flags
            fault.flags = machine.model.mkwriteFlags(fault.flags)
            return .call(machine.callingHandler(.pageMkwrite, of: fault), then: .mkwriteReturned)

        case .mkwriteReturned:
            fault.flags = fault.savedFlags
            let result = resumed.faultResult
            if result.isError || !result.isDisjoint(with: [.noPage, .retry]) {
                machine.releaseFolio(of: &fault)
                return end(result, &fault, &machine)
            }
            if result.contains(.locked) {
                fault.folioLocked = true
                return .next(.mkwriteLocked)
            }
            return .call(machine.locking(fault.folio), then: .mkwriteLocked)

        case .mkwriteLocked:
            fault.folioLocked = true
            guard machine.cachedFolio(at: fault.index, of: fault.file) == fault.folio else {
                machine.releaseFolio(of: &fault)  // truncated while it was unlocked: the access is replayed
                return end([], &fault, &machine)
            }
            return fault.originalEntry.isPresent
                ? CopyOnWriteFault.finishMkwrite(&fault, &machine) : .next(.finish)

        case .finish:
            return finish(&frame, &fault, &machine)

        case .writeProtected:
            return CopyOnWriteFault.decide(&fault, &machine)

        case .copyInstall:
            return CopyOnWriteFault.install(&fault, &machine)

        case .sharedReused:
            fault.folioLocked = true
            return .next(.dirtyShared)

        case .dirtyShared:
            return dirtyShared(&fault, &machine)

        case .throttled:
            if fault.originalEntry.isPresent { machine.dropFolio(of: &fault) }
            guard fault.lockDropped else { return end(fault.result, &fault, &machine) }
            machine.unpinFile(of: &fault)
            let answer: FaultResult = machine.model.throttledSharedWrite == .retries ? .retry : .completed
            return end(fault.result.union(answer), &fault, &machine)

        case .swapLookUp:
            return SwapFault.lookUp(&fault, &machine)

        case .swapRecheck:
            return SwapFault.recheck(&fault, &machine)

        case .swapLock:
            return SwapFault.lock(&fault, &machine)

        case .swapWoken:
            return SwapFault.woken(&fault, &machine)

        case .swapLocked:
            return SwapFault.locked(resumed, &fault, &machine)

        case .swapMap:
            return SwapFault.map(&fault, &machine)

        case .reuseLocked:
            return CopyOnWriteFault.reuseLocked(&fault, &machine)

        case .copyReclaimed:
            if machine.mustReclaim(for: fault.task) { return .call(machine.reclaiming, then: .copyReclaimed) }
            switch CopyOnWriteFault.allocateCopy(&fault, &machine) {
            case .ready: break
            case .noMemory: return abandon(.oom, &fault, &machine)
            case .needsMmapLock: return needsMmapLock(&fault, &machine)
            }
            return .next(.folioLocked)

        case .aroundNext:
            return FaultAroundOneByOne.next(&frame, &fault, &machine)

        case .aroundReturned:
            return FaultAroundOneByOne.returned(resumed.faultResult, &fault, &machine)

        case .aroundLocked:
            return FaultAroundOneByOne.locked(&fault, &machine)
        }
    }

    /// `handle_pte_fault()`: what is there, and so which kind of fault it is.
    private static func lookUp(_ fault: inout VMFault, _ machine: inout Machine) -> Answer {
        let leaf = machine.leafTable(fault.map, fault.page)
        let entry = leaf == 0 ? PTE.none : machine.tables.entry(leaf, fault.page)
        fault.originalEntry = entry
        if leaf != 0 { fault.flags.insert(.originalEntryValid) } else { fault.flags.remove(.originalEntryValid) }
        let area = machine.area(of: fault)
        if entry.isNone {
            if area.isAnonymous { return .next(.anonymousPrepare) }
            if !fault.isWrite { return .next(.faultAround) }
            guard mayCallHandler(fault, area, machine) else { return needsMmapLock(&fault, &machine) }
            let copiesFirst = !area.flags.contains(.shared) && machine.model.copyAllocation == .beforeHandler
            return .next(copiesFirst ? .copyPrepare : .callHandler)
        }
        guard entry.isPresent else {
            if fault.lock == .area, !AreaLockPolicy(machine.model).allowsSwapIn {
                return needsMmapLock(&fault, &machine)
            }
            return .next(.swapLookUp)
        }
        if fault.isWrite || fault.flags.contains(.unshare), !entry.isWritable { return .next(.writeProtected) }
        let bits = entry.bits.union(fault.isWrite ? [.young, .dirty] : .young)
        machine.changeEntry(entry, to: bits, at: fault.page, in: fault.map, leaf: leaf)
        return end([], &fault, &machine)
    }

    /// The rest of `__do_fault()`: keeps the folio, or gives up.
    private static func handlerReturned(
        _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Answer {
        fault.result.formUnion(result)
        if result.isError || !result.isDisjoint(with: [.noPage, .retry, .doneCow]) {
            machine.dropCopy(of: &fault)
            return end(fault.result, &fault, &machine)
        }
        if result.contains(.locked) { return .next(.folioLocked) }
        return .call(machine.locking(fault.folio), then: .folioLocked)
    }

    /// `finish_fault()` and what its three callers do after it.
    private static func finish(
        _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Answer {
        let area = machine.area(of: fault)
        let isCopy = fault.isWrite && !area.flags.contains(.shared)
        guard let leaf = machine.makeLeafTable(fault.map, fault.page, for: fault.task) else {
            return abandon(fault.result.union(.oom), &fault, &machine)
        }
        if machine.model.faultAround == .insideHandler { machine.mapAround(of: fault, leaf: leaf) }
        let expected: PTE = fault.flags.contains(.originalEntryValid) ? fault.originalEntry : .none
        guard machine.tables.entry(leaf, fault.page) == expected else {
            return abandon(fault.result.union(.noPage), &fault, &machine)
        }
        let bits = machine.entryBits(of: area, forWrite: fault.isWrite)
        if isCopy {
            machine.mapHeld(
                fault.copy, bits, at: fault.page, in: fault.map, leaf: leaf, heldBy: fault.task, in: .faultCopy)
            fault.copy = .none
            machine.releaseFolio(of: &fault)
            return end(fault.result, &fault, &machine)
        }
        machine.mapHeld(
            fault.folio, bits, at: fault.page, in: fault.map, leaf: leaf, heldBy: fault.task, in: .faultFolio)
        if fault.isWrite { return .next(.dirtyShared) }
        machine.unlock(fault.folio)
        fault.folioLocked = false
        fault.folio = .none
        if machine.model.faultAround == .oneByOne, machine.settings.faultAroundPages > 1 {
            FaultAroundOneByOne.begin(&frame, &fault, &machine)
            return .next(.aroundNext)
        }
        return end(fault.result, &fault, &machine)
    }

    /// Gives back the folio and the copy, if there are any, and ends the attempt.
    private static func abandon(
        _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Answer {
        machine.dropCopy(of: &fault)
        machine.releaseFolio(of: &fault)
        if machine.model.faultAround == .insideHandler { machine.dropAround(of: fault) }
        return end(result, &fault, &machine)
    }

    /// `fault_dirty_shared_page()`: dirties and unlocks the page, and throttles who dirtied it.
    private static func dirtyShared(_ fault: inout VMFault, _ machine: inout Machine) -> Answer {
        let dirtied = machine.markDirty(fault.folio, by: fault.task)
        machine.unlock(fault.folio)
        fault.folioLocked = false
        let area = machine.area(of: fault)
        let throttles = dirtied || machine.hasMkwrite(area)
        let file = fault.file
        if !fault.originalEntry.isPresent { fault.folio = .none }  // the entry has the reference now
        guard throttles else {
            if fault.originalEntry.isPresent { machine.dropFolio(of: &fault) }
            return end(fault.result, &fault, &machine)
        }
        if machine.model.throttledSharedWrite != .keepsLock { machine.dropFaultLock(of: &fault, for: .dirtyThrottle) }
        return machine.asksForThrottling(file, fault.task)
            ? .call(machine.throttling(), then: .throttled) : .next(.throttled)
    }

    /// Ends the attempt: the last lines of `handle_mm_fault()`, with `mm_account_fault()`.
    static func end(_ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine) -> Answer {
        machine.endAttempt(&fault, result)
        return .done(result)
    }
}
