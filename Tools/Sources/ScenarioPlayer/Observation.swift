import FaultSimulator
import ScenarioFormat

/// The observation of memory and page caches.
extension SimulatorRunner {
    /// The memory of a process and the page caches, in a new saw.
    func observation(ofProcess process: Int) -> Saw {
        var saw = Saw()
        observe(process, &saw)
        return saw
    }

    /// Adds the memory of a process and the page caches.
    ///
    /// The memory is left out if the process has ended, and while a thread waits for an mmap lock or holds one for
    /// writing, because the observer would have to wait, too.
    func observe(_ process: Int, _ saw: inout Saw) {
        saw.resident = residentPages()
        saw.fileSwapped = swappedPagesOfFiles()
        guard isAlive(process), !mmapLockIsWanted else { return }
        let memory = memory(of: process)
        saw.present = memory.present
        saw.anon = memory.anon
        saw.zero = memory.zero
        saw.writeProtected = memory.writeProtected
        saw.poisoned = memory.poisoned
        let (swapped, slots) = swappedPages(of: process)
        saw.swapped = swapped.isEmpty ? nil : swapped
        saw.slots = slots.isEmpty ? nil : slots
    }

    private var mmapLockIsWanted: Bool {
        guard isThreaded else { return false }
        return world.machine.waitLinks.contains { link in
            if case .lock(let lock, _) = link.cause, lock.kind == .mmap { return true }
            return world.machine.heldLocks(of: link.task).contains { $0.lock.kind == .mmap && $0.mode == .write }
        }
    }

    /// `present`, `anon`, `zero`, `wp` and `poison` of a process, in a new saw.
    private func memory(of process: Int) -> Saw {
        var memory = Saw()
        memory.present = [:]
        let map = processes[process].map
        for (id, area) in processes[process].areas where !area.isRemoved {
            let below = area.growsDown ? self.pagesBelow(area, of: process) : 0
            let range = (area.start - below)..<(area.start + area.mostPages)
            let runs = world.machine.entryRuns(of: map, in: range, numberedFrom: area.start)
            memory.present?[id] = runs.present
            if !runs.anonymous.isEmpty { memory.anon[orEmpty: id] = runs.anonymous }
            if !runs.zero.isEmpty { memory.zero[orEmpty: id] = runs.zero }
            guard !descriptors.isEmpty else { continue }
            if !runs.writeProtected.isEmpty { memory.writeProtected[orEmpty: id] = runs.writeProtected }
            if !runs.lost.isEmpty { memory.poisoned[orEmpty: id] = runs.lost }
        }
        return memory
    }

    /// How far below an area that grows down entries are searched for, without reaching another area.
    private func pagesBelow(_ area: PlayedArea, of process: Int) -> Int {
        processes[process].areas.values.reduce(Self.pagesBelow) { pages, other in
            let end = other.start + other.mostPages
            return end <= area.start ? min(pages, area.start - end) : pages
        }
    }

    /// The memory of the child that a `fork` has made.
    func child(_ id: String, _ line: Line) throws(PlayError) -> Saw.Child {
        let process = threads[try thread(id, line)].process
        let memory = memory(of: process)
        return Saw.Child(
            rss: Saw.ResidentCounts(world.machine.rss(of: processes[process].map)),
            present: memory.present, anon: memory.anon, zero: memory.zero)
    }
}

extension [String: [ClosedRange<Int>]]? {
    /// The runs of an id. Setting them makes the dictionary if there is none.
    fileprivate subscript(orEmpty id: String) -> [ClosedRange<Int>]? {
        get { self?[id] }
        set {
            var runs = self ?? [:]
            runs[id] = newValue
            self = runs
        }
    }
}

extension Saw {
    /// Adds what an operation that has ended counted, and how it ended.
    mutating func count(_ ending: PlayedOperation.Ending, of operation: ScenarioOperation, areasHaveLocks: Bool) {
        let counters = ending.counters
        minflt = counters.minorFaults
        majflt = counters.majorFaults
        faults = counters.exceptions
        kernelFaults = Self.some(counters.kernelExceptions)
        attempts = counters.attempts
        countAreaLock(counters, areasHaveLocks: areasHaveLocks)
        returns = ending.returns.isEmpty ? nil : ending.returns
        mmapLock = LockCounts(read: counters.mmapReadLocks, write: counters.mmapWriteLocks)
        trylockFailed = Self.some(counters.mmapTrylockFailures)
        handled = Self.some(counters.handledSignals)
        copies = areasHaveLocks ? nil : Self.some(counters.pageCopies)
        signal = ending.outcome.signal.flatMap(TouchSignal.init)
        errno = ending.outcome.errno?.name
        if errno == nil, let asked = operation.pagesToMove, ending.outcome.value < asked {
            copied = Int(ending.outcome.value)
        }
        if operation.descriptor != nil, errno != nil, ending.outcome.filledPages > 0 {
            copied = Int(ending.outcome.filledPages)
        }
    }

    /// Adds the attempts under the area lock, and those that called `handle_userfault()`.
    mutating func countAreaLock(_ counters: TaskCounters, areasHaveLocks: Bool) {
        userfaults = Self.some(counters.userfaults)
        guard areasHaveLocks else { return }
        vmaLockAttempts = counters.areaLockAttempts
        vmaLockUserfaults = userfaults == nil ? nil : counters.areaLockUserfaults
    }

    private static func some(_ count: Int) -> Int? {
        count == 0 ? nil : count
    }
}

extension Saw.TouchSignal {
    /// The signal of a touch; nil for a signal that a touch can't raise.
    fileprivate init?(_ signal: TaskSignal) {
        switch signal {
        case .segv(.notMapped): self = .segvMapError
        case .segv(.accessDenied): self = .segvAccessError
        case .bus(.noSuchAddress): self = .busAddressError
        case .bus(.memoryError): self = .busMemoryError
        case .segv(.protectionKey), .kill, .user1: return nil
        }
    }
}

extension Saw.ResidentCounts {
    /// The simulator's counts.
    init(_ pages: ResidentPages) {
        self.init(anon: pages.anonymous, file: pages.file, shmem: pages.shmem)
    }
}

extension ScenarioOperation {
    /// How many pages it should move, for operations that report in `copied` how many they moved.
    fileprivate var pagesToMove: Int? {
        switch self {
        case .pread(let part), .pwrite(let part): part.pages
        case .copyIn(let copy, direct: _), .copyOut(let copy): copy.filePart.pages
        case .memRead(let part, of: _), .vmRead(let part, of: _): part.pages
        default: nil
        }
    }
}
