/// What handlers do with a fault: give it a page, drop its lock, look at its area.
extension Machine {
    /// The call that has a fault handled: `handle_mm_fault()`. It returns a ``FaultResult``.
    ///
    /// The fault's task, map, page, flags, lock and area must be set, and the lock be held.
    public func handleMMFault() -> RoutineCall { RoutineCall(PageFault.self, PageFault.Frame(neighbours: nil)) }

    /// Looks up the area that ends above the page of a fault: `find_vma()`. The fault's lock must be held.
    ///
    /// - Returns: The area; `nil` if there is none. It may begin above the page.
    public mutating func findArea(of fault: inout VMFault) -> VMA? {
        guard let (handle, area) = handle(endingAfter: fault.page, in: fault.map) else { return nil }
        fault.area = handle
        fault.file = area.file
        fault.index = area.fileIndex(of: fault.page)
        return area
    }

    /// Drops the fault lock, if this attempt may: `maybe_unlock_mmap_for_io()`.
    ///
    /// Only a first attempt may (``FaultFlags/mayDropLock``), once, and only if the kernel model allows it for this
    /// kind of wait. A handler that declares ``VMOperationSet/dropsWhenTried`` may drop the lock in later attempts,
    /// too, for ``DroppingWait/handler``. The area's file is then pinned and stays usable; the area does not. An
    /// attempt that has dropped the lock must return ``FaultResult/retry`` in the end (or ``FaultResult/completed``).
    ///
    /// - Returns: Whether the lock is dropped, now or before.
    @discardableResult
    public mutating func dropFaultLock(of fault: inout VMFault, for wait: DroppingWait) -> Bool {
        if fault.lockDropped { return true }
        guard fault.flags.mayDropLock || mayDropAgain(fault, for: wait), !fault.hasGoneOn, wait.drops(model),
            !keepsFaultLock(fault, for: wait)
        else {
            return false
        }
        if model.soleUser == .keepsLock, maps[fault.map.index].users == 1 { return false }
        fault.mapWriteLockCount = maps[fault.map.index].writeLockCount
        if fault.file != .none { countPin(of: fault.file, 1) }
        fault.lockDropped = true
        record(.faultLockDropped, fault.task)
        if mistaken(.retryKeepsLock) { return true }
        releaseFaultLock(of: &fault)
        return true
    }

    /// Whether an attempt that is not the first may drop its lock, because its handler waits for a program.
    private mutating func mayDropAgain(_ fault: VMFault, for wait: DroppingWait) -> Bool {
        guard wait == .handler, fault.flags.contains(.allowRetry), !fault.flags.contains(.retryNoWait) else {
            return false
        }
        let operations = area(of: fault).operations
        guard operations != 0, configuration.provided[Int(operations) - 1].contains(.dropsWhenTried) else {
            return false
        }
        noteFreeDrop(of: fault)
        return true
    }

    /// Records which lock an entry has taken for a fault, or that it has released it.
    ///
    /// A kernel keeps no such record, because the position in its code says which lock is held. Only for entries: a
    /// handler drops its lock with ``dropFaultLock(of:for:)``.
    public func setFaultLock(_ lock: FaultLock, of fault: inout VMFault) { fault.lock = lock }

    /// Releases the lock that guards a fault, whichever it is.
    ///
    /// An entry calls it when an attempt has ended with the lock held. A handler calls it only when a killed wait ends
    /// an attempt that may not drop: the one case in which `RETRY` comes without ``FaultFlags/allowRetry``.
    public mutating func releaseFaultLock(of fault: inout VMFault) {
        switch fault.lock {
        case .mmap: unlock(.mmap(fault.map), by: fault.task)
        case .area: endAreaRead(in: fault.map, by: fault.task)
        case .none:
            report(.faultLockReleasedOnce, fault.task, "the fault lock is released, but is not held")
        }
        fault.lock = .none
    }

    /// Unpins the file that was pinned when the lock was dropped: the `fput()` at the end of the attempt.
    public mutating func unpinFile(of fault: inout VMFault) {
        guard fault.lockDropped else { return }
        if fault.file != .none { countPin(of: fault.file, -1) }
        fault.lockDropped = false
    }

    /// Makes `folio` the page of a fault, with a reference.
    public mutating func give(_ folio: FrameNumber, to fault: inout VMFault) {
        require(folio, "Machine.give")
        hold(folio, for: fault.task, in: .faultFolio)
        fault.folio = folio
    }

    /// Gives a fault a new page that is in no page cache, with this content: for handlers that have pages of their own.
    ///
    /// The page is not locked: return 0. It counts as a file page, and is freed when its last mapping is gone.
    ///
    /// - Returns: Whether there was memory; if not, return ``FaultResult/oom``.
    public mutating func giveNewPage(stamp: UInt32, to fault: inout VMFault) -> Bool {
        guard
            let frame = allocateFrame(
                .cachePage, flags: [.uptodate, .handlerOwned], index: fault.index, stamp: stamp, for: fault.task,
                slot: .faultFolio)
        else { return false }
        fault.folio = frame
        return true
    }

    /// Drops the page of a fault, with its reference; it must be unlocked.
    public mutating func dropFolio(of fault: inout VMFault) {
        guard fault.folio != .none else { return }
        unhold(fault.folio, for: fault.task, in: .faultFolio)
        fault.folio = .none
    }

    /// Unlocks the page of a fault if the fault has locked it, and drops it.
    public mutating func releaseFolio(of fault: inout VMFault) {
        if fault.folioLocked {
            unlock(fault.folio)
            fault.folioLocked = false
        }
        dropFolio(of: &fault)
    }

    /// Drops the page of an attempt that is to be retried, or keeps it for the next attempt: `out_retry:` (2018).
    package mutating func keepFolio(of fault: inout VMFault) {
        if fault.folio != .none { rememberFolio(of: &fault) }
        releaseFolio(of: &fault)
    }

    /// Keeps the page of an attempt that is to be retried, if the kernel keeps pages. The attempt still has the page,
    /// too.
    package mutating func rememberFolio(of fault: inout VMFault) {
        guard model.keptPage == .untilFaultEnds else { return }
        dropKeptFolio(of: &fault)
        hold(fault.folio, for: fault.task, in: .keptFolio)
        fault.keptFolio = fault.folio
    }

    /// Makes the kept page the page of the fault, if there is one.
    package mutating func takeKeptFolio(of fault: inout VMFault) {
        guard fault.keptFolio != .none else { return }
        give(fault.keptFolio, to: &fault)
        dropKeptFolio(of: &fault)
    }

    /// Drops the kept page: `vm_fault_cleanup()` (2018).
    package mutating func dropKeptFolio(of fault: inout VMFault) {
        guard fault.keptFolio != .none else { return }
        unhold(fault.keptFolio, for: fault.task, in: .keptFolio)
        fault.keptFolio = .none
    }

    /// Whether no task has held the map's lock for writing since the fault dropped it (Morton, 2006).
    package func mapIsUnchanged(since fault: VMFault) -> Bool {
        maps[fault.map.index].writeLockCount == fault.mapWriteLockCount
    }

    /// Frees the private copy that was prepared and not used.
    mutating func dropCopy(of fault: inout VMFault) {
        guard fault.copy != .none else { return }
        if !mistaken(.unusedCopyLeaks) { unhold(fault.copy, for: fault.task, in: .faultCopy) }
        fault.copy = .none
    }

    /// Whether writes to shared pages of the area call `page_mkwrite`.
    func hasMkwrite(_ area: VMA) -> Bool {
        area.operations != 0
            && configuration.provided[Int(area.operations) - 1].contains(.pageMkwrite)
    }

    /// Whether a shared writable area must notice the first write to a page: `vma_wants_writenotify()`.
    package func wantsWriteNotify(_ area: VMA) -> Bool {
        guard area.flags.contains([.shared, .write]) else { return false }
        return area.flags.contains(.userfaultProtect) || tracksWrites(area)
    }

    /// Whether a shared writable area must notice the first write to a clean page, so that it becomes dirty.
    func tracksWrites(_ area: VMA) -> Bool {
        guard area.flags.contains([.shared, .write]) else { return false }
        if hasMkwrite(area) { return true }
        return area.file != .none && files[area.file.index].traits.contains(.writeback)
    }

    /// The bits of a new entry: `mk_pte(page, vma->vm_page_prot)`, young, and for a write dirty and writable if the
    /// area is.
    @inline(__always)
    package func entryBits(of area: VMA, forWrite: Bool) -> PTE.Bits {
        area.flags.entryBits(forWrite: forWrite).union(protection(of: area))
    }

    /// The base protection of an area's entries: `vma->vm_page_prot`.
    @inline(__always)
    package func protection(of area: VMA) -> PTE.Bits {
        var bits = area.flags.entryProtection
        if area.flags.contains(.shared), area.flags.contains(.write), !wantsWriteNotify(area) {
            bits.insert(.writable)
        }
        return bits
    }

    /// Copies the content of a page.
    mutating func copyContent(from old: FrameNumber, to new: FrameNumber) {
        setStamp(of: new, stamp(of: old))
    }

    /// Whether a task that may have dirtied pages of `file` has to be throttled, if a check is due:
    /// `balance_dirty_pages_ratelimited()`. Files without writeback are never checked.
    package mutating func asksForThrottling(_ file: FileID, _ task: TaskID) -> Bool {
        guard file != .none, files[file.index].traits.contains(.writeback) else { return false }
        if settings.dirtyPausePages > 1 {
            guard tasks[task.index].dirtiedPages >= settings.dirtyPausePages else { return false }
            if !mistaken(.pauseIsForGood) { tasks[task.index].dirtiedPages = 0 }
        }
        return hasTooManyDirtyPages
    }

    /// Whether tasks that dirty more pages are throttled.
    package var hasTooManyDirtyPages: Bool { dirtyPages > settings.dirtyLimitPages }
}
