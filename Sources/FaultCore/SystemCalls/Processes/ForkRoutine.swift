/// `fork(2)`: `dup_mmap()` (kernel/fork.c, Linux 6.1). The result is the child's ``TaskID``.
///
/// The parent's mmap lock is held for writing throughout, and the child's within it, so no fault can come in between.
/// Truncation, which needs neither lock, can. The child gets copies at once of pages that may be pinned
/// (``KernelModel/PinnedFork``), and memory for them may have to be reclaimed in the middle of an area.
enum ForkRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lockParent
        case lockChild
        case copyArea
        case makeChild
        case abandon
        case abandoned
        case copyRest
        case told
        case closed
    }

    struct Frame: RoutineFrame {
        /// The child's map; known from `copyArea` on.
        var child = MapID.none
        /// The first page of the parent that is not copied yet; in `copyRest`, within an area that the child has
        /// already.
        var page = PageNumber(0)
        /// Keeps the child's map alive while the parent waits for its events to be read.
        var use = MapUse.none
        /// The error with which the call fails; known from `abandon` on.
        var error: Errno?

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("child", child)
            visitor.visit("page", page)
            visitor.visit("use", use)
            visitor.visit("error", error)
        }
    }

    static var number: RoutineNumber { .fork }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let parent = machine.currentMap
        let child = frame.child
        switch stage {
        case .lockParent:
            return .call(machine.taking(.mmap(parent), .write, .killable), then: .lockChild)

        case .lockChild:
            if let errno = resumed.errno { return .failed(errno) }
            frame.child = machine.addMap(like: parent)
            machine.inheritUserfaults(from: parent, to: frame.child)
            machine.copyNames(from: parent, to: frame.child)
            return .call(machine.taking(.mmap(frame.child), .write), then: .copyArea)

        case .copyArea:
            guard let area = machine.area(endingAfter: frame.page, in: parent) else {
                return .next(.makeChild)
            }
            if machine.model.forkAreaLocks == .areTaken, !mistaken(.forkBesideReaders),
                let wait = machine.waitToWrite(area, in: parent)
            {
                return .sleep(wait, then: .copyArea)
            }
            machine.checkNobodyReads(area, in: parent)
            let all = area.start..<area.end
            if !area.flags.contains(.dontCopy), !machine.isTold(area, by: task),
                let wait = machine.waitingForFills(in: all, of: parent, with: .eventFork, by: task)
            {
                return .call(wait, then: .copyArea)
            }
            defer { machine.endTelling(by: task) }
            frame.page = area.end
            if area.flags.contains(.dontCopy), !mistaken(.forkCopiesExcluded) { return .next(.copyArea) }
            return goOn(after: machine.copyArea(area, from: parent, to: child, by: task), &frame, machine)

        case .copyRest:
            guard let area = machine.area(endingAfter: frame.page, in: parent) else { return .next(.makeChild) }
            let rest = frame.page..<area.end
            frame.page = area.end
            let copy = machine.area(containing: rest.lowerBound, in: child)
            let isProtected = copy?.flags.contains(.userfaultProtect) == true
            return goOn(
                after: machine.copyEntries(in: rest, of: area, isProtected, from: parent, to: child, by: task), &frame,
                machine)

        case .makeChild:
            machine.unlock(.mmap(child), by: task)
            machine.unlock(.mmap(parent), by: task)
            guard machine.hasEvents(task) else { return makeTask(in: child, of: task, &machine) }
            frame.use = machine.using(child)
            return .call(machine.tellingEvents(), then: .told)

        case .told:
            guard let error = frame.error else {
                machine.endUse(&frame.use)
                return makeTask(in: child, of: task, &machine)
            }
            frame.error = error
            return .call(machine.dropping(&frame.use), then: .abandoned)

        case .abandon:
            machine.unlock(.mmap(child), by: task)
            machine.unlock(.mmap(parent), by: task)
            frame.use = machine.using(child)
            if machine.model.failedFork == .isSilent { machine.forgetFork(by: task) }
            if machine.hasEvents(task) { return .call(machine.tellingEvents(), then: .told) }
            return .call(machine.dropping(&frame.use), then: .abandoned)

        case .abandoned:
            guard machine.userfaultDescriptors(of: child).isEmpty else {
                fault.map = child
                return .call(machine.calling(.closeAll), then: .closed)
            }
            return fail(frame)

        case .closed:
            return fail(frame)
        }
    }

    /// Continues with the next area, or with the rest of this one when there is memory.
    private static func goOn(
        after progress: Progress, _ frame: inout Frame, _ machine: Machine
    ) -> RoutineStep<Stage, CallResult> {
        switch progress {
        case .done: return .next(.copyArea)
        case .failed(let errno):
            frame.error = errno
            return .next(.abandon)
        case .needsMemory(let page):
            frame.page = page
            return .call(machine.reclaiming, then: .copyRest)
        }
    }

    /// How far an area has been copied.
    fileprivate enum Progress {
        case done
        case failed(Errno)
        /// Up to this page, of which the child must get a copy of its own.
        case needsMemory(PageNumber)
    }

    private static func fail(_ frame: Frame) -> RoutineStep<Stage, CallResult> {
        guard let error = frame.error else { misuse("ForkRoutine.abandoned: nothing has failed") }
        return .failed(error)
    }

    private static func makeTask(
        in child: MapID, of task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let newTask = machine.addTask(in: child)
        machine.setArchWords(of: newTask, to: machine.archWords(of: task))
        return .returned(Int(newTask.rawValue))
    }
}

extension Machine {
    /// Makes a memory map with the heap and the layout of `parent`, without areas: `dup_mm()` before `dup_mmap()`.
    fileprivate mutating func addMap(like parent: MapID) -> MapID {
        let child = addMap()
        maps[child.index].heapStart = maps[parent.index].heapStart
        if !mistaken(.forkForgetsHeap) { maps[child.index].heapEnd = maps[parent.index].heapEnd }
        maps[child.index].mmapBase = maps[parent.index].mmapBase
        maps[child.index].defaultFlags = maps[parent.index].defaultFlags.subtracting(
            mistaken(.forkKeepsFutureLocks) ? [] : [.locked, .lockOnFault])
        return child
    }

    /// Gives the child an area of the parent, and its entries if necessary: one turn of the loop of `dup_mmap()`.
    fileprivate mutating func copyArea(
        _ area: VMA, from parent: MapID, to child: MapID, by task: TaskID
    ) -> ForkRoutine.Progress {
        guard !hasFatalSignal(task) else { return .failed(.interrupted) }
        guard !allocationFails(.area, for: task) else { return .failed(.noMemory) }
        let inherited = area.flags.subtracting([.locked, .lockOnFault])
        guard let flags = noteFork(inherited, child: child, by: task) else { return .failed(.noMemory) }
        var copy = area
        copy.flags = flags
        if area.flags.contains(.wipeOnFork) {
            copy.anonVMA = 0
            copy.anonLinks = 0
        } else if area.anonVMA != 0 {
            // anon_vma_fork(): all links of the parent, and one to an anon_vma of its own for the pages to come.
            guard !allocationFails(.anonVMA, for: task) else { return .failed(.noMemory) }
            copy.anonVMA = anonVMAs.allocate()
            copy.anonLinks = area.anonLinks == .max ? .max : area.anonLinks + 1
        }
        insertArea(copy, in: child)
        // vma_needs_copy(): entries that faults can fill in again are left to faults.
        let isProtected = copy.flags.contains(.userfaultProtect)
        guard area.anonVMA != 0 || isProtected, !area.flags.contains(.wipeOnFork) else { return .done }
        return copyEntries(in: area.start..<area.end, of: area, isProtected, from: parent, to: child, by: task)
    }

    /// `copy_page_range()`, for a part of an area.
    ///
    /// - Parameter isProtected: Whether the child's area keeps the write protection of userfaultfd.
    fileprivate mutating func copyEntries(
        in part: Range<PageNumber>, of area: VMA, _ isProtected: Bool, from parent: MapID, to child: MapID,
        by task: TaskID
    ) -> ForkRoutine.Progress {
        let mayBePinned = mayCopyPinned(area, of: parent)
        var leaves: [(PageNumber, UInt32)] = []
        tables.forEachLeaf(maps[parent.index].root, in: part) { leaves.append(($0, $1)) }
        for (base, leaf) in leaves {
            guard let childLeaf = makeLeafTable(child, base, for: task) else { return .failed(.noMemory) }
            let first = max(base, part.lowerBound)
            let last = min(base + geometry.entriesPerTable, part.upperBound)
            for offset in 0..<(last - first) {
                let page = first + offset
                let entry = tables.entry(leaf, page)
                if entry.isNone || entry.isMarker && !isProtected { continue }
                if mayBePinned, isCopiedAtOnce(entry) {
                    if mustReclaim(for: task) { return .needsMemory(page) }
                    guard copyPage(of: entry, isProtected, at: page, area, to: (child, childLeaf), by: task) else {
                        return .failed(.noMemory)
                    }
                    continue
                }
                copyEntry(
                    entry, isProtected: isProtected, at: page, of: area, from: (parent, leaf), to: (child, childLeaf))
            }
        }
        return .done
    }

    /// Whether an area may have pages that are pinned, so that each must be looked at: the first half of
    /// `page_needs_cow_for_dma()`.
    private func mayCopyPinned(_ area: VMA, of parent: MapID) -> Bool {
        maps[parent.index].hasPinned && !area.flags.contains(.shared) && model.pinnedFork != .shares
    }

    /// Whether the child gets a copy of an entry's page, because the parent's page may be pinned:
    /// `page_try_dup_anon_rmap()` refuses.
    private func isCopiedAtOnce(_ entry: PTE) -> Bool {
        guard entry.mapsCountedFrame, isMaybePinned(entry.frame), !mistaken(.forkSharesPinned) else { return false }
        return model.pinnedFork == .copiesAll || frames[entry.frame].flags.contains([.anonymous, .anonExclusive])
    }

    /// `copy_present_page()`: the child gets a page of its own, which it may write to. The parent's entry stays as it
    /// is. Returns whether there was memory.
    private mutating func copyPage(
        of entry: PTE, _ isProtected: Bool, at page: PageNumber, _ area: VMA, to child: (map: MapID, leaf: UInt32),
        by task: TaskID
    ) -> Bool {
        chargePageCopy()
        let copy = allocateFrame(
            .copyPage, flags: AnonymousFault.frameFlags, index: area.fileIndex(of: page), stamp: stamp(of: entry.frame),
            for: task, slot: .faultCopy)
        guard let copy else { return false }
        var bits = entryBits(of: area, forWrite: true)
        if isProtected, entry.bits.contains(.userfaultProtected) {
            bits.remove(.writable)
            bits.insert(.userfaultProtected)
        }
        mapHeld(copy, bits, at: page, in: child.map, leaf: child.leaf, heldBy: task, in: .faultCopy)
        return true
    }

    /// `copy_present_pte()`: both sides refer to one page, and a write by either side faults.
    @inline(__always)
    private mutating func copyEntry(
        _ entry: PTE, isProtected: Bool, at page: PageNumber, of area: VMA, from parent: (map: MapID, leaf: UInt32),
        to child: (map: MapID, leaf: UInt32)
    ) {
        var bits = mistaken(.forkKeepsSwapExclusive) ? entry.bits : entry.bits.subtracting(.swapExclusive)
        if !area.flags.contains(.shared), !mistaken(.forkLeavesEntriesWritable) { bits.remove(.writable) }
        changeEntry(entry, to: bits, at: page, in: parent.map, leaf: parent.leaf)
        bits.remove(.young)
        if area.flags.contains(.shared) { bits.remove(.dirty) }
        if !isProtected { bits.remove(.userfaultProtected) }
        guard entry.mapsCountedFrame else {
            if let slot = swapSlot(of: entry) {
                if !mistaken(.forkCountsNoSlot) { duplicateSwap(slot) }
                noteSwappedMap(child.map, after: parent.map)
                maps[child.map.index].rss.swapEntries += 1
            }
            setSpecialEntry(PTE(entry.frame, bits), at: page, in: child.map, leaf: child.leaf)
            return
        }
        if frames[entry.frame].flags.contains(.anonExclusive), !mistaken(.forkKeepsExclusive) {
            setFlags(of: entry.frame, removing: .anonExclusive)
        }
        mapFrame(entry.frame, bits, at: page, in: child.map, leaf: child.leaf)
    }
}

// MARK: - What it reads and holds

extension ForkRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let parent = view.map
        let child = frame.child
        switch stage {
        case .lockParent, .closed: return []
        case .abandoned, .told: return view.machine.hasNoUserfaults ? [] : .everything
        case .lockChild: return Footprint([.world, .areas(parent)]).union(view.descriptors)
        case .copyArea, .copyRest:
            guard let area = view.machine.area(endingAfter: frame.page, in: parent) else { return [.areas(parent)] }
            return view.changingAreas(of: parent).union(
                view.changingAreas(of: child), [.entries(child)], view.entries(in: area.start..<area.end, of: parent))
        case .makeChild, .abandon:
            return view.releasing(.mmap(child)).union(view.releasing(.mmap(parent)), [.world, .users(child)])
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        let parent = Holdings.lock(.mmap(view.map), .write)
        switch stage {
        case .lockParent, .abandoned, .told, .closed: return .nothing
        case .lockChild: return view.resumed.errno == nil ? parent : .nothing
        case .copyArea: return parent.and(.lock(.mmap(frame.child), .write)).and(view.heldToTell)
        case .copyRest, .makeChild, .abandon: return parent.and(.lock(.mmap(frame.child), .write))
        }
    }
}
