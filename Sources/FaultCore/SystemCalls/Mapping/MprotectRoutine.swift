/// `mprotect(2)`: `do_mprotect_pkey()` and `mprotect_fixup()` (mm/mprotect.c, Linux 6.1).
///
///     lock ──▶ checkStart ──▶ changeArea ──▶ changeEntries ──▶ nextArea ──▶ unlock
///                                  ▲              └─ populate ──▲  │
///                                  └───────────────────────────────┘
///
/// Locks: the mmap lock for writing, killably, to the end, even while a locked area is populated. What was changed
/// before a hole stays changed.
enum MprotectRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case checkStart
        case changeArea
        case changeEntries
        case nextArea
        case unlock
    }

    struct Frame: RoutineFrame {
        /// The first page, as the caller gave it.
        let page: PageNumber
        /// How many pages, as the caller gave it.
        let pages: Int
        /// The requested access.
        let access: VMAFlags
        /// The requested key, if any.
        let key: UInt8?
        /// The start of the current part: the pages of the range that lie in one area.
        var partStart: PageNumber
        /// The page after the current part; known from `changeEntries` on.
        var partEnd: PageNumber?
        /// Whether the current part is to be populated.
        var populates = false
        /// The error with which the call fails; known in `unlock`.
        var error: Errno?

        init(page: PageNumber, pages: Int, access: Protection, key: UInt8? = nil) {
            self.page = page
            self.pages = pages
            self.access = VMAFlags(access)
            self.key = key
            partStart = page
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("pages", pages)
            visitor.visit("access", access)
            visitor.visit("key", key.map { Int($0) })
            visitor.visit("partStart", partStart)
            visitor.visit("partEnd", partEnd)
            visitor.visit("populates", populates)
            visitor.visit("error", error)
        }

        /// The page after the last one.
        var end: PageNumber { page + pages }
    }

    static var number: RoutineNumber { .mprotect }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.scheduler.current
        let map = machine.currentMap
        switch stage {
        case .lock:
            guard frame.pages != 0 else { return .done }
            guard !machine.argumentRules.wraps(frame.page, frame.pages) else { return .failed(.noMemory) }
            return .call(machine.taking(.mmap(map), .write, .killable), then: .checkStart)

        case .checkStart:
            if let errno = resumed.errno { return .failed(errno) }
            if let key = frame.key, key >= machine.entry.protectionKeys { return end(.invalid, &frame) }
            guard machine.area(containing: frame.page, in: map) != nil else { return end(.noMemory, &frame) }
            return .next(.changeArea)

        case .changeArea:
            guard let position = machine.maps[map.index].areas.firstPosition(endingAfter: frame.partStart) else {
                return end(.noMemory, &frame)
            }
            let area = machine.maps[map.index].areas[position]
            let partEnd = min(area.end, frame.end)
            frame.partEnd = partEnd
            frame.populates = false
            let new = flags(of: area, by: frame, machine.model.writeCharge)
            guard new != area.flags else { return .next(.nextArea) }
            let range = frame.partStart..<partEnd
            if let wait = machine.waitToWrite(changing: range, at: position, in: map, to: new) {
                return .sleep(wait, then: .changeArea)
            }
            guard machine.changeFlags(of: range, at: position, in: map, to: new) != nil else {
                return end(.noMemory, &frame)
            }
            // If a private locked area becomes writable, its copies are made now, so that no write faults later.
            let matters: VMAFlags = [.write, .shared, .locked]
            if area.flags.intersection(matters) == .locked, new.contains(.write) { frame.populates = true }
            return .next(.changeEntries)

        case .changeEntries:
            guard let partEnd = frame.partEnd else { misuse("MprotectRoutine.changeEntries: no part was changed") }
            guard let area = machine.area(containing: frame.partStart, in: map) else { return .next(.nextArea) }
            let part = frame.partStart..<partEnd
            machine.changeProtection(of: part, to: area, in: map)
            return frame.populates ? .call(machine.populatingHeld(part), then: .nextArea) : .next(.nextArea)

        case .nextArea:
            // The area may have absorbed others after the part.
            guard let area = machine.area(containing: frame.partStart, in: map) else { return end(.noMemory, &frame) }
            guard area.end < frame.end else { return end(nil, &frame) }
            frame.partStart = area.end
            frame.partEnd = nil
            guard machine.area(containing: area.end, in: map) != nil else { return end(.noMemory, &frame) }
            return .next(.changeArea)

        case .unlock:
            machine.unlock(.mmap(map), by: task)
            return frame.error.map { .failed($0) } ?? .done
        }
    }

    /// Releases the lock, then returns.
    private static func end(_ error: Errno?, _ frame: inout Frame) -> RoutineStep<Stage, CallResult> {
        frame.error = error
        return .next(.unlock)
    }

    /// The flags of `area` with the access, and the key if there is one, that the system call asks for.
    ///
    /// A private area that becomes writable is charged to the commit limit from then on. ``KernelModel/WriteCharge``
    /// says what may remove the charge.
    private static func flags(of area: VMA, by frame: Frame, _ charge: KernelModel.WriteCharge) -> VMAFlags {
        let access = frame.access
        var flags = area.flags.subtracting(.access).union(access)
        flags.protectionKey = frame.key ?? area.flags.protectionKey
        guard flags != area.flags else { return flags }
        if charge == .returnsIfUntouched, !access.contains(.write), area.isAnonymous, area.anonVMA == 0 {
            return flags.subtracting(.account)
        }
        let exempt: VMAFlags = [.account, .write, .shared, .noReserve]
        return access.contains(.write) && area.flags.isDisjoint(with: exempt) ? flags.union(.account) : flags
    }
}

// MARK: - What it reads and holds

extension MprotectRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let map = view.map
        switch stage {
        case .lock: return []
        case .checkStart, .nextArea: return [.areas(map)]
        case .changeArea: return view.changingAreas(of: map)
        case .changeEntries:
            guard let partEnd = frame.partEnd else { return [.areas(map)] }
            return Footprint([.areas(map)]).union(view.entries(in: frame.partStart..<partEnd, of: map))
        case .unlock: return view.releasing(.mmap(map))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .lock: .nothing
        case .checkStart: .lock(.mmap(view.map), .write, if: view.resumed.errno == nil)
        case .changeArea, .changeEntries, .nextArea, .unlock: .lock(.mmap(view.map), .write)
        }
    }
}
