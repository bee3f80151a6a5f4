/// A read of a cached file page, start to end in one call, when nobody is in the way.
extension Machine {
    /// Does a whole fault of a program at once, or nothing at all: the first access to a page of private anonymous
    /// memory, or a read of a file page that ``FaultAround`` is sure to map.
    ///
    /// - Parameters:
    ///   - access: The area must have one of these flags.
    ///   - isWrite: Whether the access is a store.
    /// - Returns: Whether the fault is handled; `false` leaves the machine as it was.
    package mutating func handleUncontendedFault(
        _ access: VMAFlags, isWrite: Bool, at page: PageNumber, in map: MapID, by task: TaskID
    ) -> Bool {
        handleUncontendedAnonymousFault(access, isWrite: isWrite, at: page, in: map, by: task)
            || (!isWrite && handleUncontendedFileRead(access, at: page, in: map, by: task))
    }

    /// Does what an exception, the mmap lock and ``FaultAround`` do stage by stage, or nothing at all.
    ///
    /// It does the fault if the mmap lock is free, an area of a file covers the page and has `access`, the page has no
    /// entry, the file's page is ready and its handler ``VMOperationSet/mapsReadyPages``, and neither a signal nor an
    /// injected failure waits. Then the handler itself is not called, nothing can sleep, and what is left is what the
    /// stages leave. Asked only while nobody watches and everything is free.
    private mutating func handleUncontendedFileRead(
        _ access: VMAFlags, at page: PageNumber, in map: MapID, by task: TaskID
    ) -> Bool {
        guard maps[map.index].lock.queue.isEmpty, maps[map.index].lock.writer == .none,
            tasks[task.index].pendingSignals.isEmpty, scheduler.failures.isEmpty,
            let position = maps[map.index].areas.firstPosition(endingAfter: page)
        else { return false }
        let area = maps[map.index].areas[position]
        let pages = settings.faultAroundPages
        guard area.start <= page, area.operations != 0, area.file != .none, !area.flags.isDisjoint(with: access),
            model.faultAround == .mapPages, pages > 1
        else { return false }
        let index = area.fileIndex(of: page)
        guard index.value < files[area.file.index].pages, isReadyToMap(files[area.file.index].cache[index]) else {
            return false
        }
        let operations = configuration.vmOperations[Int(area.operations) - 1]
        guard operations.provides.isSuperset(of: [.mapPages, .mapsReadyPages]) else { return false }
        let leaf = tables.leaf(maps[map.index].root, page)
        guard leaf == 0 || tables.entry(leaf, page).isNone else { return false }
        if leaf == 0, model.faultAroundTable == .notForLastPage, index.value == files[area.file.index].pages - 1 {
            return false
        }

        var fault = VMFault()
        fault.task = task
        fault.map = map
        fault.page = page
        fault.flags = .default.union(.user)
        fault.isException = true
        fault.lock = .mmap
        fault.area = VMAHandle(
            map: map, start: area.start, position: position, sequence: maps[map.index].areas.sequence)
        fault.file = area.file
        fault.index = index
        let (first, last) = FaultAround.window(around: page, at: index, of: area, pages: pages, geometry)
        _ = operations.mapPages(&fault, from: first, through: last, &self)
        noteUncontendedFault(on: area, in: map, by: task)
        return true
    }

    /// One exception, one lock without a wait and released in the same instant, one attempt, one minor fault.
    private mutating func noteUncontendedFault(on area: VMA, in map: MapID, by task: TaskID) {
        events.pgfault &+= 1  // by either rule: the one attempt is the fault
        tasks[task.index].counters.exceptions &+= 1
        tasks[task.index].counters.attempts &+= 1
        tasks[task.index].counters.minorFaults &+= 1
        let policy = AreaLockPolicy(model)
        if policy.guards(area) {
            tasks[task.index].counters.areaLockAttempts &+= 1
            events.vmaLockSuccess &+= 1
            return
        }
        if policy.isInUse { events.vmaLockAbort &+= 1 }
        noteUncontendedRead(of: map, by: task)
    }
}
