import FaultExplorer
import FaultSimulator

@testable import FaultCore

/// Races over files.
extension MutantRace {
    private static func file(
        _ description: String, _ model: KernelModel = .linux6_1, pages: Int = 1, _ resident: World.Resident = .none,
        _ sharing: Sharing = .private, on fileSystem: World.FileSystem = .ext4, isMapped: Bool = false,
        faultAround: Int = 16, dirtyLimit: Int = .max,
        _ operations: @escaping @Sendable (Area, FileID) -> (TaskOperation, TaskOperation)
    ) -> MutantRace {
        MutantRace(
            description, model,
            set: {
                $0.faultAroundPages = faultAround
                $0.dirtyLimitPages = dirtyLimit
            }
        ) { scene in
            let file = try scene.world.file(pages: pages, on: fileSystem, resident: resident)
            let area = try scene.world.map(file, .readWrite, sharing, in: scene.task)
            if isMapped { try scene.world.perform(.read(area), in: scene.task) }
            let (first, second) = operations(area, file)
            scene.start(first, beside: second)
        }
    }

    static let coldLoads = file("two loads of a cold page") { area, _ in (.read(area), .read(area)) }
    static let warmLoads = file("two loads of a cached page", .linux6_1, pages: 1, .all, faultAround: 1) { area, _ in
        (.read(area), .read(area))
    }
    static let oldColdLoads = file("two loads of a cold page", .linux2_6_37) { area, _ in (.read(area), .read(area)) }
    static let coldLoadBesideUnmap = file("a load of a cold page beside munmap(2)") { area, _ in
        (.read(area), .munmap(area))
    }
    static let coldLoadBesideUnmap612 = file("a load of a cold page beside munmap(2)", .linux6_12) { area, _ in
        (.read(area), .munmap(area))
    }
    static let coldLoadBesideCut = file("a load of a cold page beside a truncation") { area, file in
        (.read(area), .truncate(file, pages: 0))
    }
    static let oldColdLoadBesideCut = file("a load of a cold page beside a truncation", .linux5_1) { area, file in
        (.read(area), .truncate(file, pages: 0))
    }
    static let warmLoadBesideCut = file("a load of a cached page beside a truncation", .linux6_1, .all, faultAround: 1)
    {
        area, file in (.read(area), .truncate(file, pages: 0))
    }
    static let copyBesideCut = file("a private store beside a truncation", .linux6_1, .all) { area, file in
        (.write(area), .truncate(file, pages: 0))
    }
    static let storeBesideCut = file("a shared store beside a truncation", .linux6_1, .all, .shared) { area, file in
        (.write(area), .truncate(file, pages: 0))
    }
    static let storeBesideSync = file("a shared store beside fsync(2)", .linux6_1, .all, .shared, isMapped: true) {
        area, file in (.write(area), .fsync(file))
    }
    static let preparedStoreBesideDiscard = file(
        "a store to a btrfs page beside MADV_DONTNEED", .linux6_1, .all, .shared, on: .btrfs, isMapped: true
    ) { area, _ in (.write(area), .madvise(area, .dontNeed)) }
    /// The handler sleeps, and leaves it to others to lock the page.
    static let preparedStoreBesideCut = MutantRace("a store that a handler prepares without lock, beside a truncation")
    {
        scene in
        let file = try scene.world.file(pages: 1, resident: .all)
        let handler = scene.world.machine.register(SleepyMkwrite())
        let area = try scene.world.map(
            MapRequest(pages: 1, access: .readWrite, flags: .shared, file: file, operations: handler), in: scene.task)
        scene.start(.write(area), beside: .truncate(file, pages: 0))
    }
    static let readsBesideEviction = MutantRace("two calls of read(2) on a page that is evicted") { scene in
        let file = try scene.world.file(pages: 1)
        scene.start(.read(file, page: 0), beside: .read(file, page: 0))
        scene.injections = [Injection(.start(.dropCache(file), in: scene.world.task()))]
    }
    static let tmpfsLoadBesideCut = file(
        "a load of a tmpfs page beside a truncation", .linux6_1, .all, .shared, on: .tmpfs, faultAround: 1
    ) { area, file in (.read(area), .truncate(file, pages: 0)) }
    static let tmpfsStoreBesidePunch = file(
        "a store to a tmpfs page beside a punched hole", .linux6_1, .all, .shared, on: .tmpfs, faultAround: 1
    ) { area, file in (.write(area), .punchHole(file, 0, pages: 1)) }
    static let cutAndGrown = MutantRace(
        "a load of a cached page beside a truncation and its end", set: { $0.faultAroundPages = 1 }
    ) { scene in
        let file = try scene.world.file(pages: 1, resident: .all)
        let area = try scene.world.map(file, in: scene.task)
        scene.world.start(.read(area), in: scene.task)
        scene.world.start([.truncate(file, pages: 0), .truncate(file, pages: 1)], in: scene.thread)
    }
    static let readsAlone = MutantRace(
        "two calls of read(2) on a cold page, without readahead", set: { $0.readaheadPages = 0 }
    ) { scene in
        let file = try scene.world.file(pages: 1)
        scene.start(.read(file, page: 0), beside: .read(file, page: 0))
    }
    static let coldReads = file("two calls of read(2) on a cold page") { _, file in
        (.read(file, page: 0), .read(file, page: 0))
    }
    static let readBesideCut = file("read(2) beside a truncation", .linux6_1, pages: 2, .all) { _, file in
        (.read(file, page: 0, pages: 2), .truncate(file, pages: 1))
    }
    static let coldReadBesideCut = file("a cold read(2) beside a truncation", .linux6_1) { _, file in
        (.read(file, page: 0, pages: 1), .truncate(file, pages: 0))
    }

    private static func dirty(
        _ description: String, _ model: KernelModel = .linux6_1, _ properties: [Property] = [],
        _ operations: @escaping @Sendable (FileID) -> (TaskOperation, TaskOperation)
    ) -> MutantRace {
        MutantRace(description, model, properties) { scene in
            let file = try scene.world.file(pages: 1, resident: .all)
            try scene.world.perform(.write(file, page: 0, pages: 1), in: scene.task)
            let (first, second) = operations(file)
            scene.start(first, beside: second)
        }
    }

    static let syncs = dirty(
        "two calls of fsync(2)", .linux6_1,
        [
            .always("who has synced leaves nothing under write") { machine in
                let isWritten = machine.cachedFolio(at: 0, of: FileID(0)).map {
                    machine.flags(of: $0).isDisjoint(with: [.writeback, .dirty])
                }
                return isWritten != false || machine.isBusy(TaskID(0)) && machine.isBusy(TaskID(1))
            }
        ]
    ) { (.fsync($0), .fsync($0)) }
    static let syncBesideCut = dirty("fsync(2) beside a truncation") { (.fsync($0), .truncate($0, pages: 0)) }
    static let syncBesideWrite = dirty("fsync(2) beside write(2)") { (.fsync($0), .write($0, page: 0, pages: 1)) }
    static let dropBesideSync = dirty("FADV_DONTNEED beside fsync(2)") { (.fsync($0), .dropCache($0)) }

    private static func eviction(_ description: String, _ model: KernelModel, kills: Bool = false, times: Int = 2)
        -> MutantRace
    {
        MutantRace(description, model) { scene in
            let file = try scene.world.file(pages: 1)
            let area = try scene.world.map(file, .read, in: scene.task)
            scene.world.start(.read(area), in: scene.task)
            scene.injections = [Injection(.start(.dropCache(file), in: scene.world.task()), times: times)]
            if kills { scene.injections.append(Injection(.signal(.kill, scene.task), .asleep(scene.task))) }
        }
    }

    static let evictions = eviction("a load whose page is evicted, twice", .linux6_1)
    static let evictedAndKilled = eviction("a load whose page is evicted, and that is killed", .linux6_1, kills: true)
    static let evictedWarm = MutantRace("a load of a cached page that is evicted", set: { $0.faultAroundPages = 1 }) {
        scene in
        let file = try scene.world.file(pages: 1, resident: .all)
        let area = try scene.world.map(file, .read, in: scene.task)
        scene.world.start(.read(area), in: scene.task)
        scene.world.start(.dropCache(file), in: scene.world.task())
    }
    static let killedLoad = MutantRace("a load of a cold page that is killed") { scene in
        let file = try scene.world.file(pages: 1)
        let area = try scene.world.map(file, .read, in: scene.task)
        scene.world.start(.read(area), in: scene.task)
        scene.injections = [Injection(.signal(.kill, scene.task), .asleep(scene.task))]
    }

    static let throttledStore = MutantRace("a throttled store beside munmap(2)", set: { $0.dirtyLimitPages = 1 }) {
        scene in
        let file = try scene.world.file(pages: 2, resident: .all)
        let area = try scene.world.map(file, .readWrite, .shared, in: scene.task)
        try scene.world.perform(.write(file, page: 1), in: scene.task)
        scene.start(.write(area), beside: .munmap(area))
    }
    static let reclaim = MutantRace(
        "a load beside a store for which memory is made free",
        set: {
            $0.frameLimit = 8
            $0.faultAroundPages = 1
            $0.readaheadPages = 0
        }
    ) { scene in
        let file = try scene.world.file(pages: 5, resident: .all)
        let area = try scene.world.map(file, .read, in: scene.task)
        let memory = try scene.world.map(anonymousPages: 4, in: scene.thread)
        try scene.world.perform(.write(memory, pages: 3), in: scene.thread)
        scene.start(.read(area), beside: .write(memory, page: 3))
    }
}
