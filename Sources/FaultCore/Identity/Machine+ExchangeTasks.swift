/// Tasks that change places: for an exploration that does not tell tasks apart that are alike.
extension Machine {
    /// Whether the numbers of tasks stand only where ``exchange(_:_:)`` changes them.
    ///
    /// A memory group, userfaultfds, pins, swap, a timeline and what the checker remembers also name tasks, and a machine
    /// with many tasks or many requests has indexes of them.
    package var canExchangeTasks: Bool {
        scheduler.isDriven && !recorder.isChecking && !hasGroup && !hasUserfaults && pins.isUnused && swap.areas.isEmpty
            && scheduler.sleepers == nil && !recorder.recordsWaits && !recorder.recordsTimeline
            && tasks.allSatisfy { $0.program != .program }
    }

    /// The hash of what a task is by itself, apart from its number; current after ``updateDigests(of:)``.
    package func ownDigest(of task: TaskID) -> UInt64 { tasks[task.index].digest.value }

    /// Whether one of two tasks fell asleep before the other; false if one of them is awake.
    package func fellAsleepBefore(_ task: TaskID, _ other: TaskID) -> Bool {
        tasks[task.index].status == .sleeping && tasks[other.index].status == .sleeping
            && tasks[task.index].sleepOrder < tasks[other.index].sleepOrder
    }

    /// Exchanges two tasks: each gets the number of the other, wherever a task is named. Everything else stays as it
    /// is. The machine is then the one that the same schedule leads to with the roles of the two exchanged, if they
    /// began alike.
    ///
    /// - Returns: Whether they were exchanged. They are not if the frame of a routine names a task or a page: which
    ///   references to the page the task has is not known.
    /// - Precondition: ``canExchangeTasks``.
    package mutating func exchange(_ a: TaskID, _ b: TaskID) -> Bool {
        guard scheduler.requests.isSmall, !framesNameTasksOrPages(of: a), !framesNameTasksOrPages(of: b) else {
            return false
        }
        let notesWrites = recorder.notesWrites
        recorder.notesWrites = false
        let held = [(a, b), (b, a)].flatMap { pagesHeld(by: $0, $1) }
        for (folio, change) in held { updateFrame(folio) { $0.places &+= change } }
        recorder.notesWrites = notesWrites

        tasks.exchange(a, b)
        programs.exchange(a, b)
        for map in maps.indices {
            maps[map].lock.exchange(a, b)
            if model.areaLocks != .none { maps[map].areaLocks.exchange(a, b) }
        }
        for file in files.indices {
            files[file].inodeLock.exchange(a, b)
            files[file].invalidateLock.exchange(a, b)
        }
        for lock in scheduler.pageLocks.indices {
            scheduler.pageLocks[lock].task.exchange(a, b)
        }
        scheduler.requests.exchange(a, b)
        scheduler.current.exchange(a, b)
        return true
    }

    /// The pages that a task refers to, and how their places change if it gets the number of the other task.
    private func pagesHeld(by task: TaskID, _ other: TaskID) -> [(FrameNumber, UInt64)] {
        var held: [(FrameNumber, UInt64)] = []
        func add(_ folio: FrameNumber, _ slot: UInt64) {
            if folio == .none { return }
            held.append((folio, Mixing.stackPlace(other, slot) &- Mixing.stackPlace(task, slot)))
        }
        let state = tasks[task.index]
        add(state.fault.folio, UInt64(HoldSlot.faultFolio.rawValue))
        add(state.fault.copy, UInt64(HoldSlot.faultCopy.rawValue))
        add(state.fault.keptFolio, UInt64(HoldSlot.keptFolio.rawValue))
        for (position, folio) in state.aroundBatch.enumerated() { add(folio, Self.aroundSlot(position)) }
        for (position, folio) in state.folioBatch.enumerated() { add(folio, Self.batchSlot(position)) }
        return held
    }

    private func framesNameTasksOrPages(of task: TaskID) -> Bool {
        var names = NamedTasksAndPages()
        visitFrames(ofTaskAt: task.index, &names)
        return names.found
    }
}

/// Finds out whether fields name a task or a page.
private struct NamedTasksAndPages: FieldVisitor {
    private(set) var found = false

    mutating func visit(_ name: StaticString, word: UInt64) {}

    mutating func visit(_ name: StaticString, _ folio: FrameNumber) { found = found || folio != .none }

    mutating func visit(_ name: StaticString, _ task: TaskID) { found = found || task != .none }
}

extension TaskID {
    /// Becomes the other one of two tasks if it is one of them.
    mutating func exchange(_ a: TaskID, _ b: TaskID) {
        if self == a { self = b } else if self == b { self = a }
    }
}
