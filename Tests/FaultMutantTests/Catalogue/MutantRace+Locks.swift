import FaultExplorer
import FaultSimulator

@testable import FaultCore

/// Races for locks, of other callers of the fault path, and of faults that a program resolves.
extension MutantRace {
    /// No reader waits behind nobody while others read.
    private static let readersJoin = Property.always("no reader waits while others read and nobody is before it") {
        machine in
        let lock = machine.semaphore(.mmap(MapID(0)))
        return lock.readers == 0 || lock.queue.first?.mode != .read
    }

    static let killedWriter = MutantRace("a writer that is killed between readers", .linux6_1, [readersJoin]) { scene in
        let file = try scene.world.file(pages: 1)
        let area = try scene.world.map(file, .read, in: scene.task)
        let other = try scene.world.map(anonymousPages: 1, in: scene.task)
        scene.world.start(.getUserPages(area, pages: 1), in: scene.task)
        scene.world.run()
        scene.world.start(.munmap(other), in: scene.thread)
        scene.world.run()
        scene.world.start(.readProcMaps(area.map), in: scene.world.task())
        scene.injections = [Injection(.signal(.kill, scene.thread), .asleep(scene.thread))]
    }
    static let killedReader = MutantRace("a reader that is killed behind a writer", .linux6_1) { scene in
        let file = try scene.world.file(pages: 1)
        let area = try scene.world.map(file, .read, in: scene.task)
        let other = try scene.world.map(anonymousPages: 1, in: scene.task)
        scene.world.start(.getUserPages(area, pages: 1), in: scene.task)
        scene.world.run()
        scene.world.start(.munmap(other), in: scene.thread)
        let reader = scene.world.thread(of: scene.task)
        scene.world.start(.read(area), in: reader)
        scene.injections = [Injection(.signal(.kill, reader), .asleep(reader))]
    }
    static let unmapBesideReaders = MutantRace("munmap(2) beside two readers", .linux6_1, [readersJoin]) { scene in
        let area = try scene.world.map(anonymousPages: 2, in: scene.task)
        try scene.world.perform(.write(area, pages: 2), in: scene.task)
        scene.world.start(.munmap(area, page: 1), in: scene.task)
        scene.world.start(.readProcMaps(area.map), in: scene.world.task())
    }
    static let monitors = MutantRace("a lookup with the lock held, a writer, a reader") { scene in
        let file = try scene.world.file(pages: 1)
        let area = try scene.world.map(file, .read, in: scene.task)
        let other = try scene.world.map(anonymousPages: 1, in: scene.task)
        scene.world.start(.getUserPages(area, pages: 1), in: scene.task)
        scene.world.run()
        scene.world.start(.munmap(other), in: scene.thread)
        scene.world.start(.readProcMaps(area.map), in: scene.world.task())
    }
    static let handover = MutantRace("a lock that is handed over") { scene in
        let file = try scene.world.file(pages: 1)
        let area = try scene.world.map(file, .read, in: scene.task)
        scene.world.start(.readProcMem(area.map, area[0], pages: 1), in: scene.world.task())
        scene.world.run()
        scene.world.start(.munmap(area), in: scene.task)
        scene.world.run()
        scene.world.start(.read(area), in: scene.thread)
    }
    static let sleepsUnderAreaLock = MutantRace(
        "a store that sleeps under its area's lock beside munmap(2)", .linux6_12
    ) {
        scene in
        let file = try scene.world.file(pages: 2, resident: .all)
        let area = try scene.world.map(file, .readWrite, .shared, in: scene.task)
        let syncing = scene.world.task()
        try scene.world.perform(.write(file, page: 1, pages: 1), in: syncing)
        scene.world.start(.fsync(file), in: syncing)
        scene.world.run()
        scene.world.start(.punchHole(file, 1, pages: 1), in: scene.world.task())
        scene.world.run()
        scene.world.start(.write(area), in: scene.task)
        scene.world.run()
        scene.world.start(.munmap(area), in: scene.thread)
    }

    // MARK: Lookups

    private static func lookUp(
        _ description: String, _ model: KernelModel = .linux6_1, _ resident: World.Resident = .none,
        _ sharing: Sharing = .private, on fileSystem: World.FileSystem = .ext4, dirtyLimit: Int = .max,
        _ change: @escaping @Sendable (inout Scene, Area, FileID) throws -> Void
    ) -> MutantRace {
        MutantRace(description, model, set: { $0.dirtyLimitPages = dirtyLimit }) { scene in
            let file = try scene.world.file(pages: 1, on: fileSystem, resident: resident)
            let area = try scene.world.map(file, .readWrite, sharing, in: scene.task)
            try change(&scene, area, file)
        }
    }

    static let evictedLookUp = lookUp("a lookup whose page is evicted, twice") { scene, area, file in
        scene.world.start(.getUserPages(area, .unlockable), in: scene.task)
        scene.injections = [Injection(.start(.dropCache(file), in: scene.world.task()), times: 2)]
    }
    static let killedLookUp = lookUp("a lookup that is killed") { scene, area, _ in
        scene.world.start(.getUserPages(area, .unlockable), in: scene.task)
        scene.injections = [Injection(.signal(.kill, scene.task), .asleep(scene.task))]
    }
    static let lookUpBesideDiscard = lookUp("a lookup beside MADV_DONTNEED", .linux6_1, .all) { scene, area, _ in
        scene.start(.getUserPages(area, .unlockable), beside: .madvise(area, .dontNeed))
    }
    static let lookUpBesideLoad = lookUp("a lookup beside a load", .linux6_1, .all) { scene, area, _ in
        scene.start(.getUserPages(area, .unlockable), beside: .read(area))
    }
    static let completedLookUpBesideStore = lookUp(
        "a lookup for writing beside a store to a tmpfs page", .linux6_1, .none, .shared, on: .tmpfs
    ) { scene, area, _ in
        scene.start(.getUserPages(area, [.write, .unlockable]), beside: .write(area))
    }
    static let completedLookUp = lookUp(
        "a lookup for writing of a tmpfs page beside MADV_DONTNEED", .linux6_1, .none, .shared, on: .tmpfs
    ) { scene, area, _ in
        scene.start(.getUserPages(area, [.write, .unlockable]), beside: .madvise(area, .dontNeed))
    }
    static let fixupBesideStore = lookUp(
        "fixup_user_fault() beside a store to a tmpfs page", .linux6_1, .none, .shared, on: .tmpfs
    ) { scene, area, _ in
        scene.start(.faultIn(FaultRequest(.fixupUnlockable, .write, area[0])), beside: .write(area[0]))
    }
    static let killedBesideWriter = lookUp("a load that waits for the lock and is killed") { scene, area, _ in
        let other = try scene.world.map(anonymousPages: 1, in: scene.task)
        scene.world.start(.getUserPages(area), in: scene.task)
        scene.world.run()
        scene.world.start(.munmap(other), in: scene.thread)
        scene.world.run()
        let reader = scene.world.thread(of: scene.task)
        scene.world.start(.read(area), in: reader)
        scene.injections = [Injection(.signal(.kill, reader), .asleep(reader))]
    }

    // MARK: Faults that a program resolves

    private static func handedOver(
        _ description: String, _ model: KernelModel = .linux6_1, features: UserfaultFeatures = [],
        _ change: @escaping @Sendable (inout Scene, Area, UserfaultID) throws -> Void
    ) -> MutantRace {
        MutantRace(description, model) { scene in
            let area = try scene.world.map(anonymousPages: 2, in: scene.task)
            let descriptor = try scene.world.userfaultfd(in: scene.task, features: features)
            try scene.world.register(area, with: descriptor, for: .missing, by: scene.task)
            try change(&scene, area, descriptor)
        }
    }

    static let fill = handedOver("a load beside UFFDIO_COPY") { scene, area, descriptor in
        scene.start(.read(area), beside: .copy(descriptor, area, page: 0))
    }
    static let fixupBesideWakes = handedOver("fixup_user_fault() beside UFFDIO_WAKE, twice, and UFFDIO_COPY") {
        scene, area, descriptor in
        scene.world.start(.faultIn(FaultRequest(.fixupUnlockable, .write, area[0])), in: scene.task)
        let wake = TaskOperation.wake(descriptor, area)
        scene.world.start([wake, wake, .copy(descriptor, area, page: 0)], in: scene.thread)
    }
    static let monitored = handedOver("a load beside a monitor") { scene, area, descriptor in
        scene.world.start(.read(area), in: scene.task)
        scene.world.startMonitor(.postCopy(), of: descriptor, in: scene.thread)
    }
    static let closed = handedOver("a load beside the last close(2) of the descriptor", .linux6_12) {
        scene, area, descriptor in
        scene.start(.read(area), beside: .userfault(descriptor, .close))
    }
    static let fillOfTwo = handedOver("two loads beside UFFDIO_COPY") { scene, area, descriptor in
        scene.world.start(.read(area), in: scene.task)
        scene.world.run()
        scene.start2(.write(area), beside: .copy(descriptor, area, page: 0))
    }

    static let all: [MutantRace] = ofMemory + ofFiles + ofLocks

    static let ofMemory: [MutantRace] = [
        firstStores, loadBesideStore, copies, copyBesideDiscard, storeBesideFork, copyBesideFork, storeBesideUnmap,
        storeBesideSplit, discards, storeBesideMove, unmapBesideLoad, stackBesideLoad,
        stackOfTwo, stackBesideMap, oldReuse, swapIns, sharedSwapIns, swapInBesideDiscard, swapInBesidePageOut,
        swapStores,
        synchronousSwapIns, swapInBesideSwapOff, discardBesideSwapOff, killedSwapIn, tmpfsSwapIns,
        tmpfsSwapInBesideCut, tmpfsSwapInBesideSwapOff,
    ]
    static let ofFiles: [MutantRace] = [
        coldLoads, warmLoads, oldColdLoads, coldLoadBesideUnmap, coldLoadBesideUnmap612, coldLoadBesideCut,
        oldColdLoadBesideCut,
        warmLoadBesideCut, copyBesideCut, storeBesideCut, storeBesideSync, preparedStoreBesideDiscard,
        preparedStoreBesideCut, cutAndGrown, readsAlone, readsBesideEviction, tmpfsLoadBesideCut, tmpfsStoreBesidePunch,
        coldReads,
        readBesideCut,
        coldReadBesideCut, syncs, syncBesideCut, syncBesideWrite, dropBesideSync, evictions, evictedAndKilled,
        evictedWarm, killedLoad, throttledStore, reclaim,
    ]
    static let ofLocks: [MutantRace] = [
        killedWriter, killedReader, unmapBesideReaders, monitors, handover, sleepsUnderAreaLock, evictedLookUp,
        killedLookUp, lookUpBesideDiscard, lookUpBesideLoad, completedLookUp, completedLookUpBesideStore,
        fixupBesideStore, killedBesideWriter, fixupBesideWakes,
        fill, monitored,
        closed, fillOfTwo,
    ]
}

extension MutantRace.Scene {
    /// The same in two more threads.
    mutating func start2(_ first: TaskOperation, beside second: TaskOperation) {
        world.start(first, in: world.thread(of: task))
        world.start(second, in: thread)
    }
}
