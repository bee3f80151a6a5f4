import FaultSimulator

/// Calls that change what memory a process has, in the second model.
extension ContentsModel {
    /// Replays a call on the memory of `process`.
    mutating func change(_ report: OperationReport, _ process: inout Process) -> Prediction? {
        let hasFailed = report.errno != nil
        switch report.operation {
        case .mmap(let request):
            guard !hasFailed else { break }
            map(request, at: UInt64(report.value), in: &process)
        case .munmap(let page, let pages):
            for next in Self.range(page, pages) { process.pages[next] = nil }
        case .mprotect(let page, let pages, let access):
            return protect(Self.range(page, pages), access, &process)
        case .madvise(let page, let pages, .populateRead):
            return Prediction(errno: populate(Self.range(page, pages), forWriting: false, &process), stamps: nil)
        case .madvise(let page, let pages, .populateWrite):
            return Prediction(errno: populate(Self.range(page, pages), forWriting: true, &process), stamps: nil)
        case .madvise(let page, let pages, let advice):
            return Prediction(errno: advise(advice, Self.range(page, pages), report, &process))
        case .mremap(let page, let old, let new, let target):
            if case .fixed(let place) = target {
                return remapFixed(page.rawValue, old, new, to: place.rawValue, report, &process)
            }
            guard !hasFailed else { break }
            remap(page.rawValue, old, new, to: UInt64(report.value), &process)
        case .mlock(let page, let pages):
            return Prediction(errno: lock(Self.range(page, pages), &process), stamps: nil)
        case .munlock(let page, let pages):
            for next in Self.range(page, pages) {
                guard process.pages[next] != nil else { return Prediction(errno: .noMemory) }
                process.pages[next]?.isLocked = false
            }
            return Prediction()
        case .msync:
            // The first caller after a failed write gets the error, and the next one does not.
            if report.errno == .inputOutput { for file in files.keys { files[file]!.failing = [] } }
        case .brk:
            let end = UInt64(report.value)
            // The first call tells where the heap begins.
            let start = process.heapEnd == 0 ? end : process.heapEnd
            for next in start..<max(end, start) {
                process.pages[next] = Page(backing: .zeroes, access: [.read, .write])
            }
            for next in end..<max(end, process.heapEnd) { process.pages[next] = nil }
            process.heapEnd = end
        default: break
        }
        return nil
    }

    private static func range(_ page: PageNumber, _ pages: Int) -> Range<UInt64> {
        page.rawValue..<(page + pages).rawValue
    }

    private mutating func map(_ request: MapRequest, at page: UInt64, in process: inout Process) {
        let isShared = request.flags.contains(.shared)
        var backing = Backing.zeroes
        if request.file != .none {
            backing = .file(request.file, request.offset.value, isShared: isShared)
        } else if isShared {
            sharedMemory.append(Contents(pages: request.pages))
            backing = .sharedMemory(sharedMemory.count - 1, 0)
        }
        let first = Page(backing: backing, access: VMAFlags(request.access))
        for number in 0..<request.pages { process.pages[page + UInt64(number)] = first.following(number) }
        if request.populate { _ = faultIn(page..<page + UInt64(request.pages), &process) }
    }

    /// What `mlock()`, `MAP_POPULATE` and growing locked memory do: they fault pages in, as for a store where a store would make a
    /// copy, up to the first that can't be had.
    ///
    /// - Returns: Whether all could be had.
    private mutating func faultIn(_ range: Range<UInt64>, _ process: inout Process) -> Bool {
        for next in range {
            guard let page = process.pages[next], !page.access.isEmpty, let stamps = shown(page) else { return false }
            if page.isPrivate, page.access.contains(.write) { store(stamps, next, &process) }
        }
        return true
    }

    private mutating func protect(
        _ range: Range<UInt64>, _ access: Protection, _ process: inout Process
    ) -> Prediction {
        for next in range {
            guard let page = process.pages[next] else { return Prediction(errno: .noMemory, stamps: nil) }
            process.pages[next]?.access = VMAFlags(access)
            // Locked memory that becomes writable gets its copies at once.
            let becomesWritable = !page.access.contains(.write) && VMAFlags(access).contains(.write)
            if becomesWritable, page.isLocked, page.isPrivate { _ = faultIn(next..<next + 1, &process) }
        }
        return Prediction(stamps: nil)
    }

    private mutating func lock(_ range: Range<UInt64>, _ process: inout Process) -> Errno? {
        for next in range {
            guard process.pages[next] != nil else { return .noMemory }
            process.pages[next]?.isLocked = true
        }
        return faultIn(range, &process) ? nil : .noMemory
    }

    /// `MADV_POPULATE_READ` and `MADV_POPULATE_WRITE`.
    private mutating func populate(_ range: Range<UInt64>, forWriting: Bool, _ process: inout Process) -> Errno? {
        var error: Errno?
        for next in range {
            guard let page = process.pages[next] else {
                guard populatesBehindHoles else { return .noMemory }
                error = .noMemory
                continue
            }
            guard page.access.contains(forWriting ? .write : .read) else { return .invalid }
            guard let stamps = shown(page) else { return .badAddress }
            if page.isPrivate, forWriting { store(stamps, next, &process) }
        }
        return error
    }

    private mutating func advise(
        _ advice: Advice, _ range: Range<UInt64>, _ report: OperationReport, _ process: inout Process
    ) -> Errno? {
        var error: Errno?
        for next in range {
            guard let page = process.pages[next] else {
                error = .noMemory
                continue
            }
            switch advice {
            case .dontNeed, .dontNeedLocked:
                if page.isLocked, advice == .dontNeed { return .invalid }
                process.pages[next]!.copy = nil
                process.pages[next]!.isExclusive = false
                process.pages[next]!.mayBeGone = false
            case .free:
                if page.isLocked || page.backing != .zeroes { return .invalid }
                if page.copy != nil { process.pages[next]!.mayBeGone = true }
            case .cold, .pageOut:
                if page.isLocked { return .invalid }
            case .remove:
                if page.isLocked { return .invalid }
                switch page.backing {
                case .zeroes: return .invalid
                case _ where removesWritable && !page.access.contains(.write): return .accessDenied
                case .file(let file, let index, let isShared):
                    guard isShared else { return .accessDenied }
                    if isRefusedWriting(file, report) { return .inputOutput }
                    if index < files[file.index]!.pages { punch(file, index) }
                case .sharedMemory(let object, let index):
                    detach(.sharedMemory(object, index))
                    sharedMemory[object].cells[index] = nil
                }
            case .dontFork: process.pages[next]!.isForked = false
            case .doFork: process.pages[next]!.isForked = true
            case .wipeOnFork:
                if page.backing != .zeroes { return .invalid }
                process.pages[next]!.isWiped = true
            case .keepOnFork: process.pages[next]!.isWiped = false
            default: break
            }
        }
        return error
    }

    private mutating func remap(_ page: UInt64, _ old: Int, _ new: Int, to place: UInt64, _ process: inout Process) {
        let before = (0..<old).map { process.pages[page + UInt64($0)] }
        for number in 0..<old { process.pages[page + UInt64(number)] = nil }
        for number in 0..<new {
            process.pages[place + UInt64(number)] =
                number < old ? before[number] : before[old - 1]?.following(number - old + 1)
        }
        if new > old, before[old - 1]?.isLocked == true {
            _ = faultIn(place + UInt64(old)..<place + UInt64(new), &process)
        }
    }

    /// To a given place: what is there goes first, and so does what is cut off, also if nothing is moved in the end.
    private mutating func remapFixed(
        _ page: UInt64, _ old: Int, _ new: Int, to place: UInt64, _ report: OperationReport, _ process: inout Process
    ) -> Prediction {
        guard process.pages[page] != nil else { return Prediction(errno: .badAddress) }
        let isOverlapping = page < place + UInt64(new) && place < page + UInt64(old)
        guard !isOverlapping else { return Prediction(errno: .invalid) }
        for next in place..<place + UInt64(new) { process.pages[next] = nil }
        for next in page + UInt64(min(old, new))..<page + UInt64(old) { process.pages[next] = nil }
        let source = page..<page + UInt64(min(old, new))
        // Whether neighbours are one area the model does not know, but that a hole is in none.
        if report.errno == .badAddress || source.contains(where: { process.pages[$0] == nil }) {
            return Prediction(errno: .badAddress)
        }
        remap(page, min(old, new), new, to: place, &process)
        return Prediction(pages: Int(place), stamps: nil)
    }
}
