public import FaultSimulator

/// An example of how kernels count faults: one access by a task that is alone on its memory map.
public enum AccountingExample: String, CaseIterable, Sendable {
    /// A: a read of a cached file page.
    case cachedRead = "A"
    /// A, note: the same, but fault-around maps no neighbours.
    case cachedReadAlone = "A alone"
    /// B: a read of a file page that is not cached; the device does one read.
    case coldRead = "B"
    /// C: a read of a file page that another task has begun to read.
    case pageUnderRead = "C"
    /// D: a read of a cached page with a readahead mark.
    case markedPage = "D"
    /// E: a store to a hole of a shared tmpfs mapping.
    case tmpfsStore = "E"
    /// E, second note: the same, but the page was cached and dirty.
    case dirtyTmpfsStore = "E dirty"
    /// E, third note: a store to a cached clean page of a shared ext4 mapping, without a page table entry.
    case ext4Store = "E ext4"
    /// F: a store to a page of a shared ext4 mapping that is mapped read-only.
    case ext4Upgrade = "F"
    /// G: a read of an anonymous page that is only on the swap device.
    case swapIn = "G"
    /// G, last row: the same, from a synchronous device.
    case synchronousSwapIn = "G sync"
    /// H: an access past the end of the file.
    case beyondEnd = "H"
    /// H, note: an access to a page that the device can't read.
    case readError = "H error"
    /// I: SIGKILL during the wait of B.
    case killed = "I"
    /// I, note: another signal during the wait of B; counting goes on to the end of the access.
    case interrupted = "I signal"
    /// J: an access outside of all areas.
    case noArea = "J"
    /// J: a store to an area without write permission.
    case noPermission = "J write"
    /// J: an access below a stack that may not grow so far.
    case refusedGrowth = "J stack"
    /// K: the first read of anonymous memory.
    case anonymousRead = "K"
    /// K: the same, in an area that has its `anon_vma`.
    case anonymousReadAgain = "K again"
    /// K: the store that follows.
    case anonymousStore = "K store"
    /// K: the same, in an area that has its `anon_vma`.
    case anonymousStoreAgain = "K store again"
    /// K: a store after a fork, while the child still exists.
    case storeAfterFork = "K fork"
    /// L: a store to a cached page of a private file mapping.
    case privateStore = "L"
    /// L: the same, in an area that has its `anon_vma`.
    case privateStoreAgain = "L again"
    /// M: A, by the kernel.
    case kernelCachedRead = "M A"
    /// M: B, by the kernel.
    case kernelColdRead = "M B"
    /// M: C, by the kernel.
    case kernelPageUnderRead = "M C"
    /// M: D, by the kernel.
    case kernelMarkedPage = "M D"
    /// M: E, by the kernel.
    case kernelTmpfsStore = "M E"
    /// M: F, by the kernel.
    case kernelExt4Upgrade = "M F"
    /// M: G, by the kernel.
    case kernelSwapIn = "M G"
    /// M: H, by the kernel.
    case kernelBeyondEnd = "M H"
    /// M: B by the kernel, and a signal with a handler during the wait, which ends nothing early.
    case kernelInterrupted = "M I signal"
    /// M: J, no area, by the kernel.
    case kernelNoArea = "M J"
    /// M: K, by the kernel.
    case kernelAnonymousRead = "M K"
    /// M: L, by the kernel.
    case kernelPrivateStore = "M L"

    /// The title, in a few words.
    public var title: String {
        switch self {
        case .cachedRead: "read a cached file page"
        case .cachedReadAlone: "the same without fault-around"
        case .coldRead: "read a file page from the device"
        case .pageUnderRead: "read a file page that another reads"
        case .markedPage: "read a page with a readahead mark"
        case .tmpfsStore: "write to a hole of shared tmpfs"
        case .dirtyTmpfsStore: "write to a dirty page of shared tmpfs"
        case .ext4Store: "write to a clean page of shared ext4"
        case .ext4Upgrade: "write to a page mapped read-only"
        case .swapIn: "read a swapped page"
        case .synchronousSwapIn: "read a page swapped to memory"
        case .beyondEnd: "read past the end of the file"
        case .readError: "read a page that can't be read"
        case .killed: "SIGKILL while B waits"
        case .interrupted: "a signal with a handler while B waits"
        case .noArea: "no area"
        case .noPermission: "no permission"
        case .refusedGrowth: "below a stack that may not grow"
        case .anonymousRead: "first read of anonymous memory"
        case .anonymousReadAgain: "the same, with an anon_vma"
        case .anonymousStore: "first store after it"
        case .anonymousStoreAgain: "the same, with an anon_vma"
        case .storeAfterFork: "store after a fork"
        case .privateStore: "write to a private file mapping"
        case .privateStoreAgain: "the same, with an anon_vma"
        case .kernelCachedRead: "A by the kernel"
        case .kernelColdRead: "B by the kernel"
        case .kernelPageUnderRead: "C by the kernel"
        case .kernelMarkedPage: "D by the kernel"
        case .kernelTmpfsStore: "E by the kernel"
        case .kernelExt4Upgrade: "F by the kernel"
        case .kernelSwapIn: "G by the kernel"
        case .kernelBeyondEnd: "H by the kernel"
        case .kernelInterrupted: "a signal while B waits, by the kernel"
        case .kernelNoArea: "no area, by the kernel"
        case .kernelAnonymousRead: "K by the kernel"
        case .kernelPrivateStore: "L by the kernel"
        }
    }

    /// Does the access under `model`, and counts.
    ///
    /// - Throws: What the set-up throws, such as `FaultSimulator.WorldError.brokenContract(_:)`.
    public func run(under model: KernelModel) throws -> AccountingCounts { try play(under: model).counts }

    /// Does the access under `model`.
    ///
    /// - Throws: What the set-up throws, such as `FaultSimulator.WorldError.brokenContract(_:)`.
    package func play(under model: KernelModel) throws -> AccountingPlay {
        var stage = try AccountingStage(model, faultAroundPages: self == .cachedReadAlone ? 1 : nil)
        let (operation, task) = try prepare(&stage)
        let signal: TaskSignal? =
            switch self {
            case .killed: .kill
            case .interrupted, .kernelInterrupted: .user1
            default: nil
            }
        return try stage.play(operation, in: task, sending: signal)
    }

    /// Whether the kernel accesses the page.
    private var isByKernel: Bool { rawValue.hasPrefix("M ") }

    /// The page that gets the readahead mark after a pread of one page.
    private static let marked = 1

    private func prepare(_ stage: inout AccountingStage) throws -> (TaskOperation, TaskID) {
        let task = stage.world.task()
        func access(_ access: FaultException.Access, _ page: PageNumber) -> (TaskOperation, TaskID) {
            (
                isByKernel ? .kernelTouch(access, page, .kernelWithFixup) : .touch(access, page, pages: 1, stride: 1),
                task
            )
        }
        switch self {
        case .cachedRead, .cachedReadAlone, .kernelCachedRead:
            let area = try stage.world.map(try stage.world.file(pages: 16, resident: .all), .read, in: task)
            return access(.read, area[3])
        case .coldRead, .killed, .interrupted, .kernelColdRead, .kernelInterrupted:
            let area = try stage.world.map(try stage.world.file(pages: 16), .read, in: task)
            return access(.read, area[3])
        case .pageUnderRead, .kernelPageUnderRead:
            let file = try stage.world.file(pages: 1)
            let area = try stage.world.map(file, .read, in: task)
            stage.world.start(.read(file, page: 0), in: stage.world.task())
            stage.world.run()
            return access(.read, area[0])
        case .markedPage, .kernelMarkedPage:
            let file = try stage.world.file(pages: 8)
            let area = try stage.world.map(file, .read, in: task)
            try stage.world.perform(.read(file, page: 0), in: stage.world.task())
            stage.settle()
            return access(.read, area[Self.marked])
        case .tmpfsStore, .dirtyTmpfsStore, .kernelTmpfsStore:
            let file = try stage.world.file(pages: 4, on: .tmpfs, resident: self == .dirtyTmpfsStore ? .all : .none)
            return access(.write, try stage.world.map(file, .readWrite, .shared, in: task)[0])
        case .ext4Store, .ext4Upgrade, .kernelExt4Upgrade:
            let file = try stage.world.file(pages: 4, resident: .all)
            let area = try stage.world.map(file, .readWrite, .shared, in: task)
            if self != .ext4Store { try stage.world.perform(.read(area), in: task) }
            return access(.write, area[0])
        case .swapIn, .synchronousSwapIn, .kernelSwapIn:
            try stage.addSwap(isSynchronous: self == .synchronousSwapIn)
            let area = try stage.world.map(anonymousPages: 1, in: task)
            try stage.world.perform(.write(area), in: task)
            try stage.world.perform(.madvise(area, .pageOut), in: task)
            stage.settle()
            stage.world.evictSwapCache()
            return access(.read, area[0])
        case .beyondEnd, .kernelBeyondEnd:
            let file = try stage.world.file(pages: 1, resident: .all)
            return access(.read, try stage.world.map(file, pages: 4, .read, in: task)[2])
        case .readError:
            let file = try stage.world.file(pages: 16)
            stage.world.machine.breakBlocks(of: file, PageRun(3, 3))
            return access(.read, try stage.world.map(file, .read, in: task)[3])
        case .noArea, .kernelNoArea: return access(.read, PageNumber(0x100))
        case .noPermission:
            return access(.write, try stage.world.map(anonymousPages: 1, .read, in: task)[0])
        case .refusedGrowth:
            let stack = try stage.world.map(
                MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x40000))),
                in: task)
            return access(.write, stack[-(stage.world.machine.settings.stackLimitPages + 1)])
        case .anonymousRead, .kernelAnonymousRead:
            return access(.read, try stage.world.map(anonymousPages: 1, in: task)[0])
        case .anonymousReadAgain, .anonymousStoreAgain:
            let area = try stage.world.map(anonymousPages: 2, in: task)
            try stage.world.perform(.write(area, page: 1), in: task)
            return access(self == .anonymousReadAgain ? .read : .write, area[0])
        case .anonymousStore, .storeAfterFork:
            let area = try stage.world.map(anonymousPages: 1, in: task)
            try stage.world.perform(self == .anonymousStore ? .read(area) : .write(area), in: task)
            if self == .storeAfterFork { try stage.world.perform(.fork, in: task) }
            return access(.write, area[0])
        case .privateStore, .privateStoreAgain, .kernelPrivateStore:
            let area = try stage.world.map(try stage.world.file(pages: 4, resident: .all), in: task)
            if self == .privateStoreAgain { try stage.world.perform(.write(area, page: 2), in: task) }
            return access(.write, area[0])
        }
    }
}

/// The result of an example.
package struct AccountingPlay: Equatable, Sendable {
    /// What it counted.
    package var counts: AccountingCounts
    /// Whether the mmap lock was held when the task first slept for a device; `nil` if it never did.
    package var holdsLockOverWait: Bool?
    /// Whether it ended before a device had done anything.
    package var endsWithoutDevice: Bool
}
