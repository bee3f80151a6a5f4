/// The surroundings of a stage that is about to run, for the declarations of its routine.
public struct StageView: Sendable {
    /// The task that runs it.
    public let task: TaskID
    /// The memory map of the task; none for a kernel thread.
    public let map: MapID
    /// The fault that the task handles.
    public let fault: VMFault
    /// What the stage is resumed with; not known yet if the routine waits for one that it has called.
    public let resumed: Resumption
    /// The machine, as it is.
    public let machine: Machine
    /// The routine that it waits for; `nil` if its own stage is next.
    let callee: Activation?

    init(of task: TaskID, resumed: Resumption, callee: Activation? = nil, _ machine: Machine) {
        self.task = task
        map = machine.tasks[task.index].map
        fault = machine.tasks[task.index].fault
        self.resumed = resumed
        self.machine = machine
        self.callee = callee
    }

    /// The area that the fault's handle names.
    package var areaOfFault: VMA { machine.currentArea(fault.area) }

    /// Whether there is an area with the page of the fault.
    public var hasArea: Bool {
        guard let area = machine.area(endingAfter: fault.page, in: map) else { return false }
        return area.start <= fault.page
    }

    /// The kernel's rules.
    public var model: KernelModel { machine.model }
}

// MARK: Pages

extension StageView {
    /// A page, with what changes with it: the tasks that sleep for it, its swap slot, and the number of dirty pages.
    public func page(_ folio: FrameNumber) -> Footprint {
        guard folio != .none else { return [] }
        var reads: Footprint = [machine.location(of: folio)]
        let flags = machine.frames[folio].flags
        if flags.contains(.swapCache) { reads.insert(.swap) }
        if !flags.contains(.anonymous) { reads.formUnion(dirtyPages) }
        guard flags.contains(.waiters) else { return reads }
        return reads.union(sleepers { $0.isForFolio && $0.frame == folio })
    }

    /// The number of dirty pages and the tasks that are throttled for it, if there is a limit.
    public var dirtyPages: Footprint {
        guard machine.settings.dirtyLimitPages != .max else { return [] }
        return sleepers { $0.kind == .dirtyThrottle }.union([.dirtyPages])
    }

    /// The tasks that a stage may wake: those whose wait satisfies the closure.
    package func sleepers(_ isMeant: (TaskWait) -> Bool) -> Footprint {
        var sleepers: Footprint = []
        // By number, because iterating over the tasks would copy each of them.
        for task in machine.tasks.indices
        where machine.tasks[task].status == .sleeping && isMeant(machine.tasks[task].wait) {
            sleepers.insert(.task(TaskID(task)))
        }
        return sleepers
    }

    /// A page of a file, whether it is cached or not.
    public func cached(_ index: PageIndex, of file: FileID) -> Footprint {
        guard file != .none else { return [] }
        return dirtyPages.union([.cachedPage(file, index)], page(machine.files[file.index].cache[index]))
    }

    /// All pages of a file.
    public func cache(of file: FileID) -> Footprint {
        guard file != .none else { return [] }
        var reads = dirtyPages.union([.cache(file)])
        var next: PageIndex = 0
        while let (index, folio) = machine.files[file.index].cache.first(from: next) {
            if machine.frames[folio].flags.contains(.waiters) { reads.formUnion(page(folio)) }
            next = index + 1
        }
        return reads
    }

    /// The pages that the task's fault holds.
    var pagesOfFault: Footprint {
        var reads = page(fault.folio).union(page(fault.copy), page(fault.keptFolio))
        for folio in machine.tasks[task.index].aroundBatch { reads.formUnion(page(folio)) }
        return reads
    }

    /// The pages of the task's batch.
    package var batch: Footprint {
        machine.tasks[task.index].folioBatch.reduce(into: Footprint()) { $0.formUnion(page($1)) }
    }
}

// MARK: Memory maps

extension StageView {
    /// An entry, and the page or the slot that it names.
    public func entry(_ page: PageNumber, in map: MapID) -> Footprint {
        guard map != .none, page < machine.geometry.userLimit else { return [] }
        return Footprint([.entry(map, page)]).union(named(by: machine.entry(of: page, in: map)))
    }

    /// An entry that is to be written, and its table.
    package func newEntry(_ page: PageNumber, in map: MapID) -> Footprint {
        machine.hasTable(for: page, in: map) ? entry(page, in: map) : [.entries(map)]
    }

    /// The entries of a range whose pages can be taken without a lock, up to and including the first whose page can't.
    package func takingPresent(_ pages: Int, at page: PageNumber) -> Footprint {
        var reads: Footprint = [.areas(map)]
        for offset in 0..<pages {
            reads.formUnion(entry(page + offset, in: map))
            guard machine.entry(of: page + offset, in: map).mapsCountedFrame else { break }
        }
        return reads
    }

    /// All entries of a range with their tables, and what they name.
    func entries(in range: Range<PageNumber>, of map: MapID) -> Footprint {
        var reads: Footprint = [.entries(map)]
        machine.tables.forEachLeaf(machine.maps[map.index].root, in: range) { base, leaf in
            for (slot, raw) in machine.tables.nodes[Int(leaf)].enumerated() where raw != 0 {
                if range.contains(base + slot) { reads.formUnion(named(by: PTE(rawValue: raw))) }
            }
        }
        return reads
    }

    /// All entries of a memory map, and what they name.
    func entries(of map: MapID) -> Footprint {
        entries(in: PageNumber(0)..<machine.geometry.userLimit, of: map)
    }

    private func named(by entry: PTE) -> Footprint {
        if entry.mapsCountedFrame { return page(entry.frame) }
        guard let slot = machine.swapSlot(of: entry) else { return [] }
        return Footprint([.swap]).union(page(machine.swap[slot].cached))
    }

    /// The areas of a map that a call changes, with their locks.
    func changingAreas(of map: MapID) -> Footprint {
        let areas: Footprint = model.areaLocks == .none ? [.areas(map)] : [.areas(map), .areaLocks(map)]
        return areas.union(telling(about: map))
    }

    /// What is torn down with the areas of a range: entries, tables, and files that nothing refers to any longer.
    func tearingDown(_ range: Range<PageNumber>, of map: MapID) -> Footprint {
        let hasUnnamed = machine.unnamedFiles.count > 0
        return hasUnnamed ? .everything : Footprint([.world]).union(entries(in: range, of: map))
    }

    /// What is torn down after areas have been removed, including the tables around the range.
    func tearingDown(_ range: Range<PageNumber>, _ unmapping: Unmapping, of map: MapID) -> Footprint {
        unmapping.endsFile ? tearingDown(range, of: map) : entries(in: range, of: map)
    }

    /// Everything that maps a file's pages: code that removes or write-protects those mappings looks at every map.
    package func mappings(of file: FileID) -> Footprint {
        var reads = cache(of: file)
        for number in machine.maps.indices {
            let map = MapID(number)
            reads.insert(.areas(map))
            for area in machine.maps[number].areas.areas where area.file == file {
                reads.formUnion(entries(in: area.start..<area.end, of: map))
            }
        }
        reads.insert(.world)
        return reads
    }
}

// MARK: Locks

extension StageView {
    /// A lock that is released; for an mmap lock, also the write locks of areas.
    public func releasing(_ lock: LockName) -> Footprint {
        guard machine.exists(lock) else { return [] }
        let semaphore = machine.semaphore(lock)
        var reads = Footprint([.lock(lock)] + semaphore.queue.map { .task($0.task) })
        let isWriter = lock.kind == .mmap && semaphore.writer == task
        if isWriter, model.areaLocks != .none { reads.insert(.areaLocks(MapID(lock.number))) }
        return reads
    }

    /// The fault lock, if the stage may release it.
    public var faultLock: Footprint {
        switch fault.lock {
        case .none: []
        case .mmap: releasing(.mmap(fault.map))
        case .area: releasingArea
        }
    }

    /// The lock of the fault's area, and the tasks that wait to change it.
    package var releasingArea: Footprint {
        sleepers { $0.kind == .areaReaders && $0.value == UInt64(fault.map.index) }.union([.areaLocks(fault.map)])
    }

    /// The count of pins of a file.
    package func pins(of file: FileID) -> Footprint {
        file == .none ? [] : [machine.pinLocation(of: file)]
    }

    /// The fault lock, if the stage may drop it for a wait; the file is then pinned, or unpinned.
    public var droppingFaultLock: Footprint {
        var reads = faultLock
        if model.soleUser == .keepsLock, fault.map != .none { reads.insert(.users(fault.map)) }
        return reads.union(pins(of: fault.file))
    }

    /// What a stage reads and writes that ends an exception with this result: everything, if a process is killed for
    /// memory.
    public func ending(_ result: FaultResult) -> Footprint {
        result.contains(.oom) && machine.model.faultOutOfMemory == .kills ? .everything : faultLock
    }

    /// The fault lock as a lock that a routine holds: the mmap lock, if it is the fault lock.
    public var heldFaultLock: Holdings { .lock(.mmap(fault.map), .read, if: fault.lock == .mmap) }

    /// The lock as held after it was lent to a called routine that handles faults, and may have lost it.
    func heldAfterLending(_ map: MapID) -> Holdings { .lock(.mmap(map), .read, if: isLent || fault.lock != .none) }

    /// Whether the called routine has not looked at the lent lock yet.
    private var isLent: Bool {
        guard let callee, callee.routine == .getUserPages else { return false }
        return callee.stageNumber <= GetUserPagesRoutine.Stage.findArea.rawValue
    }
}

// MARK: User faults

extension StageView {
    /// A descriptor, and the tasks that wait for it.
    package func queue(of descriptor: UserfaultID) -> Footprint {
        guard descriptor != .none else { return .everything }
        let value = UInt64(descriptor.index)
        let sleepers = sleepers {
            switch $0.kind {
            case .userfault, .userfaultEvent, .spin: $0.value == value
            case .userfaultMessage, .timer: $0.polls(descriptor)
            default: false
            }
        }
        // A task in the queue may not be asleep yet, or no longer be asleep.
        let context = machine.userfaults[descriptor.index]
        let queued = context.pending.map(\.task) + context.delivered.map(\.task) + context.events.map(\.task)
        return sleepers.union(Footprint(queued.map { .task($0) }), [.userfault(descriptor)])
    }

    /// The descriptors of the process; a child has them as well.
    var descriptors: Footprint {
        Footprint(machine.hasNoUserfaults ? [] : machine.userfaultDescriptors(of: map).map { .userfault($0) })
    }

    /// The descriptors of the process, and the tasks that wait for them.
    package var queues: Footprint {
        machine.userfaultDescriptors(of: map).reduce([]) { $0.union(queue(of: $1)) }
    }

    /// What a call on a descriptor checks before it takes a lock: whether the memory is changing, and in use.
    package func beginning(on descriptor: UserfaultID) -> Footprint {
        [.userfault(descriptor), .users(machine.map(of: descriptor))]
    }

    /// What a read of a descriptor takes, and the tasks that it wakes. Everything if there is an event of a fork,
    /// because its descriptor is then opened.
    package func messages(of descriptor: UserfaultID) -> Footprint {
        let events = machine.userfaults[descriptor.index].events
        let hasFork = events.contains { if case .fork = $0.message { true } else { false } }
        return hasFork ? .everything : queue(of: descriptor)
    }

    /// The next event that the task has to report, and the tasks that wait for its descriptor.
    package var nextEvent: Footprint {
        machine.nextEvent(of: task).map { queue(of: $0.0) } ?? []
    }

    /// The descriptor that handles the area of the fault, if there is one.
    package var handlingUserfault: Footprint {
        let descriptor = areaOfFault.flags.userfault
        return descriptor == .none ? [] : queue(of: descriptor)
    }

    /// The locks of descriptors that the task holds to begin a change: see ``Machine/waitingForFills(in:of:with:by:)``.
    var heldToTell: Holdings {
        guard !machine.hasNoUserfaults else { return .nothing }
        return Holdings(machine.heldLocks(of: task).filter { $0.lock.kind == .mapChanging })
    }

    /// What a task has to report that changes areas of a map: everything, if any of them is registered.
    func telling(about map: MapID) -> Footprint {
        guard !machine.hasNoUserfaults, map != .none else { return [] }
        return machine.maps[map.index].areas.areas.contains { $0.flags.isRegistered } ? .everything : []
    }
}

// MARK: Devices

extension StageView {
    /// What is read and written when a request is submitted to a file's device, which may delay the submitter.
    package func submitting(of file: FileID) -> Footprint {
        let device = machine.files[file.index].device
        return device == .none ? [.submission] : [.device(device), .submission]
    }

    /// Swap: its slots, the pages that are cached for them, and its devices.
    var swap: Footprint {
        var reads: Footprint = [.swap, .uncachedPages, .submission]
        for area in machine.swap.areas { reads.insert(.device(area.device)) }
        machine.swap.forEachInUse { reads.formUnion(page($1.cached)) }
        return reads
    }
}
