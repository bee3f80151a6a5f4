import FaultExplorer
import FaultSimulator

@testable import FaultCore

/// A small world in which something happens at once, so that all its schedules can be gone through.
struct MutantRace: Sendable, CustomStringConvertible {
    /// What happens in it, as the documentation calls it.
    let description: String
    /// The kernel.
    let model: KernelModel
    /// What is to hold beside the laws, and that nothing else comes out than without a mistake.
    let properties: [Property]
    private let set: @Sendable (inout MachineSettings) -> Void
    private let make: @Sendable (inout Scene) throws -> Void

    init(
        _ description: String, _ model: KernelModel = .linux6_1, _ properties: [Property] = [],
        set: @escaping @Sendable (inout MachineSettings) -> Void = { _ in },
        _ make: @escaping @Sendable (inout Scene) throws -> Void
    ) {
        self.description = description
        self.model = model
        self.properties = properties
        self.set = set
        self.make = make
    }

    /// How many states are gone through where there is no end of them, as where a store is tried again and again until a
    /// truncation is over.
    static let stateLimit = 20_000

    /// What operations came to, with their values, and how much memory each process has in the end.
    static let observe: @Sendable (Machine) -> String = { machine in
        let ends = machine.taskIndices.map { index in
            let report = machine.report(of: TaskID(index))
            return "\(report.value) \(report.outcome.stamp) \(report.errnoWhenKilled.map { "\($0)" } ?? "")"
        }
        let memory = machine.maps.map { "\($0.rss)" }
        return "\(machine.outcomeText) | \(ends.joined(separator: ", ")) | \(memory.joined(separator: ", "))"
    }

    /// A world, and what may happen to it from outside.
    struct Scene {
        var world: World
        var injections: [Injection] = []
        /// What is seen of final states.
        var observe: @Sendable (Machine) -> String = MutantRace.observe
        /// The only process, or the first.
        let task: TaskID
        /// Another thread of it.
        let thread: TaskID

        fileprivate init(_ race: MutantRace) throws {
            var settings = MachineSettings()
            race.set(&settings)
            let model = race.model
            world = try World(model, settings: settings)
            task = world.task()
            thread = world.thread(of: task)
        }

        /// Lets everything end that has begun.
        mutating func settle() {
            for _ in 0..<20 {
                world.run()
                guard let request = world.machine.requestsUnderWay.first else { return }
                world.machine.finishHeld(on: request.device)
            }
        }

        mutating func start(_ first: TaskOperation, beside second: TaskOperation) {
            world.start(first, in: task)
            world.start(second, in: thread)
        }

    }

    /// The world as it is when the race begins. It is made without a mistake, whatever is chosen.
    func scene() throws -> Scene {
        #if Mutants
        let chosen = chosenMutant
        chosenMutant = nil
        defer { chosenMutant = chosen }
        #endif
        var scene = try Scene(self)
        try make(&scene)
        return scene
    }

    /// Goes through all schedules. Beside `allowed` no outcome may come, if it is given.
    func check(allowing allowed: [String]? = nil, limit: Int = stateLimit) throws -> Verdict {
        try check(.exhaustive, allowed, limit)
    }

    /// Goes through one schedule, by chance.
    func sample(seed: UInt64, allowing allowed: [String]) throws -> Verdict {
        try check(.pct(seed: seed, depth: 3, runs: 1), allowed, Self.stateLimit)
    }

    private func check(_ strategy: Strategy, _ allowed: [String]?, _ limit: Int) throws -> Verdict {
        let scene = try scene()
        let wanted = [.laws] + properties + (allowed.map { [.outcomes($0)] } ?? [])
        return scene.world.checkSchedules(strategy, for: wanted) {
            $0.injections = scene.injections
            $0.observe = scene.observe
            $0.limits.states = limit
            $0.limits.depth = 5_000
            $0.limits.memory = 1 << 30
        }
    }
}
