/// The state that is not in the structure of memory: tasks, locks, files, devices, the scheduler.
extension Machine {
    /// Adds to `sink` everything that can influence the future, except areas, page tables, caches and frames.
    ///
    /// Times are relative to the clock. In the state for an explorer (not `isTimed`), it is left out which task runs
    /// next and when: the explorer chooses the next stage itself, so it can't observe that.
    func addRunningState<Sink: StateSink>(to sink: inout Sink) {
        addMaps(to: &sink)
        sink.add(tasks.count)
        for index in tasks.indices {
            addTask(index, to: &sink, isTimed: true)
            if readsMemory(index) { addMemory(ofTask: index, to: &sink) }
        }
        addObjects(to: &sink)
    }

    /// Adds the locks and bounds of memory maps. Their contents are in the structure of memory.
    func addMaps<Sink: StateSink>(to sink: inout Sink) {
        sink.add(maps.count)
        for index in maps.indices {
            sink.add(maps[index].lock)
            addAreaLocks(of: index, to: &sink)
            addBounds(of: index, to: &sink)
            addUsers(of: index, to: &sink)
        }
    }

    /// Adds the bounds of a map's heap and stack, and the flags of its new areas.
    func addBounds<Sink: StateSink>(of map: Int, to sink: inout Sink) {
        sink.add(maps[map].heapStart)
        sink.add(maps[map].heapEnd)
        sink.add(maps[map].mmapBase)
        sink.add(maps[map].defaultFlags.rawValue)
    }

    /// Adds how many tasks and calls use a map, and what has been done to all of the map.
    func addUsers<Sink: StateSink>(of map: Int, to sink: inout Sink) {
        let users = UInt64(UInt32(truncatingIfNeeded: maps[map].users))
        sink.add(users | (maps[map].hasPinned ? 1 << 32 : 0) | (maps[map].isReaped ? 1 << 33 : 0))
    }

    /// Adds what belongs to no task and no memory map.
    func addObjects<Sink: StateSink>(to sink: inout Sink) {
        sink.add(files.count)
        for index in files.indices { addFile(index, to: &sink) }
        sink.add(devices.count)
        for index in devices.indices { addDevice(index, to: &sink) }
        addSwapAreas(to: &sink)
        addUserfaults(to: &sink)
        addReclaimState(to: &sink)
        addPins(to: &sink)
        addScheduler(to: &sink)
    }

    /// Adds the locks of a map's areas; kernels without such locks never have any.
    func addAreaLocks<Sink: StateSink>(of map: Int, to sink: inout Sink) {
        guard model.areaLocks != .none else { return }
        sink.add(maps[map].areaLocks.readers.count)
        for reader in maps[map].areaLocks.readers {
            sink.add(UInt64(UInt32(bitPattern: reader.task.rawValue)) | (reader.isAwaited ? 1 << 32 : 0))
            sink.add(reader.area)
        }
        sink.add(maps[map].areaLocks.marks.count)
        for mark in maps[map].areaLocks.marks {
            sink.add(mark.lowerBound)
            sink.add(mark.upperBound)
        }
    }

    /// Adds the userfaultfds, and how many tasks use the open files of each process.
    private func addUserfaults<Sink: StateSink>(to sink: inout Sink) {
        guard !userfaults.isEmpty, !mistaken(.keyForgetsDescriptors) else { return }
        for context in userfaults { context.add(to: &sink) }
        for map in maps { sink.add(map.fileUsers) }
    }

    /// Adds the swap areas; their slots are in the structure of memory.
    func addSwapAreas<Sink: StateSink>(to sink: inout Sink) {
        guard !swap.areas.isEmpty, !mistaken(.keyForgetsSwap) else { return }
        for area in swap.areas { area.add(to: &sink) }
        swap.slotCache.add(to: &sink)
        sink.add(swap.available.count)
        for number in swap.available { sink.add(number) }
        sink.add(swap.maps.count)
        for map in swap.maps { sink.add(map) }
        sink.add(swap.files.count)
        for file in swap.files { sink.add(file) }
        sink.add(swap.readaheadHits)
        sink.add(swap.previousSlot)
        sink.add(swap.previousWindow)
    }

    private func fromNow(_ time: UInt64) -> UInt64 { time == .max ? .max : time > clock ? time - clock : 0 }

    // MARK: Files, requests, processors

    /// Adds a device, without its requests.
    func addDevice<Sink: StateSink>(_ index: Int, to sink: inout Sink) {
        let device = devices[index]
        sink.add(
            UInt64(device.operations) | (device.holdsReads ? 1 << 16 : 0) | (device.holdsWrites ? 1 << 17 : 0)
                | (device.refusesReadahead ? 1 << 18 : 0))
        configuration.deviceStates[Int(device.operations)].add(device.state, to: &sink)
    }

    private func addFile<Sink: StateSink>(_ index: Int, to sink: inout Sink) {
        addLayout(ofFile: index, to: &sink)
        sink.add(files[index].inodeLock)
        sink.add(files[index].invalidateLock)
        sink.add(files[index].pins)
        addPrivateState(ofFile: index, to: &sink)
    }

    /// Adds a file's size, blocks, flags and readahead.
    func addLayout<Sink: StateSink>(ofFile index: Int, to sink: inout Sink) {
        sink.add(UInt64(files[index].operations) | UInt64(files[index].vmOperations) << 16)
        sink.add(files[index].device.rawValue)
        sink.add(UInt64(files[index].traits.rawValue))
        sink.add(files[index].pages)
        if files[index].bytesBehindEnd != 0 { sink.add(files[index].bytesBehindEnd) }
        sink.add(files[index].blocks)
        sink.add(files[index].badBlocks)
        let told = UInt64(files[index].writeErrors.rawValue) | (files[index].isReadRandomly ? 1 << 8 : 0)
        if told != 0 { sink.add(told) }
        let readahead = files[index].readahead
        sink.add(readahead.start)
        sink.add(readahead.size)
        sink.add(readahead.asyncSize)
        sink.add(readahead.mmapMiss)
        sink.add(UInt64(bitPattern: readahead.previousPosition))
        sink.add(readahead.maximum)
    }

    /// Adds the state of a file's own operations, and what it stores.
    func addPrivateState<Sink: StateSink>(ofFile index: Int, to sink: inout Sink) {
        configuration.fileState(files[index].operations).add(files[index].state, to: &sink)
        sink.add(files[index].storedStamps.count)
        for stored in files[index].storedStamps { sink.add(UInt64(stored.page) | UInt64(stored.stamp) << 32) }
    }

    private func addScheduler<Sink: StateSink>(to sink: inout Sink) {
        sink.add(scheduler.requests.count)
        addRequestsInOrder(to: &sink)
        addFailures(to: &sink)
        sink.add(scheduler.pageLocks, of: self)
        sink.add(fromNow(scheduler.submissionThrottle))
        sink.add(scheduler.extraCost)
        sink.add(scheduler.runQueue.count)
        for task in scheduler.runQueue { sink.add(task) }
        sink.add(scheduler.processors.count)
        for processor in scheduler.processors { sink.add(processor.task) }
    }

    /// Adds the allocations that are to fail.
    func addFailures<Sink: StateSink>(to sink: inout Sink) {
        sink.add(scheduler.failures.count)
        for failure in scheduler.failures {
            sink.add(UInt64(failure.point.rawValue))
            sink.add(failure.skipping)
        }
    }

    private func addRequestsInOrder<Sink: StateSink>(to sink: inout Sink) {
        for request in scheduler.requests {
            sink.add(UInt64(request.kind.rawValue) | UInt64(UInt32(bitPattern: request.device.rawValue)) << 32)
            sink.add(request.file)
            sink.add(request.index)
            sink.add(request.pages)
            sink.add(request.task)
            sink.add(fromNow(request.completes))
        }
    }

    // MARK: Tasks

    /// Adds what a task is by itself: nothing that another part of the machine can change.
    func addTask<Sink: StateSink>(_ index: Int, to sink: inout Sink, isTimed: Bool) {
        sink.add(
            UInt64(tasks[index].status.rawValue) | UInt64(tasks[index].pendingSignals.rawValue) << 8
                | (tasks[index].hasOperation ? 1 << 16 : 0) | (tasks[index].archWords.isZero ? 0 : 1 << 17)
                | (tasks[index].isOOMVictim ? 1 << 18 : 0) | (tasks[index].pinsInBatch > 0 ? 1 << 19 : 0)
                | (tasks[index].isPassedOver ? 1 << 20 : 0) | (tasks[index].isInFault ? 1 << 21 : 0))
        if tasks[index].reapTime != .max {
            sink.add(isTimed ? fromNow(tasks[index].reapTime) : tasks[index].reapTime > clock ? 1 : 0)
        }
        if tasks[index].pinsInBatch > 0 { sink.add(tasks[index].pinsInBatch) }
        if !tasks[index].archWords.isZero {
            sink.add(tasks[index].archWords.first)
            sink.add(tasks[index].archWords.second)
        }
        sink.add(tasks[index].map)
        sink.add(tasks[index].dirtiedPages)
        addLocks(of: index, to: &sink)
        if tasks[index].status == .sleeping { addWait(of: index, to: &sink, isTimed: isTimed) }
        if isTimed {
            sink.add(fromNow(tasks[index].readyAt))
            sink.add(configuration.isFree ? 0 : tasks[index].sliceUsed)
        }
        addProgram(of: index, to: &sink)
        sink.add(tasks[index].stack.count)
        for place in 0..<tasks[index].stack.count { add(tasks[index].stack[place], to: &sink) }
        for event in tasks[index].userfaultEvents {
            sink.add(event.descriptor.rawValue)
            sink.add(event.message)
        }
        if model.faultAround == .insideHandler { sink.add(tasks[index].aroundBatch.count) }
        if usesFault(index) { add(tasks[index].fault, of: index, to: &sink, isTimed: isTimed) }
    }

    /// Adds the locks that a task holds, by name. In which slot of the task a lock is kept makes no difference.
    private func addLocks<Sink: StateSink>(of index: Int, to sink: inout Sink) {
        let held = tasks[index].held
        if held.1.lock == .none, held.2.lock == .none, held.3.lock == .none {
            sink.add(UInt64(held.0.lock.rawValue) | UInt64(held.0.mode.rawValue) << 32)
            if held.0.lock != .none { sink.add(UInt64(LockMode.read.rawValue) << 32) }
            return
        }
        var last: UInt32 = 0
        while true {
            var next = HeldLock(.none, .read)
            for lock in [held.0, held.1, held.2, held.3] where lock.lock.rawValue > last {
                if next.lock == .none || lock.lock.rawValue < next.lock.rawValue { next = lock }
            }
            sink.add(UInt64(next.lock.rawValue) | UInt64(next.mode.rawValue) << 32)
            if next.lock == .none { return }
            last = next.lock.rawValue
        }
    }

    /// Adds what a task sleeps on, and how many of the tasks that would be woken with it are woken before it.
    ///
    /// They go to the end of the run queue in that order, which only a timed machine looks at.
    private func addWait<Sink: StateSink>(of index: Int, to sink: inout Sink, isTimed: Bool) {
        let wait = tasks[index].wait
        let polled = wait.polled == nil ? 0 : wait.frame.index
        sink.add(UInt64(wait.kind.rawValue) | UInt64(wait.mode.rawValue) << 8 | UInt64(polled) << 16)
        switch wait.kind {
        case .none: break
        case .folio: sink.add(wait.value)  // and see addMemory(ofTask:to:)
        case .writeback: break
        case .lock, .channel, .areaReaders, .userfault, .userfaultEvent, .userfaultMessage, .spin:
            sink.add(wait.value)
        case .timer, .submission, .dirtyThrottle, .memory:
            sink.add(isTimed ? fromNow(wait.value) : (wait.value == .max ? 1 : 0))
        case .request:
            guard isTimed else { break }  // the request names its sleepers
            sink.add(scheduler.requests.inOrder.firstIndex { $0.id.rawValue == wait.value } ?? -1)
        }
        guard isTimed else { return }
        var rank = 0
        for other in tasks.indices where tasks[other].status == .sleeping {
            if tasks[other].sleepOrder < tasks[index].sleepOrder, areWokenTogether(tasks[other].wait, wait) {
                rank += 1
            }
        }
        sink.add(rank)
    }

    private func areWokenTogether(_ a: TaskWait, _ b: TaskWait) -> Bool {
        switch a.kind {
        case .none, .lock, .request, .areaReaders, .userfault, .userfaultEvent: false
        case .folio, .writeback: (b.kind == .folio || b.kind == .writeback) && a.frame == b.frame
        case .timer, .submission, .dirtyThrottle:
            b.isTimed || a.polled != nil && b.polled != nil
        case .channel: b.kind == .channel && a.value == b.value
        case .memory: b.kind == .memory || b.isTimed
        case .userfaultMessage: b.polled.map { b.pollsOthers || a.polls($0) } ?? false
        case .spin: b.kind == .spin
        }
    }

    /// Adds what is left of a task's program, and the parts of the last outcome that the program will get.
    private func addProgram<Sink: StateSink>(of index: Int, to sink: inout Sink) {
        switch tasks[index].program {
        case .none: return sink.add(0 as UInt64)
        case .list: return sink.add(programs.lists[index], from: tasks[index].programCounter)
        case .program: break
        }
        sink.add(programs.programs[index]?.number ?? 0)
        programs.programs[index]?.state.add(tasks[index].programState, to: &sink)
        let outcome = tasks[index].outcome
        sink.add(outcome.isDone)
        sink.add(UInt64(bitPattern: outcome.value))
        sink.add(outcome.signal.map { 1 + $0.word } ?? 0)
        sink.add(UInt64(outcome.stamp) | (outcome.oops ? 1 << 32 : 0) | (outcome.lockWasLost ? 1 << 33 : 0))
        sink.add(UInt64(outcome.filledPages) | (outcome.message == nil ? 0 : 1 << 32))
        if let message = outcome.message, !mistaken(.keyForgetsMessages) { sink.add(message) }
    }

    /// Whether a task's fault can still be read. It can't be after an exception of a program: the next exception begins
    /// with a fresh fault.
    func usesFault(_ index: Int) -> Bool {
        tasks[index].stack.hasAny { call in
            switch call.routine {
            case .touch, .userAccess, .pause: false
            default: true
            }
        }
    }

    private func add<Sink: StateSink>(_ fault: VMFault, of index: Int, to sink: inout Sink, isTimed: Bool) {
        // What a task is by itself does not depend on its number, so that an explorer sees which tasks are alike.
        sink.add(!isTimed && fault.task.index == index ? .none : fault.task)
        sink.add(fault.map)
        sink.add(fault.page)
        sink.add(
            UInt64(fault.exception.access.rawValue) | UInt64(fault.exception.mode.rawValue) << 8
                | UInt64(fault.lock.rawValue) << 16 | (fault.exception.translationPresent ? 1 << 24 : 0)
                | (fault.lockDropped ? 1 << 25 : 0) | (fault.isException ? 1 << 26 : 0)
                | (fault.folioLocked ? 1 << 27 : 0) | (fault.invalidateLocked ? 1 << 28 : 0)
                | (fault.exception.keyRefuses ? 1 << 29 : 0) | (fault.exception.entryIsDamaged ? 1 << 30 : 0)
                | (fault.keptFolio != .none ? 1 << 31 : 0) | UInt64(fault.exception.offset) << 32
                | (fault.wasMajor ? 1 << 48 : 0) | (fault.hasGoneOn ? 1 << 49 : 0)
                | (fault.bypassesSwapCache ? 1 << 50 : 0))
        if fault.keptFolio != .none { sink.add(UInt64(fault.keptPages)) }
        sink.add(UInt64(fault.flags.rawValue) | UInt64(fault.savedFlags.rawValue) << 32)
        sink.add(fault.result.rawValue)
        sink.add(fault.area.map)
        sink.add(fault.area.start)
        sink.add(fault.file)
        sink.add(fault.index)
        let entry = fault.originalEntry
        sink.add(entry.mapsCountedFrame ? entry.bits.rawValue : entry.rawValue)
    }

    // MARK: Tasks in memory

    /// Whether ``addMemory(ofTask:to:)`` has anything to add.
    func readsMemory(_ index: Int) -> Bool {
        if tasks[index].status == .sleeping {
            switch tasks[index].wait.kind {
            case .folio, .writeback: return true
            default: break
            }
        }
        return usesFault(index) || tasks[index].stack.hasAny { namedFolios($0).count > 0 }
    }

    /// How many tasks came before a task to wait until the same page is unlocked. Counts only if it decides which of
    /// two is woken first: if one of them wants to lock the page.
    func placeInFolioQueue(_ index: Int) -> Int {
        let wait = tasks[index].wait
        var before = 0
        for other in tasks.indices where tasks[other].status == .sleeping && tasks[other].wait.kind == .folio {
            let ahead = tasks[other].wait
            guard ahead.frame == wait.frame, tasks[other].sleepOrder < tasks[index].sleepOrder else { continue }
            if wait.isForFolioLock || ahead.isForFolioLock { before += 1 }
        }
        return before
    }

    /// Adds what a task names that is stored elsewhere: frames by content, and whether its area is still the same.
    func addMemory<Sink: StateSink>(ofTask index: Int, to sink: inout Sink) {
        if tasks[index].status == .sleeping {
            switch tasks[index].wait.kind {
            case .folio:
                sink.add(tasks[index].wait.frame, of: self)
                sink.add(placeInFolioQueue(index))
            case .writeback: sink.add(tasks[index].wait.frame, of: self)
            default: break
            }
        }
        for place in 0..<tasks[index].stack.count {
            let named = namedFolios(tasks[index].stack[place])
            if named.count > 0 { sink.add(named.folios.0, of: self) }
            if named.count > 1 { sink.add(named.folios.1, of: self) }
            if named.count > 2 { sink.add(named.folios.2, of: self) }
        }
        guard usesFault(index) else { return }
        let fault = tasks[index].fault
        let isStale =
            fault.lock != .area
            && (fault.area.map == .none || fault.area.sequence != maps[fault.area.map.index].areas.sequence)
        sink.add(isStale)
        if fault.keptFolio != .none { sink.add(fault.keptFolio, of: self) }
        if model.fileFault == .goesOnIfUnchanged { sink.add(fault.lockDropped && mapIsUnchanged(since: fault)) }
        if model.faultAround == .insideHandler {
            for folio in tasks[index].aroundBatch { sink.add(folio, of: self) }
        }
        if fault.originalEntry.mapsCountedFrame { sink.add(fault.originalEntry.frame, of: self) }
        sink.add(fault.folio, of: self)
        sink.add(fault.copy, of: self)
    }
}
