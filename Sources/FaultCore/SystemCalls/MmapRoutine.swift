/// `mmap(2)`: `vm_mmap_pgoff()`, `do_mmap()` and `mmap_region()` (mm/mmap.c, Linux 6.1).
///
///     lock ──▶ place ──▶ clear ──▶ map ──▶ unlock ──▶ populated
///                │         │ an error      ▲   └─ done, unless locked or MAP_POPULATE
///                └─────────┴───────────────┘
///
/// Locks: the mmap lock for writing, killably, up to `unlock`.
enum MmapRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case place
        case clear
        case map
        case unlock
        case populated
    }

    /// The call's words: `words.0` is the first page, known from `clear` on; `words.1` is 1 if the area is to be
    /// populated; `words.5` the result.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.scheduler.current
        let map = machine.tasks[task.index].map
        guard case .mmap(let request) = machine.tasks[task.index].operation else { return .failed(.invalid) }
        let page = PageNumber(call.words.0)
        switch stage {
        case .lock:
            return .call(machine.taking(.mmap(map), .write, .killable), then: .place)

        case .place:
            guard call.returned == 0 else { return .returned(call.returned) }
            let place = place(request, in: map, machine)
            guard place >= 0 else { return end(place, &call) }
            call.words.0 = UInt64(place)
            return .next(.clear)

        case .clear:
            if let wait = machine.waitToWrite(areasIn: page..<page + request.pages, of: map) {
                return .sleep(wait, then: .clear)
            }
            // Whatever fails from here on, the old pages are gone. Only a fixed place can have any.
            if case .fixed = request.placement,
                machine.unmap(page..<page + request.pages, of: map, by: task) != nil
            {
                return end(Errno.noMemory.returned, &call)
            }
            return .next(.map)

        case .map:
            if machine.model.areaLocks != .none {
                let area = area(of: request, at: page, in: map, &machine)
                if let wait = machine.waitToWrite(partnersOf: area, isNew: true, in: map) {
                    return .sleep(wait, then: .map)
                }
            }
            guard addArea(request, at: page, in: map, by: task, &machine) else {
                return end(Errno.noMemory.returned, &call)
            }
            if request.populate || flags(of: request, in: map, machine).contains(.locked) { call.words.1 = 1 }
            return end(Int64(page.rawValue), &call)

        case .unlock:
            machine.unlock(.mmap(map), by: task)
            guard call.words.1 == 1 else { return .returned(Int64(bitPattern: call.words.5)) }
            let pages = UInt64(request.pages)
            return .call(Call(.populate, option: 1, first: page.rawValue, second: pages), then: .populated)

        case .populated:
            return .returned(Int64(bitPattern: call.words.5))
        }
    }

    /// How many stages there are at most, the lock's with them, if nothing is populated.
    static let mostStages = 6

    /// Does the stages from the first to the last in a row, if the lock is free and nothing is to be populated; else
    /// answers `nil`, and has done nothing.
    static func doAtOnce(
        _ request: MapRequest, in map: MapID, by task: TaskID, _ stages: inout Int, _ machine: inout Machine
    ) -> Int64? {
        guard !request.populate, !flags(of: request, in: map, machine).contains(.locked) else { return nil }
        var result = place(request, in: map, machine)
        stages &-= mostStages
        if result >= 0 {
            if !makeArea(request, at: PageNumber(UInt64(result)), in: map, by: task, &machine) {
                result = Errno.noMemory.returned
            }
        } else {
            stages &+= 2
        }
        machine.noteInstantHold(of: map, by: task, downgraded: false)
        return result
    }

    /// The stages `clear` and `map`; answers `false` for `ENOMEM`.
    private static func makeArea(
        _ request: MapRequest, at page: PageNumber, in map: MapID, by task: TaskID, _ machine: inout Machine
    ) -> Bool {
        if case .fixed = request.placement,
            machine.unmap(page..<page + request.pages, of: map, by: task) != nil
        {
            return false
        }
        return addArea(request, at: page, in: map, by: task, &machine)
    }

    /// Releases the lock, then returns `result`.
    private static func end(_ result: Int64, _ call: inout Activation) -> OldStep<Stage> {
        call.words.5 = UInt64(bitPattern: result)
        return .next(.unlock)
    }

    /// The tests of `do_mmap()` in its order, and of the address space limit: the first page, or a negative errno.
    @inline(__always)
    private static func place(_ request: MapRequest, in map: MapID, _ machine: Machine) -> Int64 {
        let pages = request.pages
        let flags = flags(of: request, in: map, machine)
        guard pages != 0 else { return Errno.invalid.returned }
        guard pages > 0, pages <= machine.geometry.userLimit - PageNumber(0) else { return Errno.noMemory.returned }
        guard machine.maps[map.index].areas.count <= machine.settings.mapCountLimit else {
            return Errno.noMemory.returned
        }
        let place = machine.place(pages, at: request.placement, in: map)
        guard place >= 0 else { return place }
        let range = PageNumber(UInt64(place))..<PageNumber(UInt64(place)) + pages
        if case .fixedNoReplace = request.placement, machine.hasArea(in: range, of: map) {
            return Errno.exists.returned
        }
        if request.flags.contains(.locked), machine.settings.lockedLimitPages == 0 {
            return Errno.notPermitted.returned
        }
        guard machine.mayLock(map, flags, pages) else { return Errno.tryAgain.returned }
        if request.file != .none {
            let last = request.offset.rawValue.addingReportingOverflow(UInt64(pages))
            guard !last.overflow, last.partialValue <= largestFilePages else { return Errno.overflow.returned }
        }
        if flags.contains(.growsDown), request.file != .none || flags.contains(.shared) {
            return Errno.invalid.returned
        }
        var morePages = pages
        // MAP_FIXED gives back what it unmaps.
        if case .fixed = request.placement { morePages -= machine.mappedPages(in: range, of: map) }
        return machine.mayExpand(map, flags, by: morePages) ? place : Errno.noMemory.returned
    }

    /// The largest file, 16 TiB of 4096-byte pages on ext4: `s_maxbytes`.
    private static let largestFilePages: UInt64 = 1 << 32

    /// The flags of the area but for `VM_ACCOUNT`: `calc_vm_prot_bits()`, `calc_vm_flag_bits()`.
    @inline(__always)
    private static func flags(of request: MapRequest, in map: MapID, _ machine: Machine) -> VMAFlags {
        let allowed: VMAFlags = [.access, .shared, .locked, .growsDown, .noReserve]
        return request.flags.intersection(allowed).union(machine.maps[map.index].defaultFlags)
    }

    /// The area that a request asks for; shared anonymous memory has no file yet.
    @inline(__always)
    private static func area(
        of request: MapRequest, at page: PageNumber, in map: MapID, _ machine: inout Machine
    ) -> VMA {
        var flags = flags(of: request, in: map, machine)
        // accountable_mapping(): private and writable, and not exempted.
        if flags.intersection([.noReserve, .shared, .write]) == .write { flags.insert(.account) }
        var area = VMA(
            start: page, end: page + request.pages, startIndex: request.offset, flags: flags, file: request.file,
            operations: request.operations)
        if area.file != .none {
            if area.operations == 0 { area.operations = machine.files[area.file.index].vmOperations }
        } else if area.operations == 0, !flags.contains(.shared) {
            // Pages of private memory are numbered by where they were mapped first, so that neighbours can merge.
            area.startIndex = PageIndex(rawValue: page.rawValue)
        }
        machine.beginState(of: &area)
        return area
    }

    /// Makes the area, or lets a neighbour grow: `mmap_region()` after the unmapping. Answers `false` for `ENOMEM`.
    private static func addArea(
        _ request: MapRequest, at page: PageNumber, in map: MapID, by task: TaskID, _ machine: inout Machine
    ) -> Bool {
        var area = area(of: request, at: page, in: map, &machine)
        if area.file == .none, area.operations == 0, area.flags.contains(.shared) {
            // Each such mapping has a file of its own, so there is nothing to merge with.
            guard !machine.allocationFails(.area, for: task),
                let file = machine.makeUnnamedFile(pages: request.pages)
            else { return false }
            area.file = file
            area.operations = machine.files[file.index].vmOperations
            area.startIndex = 0
            machine.beginState(of: &area)
            machine.insertArea(area, in: map)
            return true
        }
        return machine.addArea(area, in: map, for: task)
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> { step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased }
}
