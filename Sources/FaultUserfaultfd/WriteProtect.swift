import FaultCore

/// `UFFDIO_WRITEPROTECT`: `userfaultfd_writeprotect()` with `mwriteprotect_range()` (fs/userfaultfd.c, mm/userfaultfd.c,
/// Linux 6.1 and 6.12).
///
///     begin ─▶ locked ─▶ change ─▶ ended
///
/// Lifting the protection wakes the tasks that wait for the pages.
///
/// Locks: the mmap lock for reading, and inside it, from Linux 6.9 on, the descriptor's `map_changing_lock`.
enum WriteProtect: Routine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case locked
        case change
        case ended
    }

    struct Frame: RoutineFrame {
        /// The first page.
        let page: PageNumber
        /// How many pages.
        let pages: Int
        /// The descriptor.
        let descriptor: UserfaultID
        /// Keeps the memory alive.
        var use = MapUse.none
        /// Whether to protect the pages; otherwise their protection is lifted.
        let protects: Bool
        /// The options of the call.
        let options: UserfaultFillOptions
        /// Why the call fails; known in `ended`.
        var error: Errno?

        init(
            _ page: PageNumber, pages: Int, protects: Bool, _ options: UserfaultFillOptions,
            on descriptor: UserfaultID
        ) {
            self.page = page
            self.pages = pages
            self.protects = protects
            self.options = options
            self.descriptor = descriptor
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("pages", pages)
            visitor.visit("descriptor", descriptor)
            visitor.visit("use", use)
            visitor.visit("protects", protects)
            visitor.visit("options", options)
            visitor.visit("error", error)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let map = machine.map(of: frame.descriptor)
        switch stage {
        case .begin:
            guard machine.model.userfaults.rawValue >= KernelModel.Userfaults.protection.rawValue else {
                return .failed(.invalid)
            }
            if machine.isChanging(frame.descriptor) { return .failed(.tryAgain) }
            guard !machine.isInvalid(frame.page, frame.pages), frame.options.isSubset(of: .dontWake),
                !frame.protects || frame.options.isEmpty
            else { return .failed(.invalid) }
            guard machine.isInUse(map) else { return .failed(.noSuchProcess) }
            frame.use = machine.using(map)
            return .call(machine.taking(.mmap(map), .read), then: .locked)

        case .locked:
            return .call(machine.taking(.mapChanging(frame.descriptor), .read), then: .change)

        case .change:
            frame.error =
                machine.isChanging(frame.descriptor) ? .tryAgain : change(frame, in: map, &machine)
            machine.unlock(.mapChanging(frame.descriptor), by: machine.currentTask)
            machine.unlock(.mmap(map), by: machine.currentTask)
            return .call(machine.dropping(&frame.use), then: .ended)

        case .ended:
            if let error = frame.error { return .failed(error) }
            if !frame.protects, !frame.options.contains(.dontWake) {
                machine.wakeUserfaults(of: frame.descriptor, from: frame.page, pages: frame.pages)
            }
            return .done
        }
    }

    /// Protects or unprotects the pages that are registered for it; returns the error if it is not all of them.
    private static func change(_ frame: Frame, in map: MapID, _ machine: inout Machine) -> Errno? {
        let end = frame.page + frame.pages
        guard machine.model.protectedRange == .severalAreas else {
            guard let area = machine.area(containing: frame.page, in: map), end <= area.end,
                area.flags.contains(.userfaultProtect)
            else { return .noEntry }
            // Where there is no memory for a table, its pages stay unprotected, and the call succeeds.
            machine.protectEntries(in: frame.page..<end, of: area, in: map, protects: frame.protects)
            return nil
        }
        var error: Errno? = .noEntry
        var next = frame.page
        while let area = machine.area(endingAfter: next, in: map), area.start < end {
            guard area.flags.contains(.userfaultProtect) else { return .noEntry }
            let part = max(next, area.start)..<min(end, area.end)
            guard machine.protectEntries(in: part, of: area, in: map, protects: frame.protects) else {
                return .noMemory
            }
            error = nil
            next = area.end
        }
        return error
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .begin: view.beginning(on: frame.descriptor)
        case .locked: []
        case .change: .everything
        case .ended: view.queue(of: frame.descriptor)
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        let map = Holdings.lock(.mmap(view.machine.map(of: frame.descriptor)), .read)
        let isStable = view.machine.model.fillLock == .area
        switch stage {
        case .begin, .ended: return .nothing
        case .locked: return map
        case .change: return map.and(.lock(.mapChanging(frame.descriptor), .read, if: isStable))
        }
    }
}
