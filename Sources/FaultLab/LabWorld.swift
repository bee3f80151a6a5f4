import FaultSimulator

/// What several experiments set up alike.
enum LabWorld {
    /// A world that runs in virtual time at full speed: no laws are checked, and no attempts kept, on `processors`
    /// processors.
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
    /// From now on keeps what a ``Timeline`` of the mmap lock needs.
    mutating func recordTimeline() {
        machine.trace(only: LockTimeline.kinds)
        machine.recordsWaits = true
    }

    /// What was kept of the mmap lock of `map` from `begin` to now.
    func timeline(_ title: String, of lock: LockName, from begin: UInt64, _ names: [(TaskID, String)]) -> Timeline {
        let now = clock
        let sleeps = machine.waits.compactMap { span -> Timeline.Sleep? in
            if case .lock(lock, _) = span.cause { return nil }
            let end = span.end ?? now
            guard end > begin, names.contains(where: { $0.0 == span.task }) else { return nil }
            return Timeline.Sleep(
                task: span.task, begin: max(begin, span.begin), end: end, cause: span.cause.description)
        }
        return Timeline(
            title: title, lock: LockTimeline(of: lock, in: machine.trace, until: now), begin: begin,
            names: names.map { Timeline.TaskName(task: $0.0, name: $0.1) }, sleeps: sleeps)
    }

    /// The longest sleep of `task` for the lock, in nanoseconds; 0 if it never slept for it.
    func longestWait(of task: TaskID, for lock: LockName) -> UInt64 {
        machine.waits
            .filter { span in
                guard span.task == task, case .lock(lock, _) = span.cause else { return false }
                return true
            }
            .map { $0.duration(now: clock) }.max() ?? 0
    }
}

extension KernelModel {
    /// This kernel with one rule changed, under a name that says so.
    func with<Rule: KernelRule>(
        _ path: WritableKeyPath<KernelModel, Rule>, _ rule: Rule, named name: StaticString
    ) -> KernelModel {
        var model = self
        model[keyPath: path] = rule
        model.name = StaticName(name)
        return model
    }
}

/// Touches pages of an area at random for ever, and thinks between two touches.
struct RandomReader: TaskProgram {
    let area: Area
    /// How long it computes between two touches, in nanoseconds.
    let thinkNanoseconds: UInt64

    func next(after last: OperationOutcome, task: TaskID, _ words: inout DeviceWords) -> Operation? {
        words.second += 1
        if thinkNanoseconds > 0, words.second % 2 == 0 { return .compute(nanoseconds: thinkNanoseconds) }
        // The generator of Knuth's MMIX; its high bits are the good ones.
        words.first =
            words.first &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            &+ UInt64(UInt32(bitPattern: task.rawValue))
        return .read(area, page: Int((words.first >> 33) % UInt64(area.pages)))
    }
}

/// Maps a page of anonymous memory and unmaps it, for ever.
struct Mapper: TaskProgram {
    func next(after last: OperationOutcome, task: TaskID, _ words: inout DeviceWords) -> Operation? {
        words.second += 1
        if words.second % 2 == 1 { return .mmap(MapRequest(pages: 1, flags: .readWrite)) }
        return .munmap(PageNumber(UInt64(last.value)), pages: 1)
    }
}
