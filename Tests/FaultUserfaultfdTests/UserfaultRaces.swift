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

    /// Two pages of private memory, registered for `modes`.
    init(
        _ model: KernelModel, for modes: UserfaultModes = .missing, features: UserfaultFeatures = [],
        touched: Bool = false
    ) throws {
        world = try World(model)
        task = world.task()
        monitor = world.thread(of: task)
        area = try world.map(anonymousPages: 2, in: task)
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

    /// A fault against exit_group(2).
    static func exit(_ model: KernelModel) throws -> Self {
        var race = try read(model) { _ in [] }
        race.injections = [Injection(.signal(.kill, race.task), .asleep(race.task))]
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

    func explore() -> Exploration { world.explore(injecting: injections) }
}
