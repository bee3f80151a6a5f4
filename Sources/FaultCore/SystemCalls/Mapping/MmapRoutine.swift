/// `mmap(2)`: `vm_mmap_pgoff()`, `do_mmap()` and `mmap_region()` (mm/mmap.c, Linux 6.1).
///
///     lock ──▶ place ──▶ clear ──▶ map ──▶ unlock ──▶ populated
///                │         │ an error      ▲   └─ done, unless locked or MAP_POPULATE
///                └─────────┴───────────────┘
///
/// Locks: the mmap lock for writing, killably, up to `unlock`.
enum MmapRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case place
        case clear
        case map
        case unlock
        case populated
        case told
    }

    /// Where the area is to be.
    enum Place: FieldList {
        /// At this place, if that is allowed.
        case wanted(MapRequest.Placement)
        /// At this page, replacing what is mapped there.
        case fixed(PageNumber)
        /// At this page, where nothing is mapped.
        case free(PageNumber)

        @inline(__always)
        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            switch self {
            case .wanted(let placement):
                visitor.visit("case", 0)
                visitor.visit("placement", placement)
            case .fixed(let page):
                visitor.visit("case", 1)
                visitor.visit("page", page)
            case .free(let page):
                visitor.visit("case", 2)
                visitor.visit("page", page)
            }
        }
    }

    struct Frame: RoutineFrame {
        /// How many pages.
        let pages: Int
        /// The first page of the file.
        let offset: PageIndex
        /// The flags that the request asks for.
        let wantedFlags: VMAFlags
        /// The file; none for anonymous memory.
        let file: FileID
        /// The number of the ``VMOperations`` of the area; 0 for the default of the file.
        let operations: UInt16
        /// Where the area is to be; from `clear` on, where it will be.
        var place: Place
        /// Whether the area is to be populated; from `unlock` on, also because it is locked.
        var populates: Bool
        /// The error with which the call fails; known in `unlock`.
        var error: Errno?

        @inline(__always)
        init(_ request: MapRequest) {
            pages = request.pages
            offset = request.offset
            wantedFlags = VMAFlags(request)
            file = request.file
            operations = request.operations
            place = .wanted(request.placement)
            populates = request.populate
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("pages", pages)
            visitor.visit("offset", offset)
            visitor.visit("wantedFlags", wantedFlags)
            visitor.visit("file", file)
            visitor.visit("operations", operations)
            visitor.visit("place", place)
            visitor.visit("populates", populates)
            visitor.visit("error", error)
        }

        /// The first page; known from `clear` on.
        var page: PageNumber {
            switch place {
            case .fixed(let page), .free(let page): page
            case .wanted: misuse("MmapRoutine: no place was chosen")
            }
        }

        /// The pages; known from `clear` on.
        var range: Range<PageNumber> { page..<page + pages }

        /// The result of the call.
        var result: CallResult { error.map { .failed($0) } ?? .value(Int(page.rawValue)) }
    }

    static var number: RoutineNumber { .mmap }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    @inline(__always)
    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.scheduler.current
        let map = machine.currentMap
        switch stage {
        case .lock:
            return .call(machine.taking(.mmap(map), .write, .killable), then: .place)

        case .place:
            if let errno = resumed.errno { return .failed(errno) }
            guard case .wanted(let placement) = frame.place else {
                misuse("MmapRoutine.place: the place is chosen already")
            }
            switch choose(frame, placement, in: map, &machine) {
            case .failed(let errno): return fail(errno, &frame)
            case .value(let page):
                let page = PageNumber(UInt64(page))
                if case .fixed = placement { frame.place = .fixed(page) } else { frame.place = .free(page) }
                return .next(.clear)
            }

        case .clear:
            if let wait = machine.waitToWrite(areasIn: frame.range, of: map) { return .sleep(wait, then: .clear) }
            if case .fixed = frame.place,
                let wait = machine.waitingForFills(in: frame.range, of: map, with: .eventUnmap, by: task)
            {
                return .call(wait, then: .clear)
            }
            // If anything fails from here on, the old pages are gone.
            if case .fixed = frame.place, machine.unmap(frame.range, of: map, by: task) != nil {
                return fail(.noMemory, &frame)
            }
            return .next(.map)

        case .map:
            let area = area(of: frame, in: map, &machine)
            if let wait = machine.waitToWrite(partnersOf: area, isNew: true, in: map) {
                return .sleep(wait, then: .map)
            }
            guard add(area, in: map, by: task, &machine) else { return fail(.noMemory, &frame) }
            if area.flags.contains(.locked) { frame.populates = true }
            return .next(.unlock)

        case .unlock:
            machine.unlock(.mmap(map), by: task)
            if machine.hasEvents(task) { return .call(machine.tellingEvents(), then: .told) }
            return end(frame, &machine)

        case .told:
            return end(frame, &machine)

        case .populated:
            return .done(frame.result)
        }
    }

    /// Populates the area if required.
    @inline(__always)
    private static func end(_ frame: Frame, _ machine: inout Machine) -> RoutineStep<Stage, CallResult> {
        guard frame.populates, frame.error == nil else { return .done(frame.result) }
        return .call(machine.populating(frame.range, .areIgnored), then: .populated)
    }

    /// Releases the lock, then fails.
    private static func fail(_ error: Errno, _ frame: inout Frame) -> RoutineStep<Stage, CallResult> {
        frame.error = error
        return .next(.unlock)
    }

    /// The checks of `do_mmap()` in its order, and of the address space limit. Returns the first page, or an errno.
    @inline(__always)
    private static func choose(
        _ frame: Frame, _ placement: MapRequest.Placement, in map: MapID, _ machine: inout Machine
    ) -> CallResult {
        let pages = frame.pages
        let flags = flags(of: frame, in: map, machine)
        guard pages != 0 else { return .failed(.invalid) }
        guard pages > 0, pages <= machine.geometry.userLimit - PageNumber(0) else { return .failed(.noMemory) }
        guard machine.maps[map.index].areas.count <= machine.settings.mapCountLimit else {
            return .failed(.noMemory)
        }
        let place = machine.place(pages, at: placement, in: map)
        if let errno = Errno(returned: place) { return .failed(errno) }
        let range = PageNumber(UInt64(place))..<PageNumber(UInt64(place)) + pages
        if case .fixedNoReplace = placement, machine.hasArea(in: range, of: map) {
            return .failed(.exists)
        }
        if frame.wantedFlags.contains(.locked), machine.settings.lockedLimitPages == 0 {
            return .failed(.notPermitted)
        }
        guard machine.mayLock(map, flags, pages) else { return .failed(.tryAgain) }
        if frame.file != .none {
            let last = frame.offset.rawValue.addingReportingOverflow(UInt64(pages))
            guard !last.overflow, last.partialValue <= largestFilePages else { return .failed(.overflow) }
        }
        if flags.contains(.growsDown), frame.file != .none || flags.contains(.shared) {
            return .failed(.invalid)
        }
        var morePages = pages
        // MAP_FIXED frees the pages that it unmaps.
        if case .fixed = placement { morePages -= machine.mappedPages(in: range, of: map) }
        return machine.mayExpand(map, flags, by: morePages) ? .value(Int(place)) : .failed(.noMemory)
    }

    /// The largest file, 16 TiB of 4096-byte pages on ext4: `s_maxbytes`.
    private static let largestFilePages: UInt64 = 1 << 32

    /// The flags of the area, except `VM_ACCOUNT`: `calc_vm_prot_bits()`, `calc_vm_flag_bits()`.
    @inline(__always)
    private static func flags(of frame: Frame, in map: MapID, _ machine: Machine) -> VMAFlags {
        let allowed: VMAFlags = [.access, .shared, .locked, .growsDown, .noReserve]
        return frame.wantedFlags.intersection(allowed).union(machine.maps[map.index].defaultFlags)
    }

    /// The area that a request asks for; shared anonymous memory has no file yet.
    @inline(__always)
    private static func area(of frame: Frame, in map: MapID, _ machine: inout Machine) -> VMA {
        let page = frame.page
        var flags = flags(of: frame, in: map, machine)
        // accountable_mapping(): private and writable, and not exempted.
        if flags.intersection([.noReserve, .shared, .write]) == .write { flags.insert(.account) }
        var area = VMA(
            start: page, end: page + frame.pages, startIndex: frame.offset, flags: flags, file: frame.file,
            operations: frame.operations)
        if area.file != .none {
            if area.operations == 0 { area.operations = machine.files[area.file.index].vmOperations }
        } else if area.operations == 0, !flags.contains(.shared) {
            // Pages of private memory are numbered by where they were first mapped, so that neighbours can merge.
            area.startIndex = PageIndex(rawValue: page.rawValue)
        }
        machine.beginState(of: &area)
        return area
    }

    /// Makes the area, or grows a neighbour: `mmap_region()` after the unmapping. Returns `false` for `ENOMEM`.
    @inline(__always)
    private static func add(_ area: VMA, in map: MapID, by task: TaskID, _ machine: inout Machine) -> Bool {
        if area.file == .none, area.operations == 0, area.flags.contains(.shared) {
            // Each such mapping has a file of its own, so it can't merge.
            guard !machine.allocationFails(.area, for: task),
                let file = machine.makeUnnamedFile(pages: area.pages)
            else { return false }
            var area = area
            area.file = file
            area.operations = machine.files[file.index].vmOperations
            area.startIndex = 0
            machine.beginState(of: &area)
            machine.insertArea(area, in: map)
            return true
        }
        return machine.addArea(area, in: map, for: task)
    }
}

extension MapRequest.Placement: FieldList {
    /// Shows the case, and the page that was asked for.
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        switch self {
        case .anywhere: visitor.visit("case", 0)
        case .hint(let page):
            visitor.visit("case", 1)
            visitor.visit("page", page)
        case .fixed(let page):
            visitor.visit("case", 2)
            visitor.visit("page", page)
        case .fixedNoReplace(let page):
            visitor.visit("case", 3)
            visitor.visit("page", page)
        }
    }
}

// MARK: - What it reads and holds

extension MmapRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let map = view.map
        switch stage {
        case .lock, .told, .populated: return []
        case .place: return [.areas(map)]
        case .clear: return view.changingAreas(of: map).union(view.tearingDown(frame.range, of: map))
        case .map:
            // Shared memory without a file makes a file, or reuses an old one.
            let makesFile = frame.file == .none && frame.operations == 0 && frame.wantedFlags.contains(.shared)
            return makesFile ? .everything : view.changingAreas(of: map)
        case .unlock: return view.releasing(.mmap(map))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .lock, .told, .populated: .nothing
        case .place: .lock(.mmap(view.map), .write, if: view.resumed.errno == nil)
        case .clear: Holdings.lock(.mmap(view.map), .write).and(view.heldToTell)
        case .map, .unlock: .lock(.mmap(view.map), .write)
        }
    }
}
