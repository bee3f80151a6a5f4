/// What a task may do at once, without the stages. No other code decides this.
///
/// Normally the stages do the work. What is done at once (``TouchRun``, the reads in `UncontendedFileRead.swift`, whole
/// operations of a program) must leave the same state. It may be done only if no stage on the way could sleep or be
/// refused. So this is a list of what is allowed. If an area has a flag or a handler that is not named here, or a rule
/// has a value that is not named here, the stages do the work.
struct AtOnce: BitwiseCopyable {
    /// How a fault on a page without an entry may be done.
    enum Way: UInt8, BitwiseCopyable, Sendable {
        /// Only by the stages.
        case stages
        /// As the first access to a page of private anonymous memory: ``AnonymousFault``.
        case anonymousPage
        /// As a read around a cached page, if ``Machine/mayReadAround(_:in:)``.
        case handler
    }

    /// How the first fault in a table or an area may be prepared.
    enum Preparation: UInt8, BitwiseCopyable, Sendable {
        /// By the stages, because the fault begins under one lock and ends under another.
        case stages
        /// Under the lock that the fault holds.
        case underItsLock
        /// With the mmap lock for the moment in which the `anon_vma` is made.
        case takesMmapLock
    }

    /// Whether faults may be done, and not only accesses that hit.
    let allowsFaults: Bool
    /// The first page that programs can't access.
    let userLimit: PageNumber
    /// What areas' own locks guard.
    let areaLocks: AreaLockPolicy

    @inline(__always)
    fileprivate init(_ configuration: MachineConfiguration, allowsFaults: Bool) {
        self.allowsFaults = allowsFaults && configuration.allowsFaultsAtOnce
        userLimit = configuration.geometry.userLimit
        areaLocks = AreaLockPolicy(configuration.model)
    }

    /// The area flags that change nothing about a fault, except perhaps the bits of its entry.
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
    ///   - wanted: Flags of which the area must have at least one, or it refuses the access.
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

    /// Whether, in this kernel, a fault that finds all it needs goes straight through and counts as minor.
    static func allowsFaults(_ model: KernelModel) -> Bool {
        model.stackGuard == .gap  // else the lowest page of a stack looks at what is below
            && [.everyAttempt, .everyFault].contains(model.pgfaultCounting)
            && [.retriedIsMajor, .anyAttemptMajor, .firstAttemptMajor, .lastAttemptMajor].contains(
                model.retryAccounting)
            && [.none, .anonymousMemory, .upToFaultAround, .mappingHandlers].contains(model.areaLocks)
            && [.needsMmapLock, .triesMmapLock].contains(model.areaLockAnonVMA)
    }
}

extension MemoryMap {
    /// Whether a fault may take the mmap lock for reading at once: it has no writer and no waiters.
    @inline(__always)
    var mayBeReadAtOnce: Bool { lock.queue.isEmpty && lock.writer == .none }
}

extension Machine {
    /// Whether stages may be skipped: nothing is watched, and time does not matter.
    @inline(__always)
    var mayUseShortcut: Bool {
        recorder.usesShortcuts && !recorder.observes && !recorder.recordsAttempts && configuration.isFree
    }

    /// Which accesses a task may make at once, while ``mayUseShortcut`` holds; `nil` if none.
    ///
    /// A task without memory may make none. Nor may a task with a pending signal, because the signal waits for the
    /// first fault to return, or a task whose ``ArchWords`` may refuse keys. While a failure is injected, or if the
    /// machine keeps lists of pages for reclaim, only hits are allowed: a hit does not use these lists.
    @inline(__always)
    func accessesAtOnce(by task: TaskID) -> AtOnce? {
        guard tasks[task.index].map != .none, tasks[task.index].archWords.first == 0,
            tasks[task.index].pendingSignals.isEmpty
        else { return nil }
        return AtOnce(configuration, allowsFaults: scheduler.failures.isEmpty && !keepsLists)
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

    /// Whether the handler of the area may do the next access of a run at once.
    ///
    /// ``AtOnce/way(of:at:wanting:)`` has left the access to the handler. It must be a read, the handler must map ready
    /// pages (``VMOperationSet/mapsReadyPages``), and the page of the file must be ready.
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
