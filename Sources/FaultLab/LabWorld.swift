import FaultSimulator

/// Set-up that several experiments share.
enum LabWorld {
    /// A world in virtual time with `processors` processors, at full speed: it checks no laws, and keeps no attempts.
    static func timed(
        _ model: KernelModel, disk: World.DiskSpeed = .held, costs: CostModel = CostModel(), processors: Int = 1,
        settings: MachineSettings = MachineSettings()
    ) throws(WorldError) -> World {
        var settings = settings
        settings.processors = processors
        var world = try World(model, disk: disk, settings: settings, costs: costs)
        world.machine.isChecking = false
        world.machine.recordsAttempts = false
        return world
    }
}

extension World {
    /// Begins to record what ``piece(_:_:areas:)`` and ``Sleeps`` need.
    mutating func recordPiece() {
        machine.recordsTimeline = true
        machine.recordsWaits = true
    }

    /// The timeline since ``recordPiece()``, with a title that begins with the kernel.
    func piece(_ title: String, _ tasks: [(TaskID, String)], areas: [(Area, String)] = []) -> Timeline {
        var names = TimelineNames(tasks)
        for (area, name) in areas { names.name(area, name) }
        return timeline("\(machine.model.name): \(title)", names: names)
    }
}

extension Machine {
    /// Whether a task runs `handle_mm_fault()`.
    func isInsideAttempt(_ task: TaskID) -> Bool { isIn(.pageFault, task) }
}

extension KernelModel {
    /// This kernel with one rule changed, and a name that says so.
    func with<Rule: KernelRule>(
        _ path: WritableKeyPath<KernelModel, Rule>, _ rule: Rule, named name: StaticString
    ) -> KernelModel {
        var model = self
        model[keyPath: path] = rule
        model.name = StaticName(name)
        return model
    }
}

/// A random number for a program, from its own state. It uses the generator of Knuth's MMIX, whose high bits are the
/// better ones.
func nextRandom(_ state: inout UInt64, _ task: TaskID) -> UInt64 {
    state =
        state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 &+ UInt64(UInt32(bitPattern: task.rawValue))
    return state >> 33
}

/// The state of a program that draws random numbers.
struct RandomTurns: PluginState {
    /// The state of its random numbers.
    var random: UInt64 = 0
    /// How many operations it has started.
    var count: UInt64 = 0

    func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("random", random)
        visitor.visit("count", count)
    }
}

/// A program that touches random pages of an area forever, and computes between two touches.
struct RandomReader: TaskProgram {
    let area: Area
    /// How long it computes between two touches, in nanoseconds.
    let thinkNanoseconds: UInt64
    /// Whether that time is only an average, so that it does not run in step with others.
    var isIrregular = false

    func next(after last: OperationOutcome, task: TaskID, _ turns: inout RandomTurns) -> TaskOperation? {
        turns.count += 1
        if thinkNanoseconds > 0, turns.count % 2 == 0 {
            let think = isIrregular ? nextRandom(&turns.random, task) % (2 * thinkNanoseconds) : thinkNanoseconds
            return .compute(nanoseconds: think)
        }
        return .read(area, page: Int(nextRandom(&turns.random, task) % UInt64(area.pages)))
    }
}

/// A program that maps a page of anonymous memory and unmaps it, forever.
struct Mapper: TaskProgram {
    /// How long it computes after each, on average, in nanoseconds.
    var pauseNanoseconds: UInt64 = 0

    /// The state of a mapper.
    struct State: PluginState {
        /// How many operations it has started.
        var turns: UInt64 = 0
        /// The result of the last mmap(2).
        var mapped: Int64 = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("turns", turns)
            visitor.visit("mapped", mapped)
        }
    }

    func next(after last: OperationOutcome, task: TaskID, _ state: inout State) -> TaskOperation? {
        state.turns += 1
        guard pauseNanoseconds > 0 else { return state.turns % 2 == 1 ? Self.map : Self.unmap(last.value) }
        // The address to unmap is kept during the pause.
        if state.turns % 4 == 2 { state.mapped = last.value }
        let random = state.turns &* 0x9E37_79B9_7F4A_7C15 >> 40
        switch state.turns % 4 {
        case 1: return Self.map
        case 3: return Self.unmap(state.mapped)
        default: return .compute(nanoseconds: random % (2 * pauseNanoseconds))
        }
    }

    static let map = TaskOperation.mmap(MapRequest(pages: 1, access: .readWrite))

    static func unmap(_ page: Int64) -> TaskOperation { .munmap(PageNumber(UInt64(page)), pages: 1) }
}
