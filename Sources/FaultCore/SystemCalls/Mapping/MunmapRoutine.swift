/// `munmap(2)`: `__vm_munmap()` and `do_mas_munmap()` (mm/mmap.c, Linux 6.1).
///
///     lock ──▶ removeAreas ──▶ downgrade ──▶ tearDown ──▶ unlock ──▶ [told]
///                 │   └── next area grows down ──▲           ▲
///                 └── nothing mapped, or an error ───────────┘
///
/// Locks: the mmap lock for writing, killably; for reading from `tearDown` on, so that faults elsewhere in the map run
/// at the same time. The areas are gone, so no task can bring entries back.
enum MunmapRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case removeAreas
        case downgrade
        case tearDown
        case unlock
        case told
    }

    struct Frame: RoutineFrame {
        /// The first page, as the caller gave it.
        var page: PageNumber
        /// How many pages, as the caller gave it.
        var pages: Int
        /// What is left to do; known from `downgrade` on.
        var unmapping: Unmapping?
        /// The error with which the call fails; known in `unlock`.
        var error: Errno?

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("pages", pages)
            visitor.visit("unmapping", unmapping)
            visitor.visit("error", error)
        }

        /// Whether no map can have the range.
        func isInvalid(_ machine: Machine) -> Bool {
            pages <= 0 || page > machine.geometry.userLimit || pages > machine.geometry.userLimit - page
        }
    }

    static var number: RoutineNumber { .munmap }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    @inline(__always)
    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.scheduler.current
        let map = machine.currentMap
        switch stage {
        case .lock:
            return .call(machine.taking(.mmap(map), .write, .killable), then: .removeAreas)

        case .removeAreas:
            if let errno = resumed.errno { return .failed(errno) }
            guard !frame.isInvalid(machine) else { return fail(.invalid, &frame) }
            let range = frame.page..<frame.page + frame.pages
            guard let first = machine.firstArea(in: range, of: map) else { return .next(.unlock) }
            if let wait = machine.waitToWrite(areasIn: range, of: map) { return .sleep(wait, then: .removeAreas) }
            if let wait = machine.waitingForFills(in: range, of: map, with: .eventUnmap, by: task) {
                return .call(wait, then: .removeAreas)
            }
            guard let unmapping = machine.removeAreas(in: range, from: first, of: map) else {
                return fail(.noMemory, &frame)
            }
            frame.unmapping = unmapping
            return .next(unmapping.mayDowngrade ? .downgrade : .tearDown)

        case .downgrade:
            machine.downgrade(.mmap(map), by: task)
            return .next(.tearDown)

        case .tearDown:
            guard let unmapping = frame.unmapping else { misuse("MunmapRoutine.tearDown: nothing was unmapped") }
            machine.tearDown(frame.page..<frame.page + frame.pages, unmapping, of: map, by: task)
            return .next(.unlock)

        case .unlock:
            machine.unlock(.mmap(map), by: task)
            if machine.hasEvents(task) { return .call(machine.tellingEvents(), then: .told) }
            return frame.error.map { .failed($0) } ?? .done

        case .told:
            return frame.error.map { .failed($0) } ?? .done
        }
    }

    /// Releases the lock, then fails.
    private static func fail(_ error: Errno, _ frame: inout Frame) -> RoutineStep<Stage, CallResult> {
        frame.error = error
        return .next(.unlock)
    }
}

// MARK: - What it reads and holds

extension MunmapRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .lock, .told: return []
        case .removeAreas: return view.changingAreas(of: view.map)
        case .downgrade, .unlock: return view.releasing(.mmap(view.map))
        case .tearDown:
            guard let unmapping = frame.unmapping else { return [] }
            return view.tearingDown(frame.page..<frame.page + frame.pages, unmapping, of: view.map)
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        let lock = LockName.mmap(view.map)
        switch stage {
        case .lock, .told: return .nothing
        case .removeAreas: return .lock(lock, .write, if: view.resumed.errno == nil).and(view.heldToTell)
        case .downgrade: return .lock(lock, .write)
        case .tearDown, .unlock: return .lock(lock, frame.unmapping?.mayDowngrade == true ? .read : .write)
        }
    }
}
