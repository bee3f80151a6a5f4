import FaultExplorer
import FaultSimulator

/// Races between a fault that is handed over and what else can happen; each small enough to be gone through.
struct UserfaultRace {
    var world: World
    /// Who faults.
    let task: TaskID
    /// A thread of the same process.
    let monitor: TaskID
    let area: Area
    let descriptor: UserfaultID
    var injections: [Injection] = []

    /// Two pages of memory, registered for `modes`.
    init(
        _ model: KernelModel, for modes: UserfaultModes = .missing, sharing: Sharing = .private,
        features: UserfaultFeatures = [], touched: Bool = false
    ) throws {
        world = try World(model)
        task = world.task()
        monitor = world.thread(of: task)
        area = try world.map(anonymousPages: 2, .readWrite, sharing, in: task)
        if touched { try world.perform(.write(area), in: task) }
        descriptor = try world.userfaultfd(in: task, features: features)
        try world.register(area, with: descriptor, for: modes, by: task)
    }

    /// A read of the first page, which is missing, against these operations of another thread.
    static func read(
        _ model: KernelModel, features: UserfaultFeatures = [], against others: (Self) -> [TaskOperation]
    ) throws -> Self {
        var race = try Self(model, features: features)
        race.world.start(.read(race.area), in: race.task)
        race.world.start(others(race), in: race.monitor)
        return race
    }

    /// A read of the first page that waits already.
    private static func waiting(_ model: KernelModel, features: UserfaultFeatures = []) throws -> Self {
        var race = try Self(model, features: features)
        race.world.start(.read(race.area), in: race.task)
        race.world.run()
        return race
    }

    var fill: TaskOperation { .copy(descriptor, area, page: 0) }
    var wake: TaskOperation { .wake(descriptor, area) }

    /// A fault against its fill.
    static func fill(_ model: KernelModel) throws -> Self { try read(model) { [$0.fill] } }

    /// Two faults on one page, and one fill.
    static func twoFaults(_ model: KernelModel) throws -> Self {
        var race = try waiting(model)
        race.world.start(.write(race.area), in: race.world.thread(of: race.task))
        race.world.start(race.fill, in: race.monitor)
        return race
    }

    /// A fault against a waking without a fill.
    static func wakeWithoutFill(_ model: KernelModel) throws -> Self { try read(model) { [$0.wake] } }

    /// A fault against munmap(2) of its area, and then a waking.
    static func munmap(_ model: KernelModel) throws -> Self { try read(model) { [.munmap($0.area), $0.wake] } }

    /// A fault against a fill, and MADV_DONTNEED of what was filled.
    static func dontNeed(_ model: KernelModel) throws -> Self {
        try read(model) { [$0.fill, .madvise($0.area, .dontNeed)] }
    }

    /// A fault against fork(2), and then a fill.
    static func fork(_ model: KernelModel) throws -> Self { try read(model) { [.fork, $0.fill] } }

    /// A fault against fork(2) that is told of; the descriptor of the child is closed, and then the page filled.
    static func toldFork(_ model: KernelModel) throws -> Self {
        var race = try Self(model, features: .eventFork)
        race.world.start(.read(race.area), in: race.task)
        race.world.start(.fork, in: race.world.thread(of: race.task))
        race.world.startMonitor(.postCopy(), of: race.descriptor, in: race.monitor)
        return race
    }

    /// A fault against mremap(2), which moves its area away, and then a waking of the old place.
    static func mremap(_ model: KernelModel) throws -> Self {
        try read(model) { [.mremap($0.area, newPages: 2, .fixed($0.area.start + 16)), $0.wake] }
    }

    /// The same if the move is told of, to a monitor that answers.
    static func toldMremap(_ model: KernelModel) throws -> Self {
        var race = try Self(model, features: .eventRemap)
        race.world.start(.read(race.area), in: race.task)
        race.world.start(
            .mremap(race.area, newPages: 2, .fixed(race.area.start + 16)), in: race.world.thread(of: race.task))
        race.world.startMonitor(.postCopy(), of: race.descriptor, in: race.monitor)
        return race
    }

    /// A fault on shared memory against a fill, and MADV_REMOVE of what was filled.
    static func remove(_ model: KernelModel) throws -> Self {
        var race = try Self(model, sharing: .shared)
        race.world.start(.read(race.area), in: race.task)
        race.world.start([race.fill, .madvise(race.area, .remove)], in: race.monitor)
        return race
    }

    /// A fault on shared memory that waits, against MADV_REMOVE that is told of; the thread that fills reads that only then.
    static func toldRemove(_ model: KernelModel) throws -> Self {
        var race = try Self(model, sharing: .shared, features: .eventRemove)
        race.world.start(.read(race.area), in: race.task)
        race.world.run()
        race.world.start(.madvise(race.area, .remove), in: race.world.thread(of: race.task))
        race.world.start(
            [race.fill, .userfault(race.descriptor, .read(most: 16)), race.wake], in: race.monitor)
        return race
    }

    /// Moving two pages into place against munmap(2) of where they come from.
    static func move(_ model: KernelModel) throws -> Self {
        var race = try Self(model)
        let source = try race.world.map(anonymousPages: 2, in: race.task)
        try race.world.perform(.write(source, pages: 2), in: race.task)
        race.world.start(.munmap(source), in: race.task)
        race.world.start(
            .userfault(race.descriptor, .move(race.area.start, pages: 2, from: source.start, [])), in: race.monitor)
        return race
    }

    /// A guest's page, first looked up without waiting and then with, as KVM does it, beside a monitor and a thread that maps
    /// memory.
    static func guest(_ model: KernelModel) throws -> Self {
        var race = try Self(model)
        let lookUps: [GUPFlags] = [[.noWait, .unlockable, .write], [.unlockable, .write]]
        race.world.start(lookUps.map { .getUserPages(race.area, $0, page: 0, pages: 1) }, in: race.task)
        race.world.start(.mmap(MapRequest(pages: 1, access: .read)), in: race.world.thread(of: race.task))
        race.world.startMonitor(.postCopy(), of: race.descriptor, in: race.monitor)
        return race
    }

    /// A fault that is killed at most once, whatever it is doing.
    static func exit(_ model: KernelModel) throws -> Self {
        var race = try read(model) { _ in [] }
        race.injections = [Injection(.signal(.kill, race.task), .asleep(race.task))]
        return race
    }

    /// A fault that waits against the end of the process that alone has the descriptor.
    ///
    /// One that comes while the descriptor is being released is replayed in 6.1, as often as there is time for: there is no end
    /// to such states.
    static func monitorExit(_ model: KernelModel) throws -> Self {
        var race = try Self(model)
        let process = try race.world.fork(race.task)
        try race.world.perform(.userfault(race.descriptor, .close), in: race.task)
        race.world.start(.read(race.area), in: race.task)
        race.world.run()
        race.world.start(.exit, in: process)
        return race
    }

    /// A fault that waits against the last close(2).
    static func close(_ model: KernelModel) throws -> Self {
        var race = try waiting(model)
        race.world.start(.userfault(race.descriptor, .close), in: race.monitor)
        return race
    }

    /// A fault against its area being registered no more.
    static func unregister(_ model: KernelModel) throws -> Self {
        try read(model) { [.userfault($0.descriptor, .unregister($0.area.start, pages: 2))] }
    }

    /// A fault that a handled signal interrupts, at most once, against its fill.
    static func signal(_ model: KernelModel) throws -> Self {
        var race = try fill(model)
        race.injections = [Injection(.signal(.user1, race.task), .asleep(race.task))]
        return race
    }

    /// A fault against a fill, while an event is pending that the filling thread reads only then.
    static func event(_ model: KernelModel) throws -> Self {
        var race = try waiting(model, features: .eventUnmap)
        race.world.start(.munmap(race.area, page: 1), in: race.world.thread(of: race.task))
        race.world.start(
            [race.fill, .userfault(race.descriptor, .read(most: 16)), race.wake], in: race.monitor)
        return race
    }

    /// A write to a protected page against the lifting of the protection.
    static func unprotect(_ model: KernelModel) throws -> Self {
        var race = try Self(model, for: .writeProtect, touched: true)
        try race.world.perform(.writeProtect(race.descriptor, race.area), in: race.task)
        race.world.start(.write(race.area), in: race.task)
        race.world.start(.writeProtect(race.descriptor, race.area, protects: false), in: race.monitor)
        return race
    }

    /// The thread that answers touches what it would have to fill.
    static func ownFault(_ model: KernelModel) throws -> Self {
        try read(model) { [.read($0.area, page: 1), $0.fill] }
    }

    /// A fault against exit_group(2) of another thread.
    static func exitGroup(_ model: KernelModel) throws -> Self { try read(model) { _ in [.exitGroup] } }

    /// A fault and its fill, against another process that sends SIGKILL to both threads.
    static func killed(_ model: KernelModel) throws -> Self {
        var race = try waiting(model)
        let process = try race.world.fork(race.monitor)
        race.world.start(race.fill, in: race.monitor)
        race.world.start([.kill(race.task, .kill), .kill(race.monitor, .kill)], in: process)
        return race
    }

    /// A fault against exit_group(2) of the process that alone has the descriptor, which answers it or not.
    static func monitorExitGroup(_ model: KernelModel) throws -> Self {
        var race = try Self(model)
        let process = try race.world.fork(race.task)
        try race.world.perform(.userfault(race.descriptor, .close), in: race.task)
        race.world.start(.read(race.area), in: race.task)
        race.world.run()
        race.world.start(race.fill, in: race.world.thread(of: process))
        race.world.start(.exitGroup, in: process)
        return race
    }

    /// A fault, which may not wait yet, against the last close(2).
    ///
    /// One that comes while the descriptor is being released is tried again as often as there is time for, so that there is
    /// no end of states that differ in what was counted.
    static func closing(_ model: KernelModel) throws -> Self {
        try read(model) { [.userfault($0.descriptor, .close)] }
    }

    /// A page looked up as `get_user_pages()` does it, against the last close(2).
    static func lookUpClosing(_ model: KernelModel) throws -> Self {
        var race = try Self(model)
        race.world.start(.getUserPages(race.area, [.unlockable, .write], page: 0, pages: 1), in: race.task)
        race.world.start(.userfault(race.descriptor, .close), in: race.monitor)
        return race
    }

    /// A fill of shared memory against MADV_DONTNEED of another page, that is told of, and a reader of messages.
    static func fillBesideEvent(_ model: KernelModel) throws -> Self {
        var race = try Self(model, sharing: .shared, features: .eventRemove)
        race.world.start(.madvise(race.area, .dontNeed, page: 1, pages: 1), in: race.task)
        race.world.start(race.fill, in: race.monitor)
        race.world.start(
            .userfault(race.descriptor, .read(most: 16)), in: race.world.thread(of: race.task))
        return race
    }

    /// Explores without telling states apart that differ only in what was counted; what is observed is how each task ended.
    func exploreUncounted() -> Exploration { world.explore(Self.uncounted) }

    static var uncounted: Explorer.Options {
        var options = Explorer.Options()
        options.tellsCountsApart = false
        options.observe = { machine in
            (0..<machine.taskCount).map { number in
                let report = machine.report(of: TaskID(number))
                let end = report.errno.map { "\($0)" } ?? report.signal.map { "\($0)" }
                return "task \(number): \(end ?? (report.isDone ? "ok" : "sleeps"))"
            }
            .joined(separator: "; ")
        }
        return options
    }

    func explore() -> Exploration { world.explore(injecting: injections) }
}
