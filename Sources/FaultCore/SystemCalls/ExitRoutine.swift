/// The end of a task: `exit_mm()`; and of a memory map, by whoever uses it last: `mmput()` and `exit_mmap()` (kernel/exit.c,
/// mm/mmap.c, Linux 6.1).
///
///     lock ─▶ leave ─▶ drop ─┬─▶ unmap ─▶ freeTables ─▶ end     the last user
///                            └─▶ end
///
/// A task that exits takes the mmap lock for reading once, and waits for it whatever signals are pending. The last user of
/// the map takes it again for reading to take the entries away, and for writing to free page tables and areas.
///
/// The words: 0 is the map, known from `drop` on.
enum ExitRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case leave
        case drop
        case unmap
        case freeTables
        case end
    }

    /// The call's option when no task ends, but somebody who was not of the process stops using its map: `mmput()`.
    private static let keepsTask: UInt8 = 1

    /// What to call to stop using `map`, after ``Machine/useMap(_:)``.
    static func dropping(_ map: MapID) -> Call { Call(.exit, option: keepsTask, first: UInt64(map.index)) }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> {
        step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased
    }

    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let map = MapID(Int(call.words.0))
        switch stage {
        case .lock:
            if call.option == keepsTask { return .next(.drop) }
            let own = machine.tasks[task.index].map
            guard own != .none else { return .next(.end) }
            call.words.0 = UInt64(own.index)
            return .call(machine.taking(.mmap(own), .read), then: .leave)

        case .leave:
            machine.tasks[task.index].map = .none
            machine.unlock(.mmap(map), by: task)
            return .next(.drop)

        case .drop:
            guard machine.stopUsingMap(map) else { return .next(.end) }
            return .call(machine.taking(.mmap(map), .read), then: .unmap)

        case .unmap:
            guard !machine.maps[map.index].areas.isEmpty else {
                machine.unlock(.mmap(map), by: task)
                machine.freeRoot(of: map)
                return .next(.end)
            }
            for area in machine.maps[map.index].areas.areas where area.flags.contains(.sequentialRead) {
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
            machine.freeRoot(of: map)
            machine.unlock(.mmap(map), by: task)
            return .next(.end)

        case .end:
            if call.option != keepsTask {
                machine.tasks[task.index].status = .exited
                machine.wakeMemoryWaiters()
            }
            return .done
        }
    }
}

extension Machine {
    /// Keeps a memory map alive beyond its tasks: `mmget()`.
    mutating func useMap(_ map: MapID) { maps[map.index].users += 1 }

    /// Whether a memory map has users: `mmget_not_zero()` would succeed.
    func isInUse(_ map: MapID) -> Bool { map != .none && maps[map.index].users > 0 }

    /// Ends one use of a memory map, and answers whether it was the last.
    fileprivate mutating func stopUsingMap(_ map: MapID) -> Bool {
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
        tables.free(root)
        maps[map.index].root = 0
    }
}
