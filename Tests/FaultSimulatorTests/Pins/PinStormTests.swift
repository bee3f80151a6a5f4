import FaultSimulator
import Testing

@Suite("A storm of pins", .timeLimit(.minutes(60)))
struct PinStormTests {
    /// Processes that pin, fork, write and unmap at once, in a small memory with a swap area, while devices write to what is
    /// pinned, files are cut and tasks are killed; all from one seed.
    private struct Storm {
        var world: World
        var random: SplitMix64
        var files: [FileID] = []
        var areas: [Area] = []
        let swap: DeviceID
        /// Gives back what the others have left.
        let device: TaskID

        static let stageLimit = 30_000

        init(_ model: KernelModel, seed: UInt64) throws {
            random = SplitMix64(seed: seed)
            var settings = MachineSettings()
            settings.processors = 1 + random.below(2)
            settings.faultAroundPages = random.pick([1, 16])
            settings.swapReadaheadPages = random.pick([1, 4])
            if random.below(2) == 0 { settings.frameLimit = 70 + random.below(60) }
            let isHeld = random.below(3) == 0
            world = try World(model, disk: isHeld ? .held : .latency(nanoseconds: 700), settings: settings)
            world.machine.isTracing = false
            swap = try world.addSwap(pages: 64, held: isHeld, isSynchronous: random.below(4) == 0)
            device = world.kernelThread()
            files = [
                try world.file(pages: 10 + random.below(10), resident: .pages([0...5])),
                try world.file(pages: 8, on: .tmpfs, resident: .pages([2...5])),
            ]
            for _ in 0..<2 {
                let task = world.task()
                for file in files {
                    areas.append(try world.map(file, .readWrite, random.pick([.shared, .private]), in: task))
                }
                areas.append(try world.map(anonymousPages: 6, in: task))
                areas.append(try world.map(anonymousPages: 3, .readWrite, .shared, in: task))
                if random.below(2) == 0 { _ = world.thread(of: task) }
            }
        }

        /// Some rounds of random things, then peace: all must end, and when every process is gone and every pin is given
        /// back, only the page caches have pages.
        mutating func run(rounds: Int) throws -> String? {
            for _ in 0..<rounds {
                for number in 0..<world.machine.taskCount {
                    let task = TaskID(number)
                    guard !world.machine.isBusy(task), !world.machine.hasExited(task) else { continue }
                    world.start(operation(of: task), in: task)
                }
                disturb()
                let limit = random.below(3) == 0 ? random.below(60) : Self.stageLimit
                if let failure = verify(world.machine.run(limit: limit)) { return failure }
            }
            if let failure = settle() { return failure }
            for number in 0..<world.machine.taskCount where TaskID(number) != device {
                if !world.machine.hasExited(TaskID(number)) { world.kill(TaskID(number)) }
            }
            if let failure = settle() { return failure }
            let left = world.machine.leakedPins
            guard left.map(\.id) == world.pins.filter({ $0.id.task != device }).map(\.id) else {
                return "\(left.count) of \(world.pins.count) pins are said to be left"
            }
            for pin in left { try world.perform(.unpin(pin.id, makesDirty: random.below(2) == 0), in: device) }
            if let failure = settle() { return failure }
            _ = world.evictSwapCache()
            let cached = files.reduce(0) { $0 + world.machine.cachedPages(of: $1) } + world.machine.swapCachedPages
            let inUse = world.machine.framesInUse
            return inUse == cached ? nil : "\(inUse) pages are in use, \(cached) cached"
        }

        private mutating func verify(_ reason: StopReason) -> String? {
            world.machine.verify(after: reason).violations.first.map { "\($0)" }
        }

        /// Lets everything end.
        private mutating func settle() -> String? {
            for _ in 0..<200 {
                world.machine.release(world.disk)
                world.machine.release(swap)
                let reason = world.machine.run(limit: Self.stageLimit)
                if let failure = verify(reason) { return failure }
                if reason == .finished { return nil }
                if reason == .limitReached { return "hangs: \(world)" }
                let finished = world.machine.finishHeld(on: world.disk) + world.machine.finishHeld(on: swap)
                if finished == 0 { return "is stuck: \(world)" }
            }
            return "does not end"
        }

        private mutating func disturb() {
            let task = TaskID(random.below(world.machine.taskCount))
            switch random.below(12) {
            case 0 where task != device && !world.machine.hasExited(task) && random.below(3) == 0: world.kill(task)
            case 1: world.machine.failAllocation(at: random.pick(AllocationPoint.allCases), skipping: random.below(3))
            case 2: world.completeReads()
            case 3: world.completeWrites()
            case 4: world.machine.finishHeld(on: swap)
            case 5: world.evictSwapCache()
            case 6...8:
                for pin in world.pins where pin.isForWriting && random.below(2) == 0 {
                    world.machine.writeByDevice(random.stamp, to: pin.id, page: random.below(pin.pages))
                }
            default: break
            }
        }

        private mutating func operation(of task: TaskID) -> TaskOperation {
            let area = random.pick(areas)
            let page = area[random.below(area.pages)]
            let pages = 1 + random.below(4)
            let file = random.pick(files)
            let index = PageIndex(random.below(12))
            if task == device { return random.below(2) == 0 ? unpin(task) : .sleep(nanoseconds: 100) }
            switch random.below(30) {
            case 0...7: return .pinUserPages(page, pages: pages, random.pick(Self.pins))
            case 8...10: return unpin(task)
            case 11...14: return .write(page, pages: pages)
            case 15: return .read(page, pages: pages)
            case 16: return world.machine.taskCount < 9 ? .fork : random.below(3) == 0 ? .exit : unpin(task)
            case 17, 18: return world.machine.taskCount < 9 ? .fork : .write(page, pages: pages)
            case 19: return .munmap(page, pages: 1 + pages / 2)
            case 20:
                return .madvise(page, pages: pages, random.pick([.dontNeed, .free, .dontFork, .wipeOnFork, .cold]))
            case 21, 22: return .madvise(page, pages: 6, .pageOut)
            case 23: return .truncate(file, pages: random.below(16))
            case 24: return .punchHole(file, index, pages: pages)
            case 25: return .directRead(files[0], index, pages: pages, into: page)
            case 26: return .getUserPages(page, pages: pages, random.pick(Self.pins).union(.unlockable))
            case 27: return .readRemoteMemory(area.map, page, pages: pages)
            case 28:
                return random.pick([
                    .mprotect(page, pages: pages, .read), .mprotect(page, pages: pages, .readWrite), .fsync(file),
                    .dropCache(file), .mremap(page, pages: pages, newPages: 1 + random.below(5), .mayMove),
                ])
            default:
                return .mmap(MapRequest(pages: pages, access: .readWrite, placement: .hint(page), populate: true))
            }
        }

        private static let pins: [GUPFlags] = [
            .pin, [.pin, .write], [.pin, .write], .get, [.get, .write], [.pin, .get], [.pin, .write, .force],
        ]

        /// Mostly one of the pins that there are, whichever task took it.
        private mutating func unpin(_ task: TaskID) -> TaskOperation {
            let pins = world.pins
            let id = pins.isEmpty || random.below(8) == 0 ? PinID(random.below(4), of: task) : random.pick(pins).id
            return .unpin(id, makesDirty: random.below(2) == 0)
        }
    }

    #if DEBUG
    static let programs = 12
    #else
    static let programs = 150
    #endif

    @Test(
        "keeps every law, ends, and leaves no page when all is given back",
        arguments: [
            "linux2_6_37", "linux5_7", "linux5_9", "linux5_15", "linux5_19", "linux6_1", "linux6_6", "linux6_12",
        ])
    func laws(_ kernel: String) throws {
        let model = try #require(KernelModel.preset(named: kernel))
        for seed in 0..<UInt64(Self.programs) {
            do {
                var storm = try Storm(model, seed: seed)
                if let failure = try storm.run(rounds: 14) { Issue.record("\(kernel), seed \(seed) \(failure)") }
            } catch {
                Issue.record("\(kernel), seed \(seed) \(error)")
            }
        }
    }
}

extension SplitMix64 {
    /// A content that no task writes.
    fileprivate var stamp: UInt32 {
        mutating get { 0x4000_0000 | UInt32(below(1 << 28)) }
    }
}
