import FaultArchitectures
import FaultSimulator

/// Every race that is explored in this repository, under any kernel.
struct Race: Sendable {
    let name: String
    let make: @Sendable (KernelModel) throws -> ExploringScenario

    /// The kernels under which every test of all races explores them: of each way to drop the lock one, and the steps of
    /// the areas' locks. ``RaceTableTests`` explores them under ``otherKernels``, too.
    static let kernels = [
        "linux6_1", "mortonSequence2006", "linux2_6_37", "bacik2018", "linux5_1", "linux5_9", "linux6_4", "linux6_12",
        "linux6_19",
    ]

    /// The other presets, oldest first.
    static let otherKernels = KernelModel.presets.map(\.name.description).filter { !kernels.contains($0) }

    static let all: [Race] = ofFiles + ofAreas + ofCallers + ofPlugIns + ofCalls

    /// A race of the threads of one process, over one file.
    private static func threads(
        _ name: String, pages: Int = 2, _ resident: World.Resident = .all, _ sharing: Sharing = .private,
        on fileSystem: World.FileSystem = .ext4, _ operations: @escaping @Sendable (Area, FileID) -> [TaskOperation]
    ) -> Race {
        Race(name: name) { model in
            var scenario = try ExploringScenario(model)
            let file = try scenario.world.file(pages: pages, on: fileSystem, resident: resident)
            let first = scenario.world.task()
            let area = try scenario.world.map(file, .readWrite, sharing, in: first)
            for (number, operation) in operations(area, file).enumerated() {
                scenario.world.start(operation, in: number == 0 ? first : scenario.world.thread(of: first))
            }
            return scenario
        }
    }

    // MARK: Of ``ExploredRaceTests`` and ``ExplorerTests``

    private static let ofFiles: [Race] =
        ExploringScenario.Name.allCases.map { name in Race(name: "\(name)") { try name.scenario($0) } } + [
            Race(name: "monitorBehindWriter") { try .monitorOfOldKernel($0, writerIsQueued: true) },
            Race(name: "timers") { model in
                var scenario = try ExploringScenario(model)
                let file = try scenario.world.file(pages: 1, resident: .all)
                let first = scenario.world.task()
                let area = try scenario.world.map(file, .read, in: first)
                scenario.world.start([.sleep(nanoseconds: 10), .read(area)], in: first)
                let second = scenario.world.thread(of: first)
                scenario.world.start([.sleep(nanoseconds: 1_000_000), .munmap(area)], in: second)
                return scenario
            },
            Race(name: "readError") { model in
                var scenario = try ExploringScenario(model)
                let file = try scenario.world.file(pages: 1)
                let task = scenario.world.task()
                scenario.world.start(.read(try scenario.world.map(file, .read, in: task)), in: task)
                scenario.injections = [
                    Injection(.breakBlocks(file, PageRun(0, 0))), Injection(.repairBlocks(file)),
                ]
                return scenario
            },
            Race(name: "allocationFailure") { model in
                var scenario = try ExploringScenario(model)
                let task = scenario.world.task()
                scenario.world.start(.write(try scenario.world.map(anonymousPages: 1, in: task)), in: task)
                scenario.injections = [Injection(.failAllocation(.anonymousPage))]
                return scenario
            },
            readUnderRead, sharedWriteWithoutBlock,
            threads("punchOnTmpfs", pages: 1, .all, .shared, on: .tmpfs) { area, file in
                [.write(area), .punchHole(file, 0, pages: 1)]
            },
        ]

    /// A read beside another process's read of the file, whose page is evicted, at most twice.
    private static let readUnderRead = Race(name: "readUnderRead") { model in
        var scenario = try ExploringScenario(model)
        let file = try scenario.world.file(pages: 1)
        let reader = scenario.world.task()
        let other = scenario.world.task()
        let area = try scenario.world.map(file, .read, .shared, in: reader)
        scenario.world.start(.read(file, page: 0), in: scenario.world.task())
        scenario.world.run()
        scenario.world.start(.read(area), in: reader)
        scenario.injections = [Injection(.start(.dropCache(file), in: other), times: 2)]
        return scenario
    }

    /// A shared write whose `page_mkwrite` may find no space on the device.
    private static let sharedWriteWithoutBlock = Race(name: "sharedWriteWithoutBlock") { model in
        var scenario = try ExploringScenario(model)
        let file = try scenario.world.file(pages: 1, resident: .all)
        let first = scenario.world.task()
        let area = try scenario.world.map(file, .readWrite, .shared, in: first)
        scenario.world.start(.write(area), in: first)
        scenario.world.start(.write(area), in: scenario.world.thread(of: first))
        scenario.injections = [Injection(.failAllocation(.block))]
        return scenario
    }

    // MARK: Of ``AreaLockExplorationTests`` and ``LockHandoverTests``

    private static let ofAreas: [Race] = [
        threads("coldReadMunmap", .none) { area, _ in [.read(area), .munmap(area)] },
        threads("privateWriteMunmap") { area, _ in [.write(area), .munmap(area)] },
        threads("sharedWriteMprotect", .all, .shared) { area, _ in [.write(area), .mprotect(area, .read)] },
        anonymous("splitByMprotect", pages: 4, touched: false) { area in
            [.write(area), .mprotect(area, .read, page: 2)]
        },
        anonymous("writeMunmap", pages: 2) { area in [.write(area, page: 1), .munmap(area)] },
        anonymous("munmapDiscard", pages: 2) { area in [.munmap(area, page: 1), .madvise(area, .dontNeed)] },
        anonymous("munmapMonitor", pages: 2) { area in [.munmap(area, page: 1), .readProcMaps(area.map)] },
        Race(name: "sleepsUnderItsLock") { model in
            var scenario = try ExploringScenario(model)
            let file = try scenario.world.file(pages: 2, resident: .all)
            let first = scenario.world.task()
            let area = try scenario.world.map(file, .readWrite, .shared, in: first)
            let syncing = scenario.world.task()
            try scenario.world.perform(.write(file, page: 1, pages: 1), in: syncing)
            scenario.world.start(.fsync(file), in: syncing)
            scenario.world.run()
            scenario.world.start(.punchHole(file, 1, pages: 1), in: scenario.world.task())
            scenario.world.run()
            scenario.world.start(.write(area), in: first)
            scenario.world.run()
            scenario.world.start(.munmap(area), in: scenario.world.thread(of: first))
            return scenario
        },
        Race(name: "handover") { model in
            var scenario = try ExploringScenario(model)
            let file = try scenario.world.file(pages: 1)
            let first = scenario.world.task()
            let area = try scenario.world.map(file, .read, in: first)
            scenario.world.start(.readProcMem(area.map, area[0], pages: 1), in: scenario.world.task())
            scenario.world.run()
            scenario.world.start(.munmap(area), in: first)
            scenario.world.run()
            scenario.world.start(.read(area), in: scenario.world.thread(of: first))
            return scenario
        },
    ]

    /// A race of the threads of one process, over anonymous memory.
    private static func anonymous(
        _ name: String, pages: Int, touched: Bool = true, _ operations: @escaping @Sendable (Area) -> [TaskOperation]
    ) -> Race {
        Race(name: name) { model in
            var scenario = try ExploringScenario(model)
            let first = scenario.world.task()
            let area = try scenario.world.map(anonymousPages: pages, in: first)
            if touched { try scenario.world.perform(.write(area), in: first) }
            for (number, operation) in operations(area).enumerated() {
                scenario.world.start(operation, in: number == 0 ? first : scenario.world.thread(of: first))
            }
            return scenario
        }
    }

    // MARK: Of ``FaultCallerTests``

    private static let callers: [FaultCaller] = [.fixup, .fixupUnlockable, .futex, .hmm, .breakKSM, .coprocessor]

    private static let ofCallers: [Race] = callers.map { caller in
        threads("\(caller)BesideWrite", .none, .shared, on: .tmpfs) { area, _ in
            [.faultIn(FaultRequest(caller, .write, area[0])), .write(area[0])]
        }
    }

    // MARK: Of plugged-in handlers and architectures

    private static let ofPlugIns: [Race] = [
        Race(name: "bell") { model in
            var scenario = try ExploringScenario(model)
            let ringer = scenario.world.task()
            let area = try scenario.world.map(scenario.world.register(BellMemory()), pages: 2, in: ringer)
            scenario.world.start(.read(area, page: 1), in: ringer)
            scenario.world.start(.read(area, page: 0), in: scenario.world.thread(of: ringer))
            return scenario
        },
        Race(name: "deaf") { model in
            var scenario = try ExploringScenario(model)
            let task = scenario.world.task()
            let area = try scenario.world.map(scenario.world.register(DeafMemory()), pages: 1, in: task)
            scenario.world.start(.read(area), in: task)
            scenario.world.start(.munmap(area), in: scenario.world.thread(of: task))
            return scenario
        },
        Race(name: "leaky") { model in
            var scenario = try ExploringScenario(model)
            let task = scenario.world.task()
            scenario.world.start(
                .read(try scenario.world.map(scenario.world.register(LeakyMemory()), pages: 1, in: task)), in: task)
            return scenario
        },
        guest("guest", .s390), guest("guestAsPosted", .s390AsPosted),
    ]

    /// A guest of s390 that stores to a tmpfs page, against munmap of its host.
    private static func guest(_ name: String, _ architecture: Architecture) -> Race {
        Race(name: name) { model in
            var scenario = try ExploringScenario(model)
            var world = try World(model, entry: ArchFaultEntry(architecture))
            let file = try world.file(pages: 4, on: .tmpfs)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            try world.perform(.setArchWords(S390Guest(hasPseudoFaults: false).words), in: task)
            let other = world.thread(of: task)
            world.machine.setArchWords(of: other, to: ArchWords())
            world.start(.write(area[0]), in: task)
            world.start(.munmap(area.start, pages: 4), in: other)
            scenario.world = world
            return scenario
        }
    }

    // MARK: What comes of it

    /// More states than any race has, but for two that stop there: `leaky` where no attempt is marked as tried, which has
    /// no end, and `readUnderRead` with laws where a fault is tried again any number of times (`herrenschmidt2006`).
    private static let stateLimit = 60_000

    /// A line of the table: how many states and transitions there are without laws and with them, and what comes of it.
    func line(under kernel: String) throws -> String {
        guard let model = KernelModel.preset(named: kernel) else { return "" }
        let head = "\(name) \(kernel): "
        let scenario: ExploringScenario
        do { scenario = try make(model) } catch let error as WorldError { return head + error.description }
        let plain = scenario.explore(.depthFirst) {
            $0.checksLaws = false
            $0.stateLimit = Self.stateLimit
        }
        let lawful = scenario.explore(.depthFirst) { $0.stateLimit = Self.stateLimit }
        let counts = [plain, lawful].map { "\($0.states) \($0.transitions)\($0.isComplete ? "" : " incomplete")" }
        let ends = "\(plain.outcomes.count) \(plain.deadlocks.count) \(lawful.brokenLaws.count)"
        return head + counts.joined(separator: ", ") + ", \(ends) \(Self.digest(of: plain)) \(Self.digest(of: lawful))"
    }

    /// A digest of the outcomes, with how many states end so, the deadlocks, and the broken laws.
    private static func digest(of found: Exploration) -> String {
        var digest = WordDigest()
        for outcome in found.outcomes {
            digest.add(WordDigest.text(outcome.text))
            digest.add(UInt64(outcome.states))
        }
        for deadlock in found.deadlocks { digest.add(WordDigest.text(deadlock.chain)) }
        // In the order of their texts: which is found first is the search's own.
        for text in found.brokenLaws.map({ "\($0.violation.law) \($0.violation.message)" }).sorted() {
            digest.add(WordDigest.text(text))
        }
        return String(digest.value, radix: 16)
    }
}
