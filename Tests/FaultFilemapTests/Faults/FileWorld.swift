@testable import FaultCore
@testable import FaultFilemap
import Testing

/// A machine with one file, mapped from its first page on by one process, and a disk that is done between two touches.
struct FileWorld {
    var machine: Machine
    let file: FileID
    let task: TaskID
    let device: DeviceID
    /// The first page of the area.
    let base: PageNumber

    /// - Parameters:
    ///   - resident: The pages that are cached from the start.
    ///   - blocks: The pages with blocks; all of them by default.
    ///   - slot: Where in its page table the area begins.
    init(
        pages: Int, resident: [PageRun] = [], blocks: [PageRun]? = nil, flags: VMAFlags = .read, slot: Int = 0,
        areaPages: Int? = nil, isShmem: Bool = false, settings: MachineSettings = MachineSettings(),
        model: KernelModel = .linux6_1, disk: Disk = Disk(), entry: TestEntry = TestEntry()
    ) {
        machine = Machine(
            MachineConfiguration(
                model: model, settings: settings, entry: entry, vmOperations: Filemap.vmOperations,
                fileOperations: [Ext4FileOperations()], blockDevices: [disk],
                pageCache: Filemap.pageCache))
        machine.isChecking = true
        machine.recordsAttempts = true
        device = machine.addDevice(operations: 0, held: false)
        let all = pages > 0 ? [PageRun(0, pages - 1)] : []
        file = machine.addFile(
            pages: pages, operations: 0,
            vmOperations: isShmem ? Filemap.shmemVMOperations : Filemap.fileVMOperations,
            device: isShmem ? .none : device, traits: isShmem ? .shmem : [.writeback, .pageMkwrite],
            blocks: isShmem ? [] : blocks ?? all)
        task = machine.addTask()
        base = PageNumber(0x4_0000 + UInt64(slot))
        for run in resident {
            for page in run.first...run.last { cache(page, isShmem: isShmem) }
        }
        map(pages: areaPages ?? max(1, pages), flags: flags, operations: isShmem ? 2 : 1)
    }

    private mutating func map(pages: Int, flags: VMAFlags, operations: UInt16) {
        machine.insertArea(
            VMA(start: base, end: base + pages, startIndex: 0, flags: flags, file: file, operations: operations),
            in: machine.map(of: task))
    }

    /// Puts a page into the cache, uptodate, as if read alone.
    mutating func cache(_ page: Int, isShmem: Bool = false) {
        let index = PageIndex(page)
        let stamp = FileIO.contentOnDevice(file, index, machine)
        let flags: FrameFlags = isShmem ? [.uptodate, .shmem, .dirty] : .uptodate
        _ = machine.addToCache(of: file, at: index, flags: flags, stamp: stamp, point: .cachePage, for: task)
    }

    /// Touches pages one by one, in the order given, and lets all reads end between two touches.
    @discardableResult
    mutating func touch(_ access: FaultException.Access, _ pages: some Sequence<Int>) -> Counts {
        let before = counts
        for page in pages {
            machine.start(.touch(access, base + page, pages: 1, stride: 1), in: task)
            runToRest()
        }
        return counts - before
    }

    /// Touches one page, and returns the results of all attempts.
    mutating func attempts(at page: Int, _ access: FaultException.Access = .read) -> [FaultResult] {
        machine.start(.touch(access, base + page, pages: 1, stride: 1), in: task)
        runToRest()
        return machine.report(of: task).attempts.map(\.result)
    }

    /// Runs until nothing happens by itself any more, and checks all laws.
    mutating func run() -> StopReason {
        let reason = machine.run()
        machine.expectLaws()
        return reason
    }

    /// The same, and expects that no law is broken.
    private mutating func runToRest() {
        let reason = run()
        #expect(reason.violations.isEmpty, "\(reason)")
    }

    /// Locks a page for another task.
    mutating func lock(_ folio: FrameNumber, by other: TaskID) {
        precondition(machine.tryLock(folio, by: other), "the page is locked already")
    }

    /// Takes the file's invalidate lock for another task, as truncation does.
    mutating func lockInvalidate(for other: TaskID) {
        precondition(machine.tryLock(.invalidate(file), .write, for: other), "the lock is taken already")
    }

    var counts: Counts {
        let counters = machine.counters(of: task)
        return Counts(
            faults: counters.exceptions, minor: counters.minorFaults, major: counters.majorFaults,
            pgfault: machine.events.pgfault, pgmajfault: machine.events.pgmajfault, locks: counters.mmapReadLocks)
    }

    /// The pages of the area that have entries.
    var mapped: [Int] {
        let area = machine.area(containing: base, in: machine.map(of: task))!
        return (0..<area.pages).filter { machine.entry(of: base + $0, in: machine.map(of: task)).isPresent }
    }

    /// The pages that are cached.
    var cached: [Int] {
        var pages: [Int] = []
        var next: PageIndex = 0
        while let (index, _) = machine.firstCached(of: file, from: next) {
            pages.append(index.value)
            next = index + 1
        }
        return pages
    }

    /// The pages that carry the readahead mark.
    var marked: [Int] {
        cached.filter { flags(of: $0).contains(.readahead) }
    }

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

    /// Takes all pages out of the cache that are not mapped.
    mutating func dropCache() {
        for page in cached {
            let folio = machine.cachedFolio(at: PageIndex(page), of: file)!
            if machine.mappings(of: folio) == 0 { machine.removeFromCache(folio) }
        }
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

extension Machine {
    /// Scans everything at the end of a run, and expects that no law about states is broken. Tests let a task that has
    /// nothing to do hold a lock in place of a busy task, so law 13 is left out.
    func expectLaws(_ place: SourceLocation = #_sourceLocation) {
        for violation in checkInvariants() where violation.law != .leftovers {
            Issue.record("\(violation)", sourceLocation: place)
        }
    }
}
