/// `msync(2)` with `MS_SYNC`: syncs the pages of shared file mappings. Models mm/msync.c (Linux 6.1).
///
/// The mmap lock is held for reading while areas are looked up, and dropped around each sync. If there is a hole, the
/// call continues, and fails with `ENOMEM` in the end.
enum MsyncRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case nextArea
        case synced
    }

    struct Frame: RoutineFrame {
        /// The next page.
        var page: PageNumber
        /// How many pages are left, as the caller gave it at first.
        var left: Int
        /// Whether a hole was passed.
        var hasHole = false
        /// The file that is synced, in `synced`.
        var file = FilePin.none

        init(page: PageNumber, pages: Int) {
            self.page = page
            left = pages
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("left", left)
            visitor.visit("hasHole", hasHole)
            visitor.visit("file", file)
        }

        /// The result of the call in the end.
        var result: CallResult { hasHole ? .failed(.noMemory) : .done }
    }

    static var number: RoutineNumber { .msync }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.scheduler.current
        let map = machine.map(of: task)
        switch stage {
        case .lock:
            guard frame.left != 0 else { return .done }
            guard !machine.argumentRules.wraps(frame.page, frame.left) else { return .failed(.noMemory) }
            return .call(machine.taking(.mmap(map), .read), then: .nextArea)

        case .nextArea:
            var start = frame.page
            let end = start + frame.left
            guard let area = machine.area(endingAfter: start, in: map) else { return fail(task, map, &machine) }
            if start < area.start {
                guard area.start < end else { return fail(task, map, &machine) }
                start = area.start
                frame.hasHole = !mistaken(.syncOverlooksHole)
            }
            let stop = min(end, area.end)
            frame.page = stop
            frame.left = end - stop
            guard area.file != .none, area.flags.contains(.shared) else {
                return stop == end ? unlock(frame, task, map, &machine) : .next(.nextArea)
            }
            frame.file = machine.pin(area.file)
            machine.unlock(.mmap(map), by: task)
            let sync = FileCall.sync(area.fileIndex(of: start), pages: stop - start)
            return .call(machine.calling(sync, on: area.file), then: .synced)

        case .synced:
            if !mistaken(.syncKeepsFileOpen) { machine.unpin(&frame.file) }
            if let errno = resumed.errno { return .failed(errno) }
            return frame.left == 0 ? .done(frame.result) : .next(.lock)
        }
    }

    private static func unlock(
        _ frame: Frame, _ task: TaskID, _ map: MapID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        machine.unlock(.mmap(map), by: task)
        return .done(frame.result)
    }

    private static func fail(_ task: TaskID, _ map: MapID, _ machine: inout Machine) -> RoutineStep<Stage, CallResult> {
        machine.unlock(.mmap(map), by: task)
        return .failed(.noMemory)
    }
}

// MARK: - What it reads and holds

extension MsyncRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .lock: return []
        case .nextArea:
            var reads = view.releasing(.mmap(view.map)).union([.areas(view.map)])
            if let area = view.machine.area(endingAfter: frame.page, in: view.map), area.file != .none {
                reads.formUnion(view.pins(of: area.file).union([.file(area.file)]))
            }
            return reads
        case .synced: return view.pins(of: frame.file.file).union([.file(frame.file.file)])
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        .lock(.mmap(view.map), .read, if: stage == .nextArea)
    }
}
