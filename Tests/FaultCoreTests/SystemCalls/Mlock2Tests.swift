import BareMachine
import Testing

@testable import FaultCore

@Suite("mlock2", .timeLimit(.minutes(60)))
struct Mlock2Tests {
    private let page = PageNumber(100)

    private func flags(_ world: BareMachine) -> [VMAFlags] {
        world.areas.map { $0.flags.intersection([.locked, .lockOnFault]) }
    }

    @Test("MLOCK_ONFAULT locks the area and fills nothing; its pages come one by one as they are touched")
    func onFault() {
        var world = BareMachine()
        world.area(at: 100, pages: 4)
        let report = world.finish(.mlock2(page, pages: 4, .onFault))
        #expect(report.errno == nil && report.counters.attempts == 0 && world.rss().anonymous == 0)
        // Populating looks at the areas, and passes over them.
        #expect(report.counters.mmapWriteLocks == 1 && report.counters.mmapReadLocks == 1)
        #expect(flags(world) == [[.locked, .lockOnFault]] && world.machine.maps[0].lockedPages == 4)
        world.run(.write(page + 1))
        #expect(world.rss().anonymous == 1 && world.entry(101).isPresent && world.entry(100).isNone)
    }

    @Test("without a flag it is mlock, also of an area whose pages were to be locked when faulted in")
    func withoutFlags() {
        var world = BareMachine()
        world.area(at: 100, pages: 4)
        world.finish(.mlock2(page, pages: 4, .onFault))
        let report = world.finish(.mlock2(page, pages: 4, []))
        #expect(report.errno == nil && report.counters.attempts == 4 && world.rss().anonymous == 4)
        #expect(flags(world) == [.locked] && world.machine.maps[0].lockedPages == 4)
    }

    @Test("pages of a file are read when they are touched, not before")
    func file() {
        var world = BareMachine()
        let file = world.file(pages: 2, cached: 0..<1)
        world.area(at: 100, pages: 2, [.read], file: file)
        let report = world.run(.mlock2(page, pages: 2, .onFault))
        #expect(report.errno == nil && report.isDone && world.rss().file == 0)
        let touch = world.finish(.read(page, pages: 2))
        #expect(touch.majorFaults == 1 && world.rss().file == 2)
    }

    @Test("munlock takes both flags away, and the pages stay")
    func munlock() {
        var world = BareMachine()
        world.area(at: 100, pages: 2)
        world.finish(.mlock2(page, pages: 2, .onFault))
        world.run(.write(page))
        let report = world.finish(.munlock(page, pages: 2))
        #expect(report.errno == nil && flags(world) == [[]] && world.machine.maps[0].lockedPages == 0)
        #expect(world.rss().anonymous == 1)
    }

    @Test("locked in two ways it is two areas; locked in one way, one again")
    func merging() {
        var world = BareMachine()
        let file = world.file(pages: 4, cached: 0..<4)
        world.area(at: 100, pages: 4, [.read, .shared], file: file)
        world.finish(.mlock2(page, pages: 2, .onFault))
        world.finish(.mlock(page + 2, pages: 2))
        #expect(flags(world) == [[.locked, .lockOnFault], .locked] && world.rss().file == 2)
        let report = world.finish(.mlock2(page, pages: 4, .onFault))
        #expect(report.errno == nil && flags(world) == [[.locked, .lockOnFault]])
        #expect(world.machine.maps[0].lockedPages == 4 && world.rss().file == 2)
    }

    @Test("a hole ends it with ENOMEM; what came before is locked")
    func hole() {
        var world = BareMachine()
        world.area(at: 100, pages: 2)
        world.area(at: 103, pages: 2)
        let report = world.finish(.mlock2(page, pages: 5, .onFault))
        #expect(report.errno == .noMemory && report.counters.mmapReadLocks == 0)
        #expect(flags(world) == [[.locked, .lockOnFault], []])
    }

    @Test(
        "RLIMIT_MEMLOCK counts pages that are not there, and those that are locked already once",
        arguments: [(3, nil), (2, .noMemory), (0, .notPermitted)] as [(Int, Errno?)])
    func limit(pages: Int, errno: Errno?) {
        var settings = MachineSettings()
        settings.lockedLimitPages = pages
        var world = BareMachine(settings: settings)
        world.area(at: 100, pages: 3)
        world.finish(.mlock2(page, pages: min(2, pages), .onFault))
        let report = world.finish(.mlock2(page, pages: 3, .onFault))
        #expect(report.errno == errno && world.machine.maps[0].lockedPages == (errno == nil ? 3 : pages))
    }

    @Test("a child of fork has nothing locked")
    func fork() {
        var world = BareMachine()
        world.area(at: 100, pages: 2)
        world.finish(.mlock2(page, pages: 2, .onFault))
        let task = world.fork()
        let child = world.machine.map(of: task)
        #expect(world.machine.areas(of: child).map(\.flags) == [[.read, .write]])
        #expect(world.machine.maps[child.index].lockedPages == 0 && flags(world) == [[.locked, .lockOnFault]])
    }

    @Test("an unknown flag is EINVAL, before anything else", arguments: [2, 3, 1 << 31] as [UInt32])
    func unknownFlags(_ bits: UInt32) {
        var settings = MachineSettings()
        settings.lockedLimitPages = 0
        var world = BareMachine(settings: settings)
        world.area(at: 100, pages: 2)
        let report = world.finish(.mlock2(page, pages: 2, LockFlags(rawValue: bits)))
        #expect(report.errno == .invalid && report.counters.mmapWriteLocks == 0)
    }

    @Test("before Linux 4.4 there is no such call: ENOSYS, whatever it is asked for")
    func missing() {
        for model in KernelModel.presets {
            var world = BareMachine(model)
            world.area(at: 100, pages: 2)
            let report = world.finish(.mlock2(page, pages: 2, LockFlags(rawValue: 2)))
            #expect(report.errno == (model.lockOnFault == .none ? .noSystemCall : .invalid), "\(model.name)")
        }
        let without = KernelModel.presets.filter { $0.lockOnFault == .none }.map(\.name.description)
        #expect(without.last == "linux3_19" && !without.contains("linux5_1") && !without.contains("bacik2018"))
    }
}
