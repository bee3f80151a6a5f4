import FaultSimulator

/// A run of a random world: rounds in which tasks do random operations, while signals, failures and slow disks come in
/// between; then peace, in which all that can end ends.
struct CorpusProgram {
    static let rounds = 8
    /// In a quiet world one task begins something in a round.
    static let quietRounds = 16
    /// More stages than any round has: a run that reaches it hangs.
    static let stageLimit = 400_000

    private(set) var base: CorpusWorld
    private(set) var observation: CorpusObservation
    /// How many operations were begun of each kind, by name.
    private(set) var operations: [String: Int] = [:]
    private let countsOperations: Bool
    private var isBroken = false
    private(set) var hangs = false

    init(seed: UInt64, isWatched: Bool, countsOperations: Bool = false) throws {
        base = try CorpusWorld(seed: seed, isWatched: isWatched)
        observation = CorpusObservation(isWatched: isWatched)
        self.countsOperations = countsOperations
    }

    /// Runs it, and observes after every round.
    mutating func run() {
        for _ in 0..<(base.isQuiet ? Self.quietRounds : Self.rounds) {
            let tasks = base.world.machine.taskCount
            if base.isQuiet {
                start(TaskID(base.random.below(tasks)))
            } else {
                for number in 0..<tasks { start(TaskID(number)) }
            }
            disturb()
            observe(base.world.machine.run(until: stop(), limit: Self.stageLimit))
        }
        base.world.machine.repairBlocks(of: base.files[0])
        for disk in base.disks {
            base.world.machine.setReadaheadIsRefused(false, by: disk)
            base.world.machine.release(disk)
        }
        observe(base.world.machine.run(limit: Self.stageLimit))
        if base.random.below(4) == 0 {
            for number in 0..<base.world.machine.taskCount { base.world.kill(TaskID(number)) }
            observe(base.world.machine.run(limit: Self.stageLimit))
        }
        observation.addTrace(of: base.world.machine)
    }

    private mutating func observe(_ reason: StopReason) {
        if reason == .limitReached { hangs = true }
        observation.add(base.world.machine.verify(after: reason), base.world.machine)
    }

    /// Lets a task that has nothing to do begin an operation, or a list of them.
    private mutating func start(_ task: TaskID) {
        guard !base.world.machine.isBusy(task), !base.world.machine.hasExited(task) else { return }
        var count = base.random.below(3) == 0 ? 2 + base.random.below(5) : 1
        if base.isQuiet { count *= 2 }
        let list = (0..<count).map { _ in base.operation(isInList: count > 1) }
        if countsOperations { for operation in list { operations[Self.name(of: operation), default: 0] += 1 } }
        if count == 1 { base.world.start(list[0], in: task) } else { base.world.start(list, in: task) }
    }

    private static func name(of operation: TaskOperation) -> String {
        String("\(operation)".prefix { $0 != "(" })
    }

    /// What comes from outside.
    private mutating func disturb() {
        let task = TaskID(base.random.below(base.world.machine.taskCount))
        let disk = base.random.pick(base.disks)
        if base.isQuiet, base.random.below(4) > 0 { return }
        switch base.random.below(16) {
        case 0 where base.random.below(3) == 0: base.world.kill(task)
        case 1, 2: base.world.send(.user1, to: task)
        case 3, 4:
            // A failure that has not happened yet lets no shortcut be taken.
            if base.isQuiet { return }
            base.world.machine.failAllocation(at: base.random.pick(Self.points), skipping: base.random.below(3))
        case 5:
            let first = base.random.below(20)
            base.world.machine.breakBlocks(of: base.files[0], PageRun(first, first + base.random.below(4)))
            isBroken = true
        case 6:
            base.world.machine.repairBlocks(of: base.files[0])
            isBroken = false
        case 7, 8: base.world.machine.finishHeld(on: disk, writes: false)
        case 9: base.world.machine.finishHeld(on: disk)
        case 10: base.world.machine.hold(disk, reads: base.random.below(2) == 0)
        case 11: base.world.machine.release(disk)
        case 12: base.world.machine.setReadaheadIsRefused(base.random.below(2) == 0, by: disk)
        case 13: base.world.evictSwapCache()
        default: break
        }
    }

    private static let points: [AllocationPoint] = [
        .anonymousPage, .copyPage, .pageTable, .anonVMA, .cachePage, .shmemPage, .block, .area, .swapPage,
    ]

    /// When a round ends. It is never a number of stages: they are the engine's own.
    private mutating func stop() -> StopCondition {
        let clock = base.world.clock
        let task = TaskID(base.random.below(base.world.machine.taskCount))
        let choice = base.random.below(base.isQuiet ? 30 : 8)
        // Populating tries a page that can't be read forever, as Linux does up to 6.8.
        if isBroken { return .time(clock + UInt64(500 + base.random.below(9000))) }
        switch choice {
        case 0: return .time(clock + UInt64(base.random.below(2500)))
        case 1: return .asleep(task)
        default: return .idle
        }
    }
}
