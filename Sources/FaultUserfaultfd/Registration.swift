import FaultCore

/// `UFFDIO_REGISTER`: `userfaultfd_register()` (fs/userfaultfd.c, Linux 6.1).
///
///     begin ─▶ check ─▶ change ─▶ ended
///                 └───────────────▲
///
/// First all areas of the range are checked. Then each is split at the ends of the range, gets the descriptor and the
/// modes, and is merged with equal neighbours. Holes are skipped. No entry is changed.
///
/// Locks: the mmap lock for writing, not killably.
enum Register: Routine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case check
        case change
        case ended
    }

    struct Frame: RoutineFrame {
        /// The first page; in `change` the next.
        var page: PageNumber
        /// How many pages, as the caller gave it.
        let pages: Int
        /// The page after the last; known from `check` on.
        var end = PageNumber(0)
        /// The descriptor.
        let descriptor: UserfaultID
        /// Keeps the memory alive; from `check` on.
        var use = MapUse.none
        /// Which faults go to the descriptor.
        let modes: UserfaultModes
        /// Why the call fails; known in `ended`.
        var error: Errno?

        init(_ page: PageNumber, pages: Int, _ modes: UserfaultModes, on descriptor: UserfaultID) {
            self.page = page
            self.pages = pages
            self.modes = modes
            self.descriptor = descriptor
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("pages", pages)
            visitor.visit("end", end)
            visitor.visit("descriptor", descriptor)
            visitor.visit("use", use)
            visitor.visit("modes", modes)
            visitor.visit("error", error)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let map = machine.map(of: frame.descriptor)
        switch stage {
        case .begin:
            guard !frame.modes.isEmpty, hasModes(frame.modes, machine.model.userfaults) else {
                return .failed(.invalid)
            }
            guard !machine.isInvalid(frame.page, frame.pages) else { return .failed(.invalid) }
            guard machine.isInUse(map) else { return .failed(.noMemory) }
            frame.end = frame.page + frame.pages
            frame.use = machine.using(map)
            return .call(machine.taking(.mmap(map), .write), then: .check)

        case .check:
            if let error = refusal(frame, in: map, machine) { return end(error, &frame, map, &machine) }
            return .next(.change)

        case .change:
            guard let area = machine.area(endingAfter: frame.page, in: map), area.start < frame.end else {
                return end(nil, &frame, map, &machine)
            }
            let flags = frame.modes.areaFlags
            if area.flags.userfault == frame.descriptor, area.flags.contains(flags) {
                frame.page = area.end
                return .next(.change)
            }
            var wanted = area.flags.withoutUserfault.union(flags)
            wanted.userfault = frame.descriptor
            let part = max(frame.page, area.start)..<min(frame.end, area.end)
            switch machine.setFlags(of: part, in: map, to: wanted) {
            case .mustWait(let wait): return .sleep(wait, then: .change)
            case .noMemory: return end(.noMemory, &frame, map, &machine)
            case .changed(let end):
                frame.page = end
                return .next(.change)
            }

        case .ended:
            return frame.error.map { .failed($0) } ?? .done
        }
    }

    /// Whether the kernel knows these modes.
    private static func hasModes(_ modes: UserfaultModes, _ support: KernelModel.Userfaults) -> Bool {
        if modes.contains(.writeProtect), support.rawValue < KernelModel.Userfaults.protection.rawValue { return false }
        return !modes.contains(.minor) || support.rawValue >= KernelModel.Userfaults.minor.rawValue
    }

    /// The reason why the range can't be registered.
    private static func refusal(_ frame: Frame, in map: MapID, _ machine: Machine) -> Errno? {
        guard let first = machine.area(endingAfter: frame.page, in: map) else {
            return machine.model.emptyRegistration == .isNoMemory ? .noMemory : .invalid
        }
        guard first.start < frame.end else { return .invalid }
        let isAsync = machine.features(of: frame.descriptor).contains(.wpAsync)
        var next = frame.page
        while let area = machine.area(endingAfter: next, in: map), area.start < frame.end {
            guard machine.canHandle(area, frame.modes.areaFlags, isAsync: isAsync) else { return .invalid }
            if area.flags.userfault != .none, area.flags.userfault != frame.descriptor { return .busy }
            next = area.end
        }
        return nil
    }

    private static func end(
        _ error: Errno?, _ frame: inout Frame, _ map: MapID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        frame.error = error
        machine.unlock(.mmap(map), by: machine.currentTask)
        return .call(machine.dropping(&frame.use), then: .ended)
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .begin: view.beginning(on: frame.descriptor)
        case .check, .change: .everything
        case .ended: []
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .begin, .ended: .nothing
        case .check, .change: .lock(.mmap(view.machine.map(of: frame.descriptor)), .write)
        }
    }
}

/// `UFFDIO_UNREGISTER`: `userfaultfd_unregister()` (fs/userfaultfd.c, Linux 6.1).
///
///     begin ─▶ check ─┬─▶ visit ◀─▶ change
///                     └─────┴─▶ ended
///
/// Areas of other descriptors are unregistered as well. Tasks that wait for a missing page of the range are woken
/// before the area changes, and wait for the mmap lock next. If the area is not registered for missing pages, no task
/// is woken. Entries lose their protection.
///
/// The area is write-locked only after the wake-up. A fault under the area lock may come in between. It is never
/// woken, and waits for an answer although its area is no longer registered.
///
/// Locks: the same as ``Register``.
enum Unregister: Routine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case check
        case visit
        case change
        case ended
    }

    struct Frame: RoutineFrame {
        /// The first page; in `change` the next.
        var page: PageNumber
        /// How many pages, as the caller gave it.
        let pages: Int
        /// The page after the last; known from `check` on.
        var end = PageNumber(0)
        /// The descriptor.
        let descriptor: UserfaultID
        /// Keeps the memory alive; from `check` on.
        var use = MapUse.none
        /// Why the call fails; known in `ended`.
        var error: Errno?

        init(_ page: PageNumber, pages: Int, on descriptor: UserfaultID) {
            self.page = page
            self.pages = pages
            self.descriptor = descriptor
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("pages", pages)
            visitor.visit("end", end)
            visitor.visit("descriptor", descriptor)
            visitor.visit("use", use)
            visitor.visit("error", error)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let map = machine.map(of: frame.descriptor)
        switch stage {
        case .begin:
            guard !machine.isInvalid(frame.page, frame.pages) else { return .failed(.invalid) }
            guard machine.isInUse(map) else { return .failed(.noMemory) }
            frame.end = frame.page + frame.pages
            frame.use = machine.using(map)
            return .call(machine.taking(.mmap(map), .write), then: .check)

        case .check:
            if let error = refusal(frame, in: map, machine) { return end(error, &frame, map, &machine) }
            return .next(.visit)

        case .visit:
            guard let area = machine.area(endingAfter: frame.page, in: map), area.start < frame.end else {
                return end(nil, &frame, map, &machine)
            }
            guard area.flags.userfault != .none else {
                frame.page = area.end
                return .next(.visit)
            }
            frame.page = max(frame.page, area.start)
            let part = frame.page..<min(frame.end, area.end)
            if area.flags.contains(.userfaultMissing) {
                machine.wakeUserfaults(of: area.flags.userfault, in: part)
            }
            machine.liftProtection(in: part, of: area, in: map)
            return .next(.change)

        case .change:
            guard let area = machine.area(containing: frame.page, in: map) else { return .next(.visit) }
            let part = frame.page..<min(frame.end, area.end)
            switch machine.setFlags(of: part, in: map, to: area.flags.withoutUserfault) {
            case .mustWait(let wait): return .sleep(wait, then: .change)
            case .noMemory: return end(.noMemory, &frame, map, &machine)
            case .changed(let end):
                frame.page = end
                return .next(.visit)
            }

        case .ended:
            return frame.error.map { .failed($0) } ?? .done
        }
    }

    /// The reason why the range can't be unregistered.
    private static func refusal(_ frame: Frame, in map: MapID, _ machine: Machine) -> Errno? {
        guard let first = machine.area(endingAfter: frame.page, in: map) else {
            return machine.model.emptyRegistration == .isNoMemory ? .noMemory : .invalid
        }
        guard first.start < frame.end else { return .invalid }
        let isAsync = machine.features(of: frame.descriptor).contains(.wpAsync)
        var next = frame.page
        while let area = machine.area(endingAfter: next, in: map), area.start < frame.end {
            guard machine.canHandle(area, area.flags, isAsync: isAsync) else { return .invalid }
            next = area.end
        }
        return nil
    }

    private static func end(
        _ error: Errno?, _ frame: inout Frame, _ map: MapID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        frame.error = error
        machine.unlock(.mmap(map), by: machine.currentTask)
        return .call(machine.dropping(&frame.use), then: .ended)
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .begin: view.beginning(on: frame.descriptor)
        case .check, .visit, .change: .everything
        case .ended: []
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .begin, .ended: .nothing
        case .check, .visit, .change: .lock(.mmap(view.machine.map(of: frame.descriptor)), .write)
        }
    }
}

extension Machine {
    /// Lifts the protection of a part of an area that is about to be unregistered: the first half of
    /// `userfaultfd_clear_vma()`. The area is not write-locked yet.
    mutating func liftProtection(in part: Range<PageNumber>, of area: VMA, in map: MapID) {
        if area.flags.contains(.userfaultProtect) { protectEntries(in: part, of: area, in: map, protects: false) }
    }
}
