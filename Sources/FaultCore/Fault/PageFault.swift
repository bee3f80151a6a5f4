// A fault on one page, from the exception to the instruction
// ==========================================================
//
// The complete path, under the rules of Linux 6.1: a program loads from a page of a file that is only on the disk. Each
// name below a type is one of its stages, except the names with (). `faultsim replay --trace` prints them in this
// order.
//
//     FaultCore                     an architecture's entry             FaultFilemap
//     TouchRoutine
//       translate: walk() misses
//       raise() ───── exception ──▶ FaultEntry
//                                     classify, userAddress
//                                     lockMmap [lockTaken] ◀─────────┐
//                                     findArea                       │
//     PageFault  ◀─ handleMMFault() ─ checkAccess                    │
//       enter, lookUp                                                │
//       faultAround ───── mapPages() ────────────────────────────────┼▶ Filemap: maps what is ready, never sleeps
//       callHandler ───── callingHandler() ──────────────────────────┼▶ FileFault
//                                                                    │    checkSize, findFolio: plans readahead
//                                                                    │    WindowRead: readWindow ─▶ Machine.submit() ─▶ BlockDevice
//                                                                    │    retryFind, findOrCreate
//                                                                    │    lockFolio: sleeps; folioWoken
//       handlerReturned  ◀────────── RETRY ──────────────────────────┼─── checkFolio
//       end() ──────────────────▶   handled ──── RETRY: TRIED ───────┘
//
// The second attempt comes to faultAround, finds the page in the cache, and maps it. end() returns NOPAGE, handled
// releases the lock and returns `replay`, exceptionHandled goes to translate, and this time the walk finds the entry. A
// cached page that fault-around may not map, because it carries the readahead mark, comes out of FileFault locked, and
// folioLocked and finish map it. Anonymous memory calls no handler: see AnonymousFault, CopyOnWriteFault, SwapFault. An
// area's VMA says which handler it has; FileVMOperations says which routine a handler uses in a given kernel.
//
// Locks. The fault lock (VMFault.lock) is the mmap lock, held for reading. From Linux 6.4 on, a program's first attempt
// is guarded by the lock of the area instead, if that can be taken without waiting (the entry's findWithoutLock,
// lockArea).
//
//     translate to lockMmap         none
//     findArea to findFolio         the fault lock; findFolio drops it before it reads, as a first attempt may
//     readWindow                    the file's invalidate lock, shared; released, and taken again by retryFind
//     findOrCreate to checkFolio    the same, and in checkFolio the page's lock
//     folioLocked to finish         the fault lock, and the page's lock
//     handled                       none after RETRY and COMPLETED, else the fault lock: see LockContract
//
// Around I/O. Only Machine.dropFaultLock() drops the fault lock for a wait. It does so once, in an attempt that has
// ALLOW_RETRY and neither TRIED nor RETRY_NOWAIT, if the kernel drops the lock for this kind of wait (DroppingWait). It
// pins the file, so that the page cache can still be used. The area can't be used any more, because another task may
// unmap it now. The attempt then waits for the page itself, while other tasks map, unmap and fault. It gives the page
// back and returns RETRY, even if the read went well.
// The second attempt begins with the lock and the look-up, and trusts nothing that the first has seen. The area may be
// gone: SIGSEGV. The page may have been evicted, or its read may have failed. Then it is read again, now with the lock
// held, because TRIED forbids another drop. So a fault always ends. A second error is SIGBUS. A SIGKILL ends the first
// attempt's wait: RETRY, and the entry gives up. Any other signal is handled after RETRY, and then the program faults
// anew.
//
// All counting is in FaultLedger.swift. raise() counts exceptions, and `enter` counts attempts. `pgfault` is counted by
// `enter`, too, or from Linux 6.4 on at the end of an attempt that did not return RETRY. findFolio counts `pgmajfault`,
// on a miss. end() counts `min_flt` or `maj_flt`, unless the result is RETRY or an error: the fault is major if the
// attempt returned MAJOR or is TRIED.
//
// What kernels and proposals have tried. Each is a KernelModel; Documentation/TwentyYears.md has the figures.
//
//     2006        NOPAGE_RETRY: drop the lock, wait, fault again. Without a limit this may never end, because another
//                 task can evict the page each time; a limit of one needed a flag in the task, "a bit hacky". The same
//                 mails propose to count the map's writers, and not to retry if there was none. Neither was merged.
//     2010 2.6.37 The flag ALLOW_RETRY, used once: the protocol still in use. But only the wait for a locked page
//                 dropped the lock; submitters that a device made wait did so with the lock held.
//     2014        Neighbours in the handler: 32 pages found and locked, and kept locked while the page itself is
//                 waited for. Or a handler call for each neighbour: it reads with the lock held. 3.15 maps what is
//                 ready before the handler is called, and waits for nothing.
//     2018        Drop for all reads, and keep the page for the second attempt. The attempt that dropped did not wait
//                 for a missing page, so the second one did, with the lock held; and page_mkwrite was never told that a
//                 page was kept. 5.1 (2019) drops before it submits, waits in the same attempt, and keeps no page;
//                 page_mkwrite keeps the lock to this day.
//     5.5         A throttled shared store dropped the lock and returned RETRY. The second attempt had nothing to do,
//                 and from 5.9 on it made the fault major. In 6.0 (2022) the result became COMPLETED.
//     5.7         Any number of attempts, of which only the first may drop the lock: ALLOW_RETRY stays set, and only
//                 TRIED says which attempt it is.
//     6.4 (2023)  A lock for each area, for private memory first, for files from 6.7 on: a task that maps elsewhere
//                 does not delay the fault. The second attempt still takes the mmap lock; whether it must is debated
//                 (AreaRetry).

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
/// Paths in other kernels: `reuseLocked`, ``KernelModel/AnonymousReuse/onlyMapping``; `copyReclaimed`,
/// ``KernelModel/CopyAllocation/afterHandler``; `aroundNext` and on, ``FaultAroundOneByOne``.
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
        case swapRelaxed
        case swapLock
        case swapWoken
        case swapLocked
        case swapMap
        case reuseLocked
        case copyReclaimed
        case aroundNext
        case aroundReturned
        case aroundLocked
        case handedOver
    }

    /// What this routine keeps besides the task's ``VMFault``.
    struct Frame: RoutineFrame {
        /// The faults on neighbours that follow the fault's own, if the kernel makes them one by one.
        var neighbours: FaultAroundOneByOne.Neighbours?

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("neighbours", neighbours) }
    }

    /// What a stage returns.
    typealias Step = RoutineStep<Stage, FaultResult>

    static var number: RoutineNumber { .pageFault }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step {
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
            if !mistaken(.prepareKeepsFlags) { fault.flags = fault.savedFlags }
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
            // A handler's own page, without a file, can't be truncated.
            guard
                fault.file == .none || machine.cachedFolio(at: fault.index, of: fault.file) == fault.folio
                    || mistaken(.preparedPageUnchecked)
            else {
                machine.releaseFolio(of: &fault)  // truncated while it was unlocked: the access is replayed
                return end([], &fault, &machine)
            }
            return fault.originalEntry.isPresent
                ? CopyOnWriteFault.finishMkwrite(&fault, &machine) : .next(.finish)

        case .finish:
            return finish(&frame, &fault, &machine)

        case .writeProtected:
            if fault.folio != .none { return CopyOnWriteFault.decideAgain(&fault, &machine) }
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
            if mistaken(.completedUnlocksTwice) { machine.releaseFaultLock(of: &fault) }
            let ending: FaultResult = machine.model.throttledSharedWrite == .retries ? .retry : .completed
            return end(fault.result.union(ending), &fault, &machine)

        case .swapLookUp:
            return SwapFault.lookUp(&fault, &machine)

        case .swapRecheck:
            return SwapFault.recheck(&fault, &machine)

        case .swapRelaxed:
            machine.noteReplay(of: fault)  // the page may not be there yet
            return end([], &fault, &machine)

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

        case .handedOver:
            return handedOver(resumed.faultResult, &fault, &machine)
        }
    }

    /// The rest of `__do_fault()`: keeps the folio, or gives up.
    private static func handlerReturned(
        _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step {
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
    ) -> Step {
        let area = machine.area(of: fault)
        let isCopy = fault.isWrite && !area.flags.contains(.shared)
        if machine.isUnstable(fault.map, area) { return abandon(fault.result.union(.sigbus), &fault, &machine) }
        guard let leaf = machine.makeLeafTable(fault.map, fault.page, for: fault.task) else {
            return abandon(fault.result.union(.oom), &fault, &machine)
        }
        if machine.model.faultAround == .insideHandler { machine.mapAround(of: fault, leaf: leaf) }
        let expected: PTE = fault.flags.contains(.originalEntryValid) ? fault.originalEntry : .none
        guard machine.tables.entry(leaf, fault.page) == expected || mistaken(.filePageUncompared) else {
            return abandon(fault.result.union(.noPage), &fault, &machine)
        }
        let bits = machine.bits(of: fault, area, leaf: leaf, replacing: expected)
        if isCopy {
            machine.mapHeld(
                fault.copy, bits, at: fault.page, in: fault.map, leaf: leaf, heldBy: fault.task, in: .faultCopy)
            if machine.hasGroup { machine.addToGroup(fault.copy, isLocked: area.flags.contains(.locked)) }
            fault.copy = .none
            machine.releaseFolio(of: &fault)
            return end(fault.result, &fault, &machine)
        }
        machine.mapHeld(
            fault.folio, bits, at: fault.page, in: fault.map, leaf: leaf, heldBy: fault.task, in: .faultFolio)
        if machine.hasGroup, area.flags.contains(.locked) { machine.lockInGroup(fault.folio) }
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

    /// Drops the folio and the copy, if there are any, and ends the attempt.
    private static func abandon(
        _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step {
        machine.dropCopy(of: &fault)
        machine.releaseFolio(of: &fault)
        if machine.model.faultAround == .insideHandler { machine.dropAround(of: fault) }
        return end(result, &fault, &machine)
    }

    /// `fault_dirty_shared_page()`: dirties and unlocks the page, and throttles the task that dirtied it.
    private static func dirtyShared(_ fault: inout VMFault, _ machine: inout Machine) -> Step {
        let dirtied = machine.markDirty(fault.folio, by: fault.task)
        let isCached = machine.flags(of: fault.folio).contains(.cached)
        machine.unlock(fault.folio)
        fault.folioLocked = false
        let area = machine.area(of: fault)
        // A driver's own page has no mapping, and nothing throttles for it.
        let throttles = (dirtied || machine.hasMkwrite(area)) && isCached
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
    static func end(_ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine) -> Step {
        machine.endAttempt(&fault, result)
        return .done(result)
    }
}
