import FaultSimulator
import Testing

@testable import FaultCore

/// What a handler, or an entry, does wrong.
enum Mischief: UInt8, BitwiseCopyable, Sendable {
    case none
    // In ``VMOperations/fault(_:_:_:)``.
    case retriesWithLock
    case returnsWithoutLock
    case returnsErrorWithRetry
    case completesWithRetry
    case completesUnderNoWait
    case releasesInsteadOfDropping
    case dropsTwice
    case dropsInMkwrite
    case looksAtStaleArea
    case takesInodeLock
    case locksPageThenMap
    case sleepsWithLock
    case keepsPage
    case countsFault
    case returnsMajor
    case countsAttempt
    case mapsNothing
    case givesNothing
    case locksNothing
    case claimsLock
    case hidesLock
    // In ``FaultEntry/step(_:_:_:)``.
    case forbidsRetry
    case givesUpAtOnce
    case makesTable
    case countsRefusal
}

/// A handler that gives a page, and does one thing wrong on the way, the first time that it can.
struct MischievousHandler: VMOperations {
    let mischief: Mischief

    var name: StaticName { StaticName("mischievous") }
    var provides: VMOperationSet { mischief == .dropsInMkwrite ? .pageMkwrite : [] }

    enum Stage: UInt8, RoutineStage { case begin, woken }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        let isFirst = !fault.flags.contains(.tried)
        switch mischief {
        case .retriesWithLock where isFirst: return .done(.retry)
        case .returnsWithoutLock where isFirst:
            machine.dropFaultLock(of: &fault, for: .handler)
            return page(&fault, &machine)
        case .returnsErrorWithRetry: return .done([.sigbus, .retry])
        case .completesWithRetry where isFirst:
            machine.dropFaultLock(of: &fault, for: .handler)
            return .done([.completed, .retry])
        case .completesUnderNoWait: return .done(.completed)
        case .releasesInsteadOfDropping where isFirst:
            machine.releaseFaultLock(of: &fault)
            return .done(.retry)
        case .dropsTwice: return dropAlways(&fault, &machine)
        case .looksAtStaleArea where isFirst:
            machine.dropFaultLock(of: &fault, for: .handler)
            _ = machine.area(of: fault)
            return .done(.retry)
        case .takesInodeLock:
            let lock = LockName.inode(FileID(0))
            if stage == .begin { return .call(machine.taking(lock, .read), then: .woken) }
            machine.unlock(lock, by: fault.task)
            return page(&fault, &machine)
        case .locksPageThenMap:
            let folio = machine.cachedFolio(at: 0, of: FileID(0))!
            if stage == .begin {
                _ = machine.tryLock(folio, by: fault.task)
                return .call(machine.taking(.mmap(MapID(1)), .read), then: .woken)
            }
            machine.unlock(.mmap(MapID(1)), by: fault.task)
            machine.unlock(folio)
            return page(&fault, &machine)
        case .sleepsWithLock where stage == .begin:
            return .sleep(TaskWait(.submission, .uninterruptible, value: machine.clock + 10), then: .woken)
        case .keepsPage where isFirst:
            machine.dropFaultLock(of: &fault, for: .handler)
            _ = machine.giveNewPage(stamp: 5, to: &fault)
            return .done(.retry)
        case .countsFault: machine.record(.accounted, fault.task, fault.page.rawValue, 0)
        case .returnsMajor: return page(&fault, &machine, .major)
        case .countsAttempt where fault.index == 0: machine.countAttempt(of: fault)
        case .dropsInMkwrite:
            machine.give(machine.cachedFolio(at: fault.index, of: fault.file)!, to: &fault)
            return .done([])
        case .mapsNothing where machine.counters(of: fault.task).exceptions == 1: return .done(.noPage)
        case .givesNothing: return .done([])
        case .locksNothing: return .done(.locked)
        case .claimsLock: return page(&fault, &machine, .locked)
        case .hidesLock:
            let step = page(&fault, &machine)
            _ = machine.tryLock(fault.folio, by: fault.task)
            return step
        default: break
        }
        return page(&fault, &machine)
    }

    func pageMkwrite(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        machine.releaseFaultLock(of: &fault)
        return .done([])
    }

    private func page(
        _ fault: inout VMFault, _ machine: inout Machine, _ result: FaultResult = []
    ) -> RoutineStep<Stage, FaultResult> {
        .done(machine.giveNewPage(stamp: 5, to: &fault) ? result : .oom)
    }

    /// Drops the lock in each attempt, and has mapped the page itself in the second.
    private func dropAlways(_ fault: inout VMFault, _ machine: inout Machine) -> RoutineStep<Stage, FaultResult> {
        let isFirst = !fault.flags.contains(.tried)
        if !isFirst {
            guard machine.giveNewPage(stamp: 5, to: &fault),
                let leaf = machine.makeLeafTable(fault.map, fault.page, for: fault.task)
            else { return .done(.oom) }
            machine.mapHeld(
                fault.folio, machine.entryBits(of: machine.area(of: fault), forWrite: false), at: fault.page,
                in: fault.map, leaf: leaf, heldBy: fault.task, in: .faultFolio)
            fault.folio = .none
            fault.flags.remove(.tried)
        }
        machine.dropFaultLock(of: &fault, for: .handler)
        if isFirst { return .done(.retry) }
        machine.unpinFile(of: &fault)
        return .done([.completed, .noPage])
    }
}

/// The entry of x86, with one thing wrong.
struct MischievousEntry: FaultEntry {
    let mischief: Mischief
    private let correct = X86FaultEntry()

    init(_ mischief: Mischief) { self.mischief = mischief }

    var name: StaticName { StaticName("mischievous") }
    var geometry: PageGeometry { correct.geometry }

    func step(
        _ stage: X86FaultEntry.Stage, _ frame: inout X86FaultEntry.Frame, _ resumed: Resumption,
        _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<X86FaultEntry.Stage, EntryOutcome> {
        switch mischief {
        case .forbidsRetry where fault.flags.contains(.tried): fault.flags.remove(.allowRetry)
        case .givesUpAtOnce where fault.lock == .none && isRetry(resumed):
            return .done(.replay)
        case .makesTable where stage == .classify:
            _ = machine.makeLeafTable(fault.map, fault.page, for: fault.task)
        case .countsRefusal where stage == .classify:
            machine.record(.accounted, fault.task, fault.page.rawValue, 0)
        default: break
        }
        return correct.step(stage, &frame, resumed, &fault, &machine)
    }
}

/// Whether an attempt has returned `RETRY`.
private func isRetry(_ resumed: Resumption) -> Bool {
    if case .fault(let result) = resumed { result.contains(.retry) } else { false }
}

/// A process with a shared area whose handler, or whose way into the kernel, does something wrong.
struct MischiefWorld {
    var world: World
    let task: TaskID
    let area: Area

    /// - Parameter isFile: Whether the area is one of a file, or of no file.
    init(_ mischief: Mischief, isFile: Bool = false) throws {
        world = try World(.linux6_1, entry: MischievousEntry(mischief))
        task = world.task()
        let file = try world.file(pages: 4, resident: .all)
        _ = world.task()
        let handler = world.machine.register(MischievousHandler(mischief: mischief))
        area = try world.map(
            MapRequest(
                pages: 4, access: .readWrite, flags: .shared, file: isFile ? file : .none, operations: handler),
            in: task)
    }

    /// Lets the task do something, and gives up after some stages if that takes no end.
    mutating func run(_ operation: TaskOperation) {
        world.start(operation, in: task)
        _ = world.machine.run()
    }
}

extension BrokenLaw {
    private static func mischief(
        _ mischief: Mischief, _ law: Law, _ how: String, isFile: Bool = false,
        _ operation: @escaping @Sendable (Area) -> TaskOperation = { .read($0) }
    ) -> Self {
        Self(law, how) {
            var world = try MischiefWorld(mischief, isFile: isFile)
            world.run(operation(world.area))
            #expect(world.world.machine.report(of: world.task).isDone)
            return world.world.machine
        }
    }

    /// What handlers do wrong.
    static let byHandlers: [BrokenLaw] = [
        .mischief(.retriesWithLock, .faultLockReleasedOnce, "a handler returns RETRY with the lock held"),
        .mischief(.returnsWithoutLock, .faultLockReleasedOnce, "a handler drops the lock and returns a page"),
        .mischief(.returnsErrorWithRetry, .legalResult, "a handler returns SIGBUS and RETRY"),
        .mischief(.completesWithRetry, .legalResult, "a handler returns COMPLETED and RETRY"),
        .mischief(.completesUnderNoWait, .legalResult, "a handler returns COMPLETED under RETRY_NOWAIT") {
            .getUserPages($0[0], pages: 1, [.noWait, .unlockable])
        },
        .mischief(.releasesInsteadOfDropping, .voluntaryDrop, "a handler releases the lock as if it were an entry"),
        .mischief(.dropsTwice, .voluntaryDrop, "a handler forgets TRIED and drops the lock a second time"),
        .mischief(.dropsInMkwrite, .mkwriteKeepsLock, "page_mkwrite drops the lock", isFile: true) { .write($0) },
        .mischief(.looksAtStaleArea, .staleArea, "a handler drops the lock and looks at the area"),
        .mischief(.takesInodeLock, .lockOrder, "a handler waits for an inode lock under the mmap lock"),
        .mischief(.locksPageThenMap, .lockOrder, "a handler waits for an mmap lock with a page locked"),
        .mischief(
            .sleepsWithLock, .sleepsWithLock, "a first attempt sleeps for a read with the lock held", isFile: true),
        .mischief(.keepsPage, .leftovers, "a handler returns RETRY and keeps a page"),
        .mischief(.countsFault, .accountedOnce, "a handler counts the fault that the core counts"),
        .mischief(.returnsMajor, .eventCounts, "a handler returns MAJOR and counts no pgmajfault"),
        .mischief(.countsAttempt, .eventCounts, "a handler counts a pgfault") { .read($0, pages: 2) },
        .mischief(.mapsNothing, .progress, "a handler returns NOPAGE and maps nothing"),
        .mischief(.mapsNothing, .progress, "a handler maps nothing for a fetch, which would be refused then") {
            .execute($0)
        },
        .mischief(.givesNothing, .legalResult, "a handler returns 0 and gives no page"),
        .mischief(.locksNothing, .legalResult, "a handler returns LOCKED and gives no page") { .write($0) },
        .mischief(.claimsLock, .pageLockOwner, "a handler returns LOCKED and has not locked its page"),
        .mischief(.hidesLock, .pageLockOwner, "a handler locks its page and does not say so") { .write($0) },
    ]

    /// What entries do wrong.
    static let byEntries: [BrokenLaw] = [
        BrokenLaw(.triedIsMonotone, "an entry forbids the second attempt to retry") { try cold(.forbidsRetry) },
        BrokenLaw(.progress, "an entry gives up after RETRY, though no signal is pending") {
            try cold(.givesUpAtOnce)
        },
        .mischief(.makesTable, .refusalChangesNothing, "an entry makes a table for an access that it refuses") {
            .read($0[0] - 4096)
        },
        .mischief(.countsRefusal, .accountedOnce, "an entry counts a fault that it refuses") { .read($0[0] - 4096) },
    ]

    /// The machine after a read of a page that is on disk, which is tried twice.
    private static func cold(_ mischief: Mischief) throws -> Machine {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 100), entry: MischievousEntry(mischief))
        let task = world.task()
        let file = try world.file(pages: 4)
        world.start(.read(try world.map(file, in: task)), in: task)
        _ = world.machine.run()
        #expect(world.machine.report(of: task).isDone)
        return world.machine
    }

    /// What others do wrong that plug in, or a lock.
    static let byOthers: [BrokenLaw] = [
        BrokenLaw(.faultLockReleasedOnce, "a task releases a lock that it does not hold") {
            let rest = try RestingWorld()
            var machine = rest.world.machine
            machine.unlock(.mmap(rest.map), by: rest.task)
            return machine
        },
        BrokenLaw(.readaheadMark, "readahead marks two pages of one submission") {
            var rest = try RestingWorld()
            for index in [5, 6] as [PageIndex] {
                _ = rest.world.machine.addToCache(
                    of: rest.file, at: index, flags: .readahead, point: .cachePage, for: rest.task)
            }
            return rest.world.machine
        },
        BrokenLaw(.lockFairness, "a reader gets a lock before a writer that came first") { try overtaking() },
    ]

    /// The machine in which a lock that a reader holds and a writer waits for is given to a second reader.
    private static func overtaking() throws -> Machine {
        var test = try AreaLockWorld(.linux6_1)
        test.begin(.read(test.sleepy), in: test.first)
        test.begin(.munmap(test.sleepy), in: test.second)
        test.begin(.read(try test.world.file(pages: 1), 0, pages: 1, into: nil), in: test.third)
        var machine = test.world.machine
        let map = machine.map(of: test.first)
        var lock = ReadWriteSemaphore()
        _ = lock.tryLock(.read, for: test.first)
        _ = lock.tryLock(.read, for: test.third)
        lock.enqueue(test.second, .write, at: machine.clock)
        machine.maps[map.index].lock = lock
        machine.noteTaken(.mmap(map), .read, by: test.third, waitedSince: machine.clock)
        return machine
    }
}
