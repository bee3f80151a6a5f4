/// Direct reclaim: `__alloc_pages_slowpath()` down to `shrink_lruvec()` (mm/page_alloc.c, mm/vmscan.c, Linux 6.1).
///
///     begin ─▶ scanFiles ─▶ scanAnonymous ─▶ passDone ─┬─▶ done
///                 ▲                              │      ├─▶ [cleanFile] ─▶ awaitWrites ─▶ begin
///                 └──────── another pass ────────┘      └─▶ outOfMemory ─▶ awaitVictim ─▶ begin
///
/// Called by whoever is about to allocate a page and finds none free, with whatever locks it holds: none is dropped. It
/// returns when there is a free page, or when the task is to die; who allocates after it and fails is killed.
///
/// A pass looks once at each inactive page: first of files, then, if that was not enough, anonymous ones. Used pages
/// stay, and age. Differs: the kernel scans both lists in proportion to their size and cost; it leaves dirty pages of
/// files to a flusher, whose work the reclaimer does here itself; and where it naps, the reclaimer waits for a write.
///
/// The words: 0 is how many pages of the list are still to be looked at, 1 how many were freed, 2 how many passes freed
/// none, 3 the file of a dirty page plus 1, 5 how many pages to free.
enum ReclaimRoutine {
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

    /// The call's option for pages that would be nice to have: one pass, no wait for writes, and nobody is killed.
    fileprivate static let makesRoom: UInt8 = 1

    /// How many passes without a free page make the machine give up: the accessed bits of all pages are clear by then.
    private static let fruitlessPasses: UInt64 = 3

    static func step(_ call: inout Activation, _ machine: inout Machine) -> OldStep<HandlerStage> {
        step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased
    }

    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        switch stage {
        case .begin:
            if call.option == makesRoom {
                call.words.5 = call.words.0
            } else {
                guard machine.mustReclaim(for: task) else { return .done }
                call.words.5 = machine.reclaimTarget
            }
            machine.events.allocstall += 1
            call.words.1 = 0
            call.words.2 = 0
            return beginPass(&call, &machine)

        case .scanFiles:
            guard call.words.0 > 0, call.words.1 < call.words.5 else {
                machine.ageActive(.activeAnonymous)
                call.words.0 = UInt64(machine.lists.count(.inactiveAnonymous))
                return call.words.1 < call.words.5 ? .next(.scanAnonymous) : .next(.passDone)
            }
            scanOne(.inactiveFile, &call, &machine)
            return .next(.scanFiles)

        case .scanAnonymous:
            guard call.words.0 > 0, call.words.1 < call.words.5 else { return .next(.passDone) }
            scanOne(.inactiveAnonymous, &call, &machine)
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .scanAnonymous) }
            return .next(.scanAnonymous)

        case .passDone:
            if call.option == makesRoom || !machine.mustReclaim(for: task) { return .done }
            if call.words.3 > 0 { return .next(.cleanFile) }
            if machine.writtenPage != nil { return .next(.awaitWrites) }
            call.words.2 = call.words.1 == 0 ? call.words.2 + 1 : 0
            return call.words.2 < fruitlessPasses ? beginPass(&call, &machine) : .next(.outOfMemory)

        case .cleanFile:
            let file = FileID(Int(call.words.3) - 1)
            return .call(machine.calling(.writeback, on: file), then: .awaitWrites)

        case .awaitWrites:
            guard machine.mustReclaim(for: task) else { return .done }
            guard let folio = machine.writtenPage else {
                call.words.2 += 1  // nothing could be written either
                return call.words.2 < fruitlessPasses ? beginPass(&call, &machine) : .next(.outOfMemory)
            }
            return .sleep(.folioWriteback(folio, .killable), then: .begin)

        case .outOfMemory:
            machine.killForMemory(by: task)
            return .next(.awaitVictim)

        case .awaitVictim:
            guard machine.mustReclaim(for: task) else { return .done }
            return .sleep(Wait(.memory, .killable), then: .begin)
        }
    }

    private static func beginPass(_ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        machine.ageActive(.activeFile)
        call.words.0 = UInt64(machine.lists.count(.inactiveFile))
        call.words.3 = 0
        return .next(.scanFiles)
    }

    /// Tries the page that has been longest in an inactive list.
    private static func scanOne(_ list: LRULists.List, _ call: inout Activation, _ machine: inout Machine) {
        call.words.0 -= 1
        let folio = machine.lists.last(of: list)
        guard folio != .none else { return }
        machine.events.pgscan += 1
        switch machine.reclaimPage(folio, by: machine.currentTask) {
        case .freed:
            machine.events.pgsteal += 1
            call.words.1 += 1
        case .kept, .writing:
            machine.deactivate(folio)
        case .activated:
            let isDirtyFile =
                machine.flags(of: folio).contains([.dirty, .cached]) && !machine.flags(of: folio).contains(.shmem)
            if isDirtyFile, let (file, _) = machine.cachePosition(of: folio), call.words.3 == 0 {
                call.words.3 = UInt64(file.index) + 1
            }
            machine.activate(folio)
        }
    }
}

extension Machine {
    /// Whether `task` must reclaim before it can have a page: none is free, and it is not about to die, in which case
    /// the allocation is to fail.
    @inline(__always)
    package func mustReclaim(for task: TaskID) -> Bool {
        configuration.limitsFrames && frames.inUse >= settings.frameLimit && !hasFatalSignal(task)
    }

    /// What to call to have a page made free, if ``mustReclaim(for:)``.
    package var reclaiming: Call { Call(.reclaim) }

    /// Whether readahead should have room made before it takes so many pages.
    package func lacksRoom(forPages pages: Int) -> Bool {
        configuration.limitsFrames && settings.frameLimit - frames.inUse < pages
    }

    /// What to call to have room made for readahead, which does without what it does not get: `__GFP_NORETRY`.
    package func makingRoom(forPages pages: Int) -> Call {
        Call(.reclaim, option: ReclaimRoutine.makesRoom, first: UInt64(max(1, min(32, pages))))
    }

    /// How many frames are in use.
    public var framesInUse: Int { frames.inUse }

    /// How many pages one run of direct reclaim frees: `SWAP_CLUSTER_MAX`, less on a very small machine.
    fileprivate var reclaimTarget: UInt64 { UInt64(max(1, min(32, settings.frameLimit / 8))) }

    /// A page of the lists that is under writeback, the one that reclaim would look at first.
    fileprivate var writtenPage: FrameNumber? {
        for list in LRULists.List.allCases {
            if let folio = lists.pages(of: list).last(where: { frames[$0].flags.contains(.writeback) }) { return folio }
        }
        return nil
    }

    /// Moves pages from an active list to the inactive one, until that is as long: `shrink_active_list()` as often as
    /// `inactive_is_low()` says. Pages lose what they know of their use; executable pages in use stay.
    fileprivate mutating func ageActive(_ active: LRULists.List) {
        let inactive: LRULists.List = active == .activeFile ? .inactiveFile : .inactiveAnonymous
        for _ in 0..<lists.count(active) {
            guard lists.count(inactive) < lists.count(active) else { return }
            let folio = lists.last(of: active)
            let (count, flags) = takeReferences(to: folio)
            if count > 0, flags.contains(.execute), active == .activeFile {
                lists.moveToHead(folio, of: active)
            } else {
                setFlags(of: folio, adding: .workingset)
                deactivate(folio)
            }
        }
    }
}
