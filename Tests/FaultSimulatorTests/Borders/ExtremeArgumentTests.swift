import FaultSimulator
import Testing

/// What an operation is given where a program could not mean it: the ends of numbers, and what lies around limits.
@Suite("Operations with numbers beyond all limits", .timeLimit(.minutes(60)))
struct ExtremeArgumentTests {
    /// A process with a file of 8 pages, and with 8 pages of private memory of its own.
    struct Setting {
        var world: World
        let task: TaskID
        let file: FileID
        let area: Area

        init(_ model: KernelModel = .linux6_1, on fileSystem: World.FileSystem = .ext4) throws {
            world = try World(model, disk: .latency(nanoseconds: 10))
            task = world.task()
            file = try world.file(pages: 8, on: fileSystem)
            area = try world.map(anonymousPages: 8, in: task)
        }

        var map: MapID { area.map }
    }

    static let counts: [Int] = [
        .min, -(1 << 52), -1, 0, 1, 9, 1 << 24, 1 << 32, 1 << 40, 1 << 51, 1 << 52 - 1, 1 << 52, .max - 1, .max,
    ]
    static let indexes: [UInt64] = [
        0, 7, 8, 1 << 24, 1 << 32 - 2, 1 << 32 - 1, 1 << 32, 1 << 51 - 1, 1 << 51, 1 << 52, .max - 1, .max,
    ]

    /// Debug runs are slow: there each kind of operation on files takes every third pair of an index and a count. Fourteen
    /// counts are not divisible by three, so these pairs have each index and each count.
    #if DEBUG
    static let share = 3
    #else
    static let share = 1
    #endif

    static func pages(_ setting: Setting) -> [PageNumber] {
        let limit = setting.world.machine.geometry.userLimit
        let numbers: [UInt64] = [1 << 51, 1 << 52 - 1, 1 << 52, 1 << 63, .max - 1, .max]
        return [PageNumber(0), setting.area.start, setting.area[7], limit - 1, limit] + numbers.map { PageNumber($0) }
    }

    /// A kind of operation, for a range of memory.
    enum MemoryCall: CaseIterable {
        case munmap, mprotect, mprotectWithKey, dontNeed, free, willNeed, populateWrite, remove, pageOut, wipeOnFork,
            mlock,
            mlock2, munlock, mincore, msync, getUserPages, readRemoteMemory, readProcMem, writeProcMem, fixup,
            hmm, mmapHint,
            mmapFixed,
            mmapNoReplace, shrink, growInPlace, move, leave, moveTo, read, readForwards, write, jump, kernelTouch,
            readInto,
            writeFrom, directRead, pinUserPages

        /// The operations of this kind.
        func operations(_ page: PageNumber, _ count: Int, _ setting: Setting) -> [TaskOperation] {
            let start = setting.area.start
            let file = setting.file
            switch self {
            case .munmap: return [.munmap(page, pages: count)]
            case .mprotect: return [.mprotect(page, pages: count, .read)]
            case .mprotectWithKey: return [.mprotectWithKey(page, pages: count, .read, key: 1)]
            case .dontNeed: return [.madvise(page, pages: count, .dontNeed)]
            case .free: return [.madvise(page, pages: count, .free)]
            case .willNeed: return [.madvise(page, pages: count, .willNeed)]
            case .populateWrite: return [.madvise(page, pages: count, .populateWrite)]
            case .remove: return [.madvise(page, pages: count, .remove)]
            case .pageOut: return [.madvise(page, pages: count, .pageOut)]
            case .wipeOnFork: return [.madvise(page, pages: count, .wipeOnFork)]
            case .mlock: return [.mlock(page, pages: count)]
            case .mlock2: return [.mlock2(page, pages: count, .onFault)]
            case .munlock: return [.munlock(page, pages: count)]
            case .mincore: return [.mincore(page, pages: count)]
            case .msync: return [.msync(page, pages: count)]
            case .getUserPages: return [.getUserPages(page, pages: count, .write)]
            case .readRemoteMemory: return [.readRemoteMemory(setting.map, page, pages: count)]
            case .readProcMem: return [.readProcMem(setting.map, page, pages: count)]
            case .writeProcMem: return [.writeProcMem(setting.map, page, pages: count)]
            case .fixup: return [.faultIn(FaultRequest(.fixupUnlockable, .write, page, pages: max(0, count)))]
            case .hmm: return [.faultIn(FaultRequest(.hmm, .read, page, pages: max(0, count), in: setting.map))]
            case .mmapHint: return [.mmap(MapRequest(pages: count, access: .read, placement: .hint(page)))]
            case .mmapFixed: return [.mmap(MapRequest(pages: count, access: .read, placement: .fixed(page)))]
            case .mmapNoReplace:
                return [.mmap(MapRequest(pages: count, access: .read, placement: .fixedNoReplace(page)))]
            case .shrink: return [.mremap(page, pages: count, newPages: 1, .inPlace)]
            case .growInPlace: return [.mremap(page, pages: 8, newPages: count, .inPlace)]
            case .move: return [.mremap(page, pages: 8, newPages: count, .mayMove)]
            case .leave: return [.mremap(page, pages: count, newPages: count, .leaving)]
            case .moveTo: return [.mremap(start, pages: 8, newPages: count, .fixed(page))]
            case .read: return [.read(page, pages: max(0, count), stride: 1)]
            case .readForwards: return [.read(page, pages: 3, stride: count)]
            case .write: return [.write(page, pages: max(0, count), stride: -1)]
            case .jump: return [.jump(page, offset: 4095)]
            case .kernelTouch:
                return [.kernelTouch(.write, page, .kernelWithFixup), .kernelTouch(.read, page, .kernelAtomic)]
            case .readInto: return [.read(file, 0, pages: count, into: page)]
            case .writeFrom: return [.write(file, 0, pages: count, from: page)]
            case .directRead: return [.directRead(file, 0, pages: count, into: page)]
            case .pinUserPages:
                return [.pinUserPages(page, pages: count, .pin), .pinUserPages(page, pages: count, .get)]
            }
        }
    }

    @Test("on memory they end, with no more memory in use than there is to fault in", arguments: MemoryCall.allCases)
    func memory(_ call: MemoryCall) throws {
        let setting = try Setting()
        for page in Self.pages(setting) {
            for count in Self.counts {
                for operation in call.operations(page, count, setting) { try perform(operation, in: setting) }
            }
        }
    }

    /// A kind of operation, for pages of a file.
    enum FileCallKind: CaseIterable {
        case read, directRead, write, truncate, punchHole, mmap

        func operation(_ index: PageIndex, _ count: Int, _ setting: Setting) -> TaskOperation {
            let file = setting.file
            switch self {
            case .read: return .read(file, index, pages: count, into: nil)
            case .directRead: return .directRead(file, index, pages: count, into: setting.area.start)
            case .write:
                return .write(file, index, pages: index < PageIndex(1 << 25) ? min(count, 9) : count, from: nil)
            case .truncate: return .truncate(file, pages: count)
            case .punchHole: return .punchHole(file, index, pages: count)
            case .mmap: return .mmap(MapRequest(pages: count, access: .read, file: file, offset: index))
            }
        }
    }

    @Test(
        "on files they end, with no more memory in use than is written", arguments: FileCallKind.allCases,
        [World.FileSystem.ext4, .tmpfs])
    func files(_ call: FileCallKind, _ fileSystem: World.FileSystem) throws {
        let setting = try Setting(on: fileSystem)
        for (row, index) in Self.indexes.enumerated() {
            for (column, count) in Self.counts.enumerated() where (row * Self.counts.count + column) % Self.share == 0 {
                try perform(call.operation(PageIndex(rawValue: index), count, setting), in: setting)
            }
        }
    }

    @Test("the heap does not move")
    func heap() throws {
        for pages in Self.counts where abs(max(pages, -.max)) > 1 << 50 {
            var setting = try Setting()
            let end = try setting.world.perform(.brk(0), in: setting.task).value
            #expect(try setting.world.perform(.brk(pages), in: setting.task).value == end)
        }
    }

    @Test("a sleep forever blocks, and computing forever takes all the time there is")
    func forEver() throws {
        var sleeper = try Setting()
        try sleeper.world.perform(.sleep(nanoseconds: 5), in: sleeper.task)
        sleeper.world.start(.sleep(nanoseconds: .max), in: sleeper.task)
        #expect(sleeper.world.run() == .blocked)
        sleeper.world.kill(sleeper.task)
        #expect(sleeper.world.run() == .finished)

        var worker = try Setting()
        worker.world.start(
            [.sleep(nanoseconds: 5), .compute(nanoseconds: .max), .compute(nanoseconds: .max)], in: worker.task)
        #expect(worker.world.run() == .finished)
        worker.world.start(.write(worker.area), in: worker.task)
        #expect(worker.world.run() == .finished)
        #expect(worker.world.clock == .max)
    }

    /// Does an operation stage by stage, asking for what each stage may read, up to 20,000 of them.
    private func perform(_ operation: TaskOperation, in setting: Setting) throws {
        var machine = setting.world.machine
        machine.start(operation, in: setting.task)
        var stages = 0
        while machine.isBusy(setting.task), stages < 20_000 {
            _ = machine.reads(by: setting.task)
            _ = machine.holdings(of: setting.task)
            stages += 1
            if !machine.step(setting.task), !machine.stepEvent() { break }
        }
        #expect(!machine.isBusy(setting.task), "\(operation) is at \(machine.backtrace(of: setting.task))")
        #expect(machine.size.pages < 64, "\(operation)")
        #expect(machine.violations.isEmpty && machine.checkInvariants().isEmpty, "\(operation)")
    }

    // MARK: Errors

    @Test("each fails with the errno that the kernel gives", arguments: [KernelModel.linux6_1, .linux6_12])
    func errors(_ model: KernelModel) throws {
        let setting = try Setting(model)
        let start = setting.area.start
        let file = setting.file
        let limit = setting.world.machine.geometry.userLimit
        let last = PageNumber(.max)
        let behind = PageIndex(rawValue: .max)
        let far = PageIndex(1 << 40)
        let expected: [(TaskOperation, Errno?, Int?)] = [
            (.mlock(last, pages: 1), .invalid, nil), (.mlock(start, pages: -1), .invalid, nil),
            (.mlock(start, pages: .max), .invalid, nil), (.mlock(limit, pages: 1), .noMemory, nil),
            (.mlock(start, pages: 1 << 40), .noMemory, nil), (.munlock(last, pages: .max), .invalid, nil),
            (.madvise(start, pages: -1, .dontNeed), .invalid, nil), (.madvise(last, pages: 1, .normal), .invalid, nil),
            (.madvise(limit, pages: 1, .dontNeed), .noMemory, nil), (.mincore(start, pages: -1), .noMemory, nil),
            (.mincore(last, pages: 1), .noMemory, nil), (.msync(start, pages: -1), .noMemory, nil),
            (.msync(last, pages: .max), .noMemory, nil), (.mprotect(start, pages: -1, .read), .noMemory, nil),
            (.mprotect(last, pages: 1, .read), .noMemory, nil), (.munmap(start, pages: -1), .invalid, nil),
            (.munmap(last, pages: 1), .invalid, nil),
            (.mremap(start, pages: 8, newPages: -1, .mayMove), .noMemory, nil),
            (.mremap(start, pages: 8, newPages: .max, .inPlace), .noMemory, nil),
            (.mremap(start, pages: 8, newPages: 0, .mayMove), .invalid, nil),
            (.mremap(start, pages: -1, newPages: 1, .inPlace), .invalid, nil),
            (.mremap(last, pages: 1, newPages: 2, .mayMove), .badAddress, nil),
            (.mremap(start, pages: 8, newPages: 8, .fixed(last)), .invalid, nil),
            (.mmap(MapRequest(pages: -1, access: .read)), .noMemory, nil),
            (.mmap(MapRequest(pages: 1, access: .read, placement: .fixed(last))), .noMemory, nil),
            (.read(file, behind, pages: 1, into: nil), .invalid, nil),
            (.read(file, 0, pages: -1, into: nil), .invalid, nil),
            (.read(file, 0, pages: .max, into: nil), .invalid, nil),
            (.read(file, 0, pages: 1 << 40, into: nil), nil, 8),
            (.read(file, far, pages: 9, into: nil), nil, 0), (.read(file, 0, pages: 1, into: last), .badAddress, nil),
            (.read(file, 0, pages: -1, into: start), .badAddress, nil),
            (.directRead(file, behind, pages: 1, into: start), .invalid, nil),
            (.directRead(file, 0, pages: 1, into: limit), .badAddress, nil),
            (.write(file, behind, pages: 1, from: nil), .invalid, nil),
            (.write(file, far, pages: 1, from: nil), .fileTooBig, nil),
            (.write(file, 0, pages: -1, from: nil), .invalid, nil),
            (.truncate(file, pages: -1), .invalid, nil), (.truncate(file, pages: 1 << 40), .fileTooBig, nil),
            (.truncate(file, pages: .max), .invalid, nil), (.punchHole(file, 0, pages: -1), .invalid, nil),
            (.punchHole(file, 0, pages: 0), .invalid, nil), (.punchHole(file, behind, pages: 1), .invalid, nil),
            (.punchHole(file, far, pages: 1), .fileTooBig, nil), (.punchHole(file, 0, pages: .max), .fileTooBig, nil),
            (.readRemoteMemory(setting.map, start, pages: -1), .invalid, nil),
            (.readRemoteMemory(setting.map, last, pages: 1), .badAddress, nil),
            (.readProcMem(setting.map, start, pages: -1), .invalid, nil),
            (.readProcMem(setting.map, last, pages: 1), .overflow, nil),
            (.writeProcMem(setting.map, start, pages: -1), .invalid, nil),
            (.writeProcMem(setting.map, last, pages: 1), .overflow, nil),
            (.mremap(start, pages: 8, newPages: 7, .leaving), .invalid, nil),
            (.mremap(start, pages: -1, newPages: -1, .leaving), .invalid, nil),
            (.mremap(last, pages: 1, newPages: 1, .leaving), .badAddress, nil),
            (.getUserPages(start, pages: -1, .write), nil, 8),
            (.getUserPages(start, pages: 1 << 32 + 1, .write), nil, 8),
            (.getUserPages(last, pages: 1, .write), .badAddress, nil),
        ]
        for (operation, errno, value) in expected {
            var world = setting.world
            let report = try world.perform(operation, in: setting.task)
            #expect(report.errno == errno, "\(operation)")
            if let value { #expect(report.value == value, "\(operation)") }
        }
    }

    @Test("mlock of more than RLIMIT_MEMLOCK is ENOMEM before it is EINVAL, and EPERM without any")
    func lockedLimit() throws {
        for (limit, errno) in [(0, Errno.notPermitted), (4, .noMemory)] {
            var settings = MachineSettings()
            settings.lockedLimitPages = limit
            var world = try World(.linux6_1, settings: settings)
            let task = world.task()
            let area = try world.map(anonymousPages: 8, in: task)
            #expect(try world.perform(.mlock(area.start, pages: -1), in: task).errno == errno)
            #expect(try world.perform(.munlock(area.start, pages: -1), in: task).errno == .invalid)
        }
    }

    @Test("what is looked for among all page numbers is what lies among them")
    func allPages() throws {
        var setting = try Setting()
        let (area, task) = (setting.area, setting.task)
        for page in [1, 3] { try setting.world.perform(.write(area, page: page), in: task) }
        let machine = setting.world.machine
        let ranges = [
            PageNumber(0)..<PageNumber(.max), area.start..<PageNumber(.max), PageNumber(0)..<area[8], area[1]..<area[4],
        ]
        // A failing expectation would print each page of a range that is part of it.
        for (place, range) in ranges.enumerated() {
            let present = machine.entryRuns(of: area.map, in: range, numberedFrom: area.start).present
            let inCore = machine.inCoreRuns(of: area.map, in: range, numberedFrom: area.start)
            #expect(present == [1...1, 3...3] && inCore == present, "range \(place)")
        }
        let between = area[2]..<area[3]
        #expect(machine.inCoreRuns(of: area.map, in: between, numberedFrom: area.start).isEmpty)
        #expect(machine.entryRuns(of: area.map, in: between, numberedFrom: area.start).present.isEmpty)
    }
}
