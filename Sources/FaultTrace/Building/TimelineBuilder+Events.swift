import FaultCore

/// The handling of each event of the trace.
extension TimelineBuilder {
    mutating func take(_ event: TraceEvent) {
        let task = event.task
        guard task != .none else { return }
        let index = task.index
        switch event.kind {
        case .stage:
            tasks[index].beginStage(stages.place(of: event, in: machine), stages, at: now)
            if !tasks[index].isRunning { setState(of: task, .runs(processor: -1)) }
        case .operationStarted, .operationEnded, .slept, .woken, .ioSubmitted, .ioCompleted, .areaLockTaken,
            .folioLocked, .folioUnlocked:
            break
        case .areaLockReleased:
            if let place = tasks[index].areaRead { areas.rows[place].release(task, at: now) }
            tasks[index].areaRead = nil
        default: takeDetail(event, task)
        }
    }

    private mutating func takeDetail(_ event: TraceEvent, _ task: TaskID) {
        let index = task.index
        switch event.detail {
        case .exception(let page, let access): tasks[index].beginFault(page, access, at: now)
        case .attemptStarted(let page, let flags): tasks[index].beginAttempt(page, flags, at: now)
        case .attemptEnded(_, let result):
            tasks[index].endAttempt(result)
            if result.contains(.retry) { counters.retries.change(by: 1, at: now) }
        case .accounted(let page, let isMajor):
            tasks[index].count(page, isMajor: isMajor, at: now)
            if isMajor { counters.major.change(by: 1, at: now) } else { counters.minor.change(by: 1, at: now) }
        case .faultLockDropped: tasks[index].mark(.dropsFaultLock, at: now)
        case .signalSent:
            tasks[index].mark(.signalSent, at: now)
            tasks[index].wasSignalled = true
        case .signalForced: tasks[index].mark(.signalForced, at: now)
        case .allocationFailed(let point): tasks[index].mark(.allocationFails(point), at: now)
        case .violation(let law): tasks[index].mark(.violation(law), at: now)
        case .lockQueued(let lock, let mode): locks.rows[locks.place(of: .lock(lock))].queue(task, mode, at: now)
        case .lockTaken(let lock, let mode):
            let place = locks.place(of: .lock(lock))
            locks.rows[place].leaveQueue(task, at: now)
            locks.rows[place].hold(task, mode, at: now)
            tasks[index].held.append((lock, mode))
        case .lockReleased(let lock, let mode): release(lock, mode, by: task)
        case .lockDowngraded(let lock): release(lock, .write, by: task)
        default: break
        }
    }

    private mutating func release(_ lock: LockName, _ mode: LockMode, by task: TaskID) {
        locks.rows[locks.place(of: .lock(lock))].release(task, at: now)
        if let held = tasks[task.index].held.lastIndex(where: { $0.lock == lock }) {
            tasks[task.index].held.remove(at: held)
        }
        if lock.kind == .mmap, mode == .write { endAreaWrites(of: MapID(lock.number), by: task) }
    }
}

/// The table of stage names, each once.
struct StageTable {
    private struct Key: Hashable {
        let routine: UInt64
        let stage: UInt64
    }

    private(set) var names: [StageName] = []
    /// Whether the beginning of such a stage ends a fault, because the access to the page continues.
    private(set) var endsFault: [Bool] = []
    private var places: [Key: Int] = [:]

    mutating func place(of event: TraceEvent, in machine: Machine) -> Int {
        let key = Key(routine: event.a, stage: event.b)
        if let place = places[key] { return place }
        let name = machine.stage(of: event) ?? StageName("none", "\(event.b)")
        names.append(name)
        let routine = RoutineNumber(rawValue: UInt8(truncatingIfNeeded: event.a))
        endsFault.append(routine == .touch || routine == .userAccess)
        places[key] = names.count - 1
        return names.count - 1
    }
}

/// A counter and its history.
struct CounterTrack {
    private(set) var counter: Timeline.Counter
    private var value = 0

    init(_ name: String) { counter = Timeline.Counter(name: name) }

    mutating func change(by difference: Int, at moment: Timeline.Moment) {
        value += difference
        if let last = counter.points.last, last.moment.order == moment.order || last.value == value {
            counter.points[counter.points.count - 1].value = value
        } else {
            counter.points.append((moment, value))
        }
    }
}

/// All counters.
struct CounterSet {
    var asleep = CounterTrack("tasks asleep")
    var ready = CounterTrack("tasks waiting for a processor")
    var requests = CounterTrack("requests under way")
    var major = CounterTrack("major faults")
    var minor = CounterTrack("minor faults")
    var retries = CounterTrack("attempts that ended with RETRY")

    /// The counters that have changed.
    var all: [Timeline.Counter] {
        [asleep, ready, requests, major, minor, retries].map(\.counter).filter { !$0.points.isEmpty }
    }
}
