import FaultCore

/// `close(2)` of a descriptor, or of all descriptors of a process that exits: `userfaultfd_release()`
/// (fs/userfaultfd.c, Linux 6.1).
///
///     begin ─┬─▶ visit ◀─▶ change
///            │     └─▶ dropped ─┐
///            └──────────────────┴─▶ wake ─▶ next ─▶ begin
///
/// The last process that has a descriptor releases it. Its areas are unregistered, entries lose their protection, and
/// all tasks that wait for it are woken. A task that waits for a page then faults on ordinary memory.
///
/// Locks: the mmap lock for writing, not killably, if the memory is still in use.
enum CloseDescriptors: Routine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case visit
        case change
        case dropped
        case wake
        case next
    }

    struct Frame: RoutineFrame {
        /// The descriptor that is being closed; none before the first one, if all are closed.
        var descriptor: UserfaultID
        /// Whether it closes all descriptors of a process.
        let closesAll: Bool
        /// The process; known from the first stage on.
        var process = MapID.none
        /// Keeps the memory alive; in `visit` and `change`.
        var use = MapUse.none
        /// The page at which the search for areas continues; in `change` the start of the area.
        var page = PageNumber(0)

        init(closing descriptor: UserfaultID) {
            self.descriptor = descriptor
            closesAll = descriptor == .none
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("descriptor", descriptor)
            visitor.visit("closesAll", closesAll)
            visitor.visit("process", process)
            visitor.visit("use", use)
            visitor.visit("page", page)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        switch stage {
        case .begin:
            if frame.process == .none { frame.process = frame.closesAll ? fault.map : machine.map(of: task) }
            if frame.closesAll {
                guard let next = machine.nextUserfault(of: frame.process, after: frame.descriptor) else { return .done }
                frame.descriptor = next
            }
            guard machine.close(frame.descriptor, by: frame.process) else { return .next(.next) }
            let map = machine.map(of: frame.descriptor)
            guard machine.isInUse(map) else { return .next(.wake) }
            frame.use = machine.using(map)
            frame.page = PageNumber(0)
            return .call(machine.taking(.mmap(map), .write), then: .visit)

        case .visit:
            let map = machine.map(of: frame.descriptor)
            while let area = machine.area(endingAfter: frame.page, in: map) {
                guard area.flags.userfault != frame.descriptor else {
                    frame.page = area.start
                    machine.liftProtection(in: area.start..<area.end, of: area, in: map)
                    return .next(.change)
                }
                frame.page = area.end
            }
            machine.unlock(.mmap(map), by: task)
            return .call(machine.dropping(&frame.use), then: .dropped)

        case .change:
            let map = machine.map(of: frame.descriptor)
            guard let area = machine.area(containing: frame.page, in: map) else { return .next(.visit) }
            switch machine.setFlags(of: area.start..<area.end, in: map, to: area.flags.withoutUserfault) {
            case .noMemory: frame.page = area.end
            case .changed(let end): frame.page = end
            case .mustWait(let wait): return .sleep(wait, then: .change)
            }
            return .next(.visit)

        case .dropped:
            return .next(.wake)

        case .wake:
            if !mistaken(.releaseWakesNobody) { machine.wakeUserfaults(of: frame.descriptor, in: nil) }
            machine.wakeEventWaiters(of: frame.descriptor)
            machine.wakeUserfaultReaders(of: frame.descriptor)
            return .next(.next)

        case .next:
            return frame.closesAll ? .next(.begin) : .done
        }
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .begin, .visit, .change: .everything
        case .dropped, .next: []
        case .wake: view.queue(of: frame.descriptor)
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        guard stage == .visit || stage == .change else { return .nothing }
        return .lock(.mmap(view.machine.map(of: frame.descriptor)), .write)
    }
}
