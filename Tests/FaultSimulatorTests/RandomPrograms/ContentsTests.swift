import FaultFilemap
import FaultSimulator
import Testing

@Suite("Programs read what a second, naive model of contents says", .timeLimit(.minutes(60)))
struct ContentsTests {
    /// One random program: processes that do one operation at a time, and the model beside them.
    private struct Run {
        var world: World
        var model = ContentsModel()
        var random: SplitMix64
        var files: [FileID]
        var compared = 0
        /// Whether pages are pinned, too, and devices write to them.
        let usesPins: Bool

        init(seed: UInt64, _ kernel: KernelModel = .linux6_1, usesPins: Bool = false) throws {
            random = SplitMix64(seed: seed)
            self.usesPins = usesPins
            world = try World(kernel, disk: .latency(nanoseconds: 1000))
            world.machine.isTracing = false
            world.machine.isChecking = false  // the laws are another test's
            files = [
                try world.file(pages: 8 + random.below(24), resident: .pages([0...3])),
                try world.file(pages: 12, on: .tmpfs, resident: .pages([2...5])),
            ]
            for file in files {
                let known = file == files[0] ? 0...(world.machine.pages(of: file) - 1) : 2...5
                var stamps: [Int: UInt32] = [:]
                for page in known { stamps[page] = Machine.initialStamp(of: file, at: PageIndex(page)) }
                model.files[file.index] = .init(pages: world.machine.pages(of: file), stamps: stamps)
            }
            try perform(.brk(0), in: world.task())
        }

        /// Lets a task do an operation, and compares what came back.
        mutating func perform(_ operation: TaskOperation, in task: TaskID) throws {
            let report = try world.perform(operation, in: task)
            guard let expected = model.replay(report, by: task) else { return }
            compared += 1
            #expect(report.signal == expected.signal, "\(operation)")
            #expect(report.errno == expected.errno, "\(operation)")
            #expect(report.outcome.stamp == expected.stamp, "\(operation)")
            if let pages = expected.pages { #expect(report.value == pages, "\(operation)") }
        }

        /// A pin, or the end of one.
        mutating func pinOperation(_ page: PageNumber, _ pages: Int, of task: TaskID) -> TaskOperation {
            if random.below(3) == 0 {
                let ids = model.pins.keys.sorted()
                guard !ids.isEmpty, random.below(8) > 0 else {
                    return .unpin(PinID(random.below(9), of: task), makesDirty: true)
                }
                let id = random.pick(ids)
                return .unpin(id, makesDirty: model.pins[id]!.isForWriting)
            }
            let flags: GUPFlags = random.pick([
                [.pin, .write], [.pin, .write], .pin, [.get, .write], .get, [.get, .pin],
            ])
            // Whether a page that looks untouched was populated, or one that was forked copied, the model does not know.
            let isKnown = (0..<pages).allSatisfy { number in
                guard let found = model.processes[task.index]!.pages[(page + number).rawValue] else { return true }
                if found.copy == nil { return found.backing != .zeroes }
                return found.isExclusive || flags.contains(.pin)
            }
            return .pinUserPages(page, pages: pages, isKnown ? flags : flags.union(.write))
        }

        /// Lets devices write to what is pinned, and compares what they find there.
        mutating func look(at operation: TaskOperation) {
            for id in model.pins.keys.sorted() {
                let pin = model.pins[id]!
                if pin.kind == .pin, pin.isForWriting, random.below(6) == 0 {
                    let stamp = 0x4000_0000 | UInt32(random.below(1 << 20))
                    let page = random.below(pin.pages.count)
                    model.writeByDevice(stamp, to: id, page: page)
                    world.machine.writeByDevice(stamp, to: id, page: page)
                }
                #expect(world.stamps(of: id) == model.stamps(of: model.pins[id]!), "\(id) after \(operation)")
            }
            #expect(world.pins.map(\.id) == model.pins.keys.sorted())
        }

        mutating func run(operations: Int) throws {
            for _ in 0..<operations {
                let task = TaskID(random.pick(model.processes.keys.sorted()))
                let operation = operation(of: task)
                try perform(operation, in: task)
                if usesPins { look(at: operation) }
            }
            // In the end everything is read.
            for owner in model.processes.keys.sorted() {
                for page in model.processes[owner]!.pages.keys.sorted() {
                    try perform(.read(PageNumber(page)), in: TaskID(owner))
                }
            }
        }

        mutating func operation(of task: TaskID) -> TaskOperation {
            let process = model.processes[task.index]!
            let mapped = process.pages.keys.sorted()
            guard !mapped.isEmpty, random.below(12) > 0 else { return .mmap(mapping(mapped)) }
            let page = PageNumber(random.pick(mapped))
            let pages = 1 + random.below(4)
            let file = random.pick(files)
            let index = PageIndex(random.below(20))
            if usesPins, random.below(4) == 0 { return pinOperation(page, pages, of: task) }
            switch random.below(34) {
            case 0...5: return .read(page, pages: pages)
            case 6...11: return .write(page, pages: pages)
            case 12: return .execute(page, pages: pages)
            case 13: return .kernelTouch(random.pick([.read, .write]), page, .kernelWithFixup)
            case 14: return .munmap(page, pages: 1 + pages / 3)
            case 15:
                return .mprotect(page, pages: pages, random.pick([.read, .readWrite, .readWrite, .all, .noAccess]))
            case 16, 17:
                let advice: [Advice] = [
                    .dontNeed, .dontNeed, .dontNeedLocked, .dontFork, .doFork, .wipeOnFork, .keepOnFork, .random,
                    .sequential, .willNeed,
                ]
                return .madvise(page, pages: pages, random.pick(advice))
            case 18, 19:
                let newPages = 1 + random.below(7)
                return .mremap(page, pages: pages, newPages: newPages, random.pick([.mayMove, .mayMove, .inPlace]))
            case 20:
                let range = (0..<pages).map { process.pages[(page + $0).rawValue] }
                if range.contains(where: { $0?.isPrivateFile == true }) { return .munlock(page, pages: pages) }
                let populate = random.pick([Advice.populateRead, .populateWrite])
                return random.below(2) == 0 ? .mlock(page, pages: pages) : .madvise(page, pages: pages, populate)
            case 21: return .brk(random.below(6) - 2)
            case 22: return model.processes.count < 4 ? .fork : model.processes.count > 1 ? .exit : .brk(1)
            case 23: return .read(file, index, pages: pages, into: random.below(4) == 0 ? nil : page)
            case 24: return .read(file, index, pages: pages, into: page)
            case 25: return .write(file, index, pages: pages, from: nil)
            case 26: return .write(file, index, pages: pages, from: page)
            case 27: return .truncate(file, pages: random.below(24))
            case 28: return .punchHole(file, index, pages: pages)
            case 29: return random.below(2) == 0 ? .fsync(file) : .dropCache(file)
            case 30:
                return .getUserPages(
                    page, pages: pages, random.pick([[], .write, .unlockable, [.write, .unlockable]]))
            case 31, 32:
                let owner = random.pick(model.processes.keys.sorted())
                let theirs = model.processes[owner]!.pages.keys.sorted()
                guard !theirs.isEmpty else { return .msync(page, pages: pages) }
                let map = world.machine.map(of: TaskID(owner))
                let there = PageNumber(random.pick(theirs))
                return random.below(2) == 0
                    ? .readRemoteMemory(map, there, pages: pages) : .readProcMem(map, there, pages: pages)
            default: return random.below(2) == 0 ? .msync(page, pages: pages) : .mincore(page, pages: pages)
            }
        }

        mutating func mapping(_ mapped: [UInt64]) -> MapRequest {
            let pages = 2 + random.below(8)
            var flags = VMAFlags(random.pick([Protection.readWrite, .readWrite, .read, .all]))
            if random.below(2) == 0 { flags.insert(.shared) }
            let place: MapRequest.Placement =
                mapped.isEmpty || random.below(4) > 0 ? .anywhere : .fixed(PageNumber(random.pick(mapped)))
            switch random.below(3) {
            case 0:
                return MapRequest(
                    pages: pages, access: flags.protection, flags: MapFlags(flags), placement: place,
                    populate: random.below(3) == 0)
            default:
                let offset = PageIndex(random.below(8))
                return MapRequest(
                    pages: pages, access: flags.protection, flags: MapFlags(flags), file: random.pick(files),
                    offset: offset, placement: place)
            }
        }
    }

    @Test("what every read of 800 random programs gives, every refusal and every short call", arguments: 0..<8)
    func contents(_ batch: Int) throws {
        for number in 0..<100 {
            let seed = UInt64(batch * 1000 + number)
            var run = try Run(seed: seed)
            do {
                try run.run(operations: 60)
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
            #expect(run.compared > 20, "seed \(seed)")
        }
    }

    @Test(
        "and of 400 more, what pins hold, whoever writes, forks, unmaps, cuts files and ends meanwhile",
        arguments: [KernelModel.linux5_19, .linux6_1, .linux6_6, .linux6_12])
    func pins(_ kernel: KernelModel) throws {
        for seed in 0..<100 as Range<UInt64> {
            var run = try Run(seed: 20_000 + seed, kernel, usesPins: true)
            do {
                try run.run(operations: 90)
            } catch {
                Issue.record("\(kernel), seed \(seed): \(error)")
            }
            #expect(run.compared > 20 && run.world.machine.checkInvariants().isEmpty, "\(kernel), seed \(seed)")
        }
    }

    @Test("what a write gives does not depend on whether the page was cached")
    func writeIgnoresCache() throws {
        var stamps: [UInt32] = []
        for isCached in [false, true] {
            var world = try World(.linux6_1, disk: .latency(nanoseconds: 100))
            let file = try world.file(pages: 4, resident: isCached ? .all : .none)
            let task = world.task()
            try world.perform(.write(file, page: 2), in: task)
            stamps.append(try world.perform(.read(file, page: 2), in: task).outcome.stamp)
        }
        #expect(stamps[0] == stamps[1])
        #expect(stamps[0] != 0)
    }

    @Test("reading a page of a file into its own mapping changes nothing")
    func readOntoItself() throws {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 100))
        let file = try world.file(pages: 4)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        let before = try world.perform(.read(area, page: 1), in: task).outcome.stamp
        #expect(try world.perform(.read(file, page: 1, into: area, at: 1), in: task).value == 1)
        #expect(try world.perform(.read(area, page: 1), in: task).outcome.stamp == before)
    }
}
