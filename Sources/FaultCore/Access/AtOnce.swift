/// What a task may do at once, without the stages: the one place that says so.
///
/// The stages are the rule; what is done at once (``TouchRun``, ``UncontendedFileRead.swift``, whole operations of a
/// program) must leave what they leave, and may run only where nothing that they pass can sleep or be refused. So this
/// is a list of what is allowed: a flag of an area, a handler, a value of a rule that is not named here declines, and
/// the stages do it.
struct AtOnce: BitwiseCopyable {
    /// How a fault on a page without an entry may be done.
    enum Way: UInt8, BitwiseCopyable, Sendable {
        /// By the stages alone.
        case stages
        /// As the first access to a page of private anonymous memory: ``AnonymousFault``.
        case anonymousPage
        /// As a read around a cached page, if ``Machine/mayReadAround(_:in:)``.
        case handler
    }

    /// How the first fault in a table or an area may be prepared.
    enum Preparation: UInt8, BitwiseCopyable, Sendable {
        /// Not: it begins under one lock and ends under another.
        case stages
        /// Under the lock that it has.
        case underItsLock
        /// With the mmap lock for the moment in which the `anon_vma` is made.
        case takesMmapLock
    }

    /// Whether faults may be done, and not only accesses that hit.
    let includesFaults: Bool
    /// The end of what programs may access.
    let userLimit: PageNumber
    /// What areas' own locks guard.
    let areaLocks: AreaLockPolicy

    @inline(__always)
    fileprivate init(_ configuration: MachineConfiguration, includesFaults: Bool) {
        self.includesFaults = includesFaults && configuration.hasFaultsAtOnce
        userLimit = configuration.geometry.userLimit
        areaLocks = AreaLockPolicy(configuration.model)
    }

    /// The flags of areas that change nothing for a fault beside the bits of its entry, whatever backs the area.
    private static var harmless: VMAFlags {
        [
            .read, .write, .execute, .locked, .growsDown, .noReserve, .randomRead, .sequentialRead, .dontCopy,
            .wipeOnFork, .account, .lockOnFault,
        ]
    }

    /// How a fault on `page`, which has no entry, may be done.
    ///
    /// - Parameters:
    ///   - area: The first area that ends above the page.
    ///   - wanted: The flags of which the area must have one, or it refuses the access.
    @inline(__always)
    static func way(of area: VMA, at page: PageNumber, wanting wanted: VMAFlags) -> Way {
        guard area.start <= page, !area.flags.isDisjoint(with: wanted) else { return .stages }
        guard area.isAnonymous else { return area.flags.isSubset(of: [harmless, .shared]) ? .handler : .stages }
        return area.flags.isSubset(of: harmless) ? .anonymousPage : .stages
    }

    /// How the first fault in a table or in `area`, which is anonymous, may be prepared.
    func preparation(of area: VMA, isWrite: Bool) -> Preparation {
        guard isWrite, area.anonVMA == 0, areaLocks.isInUse else { return .underItsLock }
        return areaLocks.guards(area) ? .takesMmapLock : .stages
    }

    /// Whether a kernel of this model lets a fault that finds all it needs go straight through, and counts it as minor.
    static func hasFaults(_ model: KernelModel) -> Bool {
        model.stackGuard == .gap  // else the lowest page of a stack looks at what is below
            && [.everyAttempt, .everyFault].contains(model.pgfaultCounting)
            && [.retriedIsMajor, .anyAttemptMajor, .firstAttemptMajor, .lastAttemptMajor].contains(
                model.retryAccounting)
            && [.none, .anonymousMemory, .upToFaultAround, .mappingHandlers].contains(model.areaLocks)
            && [.needsMmapLock, .triesMmapLock].contains(model.areaLockAnonVMA)
    }
}

extension MemoryMap {
    /// Whether a fault may take the mmap lock for reading at once: nobody writes, and nobody waits.
    @inline(__always)
    var mayBeReadAtOnce: Bool { lock.queue.isEmpty && lock.writer == .none }
}

extension Machine {
    /// Whether stages may be skipped: nobody watches, and time does not matter.
    @inline(__always)
    var mayUseShortcut: Bool {
        recorder.usesShortcuts && !recorder.observes && !recorder.recordsAttempts && configuration.isFree
    }

    /// What accesses a task may make at once, while ``mayUseShortcut`` holds; `nil` if none.
    ///
    /// None if it has no memory, a signal waits for the first fault to return, or its words may refuse keys. No fault
    /// while a failure is injected, or where pages are reclaimed; a hit looks at none of the lists of pages.
    @inline(__always)
    func accessesAtOnce(by task: TaskID) -> AtOnce? {
        guard tasks[task.index].map != .none, tasks[task.index].archWords.first == 0,
            tasks[task.index].pendingSignals.isEmpty
        else { return nil }
        return AtOnce(configuration, includesFaults: scheduler.failures.isEmpty && !keepsLists)
    }

    /// Whether an operation of a task's program may be begun at once, while ``mayUseShortcut`` holds.
    @inline(__always)
    func mayBeginAtOnce(_ operation: TaskOperation, by task: TaskID) -> Bool {
        guard tasks[task.index].map != .none, tasks[task.index].pendingSignals.isEmpty, scheduler.failures.isEmpty,
            scheduler.runQueue.isEmpty
        else { return false }
        switch operation {
        case .touch(_, _, let pages, _): return pages > 0
        case .mmap, .munmap: return !keepsLists
        default: return false
        }
    }

    /// Whether the next access of a run, which ``AtOnce/way(of:at:wanting:)`` leaves to the handler of its area, may be
    /// done at once by it: a read, of a handler that maps what is ready (``VMOperationSet/mapsReadyPages``), and the
    /// file's page is.
    @inline(__always)
    func mayReadAround(_ run: TouchRun, in map: MapID) -> Bool {
        let area = run.area
        guard run.access == .read, area.file != .none, model.faultAround == .mapPages, settings.faultAroundPages > 1,
            configuration.provided[Int(area.operations) - 1].isSuperset(of: [.mapPages, .mapsReadyPages])
        else { return false }
        let file = area.file.index
        let index = area.fileIndex(of: run.page)
        guard index.value < files[file].pages, isReadyToMap(files[file].cache[index]) else { return false }
        switch model.faultAroundTable {
        case .always: return true
        case .notForLastPage:
            return index.value < files[file].pages - 1 || tables.leaf(maps[map.index].root, run.page) != 0
        }
    }
}
