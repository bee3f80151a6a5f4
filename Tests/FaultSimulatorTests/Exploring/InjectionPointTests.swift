@testable import FaultCore
@testable import FaultExplorer
import FaultSimulator
import Testing

/// An injection is tried at every point: what the explorer finds is what comes of the event at each state, one by one.
@Suite("Injections at every point", .timeLimit(.minutes(60)))
struct InjectionPointTests {
    #if DEBUG
    static let kernels: [KernelModel] = [.linux2_6_37, .linux6_1, .linux6_12]
    #else
    static let kernels = KernelModel.presets
    #endif

    /// What is injected into a cold read, and into a first store for which there may be no memory.
    enum Kind: CaseIterable {
        case kill, killAsleep, handledSignal, truncation, eviction, readError, mending, noPage, noAnonymousPage
        case callOfThread, callOfProcess
    }

    /// A world, what is injected, and the task that it is about.
    private struct Setting {
        var world: World
        let injection: Injection
        let task: TaskID
        let other: TaskID

        init(_ kind: Kind, _ model: KernelModel) throws {
            var settings = MachineSettings()
            settings.readaheadPages = 0
            world = try World(model, settings: settings)
            let file = try world.file(pages: 1)
            task = world.task()
            other = kind == .callOfThread ? world.thread(of: task) : world.task()
            let area = try world.map(file, .read, .shared, in: task)
            let memory = try world.map(anonymousPages: 1, in: task)
            if kind == .mending { world.machine.breakBlocks(of: file, PageRun(0, 0)) }
            world.start(kind == .noAnonymousPage ? .write(memory) : .read(area), in: task)
            injection =
                switch kind {
                case .kill: Injection(.signal(.kill, task))
                case .killAsleep: Injection(.signal(.kill, task), .asleep(task))
                case .handledSignal: Injection(.signal(.user1, task))
                case .truncation: Injection(.start(.truncate(file, pages: 0), in: other))
                case .eviction: Injection(.start(.dropCache(file), in: other))
                case .readError: Injection(.breakBlocks(file, PageRun(0, 0)))
                case .mending: Injection(.repairBlocks(file))
                case .noPage: Injection(.failAllocation(.cachePage))
                case .noAnonymousPage: Injection(.failAllocation(.anonymousPage))
                case .callOfThread: Injection(.start(.munmap(area), in: other))
                case .callOfProcess: Injection(.start(.read(file, page: 0), in: other))
                }
        }

        /// Whether the event can happen at a state.
        func isPossible(at machine: Machine) -> Bool {
            if case .asleep(let task) = injection.timing, !machine.isSleeping(task) { return false }
            return switch injection.event {
            case .signal: machine.hasOperation(task)
            case .start: machine.isIdle(other)
            case .breakBlocks, .repairBlocks, .failAllocation: true
            }
        }

        /// Lets the event happen.
        func happen(in machine: inout Machine) {
            switch injection.event {
            case .signal(let signal, let task): machine.send(signal, to: task)
            case .start(let operation, let task): machine.start(operation, in: task)
            case .breakBlocks(let file, let run): machine.breakBlocks(of: file, run)
            case .repairBlocks(let file): machine.repairBlocks(of: file)
            case .failAllocation(let point): machine.failAllocation(at: point)
            }
        }
    }

    /// All that can be reached without another injection.
    private struct Graph {
        private(set) var states: [Machine] = []
        private(set) var transitions = 0
        private(set) var texts: Set<String> = []
        private var keys: Set<UInt64> = []

        init(from starts: [Machine]) {
            var open: [Machine] = []
            for start in starts { add(start, to: &open) }
            while let machine = open.popLast() {
                var moves: [Move] = []
                machine.addOwnMoves(to: &moves, Explorer.Options())
                if moves.isEmpty { texts.insert(machine.notDriven.outcomeText) }
                for move in moves {
                    var next = machine
                    let isDone = next.perform(move, [])
                    #expect(isDone)
                    transitions += 1
                    add(next, to: &open)
                }
            }
        }

        private mutating func add(_ machine: Machine, to open: inout [Machine]) {
            var copy = machine
            var own: [UInt64] = []
            guard keys.insert(copy.stateKey(of: .all, keepsDigests: false, &own).word).inserted else { return }
            states.append(machine)
            open.append(machine)
        }
    }

    @Test("the event at each state, one by one, gives the states, the choices and the ends", arguments: Kind.allCases)
    func everyPoint(_ kind: Kind) throws {
        for model in Self.kernels {
            let setting = try Setting(kind, model)
            var options = Explorer.Options()
            options.checksLaws = false
            let without = Graph(from: [Explorer(setting.world.machine, options).start])
            let points = without.states.filter { setting.isPossible(at: $0) }
            let with = Graph(
                from: points.map { machine in
                    var machine = machine
                    setting.happen(in: &machine)
                    return machine
                })
            options.injections = [setting.injection]
            let found = setting.world.explore(options)
            let what = "\(kind) under \(model.name): \(points.count) of \(without.states.count) states"
            #expect(points.count > 1 || kind == .killAsleep && points.count == 1, "\(what)")
            #expect(found.isComplete && found.deadlocks.isEmpty, "\(what)")
            #expect(found.states == without.states.count + with.states.count, "\(what)")
            #expect(found.transitions == without.transitions + points.count + with.transitions, "\(what)")
            #expect(Set(found.texts) == without.texts.union(with.texts), "\(what)")
            // It makes a difference somewhere.
            #expect(!with.texts.isSubset(of: without.texts) || kind == .handledSignal, "\(what)")
        }
    }

    @Test("an injection that may happen twice happens at every two points")
    func twice() throws {
        let setting = try Setting(.eviction, .linux6_1)
        var options = Explorer.Options()
        options.checksLaws = false
        var levels = [Graph(from: [Explorer(setting.world.machine, options).start])]
        var points = 0
        for _ in 0..<2 {
            let possible = levels[levels.count - 1].states.filter { setting.isPossible(at: $0) }
            points += possible.count
            levels.append(
                Graph(
                    from: possible.map { machine in
                        var machine = machine
                        setting.happen(in: &machine)
                        return machine
                    }))
        }
        var injection = setting.injection
        injection.times = 2
        options.injections = [injection]
        let found = setting.world.explore(options)
        #expect(found.states == levels.map(\.states.count).reduce(0, +))
        #expect(found.transitions == levels.map(\.transitions).reduce(0, +) + points)
    }
}
