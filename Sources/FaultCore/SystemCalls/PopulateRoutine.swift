/// `__mm_populate()` (mm/gup.c, Linux 6.1): faults in a range of the task's own memory, area by area.
///
///     lock ─▶ findArea ─▶ populated ─┬─▶ findArea     the lock is still held
///                                    └─▶ lock         it was lost: go on at the page that lost it, as if untried
///
/// Entered without the mmap lock. A page that can't be had behind good ones is faulted twice: the first time it ends the
/// call that did the good ones, the second time it is the error.
///
/// The words: 0 is the next page, 1 the page behind the range (at first how many pages it has), 2 where the part of the
/// area ends that is being populated.
enum PopulateRoutine {
    enum Stage: UInt8, RoutineStage {
        case start
        case lock
        case findArea
        case populated
    }

    /// What the call's option says when errors of one area are ignored, as mmap(2) does: `mm_populate()`. Otherwise the
    /// first error ends the call, and is what mlock(2) answers for it.
    static let ignoringErrors: UInt8 = 1

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> {
        step(Stage(rawValue: call.stage.rawValue)!, &call, &fault, &machine).erased
    }

    static func step(
        _ stage: Stage, _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let task = machine.currentTask
        let map = machine.tasks[task.index].map
        switch stage {
        case .start:
            call.words.1 &+= call.words.0
            return .next(.lock)

        case .lock:
            guard call.words.0 < call.words.1 else { return .done }
            return .call(machine.taking(.mmap(map), .read), then: .findArea)

        case .findArea:
            let end = PageNumber(call.words.1)
            guard let area = machine.area(endingAfter: PageNumber(call.words.0), in: map), area.start < end,
                call.words.0 < call.words.1
            else { return unlock(returning: 0, map, &fault, &machine) }
            let first = max(area.start, PageNumber(call.words.0))
            call.words.0 = first.rawValue
            call.words.2 = min(area.end, end).rawValue
            guard !area.flags.contains(.lockOnFault) else {
                call.words.0 = call.words.2
                return .next(.findArea)
            }
            let pages = min(area.end, end) - first
            return .call(
                GetUserPagesRoutine.call(.unlockable, from: first, pages: pages, flags(for: area)), then: .populated)

        case .populated:
            let isLocked = fault.lock != .none
            if let errno = Errno(returned: call.returned) {
                guard call.option & ignoringErrors != 0 else {
                    let answer = lockError(for: errno).returned
                    return isLocked ? unlock(returning: answer, map, &fault, &machine) : .returned(answer)
                }
                call.words.0 = call.words.2
            } else {
                call.words.0 += UInt64(call.returned)
            }
            return .next(isLocked ? .findArea : .lock)
        }
    }

    /// The flags of `populate_vma_page_range()`: a private writable area is written to, so that its copies are made now;
    /// a shared one is only read, so that nothing becomes dirty for nothing.
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
        returning value: Int64, _ map: MapID, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        machine.unlock(.mmap(map), by: machine.currentTask)
        fault.lock = .none
        return .returned(value)
    }
}
