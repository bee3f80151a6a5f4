import FaultCore

/// `userfaultfd_event_wait_completion()` (fs/userfaultfd.c, Linux 6.1), for the events of a system call, one after the
/// other.
///
///     begin ─▶ wait ─┬─▶ over ─▶ begin
///                    └─▶ lockChild ─▶ childLocked ─▶ over
///
/// The task waits, killably and without a lock, until the event is read. If the event of a child is never read, because
/// the parent is killed or the descriptor is closed, the child's memory is unregistered.
enum TellEvents: Routine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case wait
        case lockChild
        case childLocked
        case over
    }

    struct Frame: RoutineFrame {
        /// The descriptor of the child whose event was not read; known from `lockChild` to `childLocked`.
        var child = UserfaultID.none
        /// The page at which the search for its areas continues.
        var page = PageNumber(0)

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("child", child)
            visitor.visit("page", page)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, Completion> {
        let task = machine.currentTask
        switch stage {
        case .begin:
            guard let (descriptor, _) = machine.nextEvent(of: task) else { return .done }
            machine.enqueueEvent(of: task)
            machine.wakeUserfaultReaders(of: descriptor)
            return .next(.wait)

        case .wait:
            guard let (descriptor, message) = machine.nextEvent(of: task),
                machine.isEventQueued(task, on: descriptor)
            else { return .next(.over) }
            guard machine.isReleased(descriptor) || machine.hasFatalSignal(task) else {
                return .sleep(.userfaultEvent(descriptor), then: .wait)
            }
            machine.dequeueEvent(of: task, from: descriptor)
            guard case .fork(let child) = message else { return .next(.over) }
            frame.child = child
            return .next(.lockChild)

        case .lockChild:
            frame.page = PageNumber(0)
            return .call(machine.taking(.mmap(machine.map(of: frame.child)), .write), then: .childLocked)

        case .childLocked:
            let map = machine.map(of: frame.child)
            while let area = machine.area(endingAfter: frame.page, in: map) {
                if area.flags.userfault == frame.child {
                    let all = area.start..<area.end
                    switch machine.setFlags(of: all, in: map, to: area.flags.withoutUserfault, merging: false) {
                    case .changed, .noMemory: break
                    case .mustWait(let wait): return .sleep(wait, then: .childLocked)
                    }
                }
                frame.page = area.end
            }
            machine.unlock(.mmap(map), by: task)
            machine.release(frame.child)
            return .next(.over)

        case .over:
            machine.endEvent(of: task)
            return .next(.begin)
        }
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .begin, .wait, .over: view.nextEvent
        case .lockChild: []
        case .childLocked: .everything
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        guard stage == .childLocked else { return .nothing }
        return .lock(.mmap(view.machine.map(of: frame.child)), .write)
    }
}
