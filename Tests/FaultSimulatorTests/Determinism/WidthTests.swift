@testable import FaultCore
@testable import FaultExplorer
import FaultFilemap
import FaultSimulator
import Testing

@Suite("Numbers are as wide as what they name, or refused", .timeLimit(.minutes(60)))
struct WidthTests {
    private static func machine(handlers: Int = 0, devices: Int = 0) -> Machine {
        Machine(
            MachineConfiguration(
                model: .linux6_1, entry: X86FaultEntry(),
                vmOperations: [any VMOperations](repeating: SlowMemory(device: .none), count: handlers),
                blockDevices: [any BlockDevice](repeating: SeekingDisk(), count: devices)))
    }

    @Test("a machine can have 65,535 handlers of areas, and one more is refused")
    func handlers() async {
        var machine = Self.machine(handlers: 65_534)
        #expect(machine.register(SlowMemory(device: .none)) == 65_535)
        await #expect(processExitsWith: .failure) {
            var machine = Self.machine(handlers: 65_535)
            _ = machine.register(SlowMemory(device: .none))
        }
    }

    @Test("a machine can have 65,536 kinds of device, and one more is refused")
    func devices() async {
        var machine = Self.machine(devices: 65_535)
        #expect(machine.register(SeekingDisk()) == 65_535)
        #expect(machine.addDevice(operations: 65_535, held: true) == DeviceID(0))
        await #expect(processExitsWith: .failure) {
            var machine = Self.machine(devices: 65_536)
            _ = machine.register(SeekingDisk())
        }
        await #expect(processExitsWith: .failure) {
            var machine = Self.machine(devices: 1)
            _ = machine.addDevice(operations: 1, held: true)
        }
    }

    @Test("a file whose operations have no number of 16 bits is refused")
    func fileOperations() async {
        await #expect(processExitsWith: .failure) {
            var machine = Self.machine()
            _ = machine.addFile(
                pages: 1, operations: 1 << 16, vmOperations: 0, device: .none, traits: [], blocks: [])
        }
        await #expect(processExitsWith: .failure) {
            var machine = Self.machine()
            _ = machine.addFile(pages: 1, operations: 0, vmOperations: -1, device: .none, traits: [], blocks: [])
        }
    }

    @Test("a machine can have as many maps and files as the name of a lock can tell apart")
    func lockNames() async {
        let last = MapID(next: (1 << 28) - 1)
        #expect(LockName.mmap(last).kind == .mmap && LockName.mmap(last).number == last.index)
        #expect(LockName.inode(FileID(last.index)) != LockName.mmap(last))
        #expect(Move(packed: Move.step(TaskID(last.index)).packed) == .step(TaskID(last.index)))
        await #expect(processExitsWith: .failure) { _ = FileID(next: 1 << 28) }
        await #expect(processExitsWith: .failure) { _ = LockName.mmap(MapID(1 << 28)) }
    }

    @Test("a machine's configuration has at most 65,535 handlers, too")
    func configuredHandlers() async {
        await #expect(processExitsWith: .failure) { _ = Self.machine(handlers: 65_536) }
    }

    @Test("states whose fault counts differ by 2^32 are told apart")
    func counts() {
        #expect(Machine.pair(1, 2) == 1 | 2 << 32)
        #expect(Machine.pair(1, 2) != Machine.pair(1 + 1 << 32, 2))
        #expect(Machine.pair(1, 2) != Machine.pair(1, 2 + 1 << 32))
    }

    @Test("a read of file 65,537 finds that file's pages, and no other file's")
    func manyFiles() throws {
        var world = try World(.linux6_1, disk: .held)
        let task = world.task()
        let first = try world.file(pages: 4)
        while world.machine.fileCount < 65_537 { _ = try world.file(pages: 1) }
        let file = try world.file(pages: 4, resident: .pages([0...3]))
        #expect(file == FileID(65_537) && first == FileID(0))
        world.machine.isTracing = true
        world.start(.read(file, 1, pages: 2, into: nil), in: task)
        #expect(world.run() == .finished)
        #expect(world.machine.report(of: task).value == 2)
        #expect(world.machine.report(of: task).outcome.stamp == Machine.initialStamp(of: file, at: 2))
        #expect(world.machine.cachedPages(of: file) == 4 && world.machine.cachedPages(of: FileID(1)) == 0)
        let stages = world.machine.trace.filter { $0.kind == .stage }.map { world.machine.text(of: $0) }
        #expect(stages.contains { $0.hasSuffix("read.gather") })
    }

    @Test("requests go on behind number 2^32")
    func requests() throws {
        var world = try World(.linux6_1)
        world.machine.scheduler.nextRequest = UInt64(UInt32.max)
        let tasks = [world.task(), world.task()]
        for task in tasks {
            let file = try world.file(pages: 1)
            world.start(.read(try world.map(file, in: task)), in: task)
        }
        #expect(world.run() == .blocked)
        #expect(world.machine.requestsUnderWay.map(\.id.rawValue) == [0xFFFF_FFFF, 0x1_0000_0000])
        world.machine.finish(RequestID(rawValue: 0x1_0000_0000))
        _ = world.run()
        #expect(!world.machine.isBusy(tasks[1]) && world.machine.isBusy(tasks[0]))
        world.machine.finish(RequestID(rawValue: 0xFFFF_FFFF))
        #expect(world.run() == .finished)
    }

    @Test("a machine can have 32 swap areas, and one more is refused")
    func swapAreas() async throws {
        var world = try World(.linux6_1)
        for _ in 0..<32 { try world.addSwap(pages: 1) }
        #expect(world.machine.swapPages == 32)
        #expect(
            throws: WorldError.invalid("a machine has at most 32 swap areas; make fewer and larger ones")
        ) { try world.addSwap(pages: 1) }
        await #expect(processExitsWith: .failure) {
            var machine = Self.machine(devices: 1)
            let device = machine.addDevice(operations: 0, held: true)
            for _ in 0..<33 { machine.addSwap(on: device, pages: 1) }
        }
    }

    @Test("a mapping can't begin before its file")
    func offset() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(pages: 4)
        #expect(throws: WorldError.self) { try world.map(file, pages: 1, offset: -1, in: task) }
        #expect(throws: Never.self) { try world.map(file, pages: 1, offset: 0, in: task) }
    }

    @Test("a file grows to 2^32 - 1 pages and no further", arguments: [World.FileSystem.ext4, .tmpfs])
    func fileSize(_ fileSystem: World.FileSystem) throws {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 10))
        let task = world.task()
        let file = try world.file(pages: 4, on: fileSystem)
        let most = Machine.mostPagesOfFile
        #expect(try world.perform(.truncate(file, pages: most + 1), in: task).errno == .fileTooBig)
        #expect(try world.perform(.truncate(file, pages: 1 << 40), in: task).errno == .fileTooBig)
        #expect(try world.perform(.write(file, PageIndex(most), pages: 1, from: nil), in: task).errno == .fileTooBig)
        #expect(try world.perform(.write(file, PageIndex(1 << 40), pages: 2, from: nil), in: task).errno == .fileTooBig)
        #expect(world.machine.pages(of: file) == 4 && world.machine.cachedPages(of: file) == 0)
        #expect(try world.perform(.truncate(file, pages: most), in: task).errno == nil)
        #expect(world.machine.pages(of: file) == most)
        #expect(try world.perform(.truncate(file, pages: 2), in: task).errno == nil)
        #expect(world.machine.pages(of: file) == 2)
    }

    @Test("a page is found by its frame in an area of more than 2^32 pages")
    func longArea() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let request = MapRequest(pages: 1 << 33, access: .readWrite, flags: .noReserve)
        let start = PageNumber(UInt64(try world.perform(.mmap(request), in: task).value))
        for offset in [5, 1 << 32 + 5] {
            try world.perform(.write(start + offset), in: task)
            let folio = world.machine.entry(of: start + offset, in: world.machine.map(of: task)).frame
            #expect(world.machine.reverseMappings(of: folio).map(\.page) == [start + offset])
        }
    }

    @Test("an exploration of more states than can be numbered is refused")
    func states() async throws {
        var options = Explorer.Options()
        options.stateLimit = Int(UInt32.max)
        #expect(Explorer(Self.machine(), options).explore().isComplete)
        await #expect(processExitsWith: .failure) {
            var options = Explorer.Options()
            options.stateLimit = 1 << 32
            _ = Explorer(Self.machine(), options)
        }
    }

    @Test("a protection key that the bits can't hold is refused")
    func keys() async {
        var flags: VMAFlags = .read
        flags.protectionKey = 15
        #expect(flags.protectionKey == 15 && flags.contains(.read))
        await #expect(processExitsWith: .failure) {
            var flags: VMAFlags = .read
            flags.protectionKey = 16
        }
        await #expect(processExitsWith: .failure) {
            var bits: PTE.Bits = .present
            bits.protectionKey = 16
        }
        await #expect(processExitsWith: .failure) { _ = X86KeyRights.all.denyingWrites(16) }
        await #expect(processExitsWith: .failure) { _ = X86KeyRights.all.allows(.read, key: 16) }
    }

    @Test("an x86 entry of a frame that the simulator can't number is refused")
    func entries() async {
        let last = PTE(FrameNumber(rawValue: .max), [.present, .accessible])
        #expect(X86PTE(last).decoded.frame == last.frame)
        #expect(X86PTE(PTE(FrameNumber(rawValue: .max), .swap)).decoded.frame == last.frame)
        await #expect(processExitsWith: .failure) { _ = X86PTE(rawValue: 1 << 44 | 5).decoded }
    }
}
