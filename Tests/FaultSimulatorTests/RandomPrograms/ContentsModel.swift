import FaultSimulator

/// What programs must read, by a second model that knows no page table, frame, cache or fault: of each file the content
/// of its pages, of each process its pages, and of each private page the copy, if it has one.
///
/// It replays operations, one after the other, from what was asked and what came back.
struct ContentsModel {
    typealias Stamp = UInt32

    /// What a page of memory shows while it has no copy of its own.
    enum Backing: Equatable {
        case zeroes
        case file(FileID, Int, isShared: Bool)
        case sharedMemory(Int, Int)
    }

    struct Page {
        var backing: Backing
        var access: VMAFlags
        /// Its own copy, as a number of ``copies``.
        var copy: Int?
        /// Whether nobody else can have that copy, so that a store goes to it and to no new one.
        var isExclusive = false
        var isLocked = false
        var isForked = true
        var isWiped = false

        /// The page `pages` behind it of the same mapping.
        func following(_ pages: Int) -> Page {
            var next = self
            next.copy = nil
            next.isExclusive = false
            switch backing {
            case .zeroes: break
            case .file(let file, let index, let isShared): next.backing = .file(file, index + pages, isShared: isShared)
            case .sharedMemory(let object, let index): next.backing = .sharedMemory(object, index + pages)
            }
            return next
        }

        var isPrivateFile: Bool {
            if case .file(_, _, false) = backing { true } else { false }
        }
    }

    struct Contents {
        var pages: Int
        /// By page; what is not in it is zeroes.
        var stamps: [Int: Stamp]
    }

    struct Process {
        var pages: [UInt64: Page] = [:]
        var heapEnd: UInt64 = 0
    }

    var files: [Int: Contents] = [:]
    var sharedMemory: [Contents] = []
    /// What private copies hold, for ever: a pin may know of one that no page shows any more.
    private var copies: [Stamp] = []

    /// What a pin holds: one page.
    enum Held: Equatable {
        case copy(Int)
        case file(Int, Int)
        case sharedMemory(Int, Int)
    }

    struct Pin {
        var kind: PinKind
        var isForWriting: Bool
        var pages: [Held]
    }

    var pins: [PinID: Pin] = [:]
    /// By task, how many pins it has taken.
    private var taken: [Int: Int] = [:]
    /// By task; each is a process of its own.
    var processes: [Int: Process] = [:]

    /// What must have come back.
    struct Prediction: Equatable {
        var signal: TaskSignal?
        /// How many pages were done, where the call tells it.
        var pages: Int?
        var errno: Errno?
        /// The stamp of the page that was touched last.
        var stamp: Stamp = 0
    }

    // MARK: Replaying

    /// Replays what `task` did, and says what should have come back; `nil` if there is nothing to tell.
    mutating func replay(_ report: OperationReport, by task: TaskID) -> Prediction? {
        var process = processes[task.index] ?? Process()
        defer { if report.operation != .exit { processes[task.index] = process } }
        let hasFailed = report.errno != nil
        switch report.operation {
        case .touch(let access, let page, let pages, let stride):
            var prediction = Prediction()
            for number in 0..<pages {
                let next = (page + number * stride).rawValue
                prediction.signal = self.access(access, next, &process, by: task, &prediction.stamp)
                if prediction.signal != nil { break }
            }
            return prediction
        case .kernelTouch(let access, let page, _):
            var prediction = Prediction()
            let refusal = self.access(access, page.rawValue, &process, by: task, &prediction.stamp)
            prediction.errno = refusal == nil ? nil : .badAddress
            return prediction
        case .mmap(let request):
            guard !hasFailed else { break }
            map(request, at: UInt64(report.value), in: &process)
        case .munmap(let page, let pages):
            for next in Self.range(page, pages) { process.pages[next] = nil }
        case .mprotect(let page, let pages, let access):
            for next in Self.range(page, pages) {
                guard process.pages[next] != nil else { return Prediction(errno: .noMemory) }
                process.pages[next]?.access = VMAFlags(access)
            }
            return Prediction()
        case .madvise(_, _, .populateRead), .madvise(_, _, .populateWrite):
            break
        case .madvise(let page, let pages, let advice):
            return Prediction(errno: advise(advice, Self.range(page, pages), &process))
        case .mremap(let page, let old, let new, _):
            guard !hasFailed else { break }
            remap(page.rawValue, old, new, to: UInt64(report.value), &process)
        case .mlock(let page, let pages), .munlock(let page, let pages):
            let isLocking = if case .mlock = report.operation { true } else { false }
            for next in Self.range(page, pages) {
                guard process.pages[next] != nil else { break }
                process.pages[next]?.isLocked = isLocking
            }
        case .brk:
            let end = UInt64(report.value)
            // The first call tells where the heap begins.
            let start = process.heapEnd == 0 ? end : process.heapEnd
            for next in start..<max(end, start) {
                process.pages[next] = Page(backing: .zeroes, access: [.read, .write])
            }
            for next in end..<max(end, process.heapEnd) { process.pages[next] = nil }
            process.heapEnd = end
        case .fork:
            guard !hasFailed else { break }
            var child = process
            for (next, page) in process.pages {
                child.pages[next]?.isLocked = false
                child.pages[next]?.isExclusive = false
                if page.isWiped { child.pages[next]?.copy = nil }
                if !page.isForked { child.pages[next] = nil }
                guard let copy = page.copy, child.pages[next]?.copy != nil else { continue }
                // The child's is no other's where the parent's is pinned; else the two share one.
                child.pages[next]?.copy = newCopy(copies[copy])
                if isPinned(copy) {
                    child.pages[next]?.isExclusive = true
                } else {
                    process.pages[next]?.isExclusive = false
                }
            }
            processes[report.value] = child
        case .exit:
            processes[task.index] = nil
        case .read(let file, let index, let pages, let into):
            return read(file, index.value, pages, into: into?.rawValue, &process, by: task)
        case .write(let file, let index, let pages, let from):
            return write(file, index.value, pages, from: from?.rawValue, &process, by: task)
        case .truncate(let file, let pages):
            truncate(file, pages, &process)
        case .punchHole(let file, let index, let pages):
            for next in index.value..<index.value + pages {
                detach(file, next)
                files[file.index]!.stamps[next] = nil
            }
        case .pinUserPages(let page, let pages, let flags):
            return keep(page.rawValue, pages, flags, &process, by: task)
        case .unpin(let id, _):
            return Prediction(errno: pins.removeValue(forKey: id) == nil ? .invalid : nil)
        case .getUserPages(let page, let pages, let flags):
            return pin(page.rawValue, pages, flags, &process)
        case .readRemoteMemory(let map, let page, let pages):
            return pin(page.rawValue, pages, [], ofMap: map, &process, error: .badAddress)
        case .readProcMem(let map, let page, let pages):
            return pin(page.rawValue, pages, .force, ofMap: map, &process, error: .inputOutput)
        default: break
        }
        return nil
    }

    private static func range(_ page: PageNumber, _ pages: Int) -> Range<UInt64> {
        page.rawValue..<(page + pages).rawValue
    }

    // MARK: Pages

    /// What a page shows, without a copy; `nil` if there is no such page of the file.
    private func shown(_ backing: Backing) -> Stamp? {
        switch backing {
        case .zeroes: return 0
        case .file(let file, let index, _):
            let contents = files[file.index]!
            return index < contents.pages ? contents.stamps[index] ?? 0 : nil
        case .sharedMemory(let object, let index):
            return index < sharedMemory[object].pages ? sharedMemory[object].stamps[index] ?? 0 : nil
        }
    }

    /// What a page shows; `nil` if there is no such page of its file.
    func shown(_ page: Page) -> Stamp? { page.copy.map { copies[$0] } ?? shown(page.backing) }

    func content(ofCopy copy: Int) -> Stamp { copies[copy] }

    mutating func setCopy(_ copy: Int, _ stamp: Stamp) { copies[copy] = stamp }

    /// The number of the next pin of a task.
    mutating func countPin(of task: TaskID) -> Int {
        taken[task.index, default: 0] += 1
        return taken[task.index]! - 1
    }

    mutating func newCopy(_ stamp: Stamp) -> Int {
        copies.append(stamp)
        return copies.count - 1
    }

    mutating func store(_ stamp: Stamp, _ page: UInt64, _ process: inout Process) {
        switch process.pages[page]!.backing {
        case .zeroes, .file(_, _, isShared: false):
            if let copy = process.pages[page]!.copy, process.pages[page]!.isExclusive {
                copies[copy] = stamp
            } else {
                process.pages[page]!.copy = newCopy(stamp)
                process.pages[page]!.isExclusive = true
            }
        case .file(let file, let index, isShared: true): files[file.index]!.stamps[index] = stamp
        case .sharedMemory(let object, let index): sharedMemory[object].stamps[index] = stamp
        }
    }

    /// Why an access is refused; `nil` if it is not, with what the page shows then.
    private func look(_ access: FaultException.Access, _ page: UInt64, _ process: Process) -> (TaskSignal?, Stamp) {
        guard let page = process.pages[page] else { return (.segv(.notMapped), 0) }
        guard !page.access.isEmpty, access != .write || page.access.contains(.write) else {
            return (.segv(.accessDenied), 0)
        }
        guard let stamp = shown(page) else { return (.bus(.noSuchAddress), 0) }
        guard access != .execute || page.access.contains(.execute) else { return (.segv(.accessDenied), 0) }
        return (nil, stamp)
    }

    private mutating func access(
        _ access: FaultException.Access, _ page: UInt64, _ process: inout Process, by task: TaskID, _ stamp: inout Stamp
    ) -> TaskSignal? {
        let (signal, found) = look(access, page, process)
        guard signal == nil else { return signal }
        stamp = found
        if access == .write {
            stamp = Machine.stamp(after: found, writtenBy: task)
            store(stamp, page, &process)
        }
        return nil
    }

    // MARK: Calls on memory

    private mutating func map(_ request: MapRequest, at page: UInt64, in process: inout Process) {
        let isShared = request.flags.contains(.shared)
        var backing = Backing.zeroes
        if request.file != .none {
            backing = .file(request.file, request.offset.value, isShared: isShared)
        } else if isShared {
            sharedMemory.append(Contents(pages: request.pages, stamps: [:]))
            backing = .sharedMemory(sharedMemory.count - 1, 0)
        }
        let first = Page(backing: backing, access: VMAFlags(request.access))
        for number in 0..<request.pages { process.pages[page + UInt64(number)] = first.following(number) }
    }

    private func advise(_ advice: Advice, _ range: Range<UInt64>, _ process: inout Process) -> Errno? {
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

    private func remap(_ page: UInt64, _ old: Int, _ new: Int, to place: UInt64, _ process: inout Process) {
        let before = (0..<old).map { process.pages[page + UInt64($0)] }
        for number in 0..<old { process.pages[page + UInt64(number)] = nil }
        for number in 0..<new {
            process.pages[place + UInt64(number)] =
                number < old ? before[number] : before[old - 1]?.following(number - old + 1)
        }
    }

    /// `get_user_pages()` of this process, or of another one.
    private mutating func pin(
        _ page: UInt64, _ pages: Int, _ flags: GUPFlags, ofMap map: MapID? = nil, _ process: inout Process,
        error: Errno = .badAddress
    ) -> Prediction {
        // In these programs maps are numbered like the tasks that own them.
        let owner = map.map { processes[$0.index] ?? Process() } ?? process
        if let map, processes[map.index] == nil {
            return error == .inputOutput ? Prediction(pages: 0) : Prediction(errno: .noSuchProcess)
        }
        var prediction = Prediction(pages: 0)
        for number in 0..<UInt64(pages) {
            guard let found = owner.pages[page + number] else { break }
            let isAllowed =
                flags.contains(.write)
                ? found.access.contains(.write) : flags.contains(.force) || found.access.contains(.read)
            guard isAllowed, let stamp = shown(found) else { break }
            prediction.stamp = stamp
            prediction.pages! += 1
            if flags.contains(.write) { store(stamp, page + number, &process) }
        }
        if prediction.pages == 0, pages > 0 { return Prediction(errno: error) }
        return prediction
    }

    // MARK: Calls on files

    private mutating func read(
        _ file: FileID, _ index: Int, _ pages: Int, into: UInt64?, _ process: inout Process, by task: TaskID
    ) -> Prediction {
        var prediction = Prediction(pages: 0)
        for number in 0..<pages {
            guard let stamp = shown(.file(file, index + number, isShared: true)) else { break }
            if let into {
                guard look(.write, into + UInt64(number), process).0 == nil else {
                    if number == 0 { return Prediction(errno: .badAddress) }
                    break
                }
                store(stamp, into + UInt64(number), &process)
            }
            prediction.stamp = stamp
            prediction.pages! += 1
        }
        return prediction
    }

    private mutating func write(
        _ file: FileID, _ index: Int, _ pages: Int, from: UInt64?, _ process: inout Process, by task: TaskID
    ) -> Prediction {
        var prediction = Prediction(pages: 0)
        for next in index..<index + pages {
            let old = shown(.file(file, next, isShared: true)) ?? 0
            var stamp = Machine.stamp(after: old, writtenBy: task)
            if let from {
                let (signal, found) = look(.read, from + UInt64(next - index), process)
                guard signal == nil else {
                    if next == index { return Prediction(errno: .badAddress) }
                    break
                }
                stamp = found
                prediction.stamp = found
            }
            files[file.index]!.stamps[next] = stamp
            files[file.index]!.pages = max(files[file.index]!.pages, next + 1)
            prediction.pages! += 1
        }
        return prediction
    }

    /// What is cut off is gone, also from the copies that processes had of it.
    private mutating func truncate(_ file: FileID, _ pages: Int, _ process: inout Process) {
        for next in pages..<max(pages, files[file.index]!.pages) { detach(file, next) }
        files[file.index]!.pages = pages
        files[file.index]!.stamps = files[file.index]!.stamps.filter { $0.key < pages }
        func cut(_ process: inout Process) {
            for (next, page) in process.pages {
                if case .file(file, let index, isShared: false) = page.backing, index >= pages {
                    process.pages[next]!.copy = nil
                }
            }
        }
        cut(&process)
        for other in processes.keys { cut(&processes[other]!) }
    }
}
