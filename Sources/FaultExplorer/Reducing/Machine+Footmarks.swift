import FaultCore

extension Injection {
    /// The tasks that decide whether it is possible.
    var tasks: Footprint {
        var tasks = Footprint()
        switch event {
        case .signal(_, let task), .start(_, in: let task): tasks.insert(.task(task))
        case .breakBlocks, .repairBlocks, .failAllocation: break
        }
        if case .asleep(let task) = timing { tasks.insert(.task(task)) }
        return tasks
    }
}

/// What choices read and write, in addition to what stages declare.
extension Machine {
    /// What other tasks can see of a task, in addition to the writes that it notes: whether it sleeps, runs, or has an
    /// operation, and which one.
    struct VisibleState: Equatable {
        var isRunnable: Bool
        var hasOperation: Bool
        var isIdle: Bool
    }

    func visibleState(of task: TaskID) -> VisibleState {
        VisibleState(
            isRunnable: isRunnable(task.index), hasOperation: hasOperation(task), isIdle: isIdle(task))
    }

    /// What a move may read, before it is made.
    func reads(by move: Move, _ injections: [Injection]) -> Footprint {
        switch move {
        case .step(let task): return reads(by: task)
        case .run: return .everything
        case .finish(let place): return readsOfFinishing(requestsUnderWay[place])
        case .expire(let task): return [.task(task), .dirtyPages, .submission]
        case .inject(let number):
            var reads: Footprint
            switch injections[number].event {
            case .signal(_, let task): reads = [.task(task)]
            case .start(_, in: let task): reads = [.task(task), .world]
            case .breakBlocks(let file, _), .repairBlocks(let file): reads = [.file(file), .world]
            case .failAllocation: reads = [.memory]
            }
            if case .asleep(let other) = injections[number].timing { reads.insert(.task(other)) }
            return reads
        }
    }

    /// What the end of a request reads: its device, its pages and their file, and the tasks that wait for them.
    private func readsOfFinishing(_ request: IORequest) -> Footprint {
        switch request.kind {
        case .commit: return .everything
        case .direct: return [.device(request.device), .task(request.task), .file(request.file)]
        case .read, .write:
            var reads: Footprint = [.device(request.device), .task(request.task), .dirtyPages, .submission, .memory]
            if request.file == .none {
                reads.formUnion([.swap, .uncachedPages])
            } else {
                reads.formUnion([.file(request.file), .swap])
                for offset in 0..<max(1, request.pages) {
                    reads.insert(.cachedPage(request.file, request.index + offset))
                }
            }
            return reads
        }
    }

    /// Makes a move, and returns what it may have read and what it has written.
    ///
    /// - Returns: `nil` if it could not be made.
    mutating func perform(
        _ move: Move, _ options: Explorer.Options, marking table: inout FootmarkTable,
        _ overlooks: ((StateLocation) -> Bool)? = nil
    ) -> Footmark? {
        perform(move, reading: reads(by: move, options.injections), options, marking: &table, overlooks)?.mark
    }

    /// Makes a move that may read `reads`, and returns that and what it has written.
    ///
    /// - Returns: `nil` if it could not be made.
    mutating func perform(
        _ move: Move, reading reads: Footprint, _ options: Explorer.Options, marking table: inout FootmarkTable,
        _ overlooks: ((StateLocation) -> Bool)? = nil
    ) -> (mark: Footmark, writes: Footprint)? {
        var reads = reads
        _ = takeWrites()
        let runner = move.runner
        var before: VisibleState?
        var locks: [(StateLocation, isRead: Bool)] = []
        if let runner {
            before = visibleState(of: runner)
            locks = readerLocks(in: reads, runner)
        }
        let owner = task(of: move)
        let newest = requestsUnderWay.reduce(0) { max($0, $1.id.rawValue) }
        let hadRequests = requestCount > 0
        guard perform(move, options.injections, turnLimit: options.turnLimit) else { return nil }
        var writes = takeWrites()
        // A request that is submitted for another task becomes a choice of that task, although the task has done nothing.
        let isForOther = requestsUnderWay.contains {
            (!hadRequests || $0.id.rawValue > newest) && $0.task != owner
        }
        if isForOther { return (.everything, writes) }
        if let runner, let before, before != visibleState(of: runner) { writes.insert(.task(runner)) }
        switch move {
        case .step, .run: break
        case .expire(let task): writes.insert(.task(task))
        case .inject(let number):
            switch options.injections[number].event {
            case .signal(_, let task), .start(_, in: let task): writes.insert(.task(task))
            case .breakBlocks, .repairBlocks, .failAllocation: break
            }
        case .finish: break
        }
        let written = writes
        if let overlooks {
            reads = seen(reads, overlooks)
            writes = seen(writes, overlooks)
        }
        reads.formUnion(writes)
        let shared = if let runner { sharedLocks(locks, writes, runner) } else { [StateLocation]() }
        let mark = Footmark(reads: table.reads(reads, shared: shared), writes: table.writes(writes, shared: shared))
        return (mark, written)
    }

    /// Locks without a writer and without waiters, and whether the task holds them for reading.
    private func readerLocks(in reads: Footprint, _ task: TaskID) -> [(StateLocation, isRead: Bool)] {
        reads.locations.compactMap { location in
            switch location {
            case .lock(let lock) where isWithoutWriter(lock): (location, holds(lock, task) == .read)
            case .areaLocks(let map) where isWithoutAreaWriter(map): (location, areaRead(by: task) != nil)
            default: nil
            }
        }
    }

    /// The locks of `before`, still without writer and waiters, which the task has taken or released for reading in its
    /// stage, or has held all the time without touching them. Other readers see no difference.
    private func sharedLocks(
        _ before: [(location: StateLocation, isRead: Bool)], _ writes: Footprint, _ task: TaskID
    ) -> [StateLocation] {
        if before.isEmpty { return [] }
        let after = readerLocks(in: Footprint(before.map { $0.0 }), task)
        return before.compactMap { location, wasRead in
            guard let now = after.first(where: { $0.0 == location }) else { return nil }
            let isUntouched = wasRead && !writes.locations.contains(location)
            return wasRead != now.isRead || isUntouched ? location : nil
        }
    }

    private func seen(_ footprint: Footprint, _ overlooks: (StateLocation) -> Bool) -> Footprint {
        footprint.isEverything ? footprint : Footprint(footprint.locations.filter { !overlooks($0) })
    }
}
