import FaultSimulator

/// A handler that sleeps on a device and retries, to take part in random programs.
struct SlowMemory: VMOperations {
    enum Stage: UInt8, RoutineStage { case ask, arrived }

    let device: DeviceID
    var name: StaticName { "slow memory" }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .ask:
            // mlock's populate tries again without TRIED: a handler that then dropped the lock again would never end.
            if fault.flags.contains(.tried) || !fault.isException { return .next(.arrived) }
            let request = machine.submit(IORequest(.direct, on: device, by: fault.task))
            machine.dropFaultLock(of: &fault, for: .handler)
            return .sleep(.request(request, .killable), then: .arrived)
        case .arrived:
            if fault.lockDropped { return .done(.retry) }
            return .done(machine.giveNewPage(stamp: 99, to: &fault) ? [] : .oom)
        }
    }
}

/// A program that decides by what it reads: it walks pages of an area, and writes where it has read a zero page.
struct ReadThenWrite: TaskProgram {
    let start: PageNumber
    let pages: UInt64

    /// How many accesses it has made.
    struct State: PluginState {
        var accesses: UInt64 = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("accesses", accesses) }
    }

    func next(after last: OperationOutcome, task: TaskID, _ state: inout State) -> TaskOperation? {
        guard state.accesses < pages * 2 else { return nil }
        let page = start + Int(state.accesses / 2)
        state.accesses += 1
        if state.accesses % 2 == 1 { return .read(page) }
        return last.stamp == 0 ? .write(page) : .sleep(nanoseconds: 10)
    }
}

/// A device whose reads take longer the further they are from the last one.
struct SeekingDisk: BlockDevice {
    var name: StaticName { "seeking disk" }

    /// Where its head stands.
    struct State: PluginState {
        var head: PageIndex = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("head", head) }
    }

    func completion(of request: IORequest, now: UInt64, _ state: inout State) -> UInt64 {
        let distance = request.index.rawValue.subtractingReportingOverflow(state.head.rawValue).partialValue
        let seek = UInt64((Int64(bitPattern: distance)).magnitude)
        state.head = request.index + request.pages
        return now + 100 + seek * 10
    }
}

/// A world with files, areas and tasks, all from one seed, whose tasks run random programs.
struct RandomWorld {
    var world: World
    var tasks: [TaskID] = []

    /// Builds it; all tasks have been given their programs, none has run.
    init(seed: UInt64, _ model: KernelModel = .linux6_1, operationsPerTask: Int = 12) throws {
        var random = SplitMix64(seed: seed)
        var costs = CostModel()
        if random.below(2) == 0 {
            costs.exceptionNanoseconds = 100
            costs.faultStageNanoseconds = 30
            costs.systemCallStageNanoseconds = 50
        }
        var settings = MachineSettings()
        settings.processors = 1 + random.below(2)
        world = try World(
            model, disk: .latency(nanoseconds: UInt64(500 + random.below(1000))), settings: settings, costs: costs)
        world.machine.isTracing = false
        let files = [
            try world.file(pages: 40 + random.below(40), resident: .pages([0...9])),
            try world.file(pages: 16, on: .tmpfs, resident: .pages([2...5])),
        ]
        let first = world.task()
        tasks = [first, world.thread(of: first), world.task()]
        let slow = world.register(SlowMemory(device: world.disk))
        var areas: [[Area]] = []
        for task in [first, tasks[2]] {
            areas.append([
                try world.map(files[0], .readWrite, random.below(2) == 0 ? .shared : .private, in: task),
                try world.map(files[1], .readWrite, .shared, in: task),
                try world.map(anonymousPages: 12, in: task),
                try world.map(slow, pages: 6, in: task),
            ])
        }
        for (number, task) in tasks.enumerated() {
            let mine = areas[number / 2]
            if number == 1, random.below(3) == 0 {
                world.start(ReadThenWrite(start: mine[2][0], pages: 6), in: task)
                continue
            }
            let program = (0..<operationsPerTask).map { _ in Self.operation(&random, files, mine) }
            world.start(program, in: task)
        }
    }

    private static func operation(_ random: inout SplitMix64, _ files: [FileID], _ areas: [Area]) -> TaskOperation {
        let area = random.pick(areas)
        let page = random.below(area.pages)
        let pages = 1 + random.below(min(4, area.pages - page))
        let file = random.pick(files)
        switch random.below(24) {
        case 0...6: return .read(area, page: page, pages: pages)
        case 7...12: return .write(area, page: page, pages: pages)
        case 13: return .munmap(area, page: page, pages: 1)
        case 14: return .mprotect(area, random.pick([.read, .readWrite, .noAccess]), page: page, pages: pages)
        case 15:
            return .madvise(area, random.pick([.dontNeed, .random, .sequential, .normal]), page: page, pages: pages)
        case 16: return .truncate(file, pages: random.below(20) + 4)
        case 17: return .fsync(file)
        case 18: return .dropCache(file)
        case 19: return .read(file, page: random.below(12), pages: 2, into: areas[2], at: random.below(8))
        case 20: return .write(file, page: random.below(12), pages: 1)
        case 21:
            return .mmap(MapRequest(pages: 1 + random.below(4), access: .readWrite, populate: random.below(2) == 0))
        case 22: return .sleep(nanoseconds: UInt64(random.below(2000)))
        default: return .mlock(area, page: page, pages: 1)
        }
    }
}

/// A digest of words, the same in every process.
struct Digest {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ word: UInt64) {
        for shift in stride(from: 0 as UInt64, to: 64, by: 8) {
            value = (value ^ ((word >> shift) & 0xFF)) &* 0x100_0000_01B3
        }
    }
}
