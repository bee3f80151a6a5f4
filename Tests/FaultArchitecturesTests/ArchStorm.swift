import FaultArchitectures
import FaultSimulator

/// Tasks of several processes doing random things at once over one architecture, with signals, failures and a slow
/// disk.
struct ArchStorm {
    var world: World
    private var random: SplitMix64
    private var files: [FileID] = []
    private var areas: [Area] = []

    init(_ architecture: Architecture, _ model: KernelModel = .linux6_1, seed: UInt64) throws {
        try self.init(ArchFaultEntry(architecture), model, seed: seed, hasGuests: architecture.tail == .guestTable)
    }

    init(_ entry: any FaultEntry, _ model: KernelModel, seed: UInt64, hasGuests: Bool = false) throws {
        random = SplitMix64(seed: seed)
        var settings = MachineSettings()
        settings.processors = 1 + Int(seed & 1)
        settings.dirtyLimitPages = seed % 3 == 0 ? 3 : .max
        world = try World(model, disk: .latency(nanoseconds: 700), settings: settings, entry: entry)
        files = [
            try world.file(pages: 24, resident: .pages([0...5])),
            try world.file(pages: 8, on: .tmpfs, resident: .pages([2...5])),
        ]
        for _ in 0..<2 {
            let task = world.task()
            if hasGuests, random.below(2) == 0 {
                world.machine.setArchWords(of: task, to: S390Guest(hasPseudoFaults: random.below(2) == 0).words)
            }
            for file in files { areas.append(try world.map(file, .readWrite, sharing(), in: task)) }
            areas.append(try world.map(anonymousPages: 8, .all, in: task))
            areas.append(
                try world.map(
                    MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .hint(PageNumber(0x2000))),
                    in: task))
            _ = world.thread(of: task)
        }
    }

    private mutating func sharing() -> Sharing { random.below(2) == 0 ? .shared : .private }

    /// Some rounds, then whatever is under way ends.
    ///
    /// - Returns: What is wrong; `nil` if all is well.
    mutating func run(rounds: Int) -> String? {
        for _ in 0..<rounds {
            for number in 0..<world.machine.taskCount {
                let task = TaskID(number)
                guard !world.machine.isBusy(task), !world.machine.hasExited(task) else { continue }
                world.start(operation(), in: task)
            }
            disturb()
            let reason = world.machine.run(limit: 20_000)
            if let violation = world.machine.verify(after: reason).violations.first { return "\(violation)" }
            world.machine.repairBlocks(of: files[0])
        }
        let reason = world.machine.run(limit: 200_000)
        if let violation = world.machine.verify(after: reason).violations.first { return "\(violation)" }
        return reason == .finished ? nil : "does not end: \(reason)"
    }

    private mutating func disturb() {
        let task = TaskID(random.below(world.machine.taskCount))
        guard !world.machine.hasExited(task) else { return }
        switch random.below(8) {
        case 0 where random.below(4) == 0: world.kill(task)
        case 1: world.send(.user1, to: task)
        case 2: world.machine.failAllocation(at: AllocationPoint.allCases[random.below(AllocationPoint.allCases.count)])
        case 3:
            let first = random.below(20)
            world.machine.breakBlocks(of: files[0], PageRun(first, first + random.below(4)))
        default: break
        }
    }

    private mutating func operation() -> TaskOperation {
        let area = areas[random.below(areas.count)]
        let page = area[random.below(area.pages + 1)]
        let pages = 1 + random.below(4)
        let file = files[random.below(2)]
        switch random.below(24) {
        case 0...4: return .read(page, pages: pages)
        case 5...9: return .write(page, pages: pages)
        case 10: return .execute(page, pages: pages)
        case 11:
            let modes: [FaultException.Mode] = [.kernelWithFixup, .kernelAtomic]
            return .kernelTouch(random.below(2) == 0 ? .read : .write, page, modes[random.below(2)])
        case 12: return .munmap(page, pages: pages)
        case 13:
            let flags: [Protection] = [.read, .readWrite, .noAccess, .all]
            return .mprotect(page, pages: pages, flags[random.below(4)])
        case 14: return .madvise(page, pages: pages, Advice.allCases[random.below(Advice.allCases.count)])
        case 15: return world.machine.taskCount < 6 ? .fork : .readProcMaps(area.map)
        case 16: return .read(file, PageIndex(random.below(20)), pages: pages, into: page)
        case 17: return .truncate(file, pages: random.below(24))
        case 18: return .fsync(file)
        case 19: return .dropCache(file)
        case 20: return .getUserPages(page, pages: pages, random.below(2) == 0 ? [.write, .unlockable] : .unlockable)
        case 21, 22:
            let caller = FaultCaller.allCases[random.below(FaultCaller.allCases.count)]
            let map = random.below(3) == 0 ? area.map : .none
            return .faultIn(FaultRequest(caller, random.below(2) == 0 ? .read : .write, page, pages: pages, in: map))
        default:
            var flags = VMAFlags(.readWrite)
            if random.below(2) == 0 { flags.insert(.shared) }
            return .mmap(
                MapRequest(
                    pages: pages, access: flags.protection, flags: MapFlags(flags), file: file,
                    offset: PageIndex(random.below(6)), placement: .fixed(page),
                    populate: random.below(3) == 0))
        }
    }
}
