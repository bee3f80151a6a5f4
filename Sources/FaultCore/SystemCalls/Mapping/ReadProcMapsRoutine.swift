/// One read(2) of the whole `/proc/PID/maps` (fs/proc/task_mmu.c, Linux 6.1). The result is the number of areas; 0 if
/// the process is gone.
///
///     lock ─┬─▶ read ─┬─────────────────────────────┬─▶ dropped
///           │         └─▶ walk ◀─▶ walk ────────────┤            where the tree changes: ``KernelModel/AreaNodes``
///           └─▶ nextArea ◀─▶ areaUnderMmapLock ─────┘            by areas' locks: ``KernelModel/ProcMapsLock``
///
/// It waits for the mmap lock of that process until a fatal signal ends the wait; this is how `ps` hangs. With the
/// locks of areas, it waits only for an area that is being changed.
enum ReadProcMapsRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case read
        case dropped
        case nextArea
        case areaUnderMmapLock
        case walk
    }

    struct Frame: RoutineFrame {
        /// The map that is read.
        let map: MapID
        /// The use of the map, from `lock` to `dropped`.
        var use = MapUse.none
        /// How many areas were read.
        var count = 0
        /// The page after the last area that was read, if areas are read one by one.
        var page = PageNumber(0)
        /// The number of pages of all areas when the position in their tree was found; known in `walk`. The growth of a
        /// stack changes it, which is the only change of the tree under the mmap lock for reading.
        var treePages = 0
        /// The error with which the call fails; known in `dropped`.
        var error: Errno?

        init(map: MapID) { self.map = map }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("map", map)
            visitor.visit("use", use)
            visitor.visit("count", count)
            visitor.visit("page", page)
            visitor.visit("treePages", treePages)
            visitor.visit("error", error)
        }

        /// Notes that an area was read.
        mutating func read(_ area: VMA) {
            count += 1
            page = area.end
        }
    }

    static var number: RoutineNumber { .readProcMaps }
    static func needsOwnMap(_ frame: Frame) -> Bool { false }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let map = frame.map
        switch stage {
        case .lock:
            guard machine.isInUse(map) else { return .done }
            frame.use = machine.using(map)
            if machine.model.procMapsLock == .areas { return .next(.nextArea) }
            return .call(machine.taking(.mmap(map), .read, .killable), then: .read)

        case .read:
            frame.error = resumed.errno
            if frame.error == nil {
                if machine.treeChangesUnderReaders {
                    frame.treePages = machine.maps[map.index].totalPages
                    return .next(.walk)
                }
                frame.count = machine.maps[map.index].areas.count
                machine.unlock(.mmap(map), by: task)
            }
            return .call(machine.dropping(&frame.use), then: .dropped)

        case .nextArea:
            // lock_next_vma(): the area's lock is held only in this stage.
            guard let area = machine.area(endingAfter: frame.page, in: map) else {
                return .call(machine.dropping(&frame.use), then: .dropped)
            }
            guard machine.maps[map.index].areaLocks.isMarked(area.start) else {
                frame.read(area)
                return .next(.nextArea)
            }
            return .call(machine.taking(.mmap(map), .read, .killable), then: .areaUnderMmapLock)

        case .areaUnderMmapLock:
            if let errno = resumed.errno {
                frame.error = errno
                return .call(machine.dropping(&frame.use), then: .dropped)
            }
            let area = machine.area(endingAfter: frame.page, in: map)
            if let area { frame.read(area) }
            machine.unlock(.mmap(map), by: task)
            return .next(.nextArea)

        case .walk:
            // m_next(): the iterator keeps its node.
            machine.checkTree(of: map, had: &frame.treePages)
            if let area = machine.area(endingAfter: frame.page, in: map) {
                frame.read(area)
                return .next(.walk)
            }
            machine.unlock(.mmap(map), by: task)
            return .call(machine.dropping(&frame.use), then: .dropped)

        case .dropped:
            return frame.error.map { .failed($0) } ?? .returned(frame.count)
        }
    }
}

// MARK: - What it reads and holds

extension ReadProcMapsRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .lock: [.users(frame.map)]
        case .read, .areaUnderMmapLock, .walk: view.releasing(.mmap(frame.map)).union([.areas(frame.map)])
        case .nextArea: [.areas(frame.map), .areaLocks(frame.map)]
        case .dropped: []
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .lock, .nextArea, .dropped: .nothing
        case .read, .areaUnderMmapLock: .lock(.mmap(frame.map), .read, if: view.resumed.errno == nil)
        case .walk: .lock(.mmap(frame.map), .read)
        }
    }
}

// MARK: - A tree that changes under its readers

extension Machine {
    /// Whether nodes of the tree of areas may be replaced while a task reads them under the mmap lock.
    fileprivate var treeChangesUnderReaders: Bool {
        model.stackGrowth == .underReadLock && model.areaNodes == .areReplaced
    }

    /// Reports a step through a node of a map's tree of areas that was replaced since. After the report, the place is
    /// looked up again.
    ///
    /// - Parameter pages: How many pages the areas had when the node was found.
    fileprivate mutating func checkTree(of map: MapID, had pages: inout Int) {
        guard maps[map.index].totalPages != pages else { return }
        pages = maps[map.index].totalPages
        report(
            .staleArea, currentTask, "the tree of areas is read through a node that a growing stack has replaced")
    }
}
