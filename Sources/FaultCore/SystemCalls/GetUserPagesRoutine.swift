/// `__get_user_pages()` (mm/gup.c, Linux 6.1): makes sure that pages of a memory map are there, and finds them.
///
///     start ─┬───────────────────────▶ findArea ─▶ followPage ◀─▶ faultHandled     __get_user_pages()
///            └─▶ lockTaken ─▶ allReturned ─▶ relocked ─▶ oneReturned ─▶ ...        __get_user_pages_locked()
///
/// Every mode but ``Mode/unlocked`` is entered with the mmap lock of the map held, by this task. Whether it is still held
/// on return is ``VMFault/lock`` of the task: ``FaultLock/none`` if it was lost, in the modes that may lose it. The result
/// is the number of pages done; if there are none, the errno, or 0 if it stopped because the lock was lost, or because
/// ``GUPFlags/noWait`` forbade to sleep.
///
/// The words: 0 is the next page, 1 how many are left, 2 the ``GUPFlags``, 3 how many are done, 4 whether the lock was
/// dropped.
enum GetUserPagesRoutine {
    /// What the call's option says: who calls, and what may become of the lock.
    enum Mode: UInt8, BitwiseCopyable, Sendable {
        /// `get_user_pages_unlocked()`, also as an operation of its own: takes the lock for reading, and releases it.
        case unlocked = 0
        /// The caller gave `locked`: the lock may be dropped, and stays so.
        case unlockable = 1
        /// The caller gave no `locked`: the lock stays held, also while a device reads.
        case held = 2
        /// `populate_vma_page_range()` without `locked`, as mprotect(2) of a locked area calls it: the range lies in one
        /// area, whose protection decides the flags; the lock stays held; errors are ignored.
        case populateHeld = 3
        /// `faultin_page_range()`: the lock may be dropped; the page that lost it is tried once more, as tried. Whoever
        /// lost it once gives it up in the end.
        case unlockableRange = 4
    }

    enum Stage: UInt8, RoutineStage {
        case start
        case findArea
        case followPage  // retry:
        case faultHandled
        case lockTaken
        case allReturned
        case relocked
        case oneReturned
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> {
        step(Stage(rawValue: call.stage.rawValue)!, &call, &fault, &machine).erased
    }

    static func step(
        _ stage: Stage, _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let mode = Mode(rawValue: call.option) ?? .unlocked
        switch stage {
        case .start:
            return start(mode, &call, &machine)

        case .findArea:
            return findArea(&call, &fault, &machine)

        case .followPage:
            return followPage(mode, &call, &fault, &machine)

        case .faultHandled:
            let answer = FaultinPage.answer(to: call.faultResult, GUPFlags(rawValue: UInt32(call.words.2)))
            if fault.lock == .none { machine.noteLostLock(of: fault.task) }
            switch answer {
            case .lookAgain: return .next(.followPage)
            case .busy, .again: return .returned(Int64(call.words.3))
            case .error(let errno): return stop(errno, mode, call, &fault)
            }

        case .lockTaken:
            guard call.returned >= 0 else { return .failed(.tryAgain) }  // killed
            let flags = GUPFlags(rawValue: UInt32(call.words.2))
            let mayDrop = mode == .unlockableRange || flags.contains(.unlockable)
            let inner: Mode = mayDrop ? .unlockable : .held
            let pages = Int(call.words.1)
            return .call(Self.call(inner, from: PageNumber(call.words.0), pages: pages, flags), then: .allReturned)

        case .allReturned:
            return lockedReturned(&call, &fault, &machine)

        case .relocked:
            guard call.returned == 0 else { return end(call.words.3 == 0 ? call.returned : 0, call, &fault, &machine) }
            let flags = GUPFlags(rawValue: UInt32(call.words.2)).union(.tried)
            return .call(
                Self.call(.unlockable, from: PageNumber(call.words.0), pages: 1, flags), then: .oneReturned)

        case .oneReturned:
            if fault.lock == .none { return relock(&call, &fault, &machine) }
            guard call.returned == 1 else { return end(call.returned, call, &fault, &machine) }
            call.words.0 += 1
            call.words.1 -= 1
            call.words.3 += 1
            // The next page may drop the lock again: TRIED was for this one alone.
            return call.words.1 == 0 ? end(0, call, &fault, &machine) : .next(.lockTaken)
        }
    }

    /// What to call for `pages` pages from `page` on.
    ///
    /// With ``GUPFlags/remote`` the map is the one that the task's operation names, else the task's own.
    static func call(_ mode: Mode, from page: PageNumber, pages: Int, _ flags: GUPFlags = []) -> Call {
        Call(
            .getUserPages, option: mode.rawValue, first: page.rawValue,
            second: UInt64(pages) | UInt64(flags.rawValue) << 32)
    }

    // MARK: __get_user_pages()

    private static func start(_ mode: Mode, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        call.words.2 = call.words.1 >> 32
        call.words.1 &= 0xFFFF_FFFF
        if mode == .unlocked, case .getUserPages(_, let pages, let flags) = machine.tasks[task.index].operation {
            call.words.1 = UInt64(max(0, pages))
            call.words.2 = UInt64(flags.union(.touch).subtracting(.remote).rawValue)
        }
        guard call.words.1 > 0 else { return .done }
        if mode == .unlockableRange { return .next(.lockTaken) }
        guard mode == .unlocked else { return .next(.findArea) }
        let isKillable = machine.model.pinLockWait == .killable && !isRemote(call)
        let wait: Wait.Mode = isKillable ? .killable : .uninterruptible
        return .call(machine.taking(.mmap(map(of: call, machine)), .read, wait), then: .lockTaken)
    }

    /// The map that is worked on.
    private static func map(of call: Activation, _ machine: Machine) -> MapID {
        let task = machine.currentTask
        return isRemote(call) ? machine.remoteMap(of: task) : machine.tasks[task.index].map
    }

    private static func isRemote(_ call: Activation) -> Bool {
        GUPFlags(rawValue: UInt32(call.words.2)).contains(.remote)
    }

    /// Finds the area of the next page, and asks whether it may be accessed so: `check_vma_flags()`.
    private static func findArea(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let mode = Mode(rawValue: call.option) ?? .unlocked
        fault = VMFault()
        fault.task = machine.currentTask
        fault.map = map(of: call, machine)
        fault.page = PageNumber(call.words.0)
        fault.lock = .mmap
        guard let area = machine.findArea(of: &fault), area.contains(fault.page) else {
            return stop(isAdvice(call) ? .noMemory : .badAddress, mode, call, &fault)
        }
        if mode == .populateHeld {
            guard !area.flags.contains(.lockOnFault) else { return done(mode, call, &fault) }
            call.words.2 = UInt64(PopulateRoutine.flags(for: area).rawValue)
        }
        let flags = GUPFlags(rawValue: UInt32(call.words.2))
        let isOwn = fault.map == machine.tasks[fault.task.index].map
        guard allows(area, flags),
            !isOwn || !machine.keyRefuses(area, flags.contains(.write) ? .write : .read, by: fault.task)
        else {
            return stop(isAdvice(call) ? .invalid : .badAddress, mode, call, &fault)
        }
        return .next(.followPage)
    }

    /// Whether madvise(2) asks, whose errors tell more.
    private static func isAdvice(_ call: Activation) -> Bool {
        GUPFlags(rawValue: UInt32(call.words.2)).contains(.advice)
    }

    /// Whether an area lets its pages be had with these flags: `check_vma_flags()`.
    static func allows(_ area: VMA, _ flags: GUPFlags) -> Bool {
        if flags.contains(.write) {
            return area.flags.contains(.write) || (flags.contains(.force) && !area.flags.contains(.shared))
        }
        return area.flags.contains(.read) || flags.contains(.force)
    }

    /// Looks for an entry that suits, and has it faulted in if there is none: `follow_page_mask()`, `faultin_page()`.
    private static func followPage(
        _ mode: Mode, _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        guard call.words.1 > 0 else { return done(mode, call, &fault) }
        let page = PageNumber(call.words.0)
        let area = machine.area(of: fault)
        guard area.contains(page) else { return .next(.findArea) }
        guard !machine.hasFatalSignal(fault.task) else { return stop(.interrupted, mode, call, &fault) }
        let flags = GUPFlags(rawValue: UInt32(call.words.2))
        if flags.contains(.interruptible), machine.hasSignal(fault.task) {
            return stop(.interrupted, mode, call, &fault)
        }
        let entry = machine.entry(of: page, in: fault.map)
        let fit = fit(of: entry, area, flags, machine)
        guard fit == .suits else {
            guard !flags.contains(.noFault) else { return stop(.badAddress, mode, call, &fault) }
            fault.page = page
            fault.index = area.fileIndex(of: page)
            fault.exception = FaultException(
                flags.contains(.write) ? .write : .read, .kernelWithFixup, translationPresent: entry.isPresent)
            fault.flags = FaultinPage.faultFlags(
                for: flags, mayDrop: mode == .unlockable, unshare: fit == .mustUnshare)
            return .call(machine.handleMMFault(), then: .faultHandled)
        }
        if entry.mapsCountedFrame, flags.contains(.touch) {
            if flags.contains(.write), !entry.isDirty { _ = machine.markDirty(entry.frame, by: fault.task) }
            machine.setFlags(of: entry.frame, adding: .referenced)
        }
        if flags.contains(.get) { machine.addToBatch(entry.mapsCountedFrame ? entry.frame : .none, of: fault.task) }
        machine.tasks[fault.task.index].outcome.stamp = entry.isZeroPage ? 0 : machine.stamp(of: entry.frame)
        call.words.0 += 1
        call.words.1 -= 1
        call.words.3 += 1
        return .next(.followPage)
    }

    /// How an entry answers a request.
    private enum Fit: Equatable {
        case suits
        case mustFault
        /// A page to be pinned for reading is shared with another process, whose write would take it away.
        case mustUnshare
    }

    /// `follow_page_pte()`, `can_follow_write_pte()`, `gup_must_unshare()`.
    private static func fit(of entry: PTE, _ area: VMA, _ flags: GUPFlags, _ machine: Machine) -> Fit {
        guard entry.isPresent else { return .mustFault }
        guard entry.bits.contains(.accessible) || flags.contains(.force) else { return .mustFault }
        if entry.isWritable { return .suits }
        let frameFlags = entry.mapsCountedFrame ? machine.flags(of: entry.frame) : []
        if flags.contains(.write) {
            let forced = flags.contains(.force) && area.flags.isDisjoint(with: [.shared, .write])
            return forced && frameFlags.contains([.anonymous, .anonExclusive]) ? .suits : .mustFault
        }
        let shared = frameFlags.contains(.anonymous) && !frameFlags.contains(.anonExclusive)
        return flags.contains(.pin) && shared ? .mustUnshare : .suits
    }

    /// Ends with the number of pages done.
    private static func done(_ mode: Mode, _ call: Activation, _ fault: inout VMFault) -> OldStep<Stage> {
        guard mode == .populateHeld else { return .returned(Int64(call.words.3)) }
        fault.lock = .none  // the caller's lock was only lent
        return .done
    }

    /// Ends with what is done, or with an error if nothing is.
    private static func stop(
        _ errno: Errno, _ mode: Mode, _ call: Activation, _ fault: inout VMFault
    ) -> OldStep<Stage> {
        mode == .populateHeld || call.words.3 > 0 ? done(mode, call, &fault) : .failed(errno)
    }

    // MARK: __get_user_pages_locked()

    /// After a run over all pages that are left.
    private static func lockedReturned(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        if call.returned > 0 {
            let pages = UInt64(call.returned)
            call.words.0 += pages
            call.words.1 -= pages
            call.words.3 += pages
            if call.words.1 == 0 { return end(0, call, &fault, &machine) }
        }
        if fault.lock != .none { return end(call.returned, call, &fault, &machine) }
        return relock(&call, &fault, &machine)
    }

    /// The lock was lost: takes it again, to try the page that lost it once more, alone and marked as tried.
    private static func relock(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        call.words.4 = 1
        let isInterrupted =
            GUPFlags(rawValue: UInt32(call.words.2)).contains(.interruptible)
            ? machine.hasSignal(fault.task) : machine.hasFatalSignal(fault.task)
        guard !isInterrupted else {
            return end(Errno.interrupted.returned, call, &fault, &machine)
        }
        return .call(machine.taking(.mmap(fault.map), .read, .killable), then: .relocked)
    }

    /// Releases the lock if it is held, and answers the pages done, or `value` if there are none.
    private static func end(
        _ value: Int64, _ call: Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        if call.option == Mode.unlockableRange.rawValue, call.words.4 == 0 {
            return .returned(call.words.3 > 0 ? Int64(call.words.3) : value)  // the caller's lock was never lost
        }
        let map = map(of: call, machine)
        if machine.holds(.mmap(map), machine.currentTask) != nil { machine.unlock(.mmap(map), by: machine.currentTask) }
        fault.lock = .none
        return .returned(call.words.3 > 0 ? Int64(call.words.3) : value)
    }
}

extension GUPFlags {
    /// `FOLL_PIN`: the page is pinned; a page shared since a fork is copied first, even to be read.
    @inlinable
    public static var pin: Self { Self(rawValue: 0x40000) }
    /// `FOLL_MADV_POPULATE` (Linux 6.9): errors tell a hole from what may not be accessed. The value is not the kernel's.
    @inlinable
    public static var advice: Self { Self(rawValue: 1 << 23) }
}

extension Machine {
    /// The map of another process that the operation of `task` works on; the task's own if it works on none.
    func remoteMap(of task: TaskID) -> MapID {
        switch tasks[task.index].operation {
        case .readProcMaps(let map), .readRemoteMemory(let map, _, _), .readProcMem(let map, _, _): map
        case .faultIn(let request) where request.map != .none: request.map
        default: tasks[task.index].map
        }
    }
}
