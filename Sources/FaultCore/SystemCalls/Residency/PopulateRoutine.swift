/// `__mm_populate()` (mm/gup.c, Linux 6.1): faults in a range of the task's own memory, area by area.
///
///     lock ─▶ findArea ─▶ populated ─┬─▶ findArea     the lock is still held
///                                    └─▶ lock         it was lost: go on at the page that lost it, as if untried
///
/// Entered without the mmap lock. If a page can't be faulted in after other pages could, it is tried twice. The first
/// failure ends the call that did the other pages. The second failure is the error.
enum PopulateRoutine: CoreRoutine {
    enum Stage: UInt8, RoutineStage {
        case start
        case lock
        case findArea
        case populated
    }

    /// What happens on the error of an area.
    enum Errors: UInt8, BitwiseCopyable, Sendable {
        /// The first error ends the call, and becomes the result of mlock(2).
        case endCall
        /// The call continues with the next area, as for mmap(2): `mm_populate()`.
        case areIgnored
    }

    struct Frame: RoutineFrame {
        /// The next page.
        var page: PageNumber
        /// The page after the range.
        var end: PageNumber
        /// The end of the part of the area that is being populated; known from `populated` on.
        var partEnd = PageNumber(0)
        /// What happens on errors.
        var errors: Errors

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("end", end)
            visitor.visit("partEnd", partEnd)
            visitor.visit("errors", errors)
        }
    }

    static var number: RoutineNumber { .populate }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, Completion> {
        let map = machine.currentMap
        switch stage {
        case .start:
            return .next(.lock)

        case .lock:
            guard frame.page < frame.end else { return .done }
            return .call(machine.taking(.mmap(map), .read), then: .findArea)

        case .findArea:
            guard let area = machine.area(endingAfter: frame.page, in: map), area.start < frame.end,
                frame.page < frame.end
            else { return unlock(.done, map, &fault, &machine) }
            frame.page = max(area.start, frame.page)
            frame.partEnd = min(area.end, frame.end)
            guard !area.flags.contains(.lockOnFault) else {
                frame.page = frame.partEnd
                return .next(.findArea)
            }
            let pages = frame.partEnd - frame.page
            return .call(
                GetUserPagesRoutine.call(.unlockable, from: frame.page, pages: pages, flags(for: area), in: map),
                then: .populated)

        case .populated:
            let isLocked = fault.lock != .none
            switch resumed.result() as CallResult {
            case .value(let pages): frame.page = frame.page + pages
            case .failed(let errno):
                guard frame.errors == .areIgnored else {
                    let completion = Completion.failed(lockError(for: errno))
                    return isLocked ? unlock(completion, map, &fault, &machine) : .done(completion)
                }
                frame.page = frame.partEnd
            }
            return .next(isLocked ? .findArea : .lock)
        }
    }

    /// The flags of `populate_vma_page_range()`: a private writable area is written to, so that its copies are made
    /// now. A shared area is only read, so that no page becomes dirty without need.
    static func flags(for area: VMA) -> GUPFlags {
        var flags: GUPFlags = .touch
        if area.flags.contains(.write), !area.flags.contains(.shared) { flags.insert(.write) }
        if !area.flags.isDisjoint(with: .access) { flags.insert(.force) }
        return flags
    }

    /// `__mlock_posix_error_return()`.
    private static func lockError(for errno: Errno) -> Errno {
        switch errno {
        case .badAddress: .noMemory
        case .noMemory: .tryAgain
        default: errno
        }
    }

    private static func unlock(
        _ completion: Completion, _ map: MapID, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, Completion> {
        machine.unlock(.mmap(map), by: machine.currentTask)
        fault.lock = .none
        return .done(completion)
    }
}

extension Machine {
    /// The call that has pages of the current task's own memory faulted in. It returns a ``Completion``.
    func populating(_ range: Range<PageNumber>, _ errors: PopulateRoutine.Errors) -> RoutineCall {
        RoutineCall(
            PopulateRoutine.self, PopulateRoutine.Frame(page: range.lowerBound, end: range.upperBound, errors: errors))
    }
}

// MARK: - What it reads and holds

extension PopulateRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .start, .lock: []
        case .findArea: view.releasing(.mmap(view.map)).union([.areas(view.map)])
        case .populated: view.releasing(.mmap(view.map))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .start, .lock: .nothing
        case .findArea: .lock(.mmap(view.map), .read)
        case .populated: view.heldAfterLending(view.map)
        }
    }
}
