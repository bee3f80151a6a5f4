import FaultCore

/// `UFFDIO_COPY`, `UFFDIO_ZEROPAGE`, `UFFDIO_CONTINUE`, `UFFDIO_POISON`: `mfill_atomic()` (mm/userfaultfd.c, Linux 6.1 and
/// 6.12).
///
///     begin ─▶ lock ─┬─▶ lockTaken ────────────────────────────┬─▶ fillPage ◀─▶ folioLocked, swappedIn
///                    │                                         │     ├─▶ sourceRead ─▶ lock
///                    └─▶ findWithoutLock ─▶ lockArea ─▶ stable ┘     └─▶ dropped
///                              └────────▶ mmapTaken ──▲
///
/// Locks: the mmap lock for reading during all pages. From Linux 6.9 on it is the area lock; the mmap lock is
/// taken only to give the area an `anon_vma`. Inside it is the descriptor's `map_changing_lock`, for which a task that
/// begins a change with an event waits. The source is copied with page faults disabled. If that fails, the lock is
/// released, the source is faulted in as by any user copy, and everything is checked again.
///
/// A call that stops after some pages fails with `EAGAIN`, returns their number, and wakes the tasks that wait for
/// them. A call that stops before the first page wakes no task.
enum Fill: Routine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case lock
        case lockTaken
        case findWithoutLock
        case lockArea
        case mmapTaken
        case stable
        case fillPage
        case folioLocked
        case swappedIn
        case sourceRead
        case dropped
    }

    static func step(
        _ stage: Stage, _ frame: inout FillFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let map = machine.map(of: frame.descriptor)
        switch stage {
        case .begin:
            if let error = refusal(frame, machine) { return .failed(error) }
            guard machine.isInUse(map) else {
                return .failed(machine.model.goneMemory == .isNoSpace ? .noSpace : .noSuchProcess)
            }
            frame.use = machine.using(map)
            return .next(.lock)

        case .lock:
            fault = VMFault()
            fault.task = task
            fault.map = map
            fault.page = frame.page
            guard machine.model.fillLock == .mmap else { return .next(.findWithoutLock) }
            return .call(machine.taking(.mmap(map), .read), then: .lockTaken)

        case .lockTaken:
            fault.lock = .mmap
            if machine.isChanging(frame.descriptor), !mistaken(.fillsChangingMemory) {
                return end(.tryAgain, &frame, &fault, &machine)
            }
            guard let area = machine.findArea(of: &fault), covers(area, frame) else {
                return end(.noEntry, &frame, &fault, &machine)
            }
            if let error = refusal(frame, of: area, machine) { return end(error, &frame, &fault, &machine) }
            guard machine.prepareFilling(of: &fault) else { return end(.noMemory, &frame, &fault, &machine) }
            return .next(.fillPage)

        case .findWithoutLock:
            if machine.findAreaWithoutLock(of: &fault) { return .next(.lockArea) }
            return .call(machine.taking(.mmap(map), .read), then: .mmapTaken)

        case .lockArea:
            switch machine.tryAreaLock(of: &fault) {
            case .replaced: return .next(.findWithoutLock)
            case .refused: break
            case .locked:
                let area = machine.area(of: fault)
                if area.flags.contains(.shared) || area.anonVMA != 0 { return areaLocked(&frame, &fault, &machine) }
                machine.releaseFaultLock(of: &fault)
            }
            return .call(machine.taking(.mmap(map), .read), then: .mmapTaken)

        case .mmapTaken:
            fault.lock = .mmap
            guard let area = machine.findArea(of: &fault), area.contains(frame.page) else {
                return end(.noEntry, &frame, &fault, &machine)
            }
            guard machine.prepareFilling(of: &fault) else { return end(.noMemory, &frame, &fault, &machine) }
            machine.lockArea(of: &fault)
            machine.unlock(.mmap(map), by: task)
            return areaLocked(&frame, &fault, &machine)

        case .stable:
            if machine.isChanging(frame.descriptor) { return end(.tryAgain, &frame, &fault, &machine) }
            if let error = refusal(frame, of: machine.area(of: fault), machine) {
                return end(error, &frame, &fault, &machine)
            }
            return .next(.fillPage)

        case .fillPage:
            guard frame.done < frame.pages else { return end(nil, &frame, &fault, &machine) }
            if machine.mustReclaim(for: task) { return .call(machine.reclaiming, then: .fillPage) }
            return fillPage(&frame, &fault, &machine)

        case .folioLocked:
            return installCached(&frame, &fault, &machine)

        case .swappedIn:
            switch resumed.result(FileResult.self) {
            case .pages:
                let batch = machine.folioBatch(of: task)
                guard let folio = batch.last else { return .next(.fillPage) }
                machine.hold(folio, for: task, in: .call)
                machine.cutBatch(of: task, to: batch.count - 1)
                frame.folio = folio
                return .next(.folioLocked)
            case .done, .ready: return .next(.fillPage)
            case .failed(let errno): return end(errno, &frame, &fault, &machine)
            }

        case .sourceRead:
            guard resumed.errno == nil, let page = frame.nextSource else {
                frame.error = .badAddress
                return .call(machine.dropping(&frame.use), then: .dropped)
            }
            guard let stamp = machine.copyOut(of: page, in: machine.map(of: task)) else {
                return .call(machine.accessing(page, .read), then: .sourceRead)
            }
            frame.prepare(stamp)
            return .next(.lock)

        case .dropped:
            return .done(result(frame, &machine))
        }
    }

    // MARK: Tests

    /// The tests before the lock, in the kernel's order.
    private static func refusal(_ frame: FillFrame, _ machine: Machine) -> Errno? {
        let support = machine.model.userfaults
        switch frame.kind {
        case .copy, .zeropage: break
        case .continue: if support.rawValue < KernelModel.Userfaults.minor.rawValue { return .invalid }
        case .poison: if support.rawValue < KernelModel.Userfaults.poison.rawValue { return .invalid }
        }
        if machine.isChanging(frame.descriptor) { return .tryAgain }
        if machine.isInvalid(frame.page, frame.pages) { return .invalid }
        if let source = frame.source, machine.isInvalid(source, frame.pages) { return .invalid }
        return frame.options.isSubset(of: options(of: frame.kind, support)) ? nil : .invalid
    }

    /// The options of a call that a kernel knows.
    private static func options(
        of kind: FillFrame.Kind, _ support: KernelModel.Userfaults
    ) -> UserfaultFillOptions {
        switch kind {
        case .copy:
            support.rawValue >= KernelModel.Userfaults.protection.rawValue ? [.dontWake, .writeProtect] : .dontWake
        case .continue:
            support.rawValue >= KernelModel.Userfaults.unpopulated.rawValue ? [.dontWake, .writeProtect] : .dontWake
        case .zeropage, .poison: .dontWake
        }
    }

    /// Whether all pages lie in an area that is registered with any descriptor.
    private static func covers(_ area: VMA, _ frame: FillFrame) -> Bool {
        area.contains(frame.page) && frame.pages <= area.end - frame.page && area.flags.isRegistered
    }

    /// The error with which an area refuses the fill.
    private static func refusal(_ frame: FillFrame, of area: VMA, _ machine: Machine) -> Errno? {
        if frame.options.contains(.writeProtect), !area.flags.contains(.userfaultProtect) { return .invalid }
        if !machine.isHandledMemory(area) { return .invalid }
        return frame.kind == .continue && !machine.isSharedMemory(area) ? .invalid : nil
    }

    /// Continues with the area lock held.
    private static func areaLocked(
        _ frame: inout FillFrame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let area = machine.area(of: fault)
        guard covers(area, frame) else { return end(.noEntry, &frame, &fault, &machine) }
        return .call(machine.taking(.mapChanging(frame.descriptor), .read), then: .stable)
    }

    // MARK: Pages

    private static func fillPage(
        _ frame: inout FillFrame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let page = frame.page + frame.done
        let area = machine.area(of: fault)
        let map = fault.map
        let isShared = machine.fillsFile(of: area)
        let isProtected = frame.options.contains(.writeProtect)
        switch frame.kind {
        case .copy:
            if isShared, !machine.hasRoomInTmpfs { return end(.noMemory, &frame, &fault, &machine) }
            guard let stamp = content(frame, task, &machine) else {
                unlock(frame, &fault, &machine)
                guard let source = frame.nextSource else { return .next(.sourceRead) }
                return .call(machine.accessing(source, .read), then: .sourceRead)
            }
            frame.forgetContent()
            let error =
                isShared
                ? machine.fillSharedPage(page, of: area, in: map, stamp: stamp, isProtected: isProtected, by: task)
                : machine.fillPrivatePage(page, of: area, in: map, stamp: stamp, isProtected: isProtected, by: task)
            return filled(error, &frame, &fault, &machine)

        case .zeropage:
            if isShared, machine.model.sharedFill == .copiesIntoFile { return end(.invalid, &frame, &fault, &machine) }
            guard isShared else {
                return filled(machine.fillZeroPage(page, of: area, in: map, by: task), &frame, &fault, &machine)
            }
            guard machine.hasRoomInTmpfs else { return end(.noMemory, &frame, &fault, &machine) }
            let error = machine.fillSharedPage(page, of: area, in: map, stamp: 0, isProtected: false, by: task)
            return filled(error, &frame, &fault, &machine)

        case .poison:
            return filled(machine.poison(page, of: area, in: map, by: task), &frame, &fault, &machine)

        case .continue:
            let index = area.fileIndex(of: page)
            guard index.value < machine.pages(of: area.file) else { return end(.invalid, &frame, &fault, &machine) }
            if let folio = machine.cachedFolio(at: index, of: area.file) {
                machine.hold(folio, for: task, in: .call)
                frame.folio = folio
                return .call(machine.locking(folio), then: .folioLocked)
            }
            guard machine.swapSlot(of: area.file, at: index) != nil else {
                return end(machine.isLost(index, of: area.file) ? .inputOutput : .badAddress, &frame, &fault, &machine)
            }
            return .call(machine.calling(.swapIn(index), on: area.file), then: .swappedIn)
        }
    }

    /// The contents of the next source page; `nil` if it is not present. The failed copy counts exceptions that no
    /// entry handles.
    private static func content(_ frame: FillFrame, _ task: TaskID, _ machine: inout Machine) -> UInt32? {
        switch frame.content {
        case .buffer: return Machine.stamp(after: 0, writtenBy: task)
        case .prepared: return frame.stamp
        case .memory: break
        }
        guard let source = frame.nextSource else { return nil }
        if let stamp = machine.copyOut(of: source, in: machine.map(of: task)) { return stamp }
        machine.countUnhandledExceptions(of: task)
        return nil
    }

    /// Maps the locked page of the cache, if it still is the right page.
    private static func installCached(
        _ frame: inout FillFrame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let folio = frame.folio
        let page = frame.page + frame.done
        let area = machine.area(of: fault)
        let index = area.fileIndex(of: page)
        let isThere = machine.cachedFolio(at: index, of: area.file) == folio
        let isPoisoned = machine.flags(of: folio).contains(.poisoned)
        var error: Errno?
        if isThere {
            error =
                isPoisoned
                ? .inputOutput
                : machine.fillCachedPage(
                    folio, page, of: area, in: fault.map, isProtected: frame.options.contains(.writeProtect), by: task)
        }
        machine.unlock(folio)
        frame.folio = .none
        machine.unhold(folio, for: task, in: .call)
        return isThere ? filled(error, &frame, &fault, &machine) : .next(.fillPage)
    }

    private static func filled(
        _ error: Errno?, _ frame: inout FillFrame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        if let error { return end(error, &frame, &fault, &machine) }
        frame.done += 1
        return machine.hasFatalSignal(machine.currentTask)
            ? end(.interrupted, &frame, &fault, &machine) : .next(.fillPage)
    }

    // MARK: The end

    private static func unlock(_ frame: FillFrame, _ fault: inout VMFault, _ machine: inout Machine) {
        let lock = LockName.mapChanging(frame.descriptor)
        if machine.holds(lock, machine.currentTask) != nil { machine.unlock(lock, by: machine.currentTask) }
        machine.releaseFaultLock(of: &fault)
    }

    private static func end(
        _ error: Errno?, _ frame: inout FillFrame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        frame.error = error
        unlock(frame, &fault, &machine)
        return .call(machine.dropping(&frame.use), then: .dropped)
    }

    private static func result(_ frame: FillFrame, _ machine: inout Machine) -> CallResult {
        machine.endFilling(
            frame.done, of: frame.pages, from: frame.page, frame.error, frame.options, on: frame.descriptor)
    }
}

extension Machine {
    /// Wakes the tasks that wait for the filled pages, and returns the result of the fill: the last lines of
    /// `userfaultfd_copy()` and similar functions.
    mutating func endFilling(
        _ done: Int, of pages: Int, from page: PageNumber, _ error: Errno?, _ options: UserfaultFillOptions,
        on descriptor: UserfaultID
    ) -> CallResult {
        guard done > 0 else { return .failed(error ?? .invalid) }
        if !options.contains(.dontWake) { wakeUserfaults(of: descriptor, from: page, pages: done) }
        noteFilled(done, by: currentTask)
        return done == pages ? .done : .failed(.tryAgain)
    }

    /// Whether all tmpfs files together may have one more page.
    var hasRoomInTmpfs: Bool { tmpfsHasRoom }
}

// MARK: - What it reads and holds

extension Fill {
    static func reads(_ stage: Stage, _ frame: FillFrame, _ view: StageView) -> Footprint {
        let map = view.machine.map(of: frame.descriptor)
        let found: Footprint = [.areas(map), .userfault(frame.descriptor)]
        switch stage {
        case .begin: return view.beginning(on: frame.descriptor)
        case .lock: return []
        case .lockTaken: return found.union(view.releasing(.mmap(map)))
        case .findWithoutLock: return [.areas(map)]
        case .lockArea: return found.union([.areaLocks(map)], view.releasingArea)
        case .mmapTaken: return found.union([.areaLocks(map)], view.releasingArea, view.releasing(.mmap(map)))
        case .stable: return found.union(view.releasingArea, view.releasing(.mapChanging(frame.descriptor)))
        case .fillPage: return filling(frame, view)
        case .folioLocked, .swappedIn, .sourceRead: return .everything
        case .dropped: return view.queue(of: frame.descriptor)
        }
    }

    /// The footprint for the next page: only its entry, if the new page is private.
    private static func filling(_ frame: FillFrame, _ view: StageView) -> Footprint {
        let fault = view.fault
        guard fault.lock != .none else { return .everything }
        let end = Footprint([.areas(fault.map)]).union(
            view.faultLock, view.releasing(.mapChanging(frame.descriptor)))
        if frame.done == frame.pages { return end }
        let isPrivate = view.areaOfFault.flags.isDisjoint(with: .shared)
        guard isPrivate, frame.content != .memory, frame.kind != .continue, !view.machine.mustReclaim(for: view.task)
        else { return .everything }
        return end.union(view.newEntry(frame.page + frame.done, in: fault.map))
    }

    static func holds(_ stage: Stage, _ frame: FillFrame, _ view: StageView) -> Holdings {
        let map = view.machine.map(of: frame.descriptor)
        switch stage {
        case .begin, .lock, .findWithoutLock, .lockArea, .sourceRead, .dropped: return .nothing
        case .lockTaken, .mmapTaken: return .lock(.mmap(map), .read)
        case .stable, .fillPage, .folioLocked, .swappedIn:
            let isHeld = view.machine.model.fillLock == .area
            return view.heldFaultLock.and(.lock(.mapChanging(frame.descriptor), .read, if: isHeld))
        }
    }
}
