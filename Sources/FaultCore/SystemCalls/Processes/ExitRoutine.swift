/// The end of a task: `exit_mm()`; and of a memory map with its last user: `mmput()` and `exit_mmap()` (kernel/exit.c,
/// mm/mmap.c, Linux 6.1).
///
///     lock ─▶ leave ─▶ drop ─┬─▶ unmap ─▶ freeTables ─▶ end     the last user
///                            └─▶ end
///
/// If the whole process ends, its other tasks get SIGKILL first (`zap_other_threads()`). Each of them ends when it acts
/// on the signal: a task in an uninterruptible wait keeps waiting.
///
/// A task that exits takes the mmap lock for reading once, and waits for it even if signals are pending. The last user
/// of the map takes the lock again for reading to remove the entries, and for writing to free page tables and areas.
enum ExitRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case leave
        case drop
        case unmap
        case freeTables
        case end
        case ended
    }

    /// What ends.
    enum Ending: UInt8, BitwiseCopyable {
        /// The task.
        case task
        /// The task, and its process.
        case group
        /// The use of a map by a task of another process: `mmput()`.
        case use
    }

    struct Frame: RoutineFrame {
        /// What ends.
        let ending: Ending
        /// The map. For a task that ends, known from `leave` on; none if the task has none.
        var map: MapID
        /// The use of the map that `drop` ends. For a task that ends, known from `drop` on; before, the task itself has
        /// the map.
        var use: MapUse

        /// The frame that ends the task.
        static var ofTask: Self { Self(ending: .task, map: .none, use: .none) }
        /// The frame that ends all tasks of the process.
        static var ofGroup: Self { Self(ending: .group, map: .none, use: .none) }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("ending", ending)
            visitor.visit("map", map)
            visitor.visit("use", use)
        }
    }

    static var number: RoutineNumber { .exit }
    static func needsOwnMap(_ frame: Frame) -> Bool { false }

    /// The call that ends the task.
    static var exiting: RoutineCall { RoutineCall(Self.self, .ofTask) }

    /// The call that ends the use of a map; see ``Machine/dropping(_:)``.
    static func dropping(_ map: MapID) -> RoutineCall {
        RoutineCall(Self.self, Frame(ending: .use, map: map, use: MapUse(map)))
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let map = frame.map
        switch stage {
        case .lock:
            if frame.ending == .use { return .next(.drop) }
            let own = machine.currentMap
            if frame.ending == .group { machine.killOthers(of: own, but: task) }
            guard own != .none else { return .next(.end) }
            frame.map = own
            return .call(machine.taking(.mmap(own), .read), then: .leave)

        case .leave:
            machine.leaveMap()
            frame.use = MapUse(map)
            machine.unlock(.mmap(map), by: task)
            return .next(.drop)

        case .drop:
            guard machine.stopUsing(&frame.use) else { return .next(.end) }
            return .call(machine.taking(.mmap(map), .read), then: .unmap)

        case .unmap:
            guard !machine.maps[map.index].areas.isEmpty else {
                machine.unlock(.mmap(map), by: task)
                machine.freeRoot(of: map)
                return .next(.end)
            }
            machine.drainOwnBatches()
            for area in machine.maps[map.index].areas.areas where !machine.hasRecency(area) {
                machine.zap(area.start..<area.end, of: map, isSequential: true, by: task)
            }
            machine.zap(machine.coveredPages, of: map, by: task)
            machine.unlock(.mmap(map), by: task)
            return .call(machine.taking(.mmap(map), .write), then: .freeTables)

        case .freeTables:
            while let position = machine.maps[map.index].areas.lastPosition {
                machine.removeArea(at: position, in: map)
            }
            machine.evictUnnamedFiles()
            machine.forgetSwappedMap(map)
            machine.freeRoot(of: map)
            machine.unlock(.mmap(map), by: task)
            return .next(.end)

        case .end:
            if frame.ending != .use, machine.leaveFiles(of: map) {
                fault.map = map
                return .call(machine.calling(.closeAll), then: .ended)
            }
            return finish(frame, task, &machine)

        case .ended:
            return finish(frame, task, &machine)
        }
    }

    /// Ends the task, if a task is to end.
    private static func finish(
        _ frame: Frame, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        if frame.ending != .use {
            machine.noteWrite(.task(task))
            machine.tasks[task.index].status = .exited
            machine.wakeMemoryWaiters()
        }
        return .done
    }
}

extension Machine {
    /// Keeps a memory map alive beyond its tasks: `mmget()`.
    mutating func useMap(_ map: MapID) {
        noteWrite(.users(map))
        maps[map.index].users += 1
    }

    /// Keeps a memory map alive beyond its tasks: `mmget()`.
    package mutating func using(_ map: MapID) -> MapUse {
        useMap(map)
        return MapUse(map)
    }

    /// The call that ends the use of a memory map, and takes over `use`: `mmput()`.
    package func dropping(_ use: inout MapUse) -> RoutineCall {
        defer { use = .none }
        return ExitRoutine.dropping(use.map)
    }

    /// Whether a memory map has users: `mmget_not_zero()` would succeed.
    package func isInUse(_ map: MapID) -> Bool { map != .none && maps[map.index].users > 0 }

    /// Ends a use of a memory map that has other users.
    mutating func endUse(_ use: inout MapUse) { _ = stopUsing(&use) }

    /// Removes a task from the users of its process's open files. Returns whether it was the last user, and a
    /// userfaultfd has to be closed: `exit_files()`.
    fileprivate mutating func leaveFiles(of process: MapID) -> Bool {
        guard process != .none else { return false }
        if !hasNoUserfaults { noteWrite(.users(process)) }
        maps[process.index].fileUsers -= 1
        guard maps[process.index].fileUsers == 0, !hasNoUserfaults else { return false }
        return !userfaultDescriptors(of: process).isEmpty
    }

    /// Sends SIGKILL to all tasks of a process except one: `zap_other_threads()`.
    fileprivate mutating func killOthers(of process: MapID, but task: TaskID) {
        guard process != .none else { return }
        for other in tasks.indices where tasks[other].map == process && TaskID(other) != task {
            if tasks[other].status != .exited { send(.kill, to: TaskID(other)) }
        }
    }

    /// Ends one use of a memory map. Returns whether it was the last.
    fileprivate mutating func stopUsing(_ use: inout MapUse) -> Bool {
        let map = use.map
        use = .none
        noteWrite(.users(map))
        maps[map.index].users -= 1
        return maps[map.index].users == 0
    }

    /// All pages that the page tables could map.
    fileprivate var coveredPages: Range<PageNumber> {
        let bits = min(62, UInt64(geometry.levels) * UInt64(geometry.bitsPerLevel))
        return PageNumber(0)..<PageNumber(1 << bits)
    }

    /// Frees all page tables of a map, whose entries must be none: `free_pgtables()` and `pgd_free()`.
    fileprivate mutating func freeRoot(of map: MapID) {
        let root = maps[map.index].root
        guard root != 0 else { return }
        freeTables(map, in: coveredPages)
        noteWrite(.entries(map))
        tables.free(root)
        maps[map.index].root = 0
    }
}

// MARK: - What it reads and holds

extension ExitRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .lock: return frame.ending == .group ? .everything : []
        case .leave: return view.releasing(.mmap(frame.map))
        case .drop: return [.users(frame.map)]
        case .unmap: return view.releasing(.mmap(frame.map)).union([.areas(frame.map)], view.entries(of: frame.map))
        case .freeTables:
            let everything = PageNumber(0)..<view.machine.geometry.userLimit
            return view.changingAreas(of: frame.map).union(
                view.releasing(.mmap(frame.map)), view.tearingDown(everything, of: frame.map),
                view.machine.swap.maps.contains(frame.map) ? [.swap] : [])
        case .end: return view.machine.hasNoUserfaults ? [] : .everything
        case .ended: return []
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .lock, .drop, .end, .ended: .nothing
        case .leave, .unmap: .lock(.mmap(frame.map), .read)
        case .freeTables: .lock(.mmap(frame.map), .write)
        }
    }
}
