import FaultSimulator

/// What programs must read. This is a second model, without page tables, frames, caches and faults: it has the contents
/// of each file's pages, the pages of each process, and the copy of each private page that has one.
///
/// It replays operations one after the other, from their arguments and their results. Where a kernel may do one thing or
/// another, the model has all possibilities, and learns from the result which of them it was. After `MADV_FREE` a page has
/// its old content or zeroes. After a failed write a page of a file has the content that was written, or the one that the
/// device had before. A page that the device can't read can still be read if it is in memory.
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
        /// Whether no other process can have that copy, so that a store needs no new copy.
        var isExclusive = false
        /// Whether the kernel may take the copy, so that the page shows zeroes: from `MADV_FREE` to the next store.
        var mayBeGone = false
        var isLocked = false
        var isForked = true
        var isWiped = false

        /// The page of the same mapping that is `pages` pages further on.
        func following(_ pages: Int) -> Page {
            var next = self
            next.copy = nil
            next.isExclusive = false
            next.mayBeGone = false
            switch backing {
            case .zeroes: break
            case .file(let file, let index, let isShared): next.backing = .file(file, index + pages, isShared: isShared)
            case .sharedMemory(let object, let index): next.backing = .sharedMemory(object, index + pages)
            }
            return next
        }

        /// Whether a store makes it a copy.
        var isPrivate: Bool {
            switch backing {
            case .zeroes, .file(_, _, isShared: false): true
            case .file(_, _, isShared: true), .sharedMemory: false
            }
        }
    }

    /// What a page of a file may hold; ordinarily one thing.
    struct Cell: Equatable {
        /// In memory, while it is there.
        var stamps: [Stamp] = [0]
        /// On the device, by what the calls have returned.
        var stored: [Stamp] = [0]
        /// Whether a write may have failed, so that the page is what is stored once it leaves memory.
        var isUnsafe = false

        var possible: [Stamp] { isUnsafe ? Self.union(stamps, stored) : stamps }

        /// The page was read, and held `stamp`.
        mutating func learn(_ stamp: Stamp) {
            if stamps.contains(stamp) {
                if !isUnsafe || !stored.contains(stamp) { stamps = [stamp] }
            } else if isUnsafe, stored.contains(stamp) {
                self = Cell(stamps: [stamp], stored: [stamp])
            }
        }

        static func union(_ first: [Stamp], _ second: [Stamp]) -> [Stamp] {
            first + second.filter { !first.contains($0) }
        }
    }

    struct Contents {
        var pages: Int
        /// By page; what is not in it is zeroes.
        var cells: [Int: Cell] = [:]
        /// Whether there is a device that can fail.
        var isOnDisk = false
        /// Pages that the device can neither read nor write.
        var broken: Set<Int> = []
        /// Whether a write may have failed, and no call has returned the error yet.
        var mayOweError = false
        /// Pages that were written while they were broken: the next caller gets an error.
        var failing: Set<Int> = []
    }

    struct Process {
        var pages: [UInt64: Page] = [:]
        var heapEnd: UInt64 = 0
    }

    var files: [Int: Contents] = [:]
    var sharedMemory: [Contents] = []
    /// What private copies may hold, forever: a pin may know of one that no page shows any more.
    var copies: [[Stamp]] = []
    /// Whether swap may have failed to keep what is not in memory: then a page that is not of a file on a disk may be lost.
    var mayLoseSwap = false
    /// Whether `MADV_REMOVE` wants memory that can be written to (up to Linux 6.6), not only shared.
    let removesWritable: Bool
    /// Whether `MADV_POPULATE_*` goes on behind a hole, and tells of it in the end (up to Linux 6.8).
    let populatesBehindHoles: Bool

    init(_ kernel: KernelModel) {
        removesWritable = kernel.removableMemory == .writable
        populatesBehindHoles = kernel.populatePages == .byArea
    }

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
    /// How often a device's failure was seen where it might be.
    var failuresSeen = 0
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
        /// What the stamp of the page that was touched last may be; `nil` where pages are only faulted in.
        var stamps: [Stamp]? = [0]
    }

    /// The number of the next pin of a task.
    mutating func countPin(of task: TaskID) -> Int {
        taken[task.index, default: 0] += 1
        return taken[task.index]! - 1
    }

    // MARK: Replaying

    /// Replays what `task` did, and says what should have come back; `nil` if there is nothing to tell.
    mutating func replay(_ report: OperationReport, by task: TaskID) -> Prediction? {
        var process = processes[task.index] ?? Process()
        defer { if report.operation != .exit { processes[task.index] = process } }
        switch report.operation {
        case .touch(let access, let page, let pages, let stride):
            return touch(access, (0..<pages).map { (page + $0 * stride).rawValue }, report, &process, by: task)
        case .kernelTouch(let access, let page, _):
            var prediction = touch(access, [page.rawValue], report, &process, by: task)
            prediction.errno = prediction.signal == nil ? nil : .badAddress
            prediction.signal = nil
            return prediction
        case .fork:
            if report.errno == nil { processes[report.value] = fork(&process) }
        case .exit:
            processes[task.index] = nil
        case .read(let file, let index, let pages, let into):
            return read(file, index.value, pages, into: into?.rawValue, report, &process)
        case .directRead(let file, let index, let pages, let into):
            var prediction = read(file, index.value, pages, into: into.rawValue, report, &process, learns: false)
            prediction.stamps = nil
            return prediction
        case .write(let file, let index, let pages, let from):
            return write(file, index.value, pages, from: from?.rawValue, report, &process, by: task)
        case .truncate(let file, .pages(let pages)):
            truncate(file, pages, &process)
        case .truncate(_, .bytes):
            fatalError("the model of contents has whole pages alone")
        case .punchHole(let file, let index, let pages):
            if isRefusedWriting(file, report) { return Prediction(errno: .inputOutput) }
            for next in index.value..<index.value + pages { punch(file, next) }
            return Prediction()
        case .fsync(let file):
            return sync(file, report)
        case .pinUserPages(let page, let pages, let flags):
            return keep(page.rawValue, pages, flags, report, &process, by: task)
        case .unpin(let id, let makesDirty):
            return unpin(id, makesDirty: makesDirty, &process)
        case .getUserPages(let page, let pages, let flags):
            return pin(page.rawValue, pages, flags, report, &process, by: task)
        case .readRemoteMemory(let map, let page, let pages):
            return pin(page.rawValue, pages, [], ofMap: map, report, &process, by: task, error: .badAddress)
        case .readProcMem(let map, let page, let pages):
            return pin(page.rawValue, pages, .force, ofMap: map, report, &process, by: task, error: .inputOutput)
        default:
            return change(report, &process)
        }
        return nil
    }

    // MARK: Pages

    /// What a page may show, without a copy; `nil` if there is no such page of the file.
    func shown(_ backing: Backing) -> [Stamp]? {
        func shown(_ contents: Contents, _ index: Int) -> [Stamp]? {
            index < contents.pages ? contents.cells[index]?.possible ?? [0] : nil
        }
        return switch backing {
        case .zeroes: [0]
        case .file(let file, let index, _): shown(files[file.index]!, index)
        case .sharedMemory(let object, let index): shown(sharedMemory[object], index)
        }
    }

    /// What a page may show; `nil` if there is no such page of its file.
    func shown(_ page: Page) -> [Stamp]? {
        guard let copy = page.copy else { return shown(page.backing) }
        return page.mayBeGone ? Cell.union(copies[copy], [0]) : copies[copy]
    }

    /// Whether a page may be lost, or not to be read for now, so that an access to it fails.
    func mayFail(_ page: Page) -> Bool {
        guard page.copy == nil else { return mayLoseSwap }
        return switch page.backing {
        case .zeroes: false
        case .file(let file, let index, _): mayFail(file, index)
        case .sharedMemory: mayLoseSwap
        }
    }

    /// Whether a read of a page of a file may fail.
    func mayFail(_ file: FileID, _ index: Int) -> Bool {
        let contents = files[file.index]!
        return contents.isOnDisk ? contents.broken.contains(index) : mayLoseSwap
    }

    mutating func newCopy(_ stamps: [Stamp]) -> Int {
        copies.append(stamps)
        return copies.count - 1
    }

    mutating func store(_ stamps: [Stamp], _ page: UInt64, _ process: inout Process) {
        switch process.pages[page]!.backing {
        case .zeroes, .file(_, _, isShared: false):
            if let copy = process.pages[page]!.copy, process.pages[page]!.isExclusive {
                copies[copy] = stamps
            } else {
                process.pages[page]!.copy = newCopy(stamps)
                process.pages[page]!.isExclusive = true
            }
            process.pages[page]!.mayBeGone = false
        case .file(let file, let index, isShared: true): store(stamps, file, index)
        case .sharedMemory(let object, let index): sharedMemory[object].cells[index, default: Cell()].stamps = stamps
        }
    }

    /// A page was read, or written to, and then held `stamp`.
    mutating func learn(_ stamp: Stamp, of page: UInt64, _ process: inout Process) {
        guard let found = process.pages[page] else { return }
        if let copy = found.copy {
            if copies[copy].contains(stamp) {
                if !found.mayBeGone || stamp != 0 { copies[copy] = [stamp] }
            } else if found.mayBeGone, stamp == 0 {
                process.pages[page]!.copy = nil
                process.pages[page]!.isExclusive = false
                process.pages[page]!.mayBeGone = false
            }
            return
        }
        switch found.backing {
        case .zeroes: break
        case .file(let file, let index, _): files[file.index]!.cells[index]?.learn(stamp)
        case .sharedMemory(let object, let index): sharedMemory[object].cells[index]?.learn(stamp)
        }
    }

    /// Why an access is refused; `nil` if it is not, with what the page may show then.
    func look(_ access: FaultException.Access, _ page: UInt64, _ process: Process) -> (TaskSignal?, [Stamp]) {
        guard let page = process.pages[page] else { return (.segv(.notMapped), []) }
        guard !page.access.isEmpty, access != .write || page.access.contains(.write) else {
            return (.segv(.accessDenied), [])
        }
        guard let stamps = shown(page) else { return (.bus(.noSuchAddress), []) }
        guard access != .execute || page.access.contains(.execute) else { return (.segv(.accessDenied), []) }
        return (nil, stamps)
    }

    /// Accesses to pages one after the other, up to the first that is refused, or that failed as it may.
    private mutating func touch(
        _ access: FaultException.Access, _ pages: [UInt64], _ report: OperationReport, _ process: inout Process,
        by task: TaskID
    ) -> Prediction {
        let hasFailed = report.signal?.isBus == true || report.errno == .badAddress
        var prediction = Prediction()
        var last: UInt64?
        for page in pages {
            let isReported = report.signalDetail.map { $0.page.rawValue == page } ?? (pages.count == 1)
            // That code may not be executed is seen when its page is there.
            let isSought = look(access == .execute ? .read : access, page, process).0 == nil
            if hasFailed, isReported, isSought, mayFail(process.pages[page]!) {
                failuresSeen += 1
                prediction.signal = report.signal ?? .bus(.noSuchAddress)
                break
            }
            let (signal, found) = look(access, page, process)
            prediction.signal = signal
            guard signal == nil else { break }
            last = page
            prediction.stamps = found
            if access == .write {
                let written = found.map { Machine.stamp(after: $0, writtenBy: task) }
                prediction.stamps = written
                store(written, page, &process)
            }
        }
        if let last {
            learn(report.outcome.stamp, of: last, &process)
        }
        return prediction
    }

    /// A child, which shares copies with its parent.
    private mutating func fork(_ process: inout Process) -> Process {
        var child = process
        for (next, page) in process.pages {
            child.pages[next]?.isLocked = false
            child.pages[next]?.isExclusive = false
            if page.isWiped {
                child.pages[next]?.copy = nil
                child.pages[next]?.mayBeGone = false
            }
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
        return child
    }
}

extension TaskSignal {
    /// Whether it is SIGBUS.
    var isBus: Bool { if case .bus = self { true } else { false } }
}
