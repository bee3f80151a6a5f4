public import FaultSimulator

/// One access by one task that is alone on its memory map, told in full: the worked examples of how kernels count faults.
public enum AccountingExample: String, CaseIterable, Sendable {
    /// A: a file page that is cached is read.
    case cachedRead = "A"
    /// B: a file page that is not cached is read; one read of the device.
    case coldRead = "B"
    /// C: a file page is read that another task has begun to read.
    case pageUnderRead = "C"
    /// D: a cached page with a readahead mark is read.
    case markedPage = "D"
    /// E: a hole of a shared tmpfs mapping is written to.
    case tmpfsStore = "E"
    /// E, second note: the same, but the page was there, and dirty.
    case dirtyTmpfsStore = "E dirty"
    /// E, third note: a cached clean page of a shared ext4 mapping without an entry is written to.
    case ext4Store = "E ext4"
    /// F: a page of a shared ext4 mapping that is mapped read-only is written to.
    case ext4Upgrade = "F"
    /// G: an anonymous page that is only on the swap device is read.
    case swapIn = "G"
    /// G, last row: the same, from a device that is done at once.
    case synchronousSwapIn = "G sync"
    /// H: an access behind the end of the file.
    case beyondEnd = "H"
    /// H, note: an access to a page that the device can't read.
    case readError = "H error"
    /// I: SIGKILL during the wait of B.
    case killed = "I"
    /// I, note: another signal during the wait of B; what is counted goes on to the end of the access.
    case interrupted = "I signal"
    /// J: an access where no area is.
    case noArea = "J"
    /// J: a store to an area that may not be written to.
    case noPermission = "J write"
    /// K: the first read of anonymous memory.
    case anonymousRead = "K"
    /// K: the store that follows.
    case anonymousStore = "K store"
    /// K: a store after a fork, the child still there.
    case storeAfterFork = "K fork"
    /// L: a store to a cached page of a private file mapping.
    case privateStore = "L"
    /// M: A, by the kernel.
    case kernelCachedRead = "M A"
    /// M: B, by the kernel.
    case kernelColdRead = "M B"
    /// M: E, by the kernel.
    case kernelTmpfsStore = "M E"

    /// What it is, in a few words.
    public var title: String {
        switch self {
        case .cachedRead: "read a cached file page"
        case .coldRead: "read a file page from the device"
        case .pageUnderRead: "read a file page that another reads"
        case .markedPage: "read a page with a readahead mark"
        case .tmpfsStore: "write to a hole of shared tmpfs"
        case .dirtyTmpfsStore: "write to a dirty page of shared tmpfs"
        case .ext4Store: "write to a clean page of shared ext4"
        case .ext4Upgrade: "write to a page mapped read-only"
        case .swapIn: "read a swapped page"
        case .synchronousSwapIn: "read a page swapped to memory"
        case .beyondEnd: "read behind the end of the file"
        case .readError: "read a page that can't be read"
        case .killed: "SIGKILL while B waits"
        case .interrupted: "a signal with a handler while B waits"
        case .noArea: "no area"
        case .noPermission: "no permission"
        case .anonymousRead: "first read of anonymous memory"
        case .anonymousStore: "first store after it"
        case .storeAfterFork: "store after a fork"
        case .privateStore: "write to a private file mapping"
        case .kernelCachedRead: "A by the kernel"
        case .kernelColdRead: "B by the kernel"
        case .kernelTmpfsStore: "E by the kernel"
        }
    }

    /// Lets the access happen under `model`, and counts.
    ///
    /// - Throws: What the set-up throws, such as ``FaultSimulator/WorldError/brokenContract(_:)``.
    public func run(under model: KernelModel) throws -> AccountingCounts {
        var stage = try AccountingStage(model)
        let (operation, task) = try prepare(&stage)
        return try stage.count(
            operation, in: task, sending: self == .killed ? .kill : self == .interrupted ? .user1 : nil)
    }

    /// What a pread of one page has read ahead, and where it has left its mark.
    private static let marked = 1

    private func prepare(_ stage: inout AccountingStage) throws -> (Operation, TaskID) {
        let task = stage.world.task()
        switch self {
        case .cachedRead, .kernelCachedRead:
            let file = try stage.world.file(pages: 16, resident: .all)
            let area = try stage.world.map(file, .read, in: task)
            return (self == .cachedRead ? .read(area, page: 3) : Self.kernel(.read, area[3]), task)
        case .coldRead, .killed, .interrupted, .kernelColdRead:
            let file = try stage.world.file(pages: 16)
            let area = try stage.world.map(file, .read, in: task)
            return (self == .kernelColdRead ? Self.kernel(.read, area[3]) : .read(area, page: 3), task)
        case .pageUnderRead:
            let file = try stage.world.file(pages: 1)
            let area = try stage.world.map(file, .read, in: task)
            stage.world.start(stage.world.task(), .read(file, page: 0))
            stage.world.run()
            return (.read(area), task)
        case .markedPage:
            let file = try stage.world.file(pages: 8)
            let area = try stage.world.map(file, .read, in: task)
            try stage.world.perform(.read(file, page: 0), in: stage.world.task())
            stage.settle()
            return (.read(area, page: Self.marked), task)
        case .tmpfsStore, .dirtyTmpfsStore, .kernelTmpfsStore:
            let file = try stage.world.file(pages: 4, on: .tmpfs, resident: self == .dirtyTmpfsStore ? .all : .none)
            let area = try stage.world.map(file, .readWrite, .shared, in: task)
            return (self == .kernelTmpfsStore ? Self.kernel(.write, area[0]) : .write(area), task)
        case .ext4Store, .ext4Upgrade:
            let file = try stage.world.file(pages: 4, resident: .all)
            let area = try stage.world.map(file, .readWrite, .shared, in: task)
            if self == .ext4Upgrade { try stage.world.perform(.read(area), in: task) }
            return (.write(area), task)
        case .swapIn, .synchronousSwapIn:
            try stage.addSwap(isSynchronous: self == .synchronousSwapIn)
            let area = try stage.world.map(anonymousPages: 1, in: task)
            try stage.world.perform(.write(area), in: task)
            try stage.world.perform(.madvise(area, .pageOut), in: task)
            stage.settle()
            stage.world.evictSwapCache()
            return (.read(area), task)
        case .beyondEnd:
            let file = try stage.world.file(pages: 1, resident: .all)
            return (.read(try stage.world.map(file, pages: 4, .read, in: task), page: 2), task)
        case .readError:
            let file = try stage.world.file(pages: 16)
            stage.world.machine.breakBlocks(of: file, PageRun(3, 3))
            return (.read(try stage.world.map(file, .read, in: task), page: 3), task)
        case .noArea: return (.read(PageNumber(0x100)), task)
        case .noPermission:
            return (.write(try stage.world.map(anonymousPages: 1, .read, in: task)), task)
        case .anonymousRead, .anonymousStore, .storeAfterFork:
            let area = try stage.world.map(anonymousPages: 1, in: task)
            if self == .anonymousRead { return (.read(area), task) }
            try stage.world.perform(self == .anonymousStore ? .read(area) : .write(area), in: task)
            if self == .storeAfterFork { try stage.world.perform(.fork, in: task) }
            return (.write(area), task)
        case .privateStore:
            let file = try stage.world.file(pages: 4, resident: .all)
            return (.write(try stage.world.map(file, in: task)), task)
        }
    }

    private static func kernel(_ access: FaultException.Access, _ page: PageNumber) -> Operation {
        .kernelTouch(access, page, .kernelWithFixup)
    }
}
