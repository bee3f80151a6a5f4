package import FaultCore

/// Making what tests begin with, without system calls.
extension BareMachine {
    /// Makes a file.
    ///
    /// - Parameters:
    ///   - cached: The pages that are in the page cache.
    ///   - blocks: The pages with blocks; all of them by default.
    package mutating func file(
        pages: Int = 64, cached: Range<Int> = 0..<0, operations: Int = 0, vmOperations: Int = 1,
        device: DeviceID = .none, traits: FileTraits = [], blocks: [PageRun]? = nil
    ) -> FileID {
        let file = machine.addFile(
            pages: pages, operations: operations, vmOperations: vmOperations, device: device, traits: traits,
            blocks: blocks ?? (pages > 0 ? [PageRun(0, pages - 1)] : []))
        for page in cached { cache(page, of: file) }
        return file
    }

    /// Puts a page into the page cache.
    package mutating func cache(_ page: Int, of file: FileID, _ flags: FrameFlags = .uptodate, stamp: UInt32 = 0) {
        _ = machine.addToCache(
            of: file, at: PageIndex(page), flags: flags, stamp: stamp, point: .cachePage, for: .none)
    }

    /// Maps a file from its page `offset` on, or private anonymous memory.
    ///
    /// - Parameters:
    ///   - page: The first page; by default the next free place.
    ///   - operations: The number of the handler; by default that of the file.
    /// - Returns: The first page.
    @discardableResult
    package mutating func area(
        at page: UInt64? = nil, pages: Int, _ flags: VMAFlags = [.read, .write], file: FileID = .none, offset: Int = 0,
        operations: UInt16? = nil, in other: TaskID? = nil
    ) -> PageNumber {
        let start = page.map { PageNumber($0) } ?? nextArea
        if page == nil { nextArea = nextArea + 0x1000 }
        machine.insertArea(
            VMA(
                start: start, end: start + pages,
                startIndex: file == .none ? PageIndex(rawValue: start.rawValue) : PageIndex(offset), flags: flags,
                file: file, operations: operations ?? (file == .none ? 0 : machine.vmOperations(of: file))),
            in: machine.map(of: other ?? task))
        return start
    }

    /// Takes a lock for a task that has nothing to do, in place of a busy one.
    ///
    /// To hold a lock without an operation is to break law 13, so runs leave it out from now on.
    package mutating func hold(_ lock: LockName, _ mode: LockMode, by other: TaskID) {
        let isHeld = machine.tryLock(lock, mode, for: other)
        precondition(isHeld, "BareMachine.hold: another task holds the \(lock)")
        lawsLeftOut.append(.leftovers)
    }

    /// The same for the lock of a page.
    package mutating func hold(_ folio: FrameNumber, by other: TaskID) {
        let isHeld = machine.tryLock(folio, by: other)
        precondition(isHeld, "BareMachine.hold: another task holds the lock of \(folio)")
        lawsLeftOut.append(.leftovers)
    }

    /// Makes a thread that has nothing to do and holds the mmap lock.
    package mutating func addHolder(_ mode: LockMode = .write) -> TaskID {
        let holder = machine.addTask(in: map)
        hold(.mmap(map), mode, by: holder)
        return holder
    }
}

/// What tests look at.
extension BareMachine {
    package var areas: [VMA] { machine.areas(of: map) }

    package func entry(_ page: UInt64, of other: TaskID? = nil) -> PTE { entry(PageNumber(page), of: other) }

    package func entry(_ page: PageNumber, of other: TaskID? = nil) -> PTE {
        machine.entry(of: page, in: machine.map(of: other ?? task))
    }

    package func rss(_ other: TaskID? = nil) -> ResidentPages { machine.rss(of: machine.map(of: other ?? task)) }

    /// The pages of a file that are cached and have all of `flags`.
    package func cached(_ file: FileID, with flags: FrameFlags = []) -> [Int] {
        var pages: [Int] = []
        var next: PageIndex = 0
        while let (index, folio) = machine.firstCached(of: file, from: next) {
            if machine.flags(of: folio).isSuperset(of: flags) { pages.append(index.value) }
            next = index + 1
        }
        return pages
    }

    /// A page that is cached.
    package func folio(_ file: FileID, _ page: Int) -> FrameNumber {
        machine.cachedFolio(at: PageIndex(page), of: file)!
    }

    package func stamp(_ file: FileID, _ page: Int) -> UInt32 { machine.stamp(of: folio(file, page)) }
}

extension OperationReport {
    /// The results of the attempts.
    package var results: [FaultResult] { attempts.map(\.result) }
}
