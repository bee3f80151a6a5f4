import FaultSimulator

/// All schedules of a small instance.
extension PositionsOf2026 {
    /// A process with a thread that reads the only page of a file.
    private struct Small {
        var world: World
        let file: FileID
        let reader: TaskID
        let other: TaskID
        let area: Area

        init(_ model: KernelModel, isUnderRead: Bool = false) throws(WorldError) {
            world = try World(model)
            file = try world.file(pages: 1)
            reader = world.task()
            other = world.task()
            area = try world.map(file, .read, .shared, in: reader)
            if isUnderRead {
                world.start(.read(file, page: 0), in: world.task())
                world.run()
            }
            world.start(.read(area), in: reader)
        }

        /// Lets the first attempt end, and evicts the page before the second.
        mutating func evictBetweenAttempts() {
            world.run()
            world.machine.finishHeld(on: world.disk)
            while world.machine.wait(of: reader) == nil, world.machine.isInsideAttempt(reader) {
                world.machine.step(reader)
            }
            world.start(.dropCache(file), in: other)
            while world.machine.isBusy(other), world.machine.step(other) {}
        }

        /// Whether a thread that does `operation` can be asleep in some schedule while the device reads.
        func canBeFound(_ operation: TaskOperation, in thread: TaskID, beside other: (TaskID, TaskOperation)? = nil)
            -> Bool
        {
            var world = world
            world.start(operation, in: thread)
            if let (task, operation) = other { world.start(operation, in: task) }
            var options = Explorer.Options()
            options.completions = .none
            options.checksLaws = false
            options.recordsAttempts = false
            options.observe = { $0.waitLinks.contains { $0.task == thread } ? "waits" : "" }
            return world.explore(options).texts.contains("waits")
        }

        /// The parties for which ``canBeFound(_:in:beside:)`` is true. The monitor runs beside a thread that forks,
        /// each other party alone with the reader.
        mutating func found() -> [Party] {
            let thread = world.thread(of: reader)
            let monitor = world.task()
            let map = TaskOperation.mmap(MapRequest(pages: 1, access: .readWrite))
            return Party.allCases.filter { party in
                switch party {
                case .fork: canBeFound(.fork, in: thread)
                case .mprotect: canBeFound(.mprotect(area, .noAccess), in: thread)
                case .munmap: canBeFound(.munmap(area), in: thread)
                case .mmap: canBeFound(map, in: thread)
                case .monitor: canBeFound(.readProcMaps(area.map), in: monitor, beside: (thread, .fork))
                }
            }
        }
    }

    func worst(_ model: KernelModel) throws(WorldError) -> Worst {
        var states = 0
        var ends = true
        var first = try Small(model)
        var second = try Small(model)
        second.evictBetweenAttempts()
        var attempts: [[Int]] = [[], []]
        for isUnderRead in [false, true] {
            for times in 0...evictions {
                let small = try Small(model, isUnderRead: isUnderRead)
                let reader = small.reader
                var options = Explorer.Options()
                options.recordsAttempts = false
                options.checksLaws = false
                options.observe = { String($0.counters(of: reader).attempts) }
                if times > 0 {
                    options.injections = [Injection(.start(.dropCache(small.file), in: small.other), times: times)]
                }
                let found = small.world.explore(options)
                states += found.states
                ends = ends && found.isComplete && found.deadlocks.isEmpty
                attempts[isUnderRead ? 1 : 0].append(found.texts.compactMap(Int.init).max() ?? 0)
            }
        }
        return Worst(
            model: model.name.description, behindFirst: first.found(), behindSecond: second.found(),
            attempts: attempts[0], attemptsOnPageUnderRead: attempts[1], alwaysEnds: ends, states: states)
    }
}
