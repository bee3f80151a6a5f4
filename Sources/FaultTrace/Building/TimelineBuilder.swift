import FaultCore

/// A builder, which reads a trace and its notes and makes the rows.
struct TimelineBuilder {
    let machine: Machine
    let names: TimelineNames
    var tasks: [TaskRow]
    var locks = RowTable()
    var areas = RowTable()
    var devices: [SharedRow] = []
    var waits: [Timeline.Wait] = []
    var requests: [RequestID: OpenRequest] = [:]
    /// All requests, in the order of submission.
    var submitted: [RequestID] = []
    /// The request that was completed last. The wake-ups that it causes follow directly.
    var completed: IORequest?
    var stages = StageTable()
    var counters = CounterSet()
    /// For each map, the areas that its writer has locked.
    var written: [[PageNumber]]
    /// The moment of the last event.
    var now = Timeline.Moment(time: 0, order: 0)
    var begin: Timeline.Moment?

    struct OpenRequest {
        let request: IORequest
        let lane: Int
        let begin: Timeline.Moment
    }

    init(_ machine: Machine, _ names: TimelineNames) {
        self.machine = machine
        self.names = names
        tasks = (0..<machine.taskCount).map { TaskRow(task: TaskID($0)) }
        written = Array(repeating: [], count: machine.mapCount)
    }

    /// Reads everything, and closes what has not ended.
    mutating func read() {
        let trace = machine.trace
        let notes = machine.traceNotes
        var next = 0
        for (order, event) in trace.enumerated() {
            while next < notes.count, notes[next].position <= order {
                take(notes[next])
                next += 1
            }
            now = Timeline.Moment(time: event.time, order: order)
            if begin == nil { begin = now }
            take(event)
        }
        while next < notes.count {
            take(notes[next])
            next += 1
        }
        let ends = tasks.map(\.notBefore).max() ?? 0
        now = Timeline.Moment(time: max(machine.clock, now.time, ends), order: trace.count)
        if begin == nil { begin = now }
        closeAll()
    }

    private mutating func closeAll() {
        for task in tasks.indices { tasks[task].closeAll(at: now) }
        for place in locks.rows.indices { locks.rows[place].closeAll(at: now) }
        for place in areas.rows.indices { areas.rows[place].closeAll(at: now) }
        for id in submitted { if let request = requests[id] { close(request, isOpen: true) } }
        for place in waits.indices where waits[place].wakeUp == .stillWaiting { waits[place].end = now }
    }

    // MARK: Notes

    private mutating func take(_ note: TraceNote) {
        now = Timeline.Moment(time: note.time, order: note.position)
        if begin == nil { begin = now }
        switch note.content {
        case .beginning: begin = now
        case .tookProcessor(let task, let number): setState(of: task, .runs(processor: number))
        case .lostProcessor(let task): setState(of: task, .ready)
        case .began(let task, let operation, let map):
            tasks[task.index].begin(operation, map, at: now)
            if tasks[task.index].state == nil { setState(of: task, .ready) }
        case .ends(let task, let time): tasks[task.index].endOperation(at: now, until: time)
        case .slept(let task, let cause, let owner): fallAsleep(task, cause, owner)
        case .woken(let task, let waker, let request): wake(task, by: waker, request)
        case .submitted(let request): submit(request)
        case .completed(let id):
            guard let request = requests.removeValue(forKey: id) else { return }
            close(request, isOpen: false)
            completed = request.request
            counters.requests.change(by: -1, at: now)
        case .readsArea(let task, let map, let page):
            let place = areas.place(of: .area(map, page))
            areas.rows[place].hold(task, .read, at: now)
            tasks[task.index].areaRead = place
        case .writesArea(let task, let map, let page, _): writeArea(task, map, page)
        case .held(let task, let lock, let mode):
            locks.rows[locks.place(of: .lock(lock))].hold(task, mode, at: now)
            tasks[task.index].held.append((lock, mode))
        }
    }

    mutating func setState(of task: TaskID, _ state: TaskRow.State) {
        let wasReady = tasks[task.index].state == .ready
        tasks[task.index].setState(state, at: now)
        if (state == .ready) != wasReady { counters.ready.change(by: wasReady ? -1 : 1, at: now) }
    }

    // MARK: Sleeping and waking

    private mutating func fallAsleep(_ task: TaskID, _ cause: WaitLink.Cause, _ owner: TaskID) {
        var behind = owner
        switch cause {
        case .lock(let lock, let mode): behind = locks.row(of: .lock(lock))?.blocker(of: task, mode) ?? .none
        case .areaLock(let map):
            guard let page = written[map.index].last else { break }
            let place = areas.place(of: .area(map, page))
            behind = areas.rows[place].holder(but: task)
            areas.rows[place].queue(task, .write, at: now)
            tasks[task.index].areaAwaited = place
        default: break
        }
        let map = tasks[task.index].map
        let held = map == .none ? nil : tasks[task.index].held.last { $0.lock == .mmap(map) }?.mode
        waits.append(
            Timeline.Wait(
                task: task, cause: cause, behind: behind, mmapHeld: held, begin: now, end: now, wakeUp: .stillWaiting))
        tasks[task.index].openWait = waits.count - 1
        setState(of: task, .sleeps(waits.count - 1))
        counters.asleep.change(by: 1, at: now)
    }

    private mutating func wake(_ task: TaskID, by waker: TaskID, _ request: RequestID?) {
        let isSignal = tasks[task.index].wasSignalled
        if let place = tasks[task.index].openWait {
            waits[place].end = now
            waits[place].wakeUp = wakeUp(waits[place].cause, waker, request, isSignal)
            if isSignal, case .lock(let lock, _) = waits[place].cause {
                locks.rows[locks.place(of: .lock(lock))].leaveQueue(task, at: now)
            }
            counters.asleep.change(by: -1, at: now)
        }
        if let place = tasks[task.index].areaAwaited { areas.rows[place].leaveQueue(task, at: now) }
        tasks[task.index].areaAwaited = nil
        tasks[task.index].openWait = nil
        tasks[task.index].wasSignalled = false
        setState(of: task, .ready)
    }

    private func wakeUp(
        _ cause: WaitLink.Cause, _ waker: TaskID, _ request: RequestID?, _ isSignal: Bool
    ) -> Timeline.Wait.WakeUp {
        if isSignal { return .signal(waker) }
        if let request, let completed, completed.id == request {
            return .request(request, on: completed.device, of: completed.task)
        }
        if waker != .none { return .task(waker) }
        switch cause {
        case .timer, .submission, .dirtyThrottle: return .time
        default: return .outside
        }
    }

    // MARK: Areas and devices

    private mutating func writeArea(_ task: TaskID, _ map: MapID, _ page: PageNumber) {
        guard task != .none, !written[map.index].contains(page) else { return }
        written[map.index].append(page)
        areas.rows[areas.place(of: .area(map, page))].hold(task, .write, at: now)
    }

    /// Ends the write locks of a map's areas, which end together with the write lock of the map.
    mutating func endAreaWrites(of map: MapID, by task: TaskID) {
        for page in written[map.index] {
            let place = areas.place(of: .area(map, page))
            areas.rows[place].release(task, at: now)
            areas.rows[place].leaveQueue(task, at: now)
        }
        written[map.index] = []
    }

    private mutating func submit(_ request: IORequest) {
        while devices.count <= request.device.index {
            devices.append(SharedRow(subject: .device(DeviceID(devices.count))))
        }
        let lane = devices[request.device.index].lanes.take()
        submitted.append(request.id)
        requests[request.id] = OpenRequest(request: request, lane: lane, begin: now)
        counters.requests.change(by: 1, at: now)
    }

    private mutating func close(_ open: OpenRequest, isOpen: Bool) {
        let row = open.request.device.index
        devices[row].lanes.give(open.lane)
        devices[row].spans.append(
            Timeline.Span(what: .request(open.request), begin: open.begin, end: now, lane: open.lane, isOpen: isOpen))
    }
}
