/// Events about changes that system calls make to registered memory. A call notes its events while it holds the mmap
/// lock, and waits for them to be read when it holds none (fs/userfaultfd.c, Linux 6.1).
extension Machine {
    /// Notes that a task has begun a change that it has to report: `atomic_inc(&ctx->mmap_changing)`.
    private mutating func cause(
        _ message: UserfaultMessage, for descriptor: UserfaultID, by task: TaskID, at place: Int? = nil
    ) {
        noteWrite(.userfault(descriptor))
        userfaults[descriptor.index].changes += 1
        let event = CausedUserfaultEvent(descriptor: descriptor, message: message)
        tasks[task.index].userfaultEvents.insert(event, at: place ?? tasks[task.index].userfaultEvents.count)
    }

    // MARK: The lock

    /// The call that comes before a change of `range` that is reported: `down_write(&ctx->map_changing_lock)` of a
    /// descriptor that is filling pages; `nil` if there is nothing to wait for. After the call, the stage must be
    /// repeated. It must then call ``endTelling(by:)`` at its end.
    func waitingForFills(
        in range: Range<PageNumber>, of map: MapID, with feature: UserfaultFeatures, by task: TaskID
    ) -> RoutineCall? {
        guard hasUserfaults, model.fillLock == .area else { return nil }
        for descriptor in descriptors(in: range, of: map, with: feature) {
            let lock = LockName.mapChanging(descriptor)
            if holds(lock, task) == nil, !semaphore(lock).mayBeTaken { return taking(lock, .write) }
        }
        return nil
    }

    /// Releases the locks that ``waitingForFills(in:of:with:by:)`` took: the changes have begun, or failed.
    mutating func endTelling(by task: TaskID) {
        guard hasUserfaults else { return }
        for held in heldLocks(of: task) where held.lock.kind == .mapChanging && held.mode == .write {
            unlock(held.lock, by: task)
        }
    }

    /// The descriptors of the areas in `range`, each once, by address.
    private func descriptors(in range: Range<PageNumber>, of map: MapID, with feature: UserfaultFeatures)
        -> [UserfaultID]
    {
        guard !userfaults.isEmpty else { return [] }
        var found: [UserfaultID] = []
        var next = maps[map.index].areas.firstPosition(endingAfter: range.lowerBound)
        while let position = next {
            let area = maps[map.index].areas[position]
            guard area.start < range.upperBound else { break }
            let descriptor = area.flags.userfault
            if descriptor != .none, !found.contains(descriptor),
                userfaults[descriptor.index].features.isSuperset(of: feature)
            {
                found.append(descriptor)
            }
            next = maps[map.index].areas.position(after: position)
        }
        return found
    }

    /// Notes that pages are about to be unmapped: `userfaultfd_unmap_prep()`. Each descriptor that has an area in the
    /// range is told of the whole range.
    @inline(__always)
    mutating func noteUnmapping(_ range: Range<PageNumber>, of map: MapID, by task: TaskID) {
        if !hasNoUserfaults { noteUnmappingOfHandled(range, of: map, by: task) }
    }

    @inline(never)
    private mutating func noteUnmappingOfHandled(_ range: Range<PageNumber>, of map: MapID, by task: TaskID) {
        for descriptor in descriptors(in: range, of: map, with: .eventUnmap) {
            cause(.unmap(range.lowerBound, pages: range.upperBound - range.lowerBound), for: descriptor, by: task)
        }
    }

    /// Notes that pages are about to be discarded, if that is to be reported: `userfaultfd_remove()` up to its wait.
    ///
    /// - Returns: Whether it is to be reported.
    mutating func noteRemoval(_ range: Range<PageNumber>, of area: VMA, by task: TaskID) -> Bool {
        let descriptor = area.flags.userfault
        guard descriptor != .none, userfaults[descriptor.index].features.contains(.eventRemove) else { return false }
        cause(.remove(range.lowerBound, pages: range.upperBound - range.lowerBound), for: descriptor, by: task)
        endTelling(by: task)
        return true
    }

    /// Keeps a moved area registered and reports its move, or ends its registration: `mremap_userfaultfd_prep()`.
    ///
    /// - Returns: The flags that the area has from now on.
    mutating func noteMove(
        of page: PageNumber, pages: Int, to target: PageNumber, with flags: VMAFlags, by task: TaskID
    ) -> VMAFlags {
        let descriptor = flags.userfault
        guard descriptor != .none else { return flags }
        guard userfaults[descriptor.index].features.contains(.eventRemap) else { return flags.withoutUserfault }
        // The order of events: the pages that the move has replaced, the move itself, the pages that it has cut off.
        // See the end of mremap(2).
        let events = tasks[task.index].userfaultEvents
        let place = events.firstIndex {
            if case .unmap(target, _) = $0.message { false } else { true }
        }
        cause(
            .remap(from: page, to: target, pages: pages), for: descriptor, by: task,
            at: place ?? events.count)
        return flags
    }

    /// Whether an area that is moved loses its registration.
    func losesRegistration(_ area: VMA) -> Bool {
        let descriptor = area.flags.userfault
        return descriptor != .none && !userfaults[descriptor.index].features.contains(.eventRemap)
    }

    /// Whether a task already has a fork of this area's descriptor to report.
    func isTold(_ area: VMA, by task: TaskID) -> Bool {
        hasUserfaults
            && tasks[task.index].userfaultEvents.contains {
                if case .fork = $0.message { $0.descriptor == area.flags.userfault } else { false }
            }
    }

    /// The flags of a child's area: `dup_userfaultfd()`. If fork is reported, the child's memory has a descriptor of
    /// its own for each of its parent's. No process has it before the event is read.
    ///
    /// - Returns: `nil` if there can't be another descriptor, which the kernel reports as `-ENOMEM`.
    mutating func noteFork(_ flags: VMAFlags, child: MapID, by task: TaskID) -> VMAFlags? {
        let descriptor = flags.userfault
        guard descriptor != .none else { return flags }
        let context = userfaults[descriptor.index]
        var flags = flags
        guard context.features.contains(.eventFork) else { return flags.withoutUserfault }
        let known = tasks[task.index].userfaultEvents.first { $0.descriptor == descriptor }
        if case .fork(let copy)? = known?.message {
            flags.userfault = copy
            return flags
        }
        guard let copy = addUserfault(of: child, context.opening, context.features, heldBy: .none) else { return nil }
        cause(.fork(copy), for: descriptor, by: task)
        flags.userfault = copy
        return flags
    }

    /// Withdraws the events of a failed fork: `dup_userfaultfd_fail()`.
    mutating func forgetFork(by task: TaskID) {
        while let (_, message) = nextEvent(of: task) {
            if case .fork(let child) = message { release(child) }
            endEvent(of: task)
        }
    }

    /// Whether there is no descriptor at all.
    @inline(__always)
    package var hasNoUserfaults: Bool { !hasUserfaults }

    /// Whether a task has changes to report.
    @inline(__always)
    func hasEvents(_ task: TaskID) -> Bool { hasUserfaults && !tasks[task.index].userfaultEvents.isEmpty }

    /// The call that waits until the events that the current task has caused are read. It returns a ``Completion``.
    func tellingEvents() -> RoutineCall { calling(.tellEvents) }

    // MARK: The wait

    /// The next event that a task has caused and not waited for.
    package func nextEvent(of task: TaskID) -> (UserfaultID, UserfaultMessage)? {
        tasks[task.index].userfaultEvents.first.map { ($0.descriptor, $0.message) }
    }

    /// Queues a task's event for reading.
    package mutating func enqueueEvent(of task: TaskID) {
        guard let event = tasks[task.index].userfaultEvents.first else { return }
        noteWrite(.userfault(event.descriptor))
        userfaults[event.descriptor.index].events.append(UserfaultContext.Event(message: event.message, task: task))
    }

    /// Whether a task's event is still to be read.
    package func isEventQueued(_ task: TaskID, on descriptor: UserfaultID) -> Bool {
        userfaults[descriptor.index].events.contains { $0.task == task }
    }

    /// Withdraws a task's event, if it was not read.
    package mutating func dequeueEvent(of task: TaskID, from descriptor: UserfaultID) {
        noteWrite(.userfault(descriptor))
        userfaults[descriptor.index].events.removeAll { $0.task == task }
    }

    /// Ends a change: `atomic_dec(&ctx->mmap_changing)`.
    package mutating func endEvent(of task: TaskID) {
        guard let event = tasks[task.index].userfaultEvents.first else { return }
        noteWrite(.userfault(event.descriptor))
        userfaults[event.descriptor.index].changes -= 1
        tasks[task.index].userfaultEvents.removeFirst()
    }

    /// Wakes the tasks that wait for an event of a released descriptor.
    package mutating func wakeEventWaiters(of descriptor: UserfaultID) {
        for event in userfaults[descriptor.index].events { wake(event.task) }
    }
}
