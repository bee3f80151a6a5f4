import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// A machine with one file, which a process has mapped from its first page on.
struct MappedFile {
    var bare: BareMachine
    let file: FileID
    /// The first page of the area.
    let base: PageNumber

    /// - Parameters:
    ///   - resident: The pages that are cached from the start.
    ///   - blocks: The pages with blocks; all of them by default.
    ///   - slot: Where in its page table the area begins.
    init(
        pages: Int, resident: [PageRun] = [], blocks: [PageRun]? = nil, flags: VMAFlags = .read, slot: Int = 0,
        areaPages: Int? = nil, isShmem: Bool = false, settings: MachineSettings = MachineSettings(),
        model: KernelModel = .linux6_1, disk: Disk = Disk(), entry: BareEntry = BareEntry()
    ) {
        bare = BareMachine(model, settings: settings, disk: disk, entry: entry)
        file =
            isShmem
            ? bare.shmem(pages, resident: resident) : bare.file(pages, resident: resident, blocks: blocks)
        base = bare.area(at: 0x4_0000 + UInt64(slot), pages: areaPages ?? max(1, pages), flags, file: file)
    }

    var machine: Machine {
        get { bare.machine }
        _modify { yield &bare.machine }
    }
    var task: TaskID { bare.task }
    var device: DeviceID { bare.device }

    @discardableResult
    mutating func run(until stop: StopCondition = .idle) -> StopReason { bare.run(until: stop) }

    /// Touches pages one by one, in the order given, and lets all reads end between two touches.
    @discardableResult
    mutating func touch(_ access: FaultException.Access, _ pages: some Sequence<Int>) -> Counts {
        let before = counts
        for page in pages { _ = attempts(at: page, access) }
        return counts - before
    }

    /// Touches one page, and returns the results of all attempts.
    mutating func attempts(at page: Int, _ access: FaultException.Access = .read) -> [FaultResult] {
        bare.run(.touch(access, base + page, pages: 1, stride: 1)).results
    }

    var counts: Counts {
        let counters = machine.counters(of: task)
        return Counts(
            faults: counters.exceptions, minor: counters.minorFaults, major: counters.majorFaults,
            pgfault: machine.events.pgfault, pgmajfault: machine.events.pgmajfault, locks: counters.mmapReadLocks)
    }

    /// The pages of the area that have entries.
    var mapped: [Int] { (0..<bare.areas[0].pages).filter { bare.entry(base + $0).isPresent } }

    /// The pages that are cached.
    var cached: [Int] { bare.cached(file) }

    /// The pages that carry the readahead mark.
    var marked: [Int] { bare.cached(file, with: .readahead) }

    /// The flags of a cached page.
    func flags(of page: Int) -> FrameFlags {
        machine.cachedFolio(at: PageIndex(page), of: file).map { machine.flags(of: $0) } ?? []
    }

    var state: ReadaheadState { machine[readaheadOf: file] }

    /// Cuts the file, as truncate does at one go.
    mutating func truncate(to pages: Int) {
        FileIO.freeBlocks(file, in: PageIndex(pages)..<PageIndex(machine.pages(of: file)), &machine)
        machine.setSize(of: file, .pages(pages))
        while let (_, folio) = machine.firstCached(of: file, from: PageIndex(pages)) {
            machine.removeFromCache(folio)
        }
        machine.noteInterference()
    }
}

/// What touches have counted.
struct Counts: Equatable {
    var faults: Int
    var minor: Int
    var major: Int
    var pgfault: Int
    var pgmajfault: Int
    /// mmap locks taken for reading.
    var locks: Int

    static func - (now: Self, before: Self) -> Self {
        Self(
            faults: now.faults - before.faults, minor: now.minor - before.minor, major: now.major - before.major,
            pgfault: now.pgfault - before.pgfault, pgmajfault: now.pgmajfault - before.pgmajfault,
            locks: now.locks - before.locks)
    }
}
