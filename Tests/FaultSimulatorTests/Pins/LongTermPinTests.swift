import FaultSimulator
import Testing

@Suite("Pins for long: FOLL_LONGTERM", .timeLimit(.minutes(60)))
struct LongTermPinTests {
    private static let writing: GUPFlags = [.pin, .write, .longTerm]

    @Test(
        "from 6.5 on shared memory of a file that tracks stores is refused for writing, whether its entries are there or not",
        arguments: [KernelModel.linux5_19, .linux6_1, .linux6_4, .linux6_6, .linux6_12], [false, true])
    func files(_ model: KernelModel, _ isPresent: Bool) throws {
        let refuses = model.longTermFilePins == .areRefused
        #expect(refuses == (model == .linux6_6 || model == .linux6_12))
        var world = try World(model)
        let task = world.task()
        let area = try world.map(try world.file(pages: 4, resident: .all), .readWrite, .shared, in: task)
        if isPresent { try world.perform(.write(area, pages: 4), in: task) }
        for operation: TaskOperation in [
            .pinUserPages(area[0], pages: 2, Self.writing),
            .getUserPages(area[0], pages: 2, Self.writing.union(.unlockable)),
        ] {
            let report = try world.perform(operation, in: task)
            #expect(report.errno == (refuses ? .badAddress : nil), "\(operation)")
        }
        #expect(world.pins.count == (refuses ? 0 : 1))
        // A pin for a while, and one that only reads, are not refused.
        try world.pin(area, [.pin, .write], in: task)
        try world.pin(area, [.pin, .longTerm], in: task)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "tmpfs tracks no stores, and private memory has pages of its own: both can be pinned for writing and for long")
    func untracked() throws {
        var world = try World(.linux6_12)
        let task = world.task()
        let shared = try world.map(try world.file(pages: 2, on: .tmpfs), .readWrite, .shared, in: task)
        let own = try world.map(try world.file(pages: 2, resident: .all), .readWrite, .private, in: task)
        let memory = try world.map(anonymousPages: 2, in: task)
        for area in [shared, own, memory] {
            let pin = try world.pin(area, Self.writing, in: task)
            let stamp = try world.perform(.write(area), in: task).outcome.stamp
            #expect(world.stamps(of: pin).first == stamp)
            try world.pin(area, Self.writing, in: task)  // with entries there
        }
        #expect(world.pins.count == 6 && world.machine.checkInvariants().isEmpty)
    }

    @Test("a mapping that may only be read tracks no stores; to pin it for writing is refused as ever")
    func readOnly() throws {
        var world = try World(.linux6_12)
        let task = world.task()
        let area = try world.map(try world.file(pages: 2, resident: .all), .read, .shared, in: task)
        let refused = try world.perform(.pinUserPages(area[0], pages: 1, Self.writing), in: task)
        #expect(refused.errno == .badAddress)
        try world.pin(area, [.pin, .longTerm], in: task)
        #expect(world.stamps(of: world.pins[0].id).count == 2)
    }

    /// Private memory whose page is not anonymous.
    private enum Memory: CaseIterable, Sendable {
        case file, zeroPage
    }

    @Test(
        "from 6.2 on a long-term pin of private memory for reading sees later stores: a page of a file or of zeroes is copied",
        arguments: [KernelModel.linux5_19, .linux6_1, .linux6_4, .linux6_12], Memory.allCases)
    private func reads(_ model: KernelModel, _ memory: Memory) throws {
        let unshares = model.longTermReadPins == .unshare
        #expect(unshares == (model == .linux6_4 || model == .linux6_12))
        var world = try World(model)
        let task = world.task()
        let area =
            memory == .file
            ? try world.map(try world.file(pages: 2, resident: .all), in: task)
            : try world.map(anonymousPages: 2, in: task)
        let before = try world.perform(.read(area), in: task).outcome.stamp
        let pin = try world.pin(area, pages: 1, [.pin, .longTerm], in: task)
        #expect(world.rss(of: task).anonymous == (unshares ? 1 : 0))
        #expect(!world.machine.entry(of: area[0], in: area.map).isWritable)
        #expect(try world.perform(.read(area), in: task).outcome.stamp == before, "a copy has the same content")
        let stamp = try world.perform(.write(area), in: task).outcome.stamp
        #expect(world.stamps(of: pin).first == (unshares ? stamp : before))
        // Without FOLL_LONGTERM it stays as it is.
        let other = try world.pin(area, page: 1, pages: 1, [.pin], in: task)
        try world.perform(.write(area, page: 1), in: task)
        #expect(
            world.stamps(of: other).first
                != world.machine.stamp(of: world.machine.entry(of: area[1], in: area.map).frame))
        #expect(world.machine.violations.isEmpty && world.machine.checkInvariants().isEmpty)
    }

    @Test("a child of a process with such a pin gets a copy, and the parent keeps the page that the device reads")
    func fork() throws {
        var world = try World(.linux6_12)
        let task = world.task()
        let area = try world.map(try world.file(pages: 1, resident: .all), in: task)
        let pin = try world.pin(area, [.pin, .longTerm], in: task)
        let child = try world.fork(task)
        let stamp = try world.perform(.write(area), in: task).outcome.stamp
        #expect(world.stamps(of: pin) == [stamp])
        #expect(try world.perform(.read(area), in: child).outcome.stamp != stamp)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("it needs FOLL_PIN: with FOLL_GET, or with neither, the call is refused")
    func needsPin() throws {
        var world = try World(.linux6_12)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        for operation: TaskOperation in [
            .pinUserPages(area[0], pages: 1, [.get, .longTerm]), .getUserPages(area[0], pages: 1, [.get, .longTerm]),
            .getUserPages(area[0], pages: 1, .longTerm), .pinUserPages(area[0], pages: 1, [.get, .pin, .longTerm]),
        ] {
            #expect(try world.perform(operation, in: task).errno == .invalid, "\(operation)")
        }
        #expect(world.pins.isEmpty)
        #expect(Self.writing.description == "write|longTerm|pin")
    }
}
