import FaultCore

/// `UFFDIO_MOVE`: `userfaultfd_move()` with `move_pages()` (fs/userfaultfd.c, mm/userfaultfd.c, Linux 6.12).
///
///     begin ─┬─▶ findWithoutLock ─▶ lockArea ─┬─▶ lockSource ─┬─▶ check ─▶ movePage ◀─▶ folioLocked
///            │         └───────▶ mmapTaken ───┘      │        │                └─▶ dropped
///            │                                       └─▶ relocked
///            └─▶ mapLocked ─▶ movePage                                                  Linux 6.8
///
/// Pages move within the caller's own private memory. None is copied, and a shared page is not moved.
///
/// Locks: those of both areas, for reading, without the mmap lock if both can be taken without a wait. There is no wait
/// for the second while the first is held: if it can't be taken, the first is released, and both are taken under the
/// mmap lock. Inside them is the descriptor's `map_changing_lock`. In Linux 6.8 it is only the mmap lock, for reading.
enum MovePages: Routine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case findWithoutLock
        case lockArea
        case mmapTaken
        case lockSource
        case relocked
        case mapLocked
        case check
        case movePage
        case folioLocked
        case dropped
    }

    struct Frame: RoutineFrame {
        /// The first page.
        let page: PageNumber
        /// How many pages.
        let pages: Int
        /// The first page of the source.
        let source: PageNumber
        private var moved: UInt32 = 0
        /// The descriptor.
        let descriptor: UserfaultID
        /// Keeps the memory alive.
        var use = MapUse.none
        /// The page to move, referenced and locked; known in `folioLocked`.
        var folio = FrameNumber.none
        /// The options of the call.
        let options: UserfaultFillOptions
        /// Why the call stopped; known in `dropped`.
        var error: Errno?

        init(
            _ page: PageNumber, pages: Int, from source: PageNumber, _ options: UserfaultFillOptions,
            on descriptor: UserfaultID
        ) {
            self.page = page
            self.pages = pages
            self.source = source
            self.options = options
            self.descriptor = descriptor
        }

        /// How many pages are done.
        var done: Int {
            get { Int(moved) }
            set { moved = UInt32(truncatingIfNeeded: newValue) }
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("pages", pages)
            visitor.visit("source", source)
            visitor.visit("moved", Int(moved))
            visitor.visit("descriptor", descriptor)
            visitor.visit("use", use)
            visitor.visit("folio", folio)
            visitor.visit("options", options)
            visitor.visit("error", error)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let map = machine.map(of: frame.descriptor)
        switch stage {
        case .begin:
            if let error = refusal(frame, map, machine) { return .failed(error) }
            guard machine.isInUse(map) else { return .failed(.noSuchProcess) }
            frame.use = machine.using(map)
            fault = VMFault()
            fault.task = task
            fault.map = map
            fault.page = frame.page
            guard machine.model.fillLock == .area else {
                return .call(machine.taking(.mmap(map), .read), then: .mapLocked)
            }
            return .next(.findWithoutLock)

        case .findWithoutLock:
            if machine.findAreaWithoutLock(of: &fault) { return .next(.lockArea) }
            return .call(machine.taking(.mmap(map), .read), then: .mmapTaken)

        case .lockArea:
            switch machine.tryAreaLock(of: &fault) {
            case .replaced: return .next(.findWithoutLock)
            case .refused: break
            case .locked:
                let area = machine.area(of: fault)
                if area.flags.contains(.shared) || area.anonVMA != 0 { return .next(.lockSource) }
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
            return .next(.lockSource)

        case .lockSource:
            if machine.area(of: fault).contains(frame.source) { return stabilize(frame, machine) }
            if mayLockSource(frame, map, machine) {
                machine.lockAnotherArea(at: frame.source, of: fault)
                return stabilize(frame, machine)
            }
            machine.releaseFaultLock(of: &fault)
            return .call(machine.taking(.mmap(map), .read), then: .relocked)

        case .relocked:
            fault.lock = .mmap
            guard let area = machine.findArea(of: &fault), area.contains(frame.page) else {
                return end(.noEntry, &frame, &fault, &machine)
            }
            guard machine.prepareFilling(of: &fault) else { return end(.noMemory, &frame, &fault, &machine) }
            guard machine.area(containing: frame.source, in: map) != nil else {
                return end(.noEntry, &frame, &fault, &machine)
            }
            machine.lockArea(of: &fault)
            machine.lockAnotherArea(at: frame.source, of: fault)
            machine.unlock(.mmap(map), by: task)
            return stabilize(frame, machine)

        case .mapLocked:
            fault.lock = .mmap
            if machine.isChanging(frame.descriptor) { return end(.tryAgain, &frame, &fault, &machine) }
            guard let area = machine.findArea(of: &fault), area.contains(frame.page),
                let source = machine.area(containing: frame.source, in: map), suits(area, source, frame)
            else { return end(.invalid, &frame, &fault, &machine) }
            guard machine.prepareFilling(of: &fault) else { return end(.noMemory, &frame, &fault, &machine) }
            return .next(.movePage)

        case .check:
            if machine.isChanging(frame.descriptor) { return end(.tryAgain, &frame, &fault, &machine) }
            let area = machine.area(of: fault)
            guard let source = machine.area(containing: frame.source, in: map), suits(area, source, frame) else {
                return end(.invalid, &frame, &fault, &machine)
            }
            return .next(.movePage)

        case .movePage:
            guard frame.done < frame.pages else { return end(nil, &frame, &fault, &machine) }
            return movePage(&frame, &fault, &machine)

        case .folioLocked:
            return movePage(&frame, &fault, &machine)

        case .dropped:
            return .done(
                machine.endFilling(
                    frame.done, of: frame.pages, from: frame.page, frame.error, frame.options, on: frame.descriptor))
        }
    }

    /// Takes the descriptor's `map_changing_lock`, under the locks of the areas.
    private static func stabilize(_ frame: Frame, _ machine: Machine) -> RoutineStep<Stage, CallResult> {
        .call(machine.taking(.mapChanging(frame.descriptor), .read), then: .check)
    }

    private static func refusal(_ frame: Frame, _ map: MapID, _ machine: Machine) -> Errno? {
        guard machine.model.userfaults.rawValue >= KernelModel.Userfaults.move.rawValue else { return .invalid }
        if machine.isChanging(frame.descriptor) { return .tryAgain }
        guard map == machine.map(of: machine.currentTask) else { return .invalid }
        guard !machine.isInvalid(frame.page, frame.pages), !machine.isInvalid(frame.source, frame.pages) else {
            return .invalid
        }
        return frame.options.isSubset(of: [.dontWake, .allowSourceHoles]) ? nil : .invalid
    }

    /// Whether the lock of the source's area can be taken without a wait.
    private static func mayLockSource(_ frame: Frame, _ map: MapID, _ machine: Machine) -> Bool {
        machine.area(containing: frame.source, in: map) != nil && !machine.isAreaWriteLocked(frame.source, in: map)
    }

    /// `validate_move_areas()`, after the tests of `move_pages()`.
    private static func suits(_ area: VMA, _ source: VMA, _ frame: Frame) -> Bool {
        guard source.flags.isDisjoint(with: .shared), frame.pages <= source.end - frame.source else { return false }
        guard area.flags.isDisjoint(with: .shared), frame.pages <= area.end - frame.page else { return false }
        let kept: VMAFlags = [.access, .locked]
        guard area.flags.intersection(kept) == source.flags.intersection(kept),
            area.flags.protectionKey == source.flags.protectionKey, source.flags.contains(.write)
        else { return false }
        return area.flags.userfault == frame.descriptor && area.isAnonymous && source.isAnonymous
    }

    private static func movePage(
        _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let page = frame.page + frame.done
        let source = frame.source + frame.done
        let allowsHoles = frame.options.contains(.allowSourceHoles)
        guard allowsHoles || machine.hasTable(for: source, in: fault.map) else {
            return end(.noEntry, &frame, &fault, &machine)
        }
        switch machine.movable(from: source, to: page, in: fault.map, locked: frame.folio) {
        case .refused(let error): return end(error, &frame, &fault, &machine)
        case .mustLock(let folio):
            releaseFolio(of: &frame, task, &machine)
            machine.hold(folio, for: task, in: .call)
            frame.folio = folio
            return .call(machine.locking(folio), then: .folioLocked)
        case .hole:
            guard allowsHoles else { return end(.noEntry, &frame, &fault, &machine) }
        case .entry:
            let area = machine.area(of: fault)
            guard machine.movePage(from: source, to: page, of: area, in: fault.map, by: task) else {
                return end(.noMemory, &frame, &fault, &machine)
            }
        }
        releaseFolio(of: &frame, task, &machine)
        // Then the last page is not counted, and its waiters are not woken.
        if machine.hasFatalSignal(task) { return end(.interrupted, &frame, &fault, &machine) }
        frame.done += 1
        return .next(.movePage)
    }

    private static func releaseFolio(of frame: inout Frame, _ task: TaskID, _ machine: inout Machine) {
        guard frame.folio != .none else { return }
        machine.unlock(frame.folio)
        machine.unhold(frame.folio, for: task, in: .call)
        frame.folio = .none
    }

    private static func end(
        _ error: Errno?, _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        frame.error = error
        releaseFolio(of: &frame, machine.currentTask, &machine)
        let lock = LockName.mapChanging(frame.descriptor)
        if machine.holds(lock, machine.currentTask) != nil { machine.unlock(lock, by: machine.currentTask) }
        machine.releaseFaultLock(of: &fault)
        return .call(machine.dropping(&frame.use), then: .dropped)
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .begin: view.beginning(on: frame.descriptor)
        case .findWithoutLock: [.areas(view.fault.map)]
        case .lockArea, .mmapTaken, .lockSource, .relocked, .mapLocked, .check, .movePage, .folioLocked: .everything
        case .dropped: view.queue(of: frame.descriptor)
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .mmapTaken, .relocked, .mapLocked: .lock(.mmap(view.machine.map(of: frame.descriptor)), .read)
        case .check, .movePage, .folioLocked:
            view.heldFaultLock.and(
                .lock(.mapChanging(frame.descriptor), .read, if: view.machine.model.fillLock == .area))
        case .begin, .findWithoutLock, .lockArea, .lockSource, .dropped: .nothing
        }
    }
}
