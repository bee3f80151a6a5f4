@testable import FaultCore
@testable import FaultExplorer
import FaultSimulator
import Testing

/// Tasks that are alike change places without a difference, and are explored once.
@Suite("Tasks that are alike", .timeLimit(.minutes(60)))
struct LikeTasksTests {
    #if DEBUG
    static let schedules = 1
    static let kernels: [KernelModel] = [
        .linux2_6_37, .herrenschmidt2006, .shutemov2014, .bacik2018, .linux6_1, .linux6_12,
    ]
    static let exploredKernels: [KernelModel] = [.linux6_1]
    #else
    static let schedules = 6
    static let kernels = KernelModel.presets
    static let exploredKernels = KernelModel.presets
    #endif

    /// What all tasks of a world do.
    enum Deed: CaseIterable {
        case coldRead, tmpfsHole, anonymousRead, readCall, readIntoMemory, getUserPages, willNeed, mapMore, protect
        case cutFile, unmap, punch, sync, lookAtCore, directRead, readRemote, copyForWriting
    }

    /// Some tasks that do the same in one process, and one that unmaps.
    static func world(_ deed: Deed, _ model: KernelModel, tasks: Int, unmapper: Bool) throws -> World {
        var settings = MachineSettings()
        settings.readaheadPages = deed == .willNeed ? 4 : 0
        var world = try World(model, settings: settings)
        let file = try world.file(pages: 3)
        let shared = try world.file(pages: 2, on: .tmpfs)
        let first = world.task()
        let area = try world.map(file, .read, .shared, in: first)
        let own = try world.map(file, .readWrite, .private, in: first)
        let hole = try world.map(shared, .read, .shared, in: first)
        let memory = try world.map(anonymousPages: 2, in: first)
        let operation: TaskOperation =
            switch deed {
            case .coldRead: .read(area)
            case .tmpfsHole: .read(hole)
            case .anonymousRead: .read(memory)
            case .readCall: .read(file, page: 0, pages: 2)
            case .readIntoMemory: .read(file, page: 0, pages: 1, into: memory)
            case .getUserPages: .getUserPages(area, pages: 2)
            case .willNeed: .madvise(area, .willNeed)
            case .mapMore: .mmap(MapRequest(pages: 1, access: .readWrite))
            case .protect: .mprotect(memory, .read)
            case .cutFile: .truncate(file, to: .pages(1))
            case .unmap: .munmap(area)
            case .punch: .punchHole(file, 0, pages: 1)
            case .sync: .msync(area)
            case .lookAtCore: .mincore(area)
            case .directRead: .directRead(file, page: 0, pages: 1, into: memory)
            case .readRemote: .readRemoteMemory(area, pages: 1)
            case .copyForWriting: .getUserPages(own, .write, pages: 1)
            }
        world.start(operation, in: first)
        for _ in 1..<tasks { world.start(operation, in: world.thread(of: first)) }
        if unmapper { world.start(.munmap(area, page: 1, pages: 1), in: world.thread(of: first)) }
        return world
    }

    /// The machine of a world, driven, without checks of events.
    private func start(_ world: World) -> Machine {
        var options = Explorer.Options()
        options.checksLaws = false
        return Explorer(world.machine, options).start
    }

    /// The key of a state without counters of locks: the task that has set up the world has taken some before.
    private func key(of machine: Machine) -> StateKey {
        var machine = machine
        var own: [UInt64] = []
        return machine.stateKey(of: .all, keepsDigests: false, &own)
    }

    /// Follows a random schedule, and the same schedule with the roles of two tasks exchanged. At each step one machine
    /// with the two tasks exchanged must be the other machine, and no law may be broken.
    ///
    /// - Returns: How often the tasks could be exchanged.
    private func exchanged(_ start: Machine, _ a: TaskID, _ b: TaskID, seed: UInt64, _ what: String) -> Int {
        var swap = Arrangement()
        swap.exchange(a.index, b.index)
        var random = SplitMix64(seed: seed)
        var one = start
        var other = start
        var exchanged = 0
        for _ in 0..<300 {
            var moves: [Move] = []
            one.addOwnMoves(to: &moves, Explorer.Options())
            guard !moves.isEmpty else { return exchanged }
            let move = random.pick(moves)
            let isDone = one.perform(move, [])
            let isDoneByOther = other.perform(swap.renamed(move), [])
            #expect(isDone && isDoneByOther)
            var copy = one
            guard copy.exchange(a, b) else { continue }
            exchanged += 1
            guard copy == other, key(of: copy) == key(of: other), copy.checkInvariants().isEmpty else {
                Issue.record(
                    "\(what), seed \(seed), after \(move): \(copy.differences(from: other)) \(copy.checkInvariants())")
                return exchanged
            }
            if exchanged % 7 == 0 {
                // The exchanged machine goes on as the other one.
                other = copy
            }
        }
        Issue.record("\(what): no end after 300 choices")
        return exchanged
    }

    @Test(
        "exchanging two of them gives what the same schedule does with their roles exchanged", arguments: Deed.allCases)
    func exchange(_ deed: Deed) throws {
        var times = 0
        for model in Self.kernels {
            guard let world = try? Self.world(deed, model, tasks: 3, unmapper: true) else { continue }
            let start = start(world)
            #expect(start.canExchangeTasks)
            #expect(LikeTasks(in: start, []).groups.map(\.count) == [3])
            for schedule in 0..<Self.schedules {
                let pair = [(0, 1), (0, 2), (1, 2)][schedule % 3]
                times += exchanged(
                    start, TaskID(pair.0), TaskID(pair.1), seed: UInt64(schedule), "\(deed) \(model)")
            }
        }
        #expect(times > 10 * Self.schedules)
    }

    /// All texts with the outcomes of some tasks in another order.
    private func arrangements(of text: String, _ tasks: Int) -> Set<String> {
        let parts = text.split(separator: "; ").map { String($0.drop { $0 != ":" }) }
        var orders: [[Int]] = [[]]
        for next in 0..<tasks {
            orders = orders.flatMap { order in
                (0...order.count).map { order.prefix($0) + [next] + order.suffix(order.count - $0) }
            }
        }
        return Set(
            orders.map { order in
                let all = order.map { parts[$0] } + parts.dropFirst(tasks)
                return all.enumerated().map { "task \($0.offset)\($0.element)" }.joined(separator: "; ")
            })
    }

    @Test("two of them end as without the reduction, but for their order", arguments: Deed.allCases)
    func outcomes(_ deed: Deed) throws {
        // Every other deed is done beside a task that unmaps, in debug; in release each is done beside it and alone.
        #if DEBUG
        let unmappers = [Deed.allCases.firstIndex(of: deed).map { $0 % 2 == 0 } ?? true]
        #else
        let unmappers = [false, true]
        #endif
        for model in Self.exploredKernels {
            for unmapper in unmappers {
                guard let world = try? Self.world(deed, model, tasks: 2, unmapper: unmapper) else { continue }
                try compare(world, tasks: 2, "\(deed) \(model)")
            }
        }
    }

    private func compare(_ world: World, tasks: Int, _ what: String) throws {
        func check(_ reductions: ScheduleCheck.Reductions) -> Verdict {
            world.checkSchedules(.exhaustive, for: [.lawsAtEnd]) {
                $0.reductions = reductions
                $0.searches = .deadlock
                #if DEBUG
                $0.limits.states = 4_000
                #else
                $0.limits.states = 60_000
                #endif
            }
        }
        let whole = check(.commuting)
        guard whole.holds else { return }
        for reductions in [ScheduleCheck.Reductions.likeTasks, [.commuting, .likeTasks]] {
            let reduced = check(reductions)
            guard reduced.holds else {
                // Without the reduction by what commutes, there may be too many states.
                #expect(!reductions.contains(.commuting), "\(what): \(reduced)")
                continue
            }
            let leavesOrders = reduced.coverage.passedOver.contains { $0.contains("what commutes") }
            #expect(leavesOrders == reductions.contains(.commuting), "\(what)")
            let all = reduced.coverage.texts.reduce(into: Set<String>()) { $0.formUnion(arrangements(of: $1, tasks)) }
            #expect(all == Set(whole.coverage.texts), "\(what)")
            if reductions.contains(.commuting) { #expect(reduced.coverage.states <= whole.coverage.states, "\(what)") }
            // Each outcome comes with a schedule that replays it, under the numbers of the world.
            for outcome in reduced.coverage.outcomes.prefix(3) {
                var machine = start(world)
                for choice in outcome.schedule {
                    let move = try #require(machine.move(for: choice))
                    _ = machine.perform(move, [])
                }
                #expect(machine.notDriven.outcomeText == outcome.text, "\(what)")
            }
        }
    }

    @Test("three readers of one hole take less than a quarter of the states, and end as without the reduction")
    func threeReaders() throws {
        let world = try Self.world(.tmpfsHole, .linux6_1, tasks: 3, unmapper: false)
        try compare(world, tasks: 3, "three readers of a hole")
        let states = [ScheduleCheck.Reductions(), .likeTasks].map { reductions in
            world.checkSchedules(.exhaustive, for: [.lawsAtEnd]) {
                $0.reductions = reductions
                $0.limits.states = 2_000_000
            }.coverage.states
        }
        #expect(states[0] > 4 * states[1] && states[0] <= 6 * states[1], "\(states)")
    }

    @Test("a broken property is found with its schedule under the numbers of the world")
    func violation() throws {
        let world = try Self.world(.coldRead, .linux6_1, tasks: 2, unmapper: false)
        let property = Property.finally("no read is a major fault") { machine in
            !(0..<2).contains { machine.counters(of: TaskID($0)).pgmajfault > 0 }
        }
        let verdict = world.checkSchedules(.exhaustive, for: [property]) { $0.reductions = [.commuting, .likeTasks] }
        let found = try #require(verdict.counterexample)
        var machine = start(world)
        for choice in found.schedule {
            let move = try #require(machine.move(for: choice))
            _ = machine.perform(move, [])
        }
        #expect((0..<2).contains { machine.counters(of: TaskID($0)).pgmajfault > 0 })
    }

    @Test("tasks that store, that are named, or that began otherwise are not alike")
    func unlike() throws {
        func groups(_ operations: [TaskOperation], _ set: (inout World, TaskID) throws -> Void = { _, _ in }) throws
            -> Int
        {
            var world = try World(.linux6_1)
            let first = world.task()
            let tasks = [first] + (1..<operations.count).map { _ in world.thread(of: first) }
            try set(&world, tasks[0])
            for (task, operation) in zip(tasks, operations) { world.start(operation, in: task) }
            return LikeTasks(in: start(world), []).groups.count
        }
        let area = MapRequest(pages: 1, access: .readWrite)
        let store = TaskOperation.touch(.write, PageNumber(0x1000), pages: 1, stride: 1)
        #expect(try groups([.mmap(area), .mmap(area)]) == 1)
        #expect(try groups([.mmap(area), .mmap(MapRequest(pages: 2, access: .readWrite))]) == 0)
        #expect(
            try groups([store, store]) == 0)
        #expect(try groups([.fork, .fork]) == 0)
        #expect(try groups([.mmap(area), .mmap(area), .kill(TaskID(0), .kill)]) == 0)
        #expect(try groups([.mmap(area), .mmap(area)]) { world, _ in _ = try world.addSwap(pages: 16) } == 0)
        var world = try World(.linux6_1)
        let first = world.task()
        let tasks = [first, world.thread(of: first)]
        for task in tasks { world.start(.mmap(area), in: task) }
        let kill = Injection(.signal(.kill, tasks[0]), .asleep(tasks[0]))
        #expect(LikeTasks(in: start(world), [kill]).isEmpty)
    }

    @Test("numbers go around and come back")
    func arrangements() {
        var first = Arrangement()
        first.exchange(0, 2)
        first.exchange(2, 1)
        #expect([0, 1, 2, 3].map { first[$0] } == [1, 2, 0, 3])
        #expect(first.followed(by: first.inverse).isIdentity)
        #expect(first.renamed(0b1011) == 0b1110)
        #expect(first.renamed(Move.expire(TaskID(2))) == .expire(TaskID(0)))
        var both = Arrangement()
        both.exchange(0, 1)
        #expect([0, 1, 2].map { first.followed(by: both)[$0] } == [0, 2, 1])
    }
}
