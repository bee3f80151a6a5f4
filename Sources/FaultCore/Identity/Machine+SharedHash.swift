/// The hash of the state that belongs to no task, for an explorer.
///
/// It is a sum. Each summand belongs to one ``StateLocation`` only, so a stage that writes some locations changes the
/// sum by an amount that depends on these alone, whatever the other locations hold. An explorer relies on this for the
/// locations that ``content(of:)`` covers. A summand is 0 for a lock that no task
/// holds, and where there is nothing.
extension Machine {
    /// The parts whose hashes are summed up. A structure of memory has its own sum (``structuralHash``).
    private enum Part: UInt64 {
        case mapLock, areaLocks, bounds, users, fileLayout, fileState, inodeLock, invalidateLock, filePins, device
        case request, pageLock, pin, pinnedPage, userfault, submission, failures, counts, others
    }

    @inline(__always)
    private static func hash(_ part: Part, _ index: Int, _ body: (inout HashSink) -> Void) -> UInt64 {
        var sink = HashSink()
        sink.add(part.rawValue | UInt64(truncatingIfNeeded: index) << 8)
        body(&sink)
        return sink.value
    }

    /// The hash of locks, files, devices and requests. It contains neither the clock nor the order of requests: any of
    /// them may finish next.
    var sharedHash: UInt64 {
        var sum = Self.hash(.counts, 0) {
            $0.add(maps.count)
            $0.add(files.count)
            $0.add(devices.count)
        }
        for index in maps.indices { sum &+= hash(ofMap: index) }
        for index in files.indices { sum &+= hash(ofFile: index) }
        for index in devices.indices { sum &+= Self.hash(.device, index) { addDevice(index, to: &$0) } }
        for request in scheduler.requests { sum &+= content(of: request) }
        for lock in scheduler.pageLocks { sum &+= content(of: lock) }
        if !scheduler.failures.isEmpty { sum &+= Self.hash(.failures, 0) { addFailures(to: &$0) } }
        if isThrottlingSubmission { sum &+= Self.hash(.submission, 0) { _ in } }
        sum &+= Self.hash(.others, 0) {
            addSwapAreas(to: &$0)
            addReclaimState(to: &$0)
            addPinCounts(to: &$0)
        }
        if !mistaken(.keyForgetsDescriptors) {
            for (number, context) in userfaults.enumerated() {
                sum &+= Self.hash(.userfault, number) { context.add(to: &$0) }
            }
        }
        for pin in pins.pins where !mistaken(.keyForgetsPins) { sum &+= hash(of: pin) }
        return sum
    }

    private func hash(of pin: PagePin) -> UInt64 {
        var sum = Self.hash(.pin, 0) { add(pin, to: &$0) }
        for (place, folio) in pin.frames.enumerated() {
            sum &+= Self.hash(.pinnedPage, place) {
                $0.add(pin.id.task)
                $0.add(pin.id.number)
                $0.add(folio, of: self)
            }
        }
        return sum
    }

    private func hash(ofMap index: Int) -> UInt64 {
        var sum = Self.hash(.mapLock, index, maps[index].lock)
        if !maps[index].areaLocks.isUnused { sum &+= Self.hash(.areaLocks, index) { addAreaLocks(of: index, to: &$0) } }
        sum &+= Self.hash(.bounds, index) {
            addBounds(of: index, to: &$0)
            $0.add(UInt64(maps[index].hasPinned ? 1 : 0) | (maps[index].isReaped ? 2 : 0))
        }
        sum &+= Self.hash(.users, index) {
            $0.add(maps[index].users)
            if !userfaults.isEmpty, !mistaken(.keyForgetsDescriptors) { $0.add(maps[index].fileUsers) }
        }
        return sum
    }

    @inline(__always)
    private static func hash(_ part: Part, _ index: Int, _ lock: ReadWriteSemaphore) -> UInt64 {
        lock.isFree && lock.queue.isEmpty ? 0 : hash(part, index) { $0.add(lock) }
    }

    private func hash(ofFile index: Int) -> UInt64 {
        var sum = Self.hash(.fileLayout, index) {
            addLayout(ofFile: index, to: &$0)
            addPrivateState(ofFile: index, to: &$0)
        }
        sum &+= Self.hash(.inodeLock, index, files[index].inodeLock)
        sum &+= Self.hash(.invalidateLock, index, files[index].invalidateLock)
        if files[index].pins != 0 { sum &+= Self.hash(.filePins, index) { $0.add(files[index].pins) } }
        return sum
    }

    /// Whether a device delays the next task that submits to it.
    private var isThrottlingSubmission: Bool { scheduler.submissionThrottle > clock }

    /// A request, with the tasks that sleep on it. Requests that are equal otherwise differ by these.
    private func content(of request: IORequest) -> UInt64 {
        Self.hash(.request, 0) {
            $0.add(identity(of: request))
            for index in tasks.indices where tasks[index].status == .sleeping && tasks[index].wait.kind == .request {
                if tasks[index].wait.value == request.id.rawValue { $0.add(TaskID(index)) }
            }
        }
    }

    /// A request without the tasks that sleep on it.
    package func identity(of request: IORequest) -> UInt64 {
        Self.hash(.request, request.device.index) {
            $0.add(UInt64(request.kind.rawValue))
            $0.add(request.file)
            $0.add(request.index)
            $0.add(request.pages)
            $0.add(request.task)
            $0.add(request.completes == .max)
        }
    }

    private func content(of lock: PageLock) -> UInt64 {
        Self.hash(.pageLock, 0) {
            $0.add(lock.folio, of: self)
            $0.add(lock.task)
        }
    }

    // MARK: Single locations

    /// A hash of all that a stage can find at a location. Two states in which it is the same hold the same there, with a
    /// probability of 2^-64 for an error.
    ///
    /// - Returns: `nil` for a location that is not covered: one that has parts, or that says more than the shared state.
    package func content(of location: StateLocation) -> UInt64? {
        guard isThere(location) else { return 0 }
        return switch location {
        case .lock(let lock): content(ofLock: lock)
        case .areas(let map): content(ofAreas: map)
        case .areaLocks(let map): Self.hash(.areaLocks, 0) { addAreaLocks(of: map.index, to: &$0) }
        case .users(let map):
            Self.hash(.users, 0) {
                $0.add(maps[map.index].users)
                $0.add(maps[map.index].fileUsers)
            }
        case .entry(let map, let page): content(ofEntry: page, map)
        case .cachedPage(let file, let index): content(ofCached: index, file)
        case .file(let file): content(ofFile: file)
        case .filePins(let file): Self.hash(.filePins, 0) { $0.add(files[file.index].pins) }
        case .device(let device): content(ofDevice: device)
        case .submission: isThrottlingSubmission ? 1 : 0
        case .memory: keepsLists ? nil : Self.hash(.failures, 0) { addFailures(to: &$0) }
        case .dirtyPages: settings.dirtyLimitPages == .max ? 0 : nil
        case .swap: swap.areas.isEmpty ? 0 : nil
        case .world: contentOfWorld
        case .entries, .cache, .page, .uncachedPages, .pins, .channel, .userfault, .task: nil
        }
    }

    /// Whether what a location belongs to exists. A declaration may name what a fault does not have, such as a file.
    private func isThere(_ location: StateLocation) -> Bool {
        switch location {
        case .areas(let map), .areaLocks(let map), .users(let map), .entry(let map, _), .entries(let map):
            maps.indices.contains(map.index)
        case .cachedPage(let file, _), .cache(let file), .file(let file), .filePins(let file):
            files.indices.contains(file.index)
        case .device(let device): devices.indices.contains(device.index)
        case .lock, .page, .uncachedPages, .pins, .swap, .memory, .dirtyPages, .submission, .channel, .userfault, .task,
            .world:
            true
        }
    }

    /// What there is. With userfaultfds nothing is covered: stages look at the tasks that wait for them.
    private var contentOfWorld: UInt64? {
        guard hasNoUserfaults else { return nil }
        return Self.hash(.counts, 0) { for count in [tasks.count, maps.count, files.count] { $0.add(count) } }
    }

    private func content(ofLock lock: LockName) -> UInt64? {
        guard exists(lock) else { return 0 }
        // It is hashed with the other fields of its userfaultfd.
        if lock.kind == .mapChanging { return nil }
        return Self.hash(.mapLock, 0) { $0.add(semaphore(lock)) }
    }

    /// A hash of what others see of a location when they only name it: of a cached page, which references it has.
    package func name(of location: StateLocation) -> UInt64? {
        guard case .cachedPage(let file, let index) = location, isThere(location) else { return content(of: location) }
        let frame = files[file.index].cache[index]
        return frame == .none ? 0 : frames[frame].places
    }

    private func content(ofAreas map: MapID) -> UInt64 {
        Self.hash(.bounds, 0) {
            addBounds(of: map.index, to: &$0)
            $0.add(maps[map.index].hasPinned)
            $0.add(maps[map.index].isReaped)
            for area in maps[map.index].areas.areas {
                $0.add(Self.contribution(of: area, in: map, state: stateHash(of: area)).hash)
                $0.add(area.anonVMA)
            }
        }
    }

    private func content(ofEntry page: PageNumber, _ map: MapID) -> UInt64 {
        let leaf = leafTable(map, page)
        guard leaf != 0 else { return 0 }
        let entry = tables.entry(leaf, page)
        // The page by where it is: what it holds is another location.
        return Self.hash(.others, 0) {
            $0.add(entry.mapsCountedFrame ? entry.bits.rawValue : entry.rawValue)
            guard entry.mapsCountedFrame, let (file, index) = cachePosition(of: entry.frame) else { return }
            $0.add(file)
            $0.add(index)
        }
    }

    private func content(ofCached index: PageIndex, _ file: FileID) -> UInt64 {
        let frame = files[file.index].cache[index]
        return Self.hash(.pageLock, 0) {
            $0.add(files[file.index].swapEntries[index].rawValue)
            guard frame != .none else { return }
            $0.add(frame, of: self)
            $0.add(frames[frame].contribution)
            for lock in scheduler.pageLocks where lock.folio == frame { $0.add(lock.task) }
            for task in tasks.indices where tasks[task].status == .sleeping && tasks[task].wait.isForFolio {
                guard tasks[task].wait.frame == frame else { continue }
                $0.add(TaskID(task))
                $0.add(UInt64(tasks[task].wait.kind.rawValue))
                $0.add(tasks[task].wait.value)
                $0.add(placeInFolioQueue(task))
            }
        }
    }

    private func content(ofFile file: FileID) -> UInt64 {
        Self.hash(.fileLayout, 0) {
            addLayout(ofFile: file.index, to: &$0)
            addPrivateState(ofFile: file.index, to: &$0)
            if case .file = pinLocation(of: file) { $0.add(files[file.index].pins) }
        }
    }

    private func content(ofDevice device: DeviceID) -> UInt64 {
        Self.hash(.device, 0) {
            addDevice(device.index, to: &$0)
            for request in scheduler.requests where request.device == device { $0.add(content(of: request)) }
        }
    }

    /// The locations that decide ``linkWord(of:)`` and ``batchWord(of:)``, except a map's areas: pages that the task names,
    /// and the lock whose writers it counts.
    package func linkedLocations(of index: Int) -> [StateLocation] {
        var locations = tasks[index].folioBatch.filter { $0 != .none }.map { location(of: $0) }
        guard readsMemory(index) else { return locations }
        let task = tasks[index]
        func name(_ frame: FrameNumber) {
            if frame != .none { locations.append(location(of: frame)) }
        }
        if task.status == .sleeping, task.wait.kind == .folio || task.wait.kind == .writeback { name(task.wait.frame) }
        for place in 0..<task.stack.count {
            let named = namedFolios(task.stack[place])
            name(named.folios.0)
            name(named.folios.1)
            name(named.folios.2)
        }
        guard usesFault(index) else { return locations }
        name(task.fault.keptFolio)
        name(task.fault.folio)
        name(task.fault.copy)
        if model.faultAround == .insideHandler {
            for folio in task.aroundBatch { name(folio) }
        }
        if task.fault.originalEntry.mapsCountedFrame { name(task.fault.originalEntry.frame) }
        if model.fileFault == .goesOnIfUnchanged, task.fault.lockDropped {
            locations.append(.lock(.mmap(task.fault.map)))
        }
        return locations
    }

    /// The pages that a task has gathered (``folioBatch(of:)``), by what refers to them; 0 for none. A key has them as a part
    /// of these pages.
    package func batchWord(of index: Int) -> UInt64 {
        let batch = tasks[index].folioBatch
        return batch.isEmpty ? 0 : Self.hash(.pageLock, batch.count) { for folio in batch { $0.add(folio, of: self) } }
    }

    /// Whether ``linkWord(of:)`` says whether the area of a task's fault is stale, and whether the fault has an area. Under
    /// the area's lock it makes no difference.
    package func staleness(of index: Int) -> (isKnown: Bool, hasArea: Bool) {
        let fault = tasks[index].fault
        return (usesFault(index) && fault.lock != .area, fault.area.map != .none)
    }

    /// What a task adds to ``StateKey/links``.
    package func linkWord(of index: Int) -> UInt64 { readsMemory(index) ? links(ofTask: index) : 0 }
}
