import FaultFilemap
import FaultSimulator

@testable import FaultCore

/// A field of a machine's state that the key of an exploration must see, and a change of it.
struct KeyField: Sendable, CustomStringConvertible {
    let description: String
    /// The machine that is changed.
    let base: Base
    let change: @Sendable (inout Machine) -> Void

    /// Which machines there are.
    enum Base: Sendable {
        /// That of ``KeyField/machine()``.
        case faults
        /// That of ``KeyField/memoryMachine(_:)``, whose group keeps two lists of each type.
        case lists
        /// The same, with generations.
        case generations
        /// That of ``KeyField/pluggedMachine()``.
        case plugged
        /// That of ``KeyField/limitedMachine()``.
        case limited
        /// That of ``KeyField/pressedMachine()``.
        case pressed
        /// That of ``KeyField/faultingMachine(_:)``.
        case faulting(KernelModel)
    }

    init(_ description: String, _ base: Base = .faults, _ change: @escaping @Sendable (inout Machine) -> Void) {
        self.description = description
        self.base = base
        self.change = change
    }

    /// The machine before the change.
    func before() throws -> Machine {
        switch base {
        case .faults: try Self.machine()
        case .lists: try Self.memoryMachine(.linux6_1)
        case .generations: try Self.memoryMachine(.linux6_12)
        case .plugged: try Self.pluggedMachine()
        case .limited: try Self.limitedMachine()
        case .pressed: try Self.pressedMachine()
        case .faulting(let model): try Self.faultingMachine(model)
        }
    }

    /// A machine in which task 0 sleeps in a fault for a page that a disk reads, task 1 waits for a lock that task 2 holds,
    /// and task 3 sleeps.
    static func machine() throws -> Machine {
        var play = try Play(.linux6_12)
        let file = try play.world.file(pages: 64)
        let area = try play.world.map(file, in: play.task)
        let writer = play.world.task()
        let sleeper = play.world.task()
        try play.start(.read(area, page: 9))
        try play.start(.sleep(nanoseconds: .max), in: sleeper)
        _ = play.world.machine.tryLock(.inode(file), .write, for: writer)
        try play.world.machine.setUpMemory(of: play)
        play.world.start(.write(file, page: 0, pages: 1), in: play.thread)
        play.step(play.thread)
        // Nobody has come between task 0's fault and now.
        let interference = play.world.machine.recorder.memory.interference
        play.world.machine.recorder.memory.exceptionOf[0].interference = interference
        play.world.machine.recorder.memory.attemptOf[0].interference = interference
        return play.world.machine
    }

    /// The key, counters of locks included.
    static func key(of machine: Machine) -> UInt64 { machine.stateKey }

    static let all: [KeyField] = facts + laws + maps + files + tasks + faults + scheduling + memory + rest

    // MARK: What was counted

    private static let mmap = LockName.mmap(MapID(0))

    private static let facts: [KeyField] = [
        KeyField("outcome.value") { $0.tasks[0].outcome.result = .value(7) },
        KeyField("outcome.isDone") { $0.tasks[0].outcome.isDone.toggle() },
        KeyField("outcome.oops") { $0.tasks[0].outcome.oops.toggle() },
        KeyField("outcome.lockWasLost") { $0.tasks[0].outcome.lockWasLost.toggle() },
        KeyField("outcome.signal") { $0.tasks[0].outcome.signal = .kill },
        KeyField("outcome.stamp") { $0.tasks[0].outcome.stamp += 1 },
        KeyField("outcome.bytes") { $0.tasks[0].outcome.bytes += 1 },
        KeyField("outcome.filledPages") { $0.tasks[0].outcome.filledPages += 1 },
        KeyField("outcome.message") { $0.tasks[0].outcome.message = .fork(UserfaultID(0)) },
        KeyField("userfaultMessages") { $0.tasks[0].userfaultMessages = [.fork(UserfaultID(0))] },
        KeyField("errnoWhenKilled") { $0.tasks[0].keep(errnoWhenKilled: .interrupted) },
        KeyField("signalDetail") { $0.tasks[0].signalDetail = SignalDetail(page: PageNumber(3), code: 4, trap: 14) },
        KeyField("results") { $0.tasks[0].results.append(ResultCount(result: .oom, count: 1)) },
        KeyField("areaLockAttempts") { machine in
            var fault = machine.tasks[3].fault
            fault.task = TaskID(3)
            fault.lock = .area
            machine.countAttempt(of: fault)
        },
        KeyField("memory") { machine in
            machine.structuralHash &+= 1  // the sum over areas, entries, page caches and frames
        },
        KeyField("minorFaults") { $0.countMinorFault(of: TaskID(0)) },
        KeyField("majorFaults") { $0.countMajorFault(of: TaskID(0)) },
        KeyField("exceptions") { $0.countException(of: TaskID(0), .user) },
        KeyField("kernelExceptions") {
            $0.countException(of: TaskID(3), .kernelWithFixup)
        },
        KeyField("pgmajfault") { $0.countMajorFaultEvent(TaskID(0)) },
        KeyField("pgfault") { machine in
            machine.countResult(.noPage, of: TaskID(0))
            machine.recorder.memory.pgfault += 1  // the law that counts sees nothing of it
        },
        KeyField("handledSignals") { $0.countHandledSignal(of: TaskID(0)) },
        KeyField("mmapReadLocks") { $0.countTaking(of: mmap, .read, by: TaskID(3), waited: 0) },
        KeyField("mmapWriteLocks") { $0.countTaking(of: mmap, .write, by: TaskID(3), waited: 0) },
        KeyField("mmapTrylockFailures") { $0.noteTrylockFailure(TaskID(3)) },
        KeyField("pageCopies") { $0.countPageCopy(of: TaskID(3)) },
        KeyField("userfaults") { $0.count(userfaultOf: $0.tasks[0].fault) },
    ]

    // MARK: What laws remember

    private static func exception(
        _ name: String, _ change: @escaping @Sendable (inout CheckerMemory.Exception) -> Void
    ) -> KeyField {
        KeyField("exception.\(name)") { change(&$0.recorder.memory.exceptionOf[0]) }
    }

    private static let laws: [KeyField] = [
        KeyField("memory.pgfault") { $0.recorder.memory.pgfault += 1 },
        KeyField("memory.attempts") { $0.recorder.memory.attempts += 1 },
        KeyField("memory.finishedAttempts") { $0.recorder.memory.finishedAttempts += 1 },
        exception("isUnderWay") { $0.isUnderWay.toggle() },
        exception("page") { $0.page = $0.page + 1 },
        exception("access") { $0.access += 1 },
        exception("attempts") { $0.attempts += 1 },
        exception("counted") { $0.counted += 1 },
        exception("expectedCounts") { $0.expectedCounts += 1 },
        exception("lookedAgain") { $0.lookedAgain.toggle() },
        exception("isRefusedOnceMapped") { $0.isRefusedOnceMapped.toggle() },
        exception("drops") { $0.drops += 1 },
        exception("result") { $0.result.insert(.major) },
        exception("wasTried") { $0.wasTried.toggle() },
        exception("neverWaits") { $0.neverWaits.toggle() },
        exception("hadAreaLock") { $0.hadAreaLock.toggle() },
        exception("interference") { $0.interference &-= 1 },
        exception("structure") { $0.structure &+= 1 },
        exception("nodes") { $0.nodes += 1 },
        exception("areas") { $0.areas += 1 },
        exception("mayFaultAgain") { $0.mayFaultAgain.toggle() },
        exception("dropsFreely") { $0.dropsFreely.toggle() },
        exception("endedWell") { $0.endedWell.toggle() },
        KeyField("attempt.isUnderWay") { $0.recorder.memory.attemptOf[0].isUnderWay.toggle() },
        KeyField("attempt.majorEvents") { $0.recorder.memory.attemptOf[0].majorEvents -= 1 },
        KeyField("attempt.isSpurious") { $0.recorder.memory.attemptOf[0].isSpurious.toggle() },
        KeyField("attempt.interference") { $0.recorder.memory.attemptOf[0].interference &-= 1 },
        KeyField("attempt.dropsFreely") { $0.recorder.memory.attemptOf[0].dropsFreely.toggle() },
        KeyField("arrival.lock") { $0.recorder.memory.arrivals[0].lock = mmap },
        KeyField("arrival.mode") { $0.recorder.memory.arrivals[0].mode = .read },
        KeyField("arrival.task") { $0.recorder.memory.arrivals[0].task = TaskID(3) },
        KeyField("batch") { $0.recorder.memory.batch = mmap },
        KeyField("downgrading") { $0.recorder.memory.downgrading = TaskID(3) },
    ]

    // MARK: Maps, files, devices

    private static let maps: [KeyField] = [
        KeyField("map.lock.readers") { _ = $0.maps[0].lock.tryLock(.read, for: TaskID(3)) },
        KeyField("map.lock.writer") { _ = $0.maps[0].lock.tryLock(.write, for: TaskID(3)) },
        KeyField("map.lock.queue") { $0.maps[0].lock.enqueue(TaskID(3), .read, at: 0) },
        KeyField("map.heapStart") { $0.maps[0].heapStart = $0.maps[0].heapStart + 1 },
        KeyField("map.heapEnd") { $0.maps[0].heapEnd = $0.maps[0].heapEnd + 1 },
        KeyField("map.mmapBase") { $0.maps[0].mmapBase = $0.maps[0].mmapBase + 1 },
        KeyField("map.defaultFlags") { $0.maps[0].defaultFlags = .locked },
        KeyField("map.users") { $0.maps[0].users += 1 },
        KeyField("map.hasPinned") { $0.maps[0].hasPinned.toggle() },
        KeyField("map.isReaped") { $0.maps[0].isReaped.toggle() },
        KeyField("areaLocks.readers") { $0.maps[0].areaLocks.addReader(TaskID(1), of: PageNumber(16)) },
        KeyField("areaLocks.reader.area") {
            _ = $0.maps[0].areaLocks.removeReader(TaskID(3))
            $0.maps[0].areaLocks.addReader(TaskID(3), of: PageNumber(17))
        },
        KeyField("areaLocks.reader.isAwaited") { _ = $0.maps[0].areaLocks.awaitReaders(of: PageNumber(16)) },
        KeyField("areaLocks.marks") { $0.maps[0].areaLocks.mark(PageNumber(40)..<PageNumber(41)) },
        KeyField("areaLocks.mark.upperBound") { $0.maps[0].areaLocks.mark(PageNumber(30)..<PageNumber(33)) },
        KeyField("areaLocks.mark.lowerBound") { $0.maps[0].areaLocks.mark(PageNumber(29)..<PageNumber(32)) },
    ]

    private static func file(_ name: String, _ change: @escaping @Sendable (inout FileState) -> Void) -> KeyField {
        KeyField("file.\(name)") { change(&$0.files[0]) }
    }

    private static let files: [KeyField] = [
        file("operations") { $0.operations += 1 }, file("vmOperations") { $0.vmOperations += 1 },
        file("device") { $0.device = DeviceID(1) }, file("traits") { $0.traits.insert(.copyOnWrite) },
        file("pages") { $0.pages += 1 }, file("bytesBehindEnd") { $0.bytesBehindEnd += 1 },
        file("blocks") { $0.blocks = [PageRun(0, 1)] },
        file("badBlocks") { $0.badBlocks = [PageRun(0, 0)] }, file("isReadRandomly") { $0.isReadRandomly.toggle() },
        file("writeErrors") { $0.writeErrors = .mapping }, file("readahead.start") { $0.readahead.start = 7 },
        file("readahead.size") { $0.readahead.size += 1 }, file("readahead.asyncSize") { $0.readahead.asyncSize += 1 },
        file("readahead.mmapMiss") { $0.readahead.mmapMiss += 1 },
        file("readahead.previousPosition") { $0.readahead.previousPosition += 1 },
        file("readahead.maximum") { $0.readahead.maximum += 1 }, file("pins") { $0.pins += 1 },
        file("inodeLock.queue") { $0.inodeLock.enqueue(TaskID(3), .read, at: 0) },
        file("invalidateLock") { _ = $0.invalidateLock.tryLock(.read, for: TaskID(3)) },
        file("storedStamps") { $0.storedStamps.set(StoredStamp(page: 3, stamp: 9)) },
        file("storedStamps.stamp") { $0.storedStamps.set(StoredStamp(page: 1, stamp: 9)) },
        KeyField("device.operations") { $0.devices[1].operations += 1 },
        KeyField("device.holdsReads") { $0.devices[0].holdsReads.toggle() },
        KeyField("device.holdsWrites") { $0.devices[0].holdsWrites.toggle() },
        KeyField("device.refusesReadahead") { $0.devices[0].refusesReadahead.toggle() },
    ]

    // MARK: Tasks

    private static func task(
        _ name: String, _ number: Int = 3, _ change: @escaping @Sendable (inout TaskState) -> Void
    ) -> KeyField {
        KeyField("task.\(name)") { machine in
            change(&machine.tasks[number])
        }
    }

    private static let tasks: [KeyField] = [
        task("status") { $0.status = .idle }, task("pendingSignals") { $0.pendingSignals = .user1 },
        task("hasOperation") { $0.hasOperation.toggle() }, task("isOOMVictim") { $0.isOOMVictim.toggle() },
        task("isPassedOver") { $0.isPassedOver.toggle() }, task("reapTime") { $0.reapTime = 7 },
        task("isInFault") { $0.isInFault.toggle() },
        task("pinsInBatch") { $0.pinsInBatch = 1 }, task("archWords.first") { $0.archWords.first ^= 1 },
        task("archWords.second") { $0.archWords.second ^= 1 }, task("map") { $0.map = MapID(0) },
        task("dirtiedPages") { $0.dirtiedPages += 1 },
        task("held.lock") { $0.held.0 = HeldLock(mmap, .read, since: 0) },
        task("held.mode", 2) { $0.held.0 = HeldLock($0.held.0.lock, .read, since: 0) },
        task("held.second", 2) { $0.held.1 = HeldLock(mmap, .read, since: 0) },
        task("wait.kind") { $0.wait.kind = .channel }, task("wait.mode") { $0.wait.mode = .killable },
        task("wait.value") { $0.wait.value = 700 }, task("wait.lock", 1) { $0.wait.value = UInt64(mmap.rawValue) },
        task("wait.page", 0) { $0.wait.frame = .none }, task("wait.forLock", 0) { $0.wait.value ^= 1 },
        task("wait.polled") { $0.wait.frame = FrameNumber(3) },
        task("stack") { _ = $0.stack.popLast() },
        task("stack.stage") { $0.stack[0].stageNumber += 1 },
        task("stack.resumed") { $0.stack[0].resumed = .interrupted },
    ]

    private static func fault(_ name: String, _ change: @escaping @Sendable (inout VMFault) -> Void) -> KeyField {
        KeyField("fault.\(name)") { change(&$0.tasks[0].fault) }
    }

    private static let faults: [KeyField] = [
        fault("task") { $0.task = TaskID(1) }, fault("map") { $0.map = MapID(1) },
        fault("page") { $0.page = $0.page + 1 },
        fault("exception.access") { $0.exception = FaultException(.write, .user, translationPresent: false) },
        fault("exception.mode") { $0.exception = FaultException(.read, .kernelAtomic, translationPresent: false) },
        fault("exception.translationPresent") { $0.exception.translationPresent.toggle() },
        fault("exception.keyRefuses") { $0.exception.keyRefuses.toggle() },
        fault("exception.entryIsDamaged") { $0.exception.entryIsDamaged.toggle() },
        fault("exception.offset") { $0.exception.offset += 1 }, fault("lock") { $0.lock = .mmap },
        fault("lockDropped") { $0.lockDropped.toggle() }, fault("isException") { $0.isException.toggle() },
        fault("folioLocked") { $0.folioLocked.toggle() }, fault("invalidateLocked") { $0.invalidateLocked.toggle() },
        fault("keptFolio") { $0.keptFolio = $0.folio }, fault("wasMajor") { $0.wasMajor.toggle() },
        fault("hasGoneOn") { $0.hasGoneOn.toggle() }, fault("bypassesSwapCache") { $0.bypassesSwapCache.toggle() },
        fault("flags") { $0.flags.insert(.unshare) }, fault("savedFlags") { $0.savedFlags.insert(.unshare) },
        fault("result") { $0.result.insert(.oom) }, fault("area.map") { $0.area.map = MapID(1) },
        fault("area.start") { $0.area.start = $0.area.start + 1 }, fault("area.sequence") { $0.area.sequence += 1 },
        fault("file") { $0.file = .none }, fault("index") { $0.index = $0.index + 1 },
        fault("originalEntry") { $0.originalEntry = PTE(.none, .special) }, fault("folio") { $0.folio = .none },
        fault("copy") { $0.copy = $0.folio },
    ]

    // MARK: Requests, pages that are locked

    private static func request(_ name: String, _ change: @escaping @Sendable (inout IORequest) -> Void) -> KeyField {
        KeyField("request.\(name)") { $0.scheduler.requests.updateAll(change) }
    }

    private static let scheduling: [KeyField] = [
        KeyField("requests") { machine in
            machine.scheduler.requests.insert(
                IORequest(.write, on: DeviceID(0), file: FileID(0), index: 1, pages: 1, by: TaskID(3)))
        },
        request("kind") { $0.kind = .write }, request("device") { $0.device = DeviceID(1) },
        request("file") { $0.file = .none }, request("index") { $0.index = $0.index + 1 },
        request("pages") { $0.pages += 1 }, request("task") { $0.task = TaskID(3) },
        request("completes") { $0.completes = 7 },
        KeyField("failures.point") { $0.failAllocation(at: .copyPage) },
        KeyField("failures.point.other") { machine in
            machine.scheduler.failures.removeAll()
            machine.failAllocation(at: .anonymousPage, skipping: 1)
        },
        KeyField("failures.skipping") { machine in
            machine.scheduler.failures.removeAll()
            machine.failAllocation(at: .pageTable, skipping: 2)
        },
        KeyField("pageLocks") { machine in
            machine.scheduler.pageLocks.append(PageLock(folio: machine.tasks[0].fault.folio, task: TaskID(3)))
        },
        KeyField("submissionThrottle") { $0.scheduler.submissionThrottle = $0.clock + 5 },
        KeyField("swap.available") { $0.swap.available.removeAll() },
        KeyField("swap.maps") { $0.swap.maps.append(MapID(0)) },
        KeyField("swap.files") { $0.swap.files.append(FileID(0)) },
        KeyField("swap.readaheadHits") { $0.swap.readaheadHits += 1 },
        KeyField("swap.previousSlot") { $0.swap.previousSlot += 1 },
        KeyField("swap.previousWindow") { $0.swap.previousWindow += 1 },
    ]
}

extension Machine {
    /// What else a key must see: a swap area, readers and marks of areas, a stored page, a failure to come.
    fileprivate mutating func setUpMemory(of play: Play) throws {
        _ = register(Disk(latencyNanoseconds: 5))
        _ = addDevice(operations: 0, held: true)
        addSwap(on: DeviceID(1), pages: 8)
        maps[0].areaLocks.addReader(TaskID(3), of: PageNumber(16))
        maps[0].areaLocks.mark(PageNumber(30)..<PageNumber(32))
        files[0].storedStamps.set(StoredStamp(page: 1, stamp: 5))
        failAllocation(at: .pageTable, skipping: 1)
        tasks[3].archWords = ArchWords(first: 2)
        tasks[3].archWords.second = 8
    }
}
