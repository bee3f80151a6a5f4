import FaultArchitectures
import FaultSimulator

/// A random program under a kernel model. Threads of two processes read, write, map, protect, fork and truncate.
/// Meanwhile there are signals, failing allocations, bad blocks and slow disks. Its choices determine all of it.
struct RandomProgram {
    var world: World
    var random: ProgramChoices
    private(set) var files: [FileID] = []
    private(set) var areas: [Area] = []
    /// The disks of the swap areas.
    private(set) var swapDisks: [DeviceID] = []
    /// Whether there is a limit to memory.
    private let hasLittleMemory: Bool

    /// Its additional features. Without any, a seed gives the same program as in earlier versions.
    let features: ProgramFeatures

    /// Called after each round, and at the end, with the machine and why it stopped.
    var afterRun: ((Machine, StopReason) -> Void)?
    /// Whether it notes what it does.
    var tellsSteps = false
    /// What it has done, a line each.
    private(set) var steps: [String] = []

    /// How many stages one round may take. An operation that has not ended by then counts as hanging.
    private static let stageLimit = 20_000
    /// How often a round at the end may hang before the program counts as hanging.
    private static let mostTimesUp = 5

    init(_ model: KernelModel, _ choices: ProgramChoices, features: ProgramFeatures = []) throws {
        random = choices
        self.features = features
        var settings = MachineSettings()
        settings.processors = 1 + random.below(2)
        settings.faultAroundPages = random.pick([1, 16])
        if random.below(4) == 0 { settings.dirtyLimitPages = 3 }
        let limits = features.contains(.pressure) ? MemoryLimits(&random) : MemoryLimits()
        settings.frameLimit = limits.frames
        hasLittleMemory = limits.isShort
        settings.swapReadaheadPages = limits.swapReadaheadPages
        var costs = CostModel()
        let isFree = random.below(2) != 0
        // If any signal ends the wait of a fault, a kernel function with a pending signal tries again and again. Time
        // has to pass in this loop.
        if !isFree || model.pageWait == .interruptible { costs.faultStageNanoseconds = 40 }
        let isHeld = random.below(2) == 0
        let isX86 = !features.contains(.architectures)
        // An entry that does not heed signals tries again without end if a signal is pending and the page comes from a
        // program, as Linux on um does.
        let others = Architecture.all.filter { $0.heedsSignals || !features.contains(.userfaults) }
        var entry: any FaultEntry =
            isX86 ? X86FaultEntry(hasSMAP: random.below(2) == 0) : ArchFaultEntry(random.pick(others))
        if features.contains(.rareOperations), isX86 {
            entry = X86FaultEntry(
                hasSMAP: random.below(2) == 0, hasSMEP: random.below(2) == 0, hasProtectionKeys: random.below(4) > 0)
        }
        world = try World(
            model, disk: isHeld ? .held : .latency(nanoseconds: 700), settings: settings, costs: costs, entry: entry)
        if let pages = limits.groupPages { try world.addMemoryGroup(limit: pages, swapLimit: limits.groupSlots) }
        swapDisks = [try world.addSwap(pages: 16, held: isHeld)]
        if features.contains(.pressure) { try addSwapAreas(held: isHeld) }
        files = [
            try world.file(pages: 10 + random.below(30), resident: .pages([0...5])),
            try world.file(pages: 8, on: .tmpfs, resident: .pages([2...5])),
            try world.file(pages: 12, on: .btrfs, resident: .pages([0...3])),
        ]
        for _ in 0..<2 {
            let task = world.task()
            for file in files {
                areas.append(try world.map(file, .readWrite, random.pick([.shared, .private]), in: task))
            }
            areas.append(try world.map(anonymousPages: 8, in: task))
            let stack = MapRequest(
                pages: 2, access: .readWrite, flags: .growsDown, placement: .hint(PageNumber(isX86 ? 0x40000 : 0x2000)))
            areas.append(try world.map(stack, in: task))
            if random.below(2) == 0 { _ = world.thread(of: task) }
        }
    }

    /// How many rounds a program takes whose choices never end.
    static func rounds(with features: ProgramFeatures) -> Int { features.isSubset(of: .pins) ? 8 : 24 }

    /// Runs some random rounds, as long as there are choices. Then it completes all reads and writes, and every operation
    /// has to end.
    mutating func run(rounds: Int) -> ProgramEnd {
        for round in 1...rounds where !random.areUsedUp {
            tell("round \(round)")
            for number in 0..<world.machine.taskCount {
                let task = TaskID(number)
                guard !world.machine.isBusy(task), !world.machine.hasExited(task) else { continue }
                let operation = operation()
                tell("\(task): \(operation)")
                world.start(operation, in: task)
            }
            disturb()
            if features.contains(.turns) {
                takeTurns()
                if let violation = world.machine.violations.first { return .failed("\(violation)") }
            }
            let limit = random.below(3) == 0 ? random.below(60) : Self.stageLimit
            tell(limit < Self.stageLimit ? "run \(limit) stages" : "run")
            let reason = world.machine.run(limit: limit)
            if let violation = world.machine.verify(after: reason).violations.first { return .failed("\(violation)") }
            // Populating tries an unreadable page forever, as Linux does up to 6.8.
            if limit == Self.stageLimit { repair() }
            afterRun?(world.machine, reason)
        }
        repair()
        return finish()
    }

    private mutating func finish() -> ProgramEnd {
        var timesUp = 0
        for _ in 0..<200 {
            for disk in disks { world.machine.release(disk) }
            let reason = world.machine.run(limit: Self.stageLimit)
            if let violation = world.machine.verify(after: reason).violations.first { return .failed("\(violation)") }
            afterRun?(world.machine, reason)
            switch reason.kind {
            case .finished: return .ended
            case .limitReached:
                timesUp += 1
                if timesUp < Self.mostTimesUp {
                    giveTurns(timesUp)
                    continue
                }
                if interruptSwapOff() || interruptPopulating() { continue }
                if releaseStarves { return .hangs(.releaseStarves) }
                if takesNeighbours() { return .hangs(.neighboursTakePage) }
                return copyStarves() ? .hangs(.copyStarves) : .failed("hangs: \(underWay)")
            default:
                let finished = disks.reduce(0) { $0 + world.machine.finishHeld(on: $1) }
                if finished > 0 || killWaitersForPrograms() { continue }
                if let hang = KernelHang(ring: reason.waits, under: world.machine.model) { return .hangs(hang) }
                return .failed("is stuck: \(reason) \(underWay)")
            }
        }
        return .failed("does not end: \(underWay)")
    }

    /// Does what would happen by itself while a task loops, but does not happen here, because its stages take no time:
    /// other tasks get the processor, devices make progress, and the flusher writes dirty pages.
    private mutating func giveTurns(_ timesUp: Int) {
        for _ in 0..<Self.stageLimit / 10 {
            for task in world.machine.runnableTasks { world.machine.step(task) }
        }
        while world.machine.stepEvent() {}
        if timesUp == 2 { world.start(files.map { .fsync($0) }, in: world.kernelThread()) }
    }

    /// Whether a fault keeps reading neighbours one by one.
    private mutating func takesNeighbours() -> Bool {
        guard world.machine.model.faultAround == .oneByOne, hasLittleMemory else { return false }
        let reason = world.machine.run(
            until: .predicate { machine in
                machine.runnableTasks.contains { machine.backtrace(of: $0).last?.stage == "aroundNext" }
            },
            limit: Self.stageLimit)
        return reason == .conditionMet
    }

    /// Whether a descriptor is not released because of a task that looks up pages with the mmap lock held.
    private var releaseStarves: Bool {
        guard world.machine.model.releasedUserfault == .isDone else { return false }
        let running = world.machine.runnableTasks.filter { task in
            world.machine.backtrace(of: task).contains { $0.routine == "getUserPages" }
        }
        return world.machine.waitLinks.contains { link in
            link.behind.contains(where: running.contains)
                && world.machine.backtrace(of: link.task).contains { "\($0)".hasPrefix("userfault close") }
        }
    }

    /// Whether only calls of write(2) still run, and one of them reads its source page again and again.
    private mutating func copyStarves() -> Bool {
        let running = world.machine.runnableTasks
        let write = running.first { task in
            guard case .write(_, _, _, from: _?) = world.report(of: task).operation else { return false }
            return running.allSatisfy { world.machine.backtrace(of: $0).first?.routine == "fileTransfer" }
        }
        guard hasLittleMemory, let write else { return false }
        for _ in 0..<3 {
            let before = world.machine.events.pgsteal
            let reason = world.machine.run(
                until: .stage(write, "fileTransfer.pagePrepared"), limit: Self.stageLimit)
            guard reason == .conditionMet, world.machine.events.pgsteal > before else { return false }
            world.machine.step(write)
        }
        return true
    }

    private var underWay: String {
        var lines: [String] = []
        for number in 0..<world.machine.taskCount where world.machine.isBusy(TaskID(number)) {
            let task = TaskID(number)
            let stages = world.machine.backtrace(of: task).map { "\($0)" }.joined(separator: " > ")
            lines.append("\(task) does \(world.report(of: task).operation) at \(stages)")
        }
        return lines.joined(separator: "; ")
    }

    private var disks: [DeviceID] { [world.disk] + swapDisks }

    private mutating func repair() {
        for file in files { world.machine.repairBlocks(of: file) }
        guard features.contains(.errors) else { return }
        world.machine.repairSwapSlots()
        for disk in disks { world.machine.setReadaheadIsRefused(false, by: disk) }
    }

    mutating func add(swapDisk: DeviceID) { swapDisks.append(swapDisk) }

    private mutating func disturb() {
        if !features.isSubset(of: .pins), random.below(2) == 0 { return disturbMore() }
        let task = TaskID(random.below(world.machine.taskCount))
        switch random.below(10) {
        case 0 where !world.machine.hasExited(task) && random.below(4) == 0:
            tell("SIGKILL for \(task)")
            world.kill(task)
        case 1 where !world.machine.hasExited(task):
            tell("a signal for \(task)")
            world.send(.user1, to: task)
        case 2:
            let point = random.pick(AllocationPoint.allCases)
            let skipped = random.below(3)
            tell("allocation fails: \(point), after \(skipped)")
            world.machine.failAllocation(at: point, skipping: skipped)
        case 3:
            let first = random.below(8)
            let file = files[random.below(2) * 2]
            let blocks = PageRun(first, first + random.below(4))
            tell("bad blocks: \(file), \(blocks)")
            world.machine.breakBlocks(of: file, blocks)
        case 4:
            tell("blocks are repaired")
            repair()
        case 5:
            tell("reads complete")
            world.completeReads()
        case 6:
            tell("writes complete")
            world.completeWrites()
        case 7:
            tell("the swap cache is evicted")
            world.evictSwapCache()
        default: break
        }
    }

    /// Notes a step, if steps are noted.
    mutating func tell(_ step: @autoclosure () -> String) {
        if tellsSteps { steps.append(step()) }
    }

    private mutating func operation() -> TaskOperation {
        let area = random.pick(areas)
        let page = area[random.below(area.pages + 2) - 1]
        let pages = 1 + random.below(5)
        let file = random.pick(files)
        let index = PageIndex(random.below(16))
        if features.contains(.pins), random.below(6) == 0 { return pinOperation(page, pages) }
        if !features.isSubset(of: .pins), let operation = wideOperation(area, page, pages, file) { return operation }
        switch random.below(34) {
        case 0...7: return .read(page, pages: pages)
        case 8...15: return .write(page, pages: pages)
        case 16: return .kernelTouch(random.pick([.read, .write]), page, random.pick(Self.modes))
        case 17: return .munmap(page, pages: pages)
        case 18: return .mprotect(page, pages: pages, random.pick([.read, .readWrite, .noAccess]))
        case 19: return .madvise(page, pages: pages, random.pick(Advice.allCases))
        case 20: return random.below(2) == 0 ? .mlock(page, pages: pages) : .munlock(page, pages: pages)
        case 21: return world.machine.taskCount < 7 ? .fork : random.below(3) == 0 ? .exit : .readProcMaps(area.map)
        case 22: return .read(file, index, pages: pages, into: random.below(3) == 0 ? nil : page)
        case 23: return .write(file, index, pages: pages, from: random.below(3) == 0 ? nil : page)
        case 24: return .truncate(file, pages: random.below(24))
        case 25: return .punchHole(file, index, pages: pages)
        case 26: return .fsync(file)
        case 27: return .dropCache(file)
        case 28: return .msync(page, pages: pages)
        case 29:
            let flags: [GUPFlags] = [[], .write, .unlockable, [.write, .unlockable], .noWait]
            return .getUserPages(page, pages: pages, random.pick(flags))
        case 30: return .madvise(page, pages: pages, .pageOut)
        case 31: return .sleep(nanoseconds: UInt64(random.below(1500)))
        case 32: return .mmap(MapRequest(pages: pages, access: .readWrite, populate: random.below(2) == 0))
        default: return .mremap(page, pages: pages, newPages: random.below(9), .mayMove)
        }
    }

    /// Pins pages, or releases a pin of a task of any process.
    private mutating func pinOperation(_ page: PageNumber, _ pages: Int) -> TaskOperation {
        let pins = world.pins
        if !pins.isEmpty, random.below(3) == 0 { return .unpin(random.pick(pins).id, makesDirty: random.below(2) == 0) }
        let flags: [GUPFlags] = [.pin, [.pin, .write], .get, [.get, .write], [.get, .pin]]
        let isKept = random.below(5) != 0
        var chosen = random.pick(flags)
        // No random number is drawn for it, so that each seed gives the same program as before.
        if features.contains(.moreOperations), chosen.isSubset(of: [.pin, .write]), page.rawValue % 2 == 0 {
            chosen.insert(.longTerm)
        }
        return isKept
            ? .pinUserPages(page, pages: pages, chosen)
            : .getUserPages(page, pages: pages, chosen.union(.unlockable))
    }

    private static let modes: [FaultException.Mode] = [.kernelWithFixup, .kernelWithFixup, .kernelAtomic]
}
