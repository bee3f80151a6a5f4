/// Direct reclaim: `__alloc_pages_slowpath()` down to `shrink_lruvec()` (mm/page_alloc.c, mm/vmscan.c, Linux 6.1).
///
///     begin ─▶ scanFiles ─▶ scanAnonymous ─▶ passDone ─┬─▶ done
///                 ▲                              │      ├─▶ [cleanFile] ─▶ awaitWrites ─▶ begin
///                 └──────── another pass ────────┘      └─▶ outOfMemory ─▶ awaitVictim ─▶ begin
///
/// Called by a task that is about to allocate a page and finds none free, with whatever locks it holds: none is
/// dropped. It returns when there is a free page, or when the task is to die. A task whose allocation then still fails
/// is being killed.
///
/// A pass looks once at each inactive page: first at pages of files, then, if that was not enough, at anonymous ones.
/// Used pages stay, and age. Differs: the kernel scans both lists in proportion to their size and cost. It leaves dirty
/// pages of files to a flusher, whose work the reclaimer does here itself. Where the kernel naps, the reclaimer waits
/// for a write.
enum ReclaimRoutine: CoreRoutine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case scanFiles
        case scanAnonymous
        case passDone
        case cleanFile
        case awaitWrites
        case outOfMemory
        case awaitVictim
    }

    /// What the pages are for.
    enum Purpose: UInt8, BitwiseCopyable, Sendable {
        /// An allocation that must succeed.
        case allocation
        /// Readahead, which can do with fewer pages: one pass, no wait for writes, and no kill.
        case readahead
    }

    struct Frame: RoutineFrame {
        /// What the pages are for.
        var purpose: Purpose
        /// How many pages a pass is to free.
        var wanted: Int
        /// How many pages this pass has freed.
        var freed = 0
        /// How many pages of the list are still to be looked at; known from `scanFiles` on.
        var left = 0
        /// How many passes in a row have freed none.
        var fruitlessPasses = 0
        /// The file of a dirty page that this pass has found; none if it has found none.
        var dirtyFile = FileID.none

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("purpose", purpose)
            visitor.visit("wanted", wanted)
            visitor.visit("freed", freed)
            visitor.visit("left", left)
            visitor.visit("fruitlessPasses", fruitlessPasses)
            visitor.visit("dirtyFile", dirtyFile)
        }

        /// Whether the pass still has something to do in its list.
        fileprivate var goesOn: Bool { left > 0 && freed < wanted }
    }

    static var number: RoutineNumber { .reclaim }

    /// How many passes without a free page make the machine give up. By then, the accessed bits of all pages are clear.
    private static let mostFruitlessPasses = 3

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, Completion> {
        let task = machine.currentTask
        switch stage {
        case .begin:
            guard frame.purpose == .readahead || machine.mustReclaim(for: task) else { return .done }
            machine.events.allocstall += 1
            machine.noteInterference()  // what the fault has found may then be gone
            frame.fruitlessPasses = 0
            return beginPass(&frame, &machine)

        case .scanFiles:
            guard frame.goesOn else {
                machine.ageActive(.activeAnonymous)
                frame.left = machine.lists.count(.inactiveAnonymous)
                return .next(frame.freed < frame.wanted ? .scanAnonymous : .passDone)
            }
            return scanOne(.inactiveFile, then: .scanFiles, &frame, &machine)

        case .scanAnonymous:
            guard frame.goesOn else { return .next(.passDone) }
            return scanOne(.inactiveAnonymous, then: .scanAnonymous, &frame, &machine)

        case .passDone:
            if frame.purpose == .readahead || !machine.mustReclaim(for: task) { return .done }
            if frame.dirtyFile != .none { return .next(.cleanFile) }
            if machine.writtenPage != nil { return .next(.awaitWrites) }
            frame.fruitlessPasses =
                frame.freed == 0 || mistaken(.fruitfulPassIsFruitless) ? frame.fruitlessPasses + 1 : 0
            if frame.freed >= frame.wanted { frame.freed = 0 }  // others have taken all that was freed meanwhile
            return anotherPass(&frame, &machine)

        case .cleanFile:
            return .call(machine.calling(.writeback, on: frame.dirtyFile), then: .awaitWrites)

        case .awaitWrites:
            guard machine.mustReclaim(for: task) else { return .done }
            guard let folio = machine.writtenPage else {
                frame.fruitlessPasses += 1  // nothing could be written either
                return anotherPass(&frame, &machine)
            }
            return .sleep(.folioWriteback(folio, .killable), then: .begin)

        case .outOfMemory:
            machine.killForMemory(by: task)
            return .next(.awaitVictim)

        case .awaitVictim:
            guard machine.mustReclaim(for: task) else { return .done }
            return .sleep(machine.waitForVictim, then: .begin)
        }
    }

    /// Begins another pass, unless too many have freed nothing.
    private static func anotherPass(_ frame: inout Frame, _ machine: inout Machine) -> RoutineStep<Stage, Completion> {
        frame.fruitlessPasses < mostFruitlessPasses ? beginPass(&frame, &machine) : .next(.outOfMemory)
    }

    private static func beginPass(_ frame: inout Frame, _ machine: inout Machine) -> RoutineStep<Stage, Completion> {
        frame.freed = 0
        machine.ageActive(.activeFile)
        frame.left = machine.lists.count(.inactiveFile)
        frame.dirtyFile = .none
        return .next(.scanFiles)
    }

    /// Tries the page that has been longest in an inactive list, and waits for the submission of its write.
    private static func scanOne(
        _ list: LRULists.List, then next: Stage, _ frame: inout Frame, _ machine: inout Machine
    ) -> RoutineStep<Stage, Completion> {
        frame.left -= 1
        let folio = machine.lists.last(of: list)
        guard folio != .none else { return .next(next) }
        machine.events.pgscan += 1
        switch machine.reclaimPage(folio, by: machine.currentTask) {
        case .freed:
            machine.events.pgsteal += mistaken(.reclaimedPageUncounted) ? 0 : 1
            frame.freed += 1
        case .kept, .writing:
            machine.deactivate(folio)
        case .activated:
            let isDirtyFile =
                machine.flags(of: folio).contains([.dirty, .cached]) && !machine.flags(of: folio).contains(.shmem)
            if isDirtyFile, let (file, _) = machine.cachePosition(of: folio), frame.dirtyFile == .none {
                frame.dirtyFile = file
            }
            machine.activate(folio)
        }
        if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: next) }
        return .next(next)
    }
}

extension Machine {
    /// Whether `task` must reclaim before it can have a page: no page is free, and the task is not about to die. (For a
    /// task that is about to die, the allocation must fail.)
    @inline(__always)
    package func mustReclaim(for task: TaskID) -> Bool {
        guard keepsLists else { return false }
        if hasGroup { return mustMakeRoomInGroup(for: task) }
        return frames.inUse >= settings.frameLimit && !hasFatalSignal(task)
    }

    /// The call that makes a page free, if ``mustReclaim(for:)``. It returns ``Completion/done`` in any case.
    package var reclaiming: RoutineCall {
        if hasGroup { return makingRoomInGroup }
        // SWAP_CLUSTER_MAX, less on a very small machine.
        let wanted = max(1, min(32, settings.frameLimit / 8))
        return RoutineCall(ReclaimRoutine.self, ReclaimRoutine.Frame(purpose: .allocation, wanted: wanted))
    }

    /// Whether room should be made before readahead takes this many pages.
    package func lacksRoom(forPages pages: Int) -> Bool {
        configuration.limitsFrames && settings.frameLimit - frames.inUse < pages
    }

    /// The call that makes room for readahead, which does without pages that it does not get: `__GFP_NORETRY`. It
    /// returns ``Completion/done``.
    package func makingRoom(forPages pages: Int) -> RoutineCall {
        RoutineCall(ReclaimRoutine.self, ReclaimRoutine.Frame(purpose: .readahead, wanted: max(1, min(32, pages))))
    }

    /// How many frames are in use.
    public var framesInUse: Int { frames.inUse }

    /// A page of the lists that is under writeback: the first that reclaim would look at.
    fileprivate var writtenPage: FrameNumber? {
        for list in LRULists.List.allCases {
            if let folio = lists.last(of: list, where: { frames[$0].flags.contains(.writeback) }) { return folio }
        }
        return nil
    }

    /// Moves pages from an active list to the inactive one, until that is as long: `shrink_active_list()`, repeated
    /// while `inactive_is_low()`. The pages lose their marks of use; executable pages in use stay.
    fileprivate mutating func ageActive(_ active: LRULists.List) {
        let inactive: LRULists.List = active == .activeFile ? .inactiveFile : .inactiveAnonymous
        for _ in 0..<lists.count(active) {
            guard lists.count(inactive) < lists.count(active) else { return }
            let folio = lists.last(of: active)
            let (count, flags) = takeReferences(to: folio)
            if count > 0, flags.contains(.execute), active == .activeFile {
                noteWrite(.memory)
                lists.moveToHead(folio, of: active)
            } else {
                setFlags(of: folio, adding: .workingset)
                deactivate(folio)
            }
        }
    }
}

// MARK: - What it reads

extension ReclaimRoutine {
    /// Everything: the next page in a list can be any page, with any mappings.
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        stage == .begin && !view.machine.configuration.limitsFrames ? [] : .everything
    }
}
