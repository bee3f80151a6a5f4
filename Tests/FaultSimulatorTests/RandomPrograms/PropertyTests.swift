import FaultFilemap
import FaultSimulator
import Testing

@Suite("Random programs keep every law", .timeLimit(.minutes(60)))
struct PropertyTests {
    /// A world in which tasks of several processes do random things at once, while signals, failures and a slow disk
    /// come in between; all from one seed.
    struct Storm {
        var world: World
        var random: SplitMix64
        var files: [FileID] = []
        var areas: [Area] = []
        let slow: World.Handler

        /// How many stages one round may take. What is still under way after that hangs.
        static let stageLimit = 30_000

        init(seed: UInt64) throws {
            random = SplitMix64(seed: seed)
            var settings = MachineSettings()
            settings.processors = 1 + random.below(2)
            settings.faultAroundPages = random.pick([1, 16])
            if random.below(4) == 0 { settings.dirtyLimitPages = 3 }
            if random.below(8) == 0 { settings.mapCountLimit = 12 }
            if random.below(8) == 0 { settings.addressSpaceLimitPages = 90 }
            if random.below(8) == 0 { settings.lockedLimitPages = 6 }
            var costs = CostModel()
            if random.below(3) == 0 { costs.faultStageNanoseconds = 40 }
            let isHeld = random.below(3) == 0
            let entry = X86FaultEntry(hasSMAP: random.below(2) == 0, hasProtectionKeys: random.below(2) == 0)
            world = try World(
                .linux6_1, disk: isHeld ? .held : .latency(nanoseconds: 700), settings: settings, costs: costs,
                entry: entry)
            world.machine.isTracing = false
            slow = world.register(SlowMemory(device: world.disk))
            files = [
                try world.file(pages: 10 + random.below(40), resident: .pages([0...5])),
                try world.file(pages: 8, on: .tmpfs, resident: .pages([2...5])),
            ]
            for _ in 0..<2 {
                let task = world.task()
                for area in try mappings(of: task) { areas.append(area) }
                if random.below(2) == 0 { _ = world.thread(of: task) }
            }
            if random.below(4) == 0 { _ = world.kernelThread() }
        }

        private mutating func mappings(of task: TaskID) throws -> [Area] {
            [
                try world.map(files[0], .readWrite, random.pick([.shared, .private]), in: task),
                try world.map(files[1], .readWrite, random.pick([.shared, .private]), in: task),
                try world.map(anonymousPages: 8, random.pick([.readWrite, .all]), in: task),
                try world.map(slow, pages: 3, in: task),
                try world.map(
                    MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .hint(PageNumber(0x40000))),
                    in: task),
            ]
        }

        /// Some rounds of random operations. Then nothing new begins, all held requests are finished, and all operations must
        /// end.
        mutating func run(rounds: Int) -> String? {
            for _ in 0..<rounds {
                for number in 0..<world.machine.taskCount {
                    let task = TaskID(number)
                    guard !world.machine.isBusy(task), !world.machine.hasExited(task) else { continue }
                    world.start(operation(of: task), in: task)
                }
                disturb()
                let limit = random.below(4) == 0 ? random.below(60) : Self.stageLimit
                let reason = world.machine.run(limit: limit)
                if let violation = world.machine.verify(after: reason).violations.first { return "\(violation)" }
                // Populating tries an unreadable page forever, as Linux does up to 6.8.
                if limit == Self.stageLimit { world.machine.repairBlocks(of: files[0]) }
            }
            world.machine.repairBlocks(of: files[0])
            for _ in 0..<200 {
                world.machine.release(world.disk)
                let reason = world.machine.run(limit: Self.stageLimit)
                if let violation = world.machine.verify(after: reason).violations.first { return "\(violation)" }
                if reason == .finished { return nil }
                if reason == .limitReached { return "hangs: \(underWay)" }
                guard world.machine.finishHeld(on: world.disk) > 0 else { return "is stuck: \(reason) \(underWay)" }
            }
            return "does not end"
        }

        /// What is under way, where.
        private var underWay: String {
            var lines: [String] = []
            for number in 0..<world.machine.taskCount where world.machine.isBusy(TaskID(number)) {
                let task = TaskID(number)
                let stages = world.machine.backtrace(of: task).map { "\($0)" }.joined(separator: " > ")
                lines.append("\(task) does \(world.report(of: task).operation) at \(stages)")
            }
            return lines.joined(separator: "; ")
        }

        /// What comes from outside.
        private mutating func disturb() {
            let task = TaskID(random.below(world.machine.taskCount))
            switch random.below(10) {
            case 0 where !world.machine.hasExited(task) && random.below(4) == 0: world.kill(task)
            case 1 where !world.machine.hasExited(task): world.send(.user1, to: task)
            case 2: world.machine.failAllocation(at: random.pick(AllocationPoint.allCases), skipping: random.below(3))
            case 3:
                let first = random.below(20)
                world.machine.breakBlocks(of: files[0], PageRun(first, first + random.below(4)))
            case 4: world.machine.repairBlocks(of: files[0])
            case 5: world.completeReads()
            case 6: world.completeWrites()
            default: break
            }
        }

        private mutating func operation(of task: TaskID) -> TaskOperation {
            let area = random.pick(areas)
            let page = area[random.below(area.pages + 1)]
            let pages = 1 + random.below(5)
            let file = random.pick(files)
            let index = PageIndex(random.below(24))
            let other = TaskID(random.below(world.machine.taskCount))
            switch random.below(40) {
            case 0...6: return .read(page, pages: pages)
            case 7...12: return .write(page, pages: pages)
            case 13: return .execute(page, pages: pages)
            case 14: return .kernelTouch(random.pick([.read, .write]), page, random.pick(Self.modes))
            case 15: return .munmap(page, pages: pages)
            case 16: return .mprotect(page, pages: pages, random.pick([.read, .readWrite, .noAccess, .all]))
            case 17: return .mprotectWithKey(page, pages: pages, .readWrite, key: UInt8(random.below(3)))
            case 18: return .setKeyRights(random.pick([.all, X86KeyRights.all.denyingWrites(1), .initial]))
            case 19, 20: return .madvise(page, pages: pages, random.pick(Advice.allCases))
            case 21, 22:
                let target: RemapTarget = random.pick([.inPlace, .mayMove, .mayMove, .fixed(random.pick(areas)[1])])
                return .mremap(page, pages: pages, newPages: random.below(9), target)
            case 23:
                return random.pick([
                    .mlock(page, pages: pages), .mlock2(page, pages: pages, .onFault), .munlock(page, pages: pages),
                    .munlock(page, pages: pages),
                ])
            case 24:
                let flags: [LockAllFlags] = [.current, .future, [.current, .future], [.current, .onFault]]
                return random.below(2) == 0 ? .mlockAll(random.pick(flags)) : .munlockAll
            case 25: return .brk(random.below(8) - 3)
            case 26: return world.machine.taskCount < 7 ? .fork : random.below(3) == 0 ? .exit : .readProcMaps(area.map)
            case 27: return .read(file, index, pages: pages, into: random.below(3) == 0 ? nil : page)
            case 28: return .write(file, index, pages: pages, from: random.below(3) == 0 ? nil : page)
            case 29: return .truncate(file, pages: random.below(30))
            case 30: return .punchHole(file, index, pages: pages)
            case 31: return .fsync(file)
            case 32: return .dropCache(file)
            case 33: return .msync(page, pages: pages)
            case 34:
                let flags: [GUPFlags] = [[], .write, .unlockable, [.write, .unlockable], [.write, .force], .noWait]
                return .getUserPages(page, pages: pages, random.pick(flags))
            case 35:
                return random.below(2) == 0
                    ? .readRemoteMemory(area.map, page, pages: pages) : .readProcMem(area.map, page, pages: pages)
            case 36: return .kill(other, random.below(5) == 0 ? .kill : .user1)
            case 37: return .sleep(nanoseconds: UInt64(random.below(1500)))
            case 38: return .mincore(page, pages: pages)
            default: return .mmap(mapping(page, pages, file))
            }
        }

        private static let modes: [FaultException.Mode] = [
            .kernelWithFixup, .kernelWithFixup, .kernelAtomic, .kernelUnopened,
        ]

        private mutating func mapping(_ page: PageNumber, _ pages: Int, _ file: FileID) -> MapRequest {
            var flags = VMAFlags(random.pick([Protection.readWrite, .readWrite, .read, .all]))
            if random.below(2) == 0 { flags.insert(.shared) }
            if random.below(8) == 0 { flags.insert(.locked) }
            let place: MapRequest.Placement = random.pick([.anywhere, .hint(page), .fixed(page), .fixedNoReplace(page)])
            return MapRequest(
                pages: pages, access: flags.protection, flags: MapFlags(flags),
                file: random.below(2) == 0 ? .none : file,
                offset: PageIndex(random.below(8)),
                placement: place, populate: random.below(3) == 0)
        }
    }

    /// How many programs each of eight tests runs, which run beside each other. Debug runs are slow.
    #if DEBUG
    static let programs = 20
    #else
    static let programs = 150
    #endif

    @Test("of hundreds of random programs none breaks a law, hangs, or leaves a task stuck", arguments: 0..<8)
    func laws(_ batch: Int) throws {
        for number in 0..<Self.programs {
            let seed = UInt64(batch * 100_000 + number)
            var storm = try Storm(seed: seed)
            if let failure = storm.run(rounds: 12) { Issue.record("seed \(seed) \(failure)") }
        }
    }

    @Test("populating an unreadable page goes on until somebody repairs the device or kills the task")
    func populatesForever() throws {
        for isKilled in [false, true] {
            var world = try World(.linux6_1, disk: .latency(nanoseconds: 100))
            let file = try world.file(pages: 4)
            let task = world.task()
            let area = try world.map(file, .read, .shared, in: task)
            world.machine.breakBlocks(of: file, PageRun(2, 2))
            world.start(.madvise(area, .populateRead), in: task)
            let reason = world.machine.run(limit: 5000)
            #expect(reason == .limitReached)
            if isKilled { world.kill(task) } else { world.machine.repairBlocks(of: file) }
            let end = world.run()
            #expect(end == .finished)
            #expect(world.report(of: task).isGone == isKilled)
            #expect(isKilled || world.presentPages(of: area) == [0, 1, 2, 3])
        }
    }

    @Test("without memory for a page table a private write gives back the page that it took for its copy")
    func noMemoryForTable() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 4, resident: .all)
        let task = world.task()
        let area = try world.map(file, in: task)
        world.machine.failAllocation(at: .pageTable)
        let report = try world.perform(.write(area), in: task)
        #expect(report.attempts.map(\.result).first == .oom)
        #expect(report.counters.exceptions == 2)
        #expect(report.signal == nil)
    }

    @Test("after all tasks have ended nothing is mapped, locked or held")
    func nothingIsLeft() throws {
        for seed in 900_000..<900_020 as Range<UInt64> {
            var storm = try Storm(seed: seed)
            if let failure = storm.run(rounds: 6) { Issue.record("seed \(seed) \(failure)") }
            for number in 0..<storm.world.machine.taskCount where !storm.world.machine.hasExited(TaskID(number)) {
                storm.world.kill(TaskID(number))
            }
            _ = storm.world.run()
            for number in 0..<storm.world.machine.mapCount {
                let map = MapID(number)
                #expect(storm.world.machine.rss(of: map) == ResidentPages(), "seed \(seed)")
                #expect(storm.world.machine.areas(of: map).isEmpty, "seed \(seed)")
            }
            for number in 0..<storm.world.machine.taskCount {
                #expect(storm.world.machine.heldLocks(of: TaskID(number)).isEmpty, "seed \(seed)")
            }
        }
    }
}
