import FaultCore

/// The row of a task while it is built.
///
/// A stage is atomic. So a fault or an attempt is shown from the beginning of its first stage to the end of its last
/// one; then the lanes nest.
struct TaskRow {
    /// What a task does.
    enum State: Equatable {
        case runs(processor: Int)
        case ready
        case sleeps(Int)
    }

    /// The lanes of a task's row.
    enum Lane {
        static let state = 0
        static let operation = 1
        static let fault = 2
        static let attempt = 3
        static let stage = 4
    }

    let task: TaskID
    /// The memory map of its operation.
    var map = MapID.none
    private(set) var state: State?
    private var stateBegin = Timeline.Moment(time: 0, order: 0)
    private var operation: (what: TaskOperation, begin: Timeline.Moment)?
    private var fault: (page: PageNumber, access: FaultException.Access, isMajor: Bool?, begin: Timeline.Moment)?
    private var attempt: (page: PageNumber, flags: FaultFlags, result: FaultResult?, begin: Timeline.Moment)?
    private var stage: (place: Int, begin: Timeline.Moment)?
    /// The time at which its last activity is over. Nothing later of this task begins before it.
    private(set) var notBefore: UInt64 = 0
    /// The index of its wait, while it sleeps.
    var openWait: Int?
    /// Whether a signal arrived since its last wake-up.
    var wasSignalled = false
    /// The locks that it holds.
    var held: [(lock: LockName, mode: LockMode)] = []
    /// The row of the area whose lock it holds for reading.
    var areaRead: Int?
    /// The row of the area whose readers it waits for.
    var areaAwaited: Int?
    private(set) var spans: [Timeline.Span] = []
    private(set) var marks: [Timeline.Mark] = []

    init(task: TaskID) { self.task = task }

    var isRunning: Bool { if case .runs = state { true } else { false } }

    private mutating func moment(_ now: Timeline.Moment) -> Timeline.Moment {
        notBefore = max(notBefore, now.time)
        return Timeline.Moment(time: notBefore, order: now.order)
    }

    private mutating func add(
        _ what: Timeline.Span.What, _ lane: Int, _ begin: Timeline.Moment, _ end: Timeline.Moment, isOpen: Bool = false
    ) {
        guard begin.time < end.time || begin.order < end.order || isOpen else { return }
        spans.append(Timeline.Span(what: what, begin: begin, end: end, lane: lane, isOpen: isOpen))
    }

    // MARK: What it does

    mutating func setState(_ new: State?, at now: Timeline.Moment, isOpen: Bool = false) {
        let now = moment(now)
        if let state {
            let what: Timeline.Span.What =
                switch state {
                case .runs(let processor): .runs(processor: processor)
                case .ready: .ready
                case .sleeps(let wait): .sleeps(wait)
                }
            add(what, Lane.state, stateBegin, now, isOpen: isOpen)
        }
        state = new
        stateBegin = now
    }

    mutating func begin(_ what: TaskOperation, _ map: MapID, at now: Timeline.Moment) {
        operation = (what, moment(now))
        self.map = map
    }

    /// Ends the operation; the cost of its last stage lasts until `time`.
    mutating func endOperation(at now: Timeline.Moment, until time: UInt64) {
        let now = Timeline.Moment(time: max(now.time, time), order: now.order)
        closeStage(at: moment(now))
        closeFault(at: moment(now))
        closeOperation(at: moment(now))
        setState(nil, at: now)
    }

    private mutating func closeOperation(at end: Timeline.Moment, isOpen: Bool = false) {
        guard let open = operation else { return }
        operation = nil
        add(.operation(open.what), Lane.operation, open.begin, end, isOpen: isOpen)
    }

    // MARK: Stages, faults, attempts

    mutating func beginStage(_ place: Int, _ stages: StageTable, at now: Timeline.Moment) {
        let now = moment(now)
        closeStage(at: now)
        if stages.endsFault[place] { closeFault(at: now) }
        stage = (place, now)
    }

    /// Ends the current stage, and with it an attempt that has returned in it.
    private mutating func closeStage(at end: Timeline.Moment, isOpen: Bool = false) {
        if let open = stage {
            stage = nil
            add(.stage(open.place), Lane.stage, open.begin, end, isOpen: isOpen)
        }
        if attempt?.result != nil || isOpen { closeAttempt(at: end, isOpen: isOpen) }
    }

    mutating func beginFault(_ page: PageNumber, _ access: FaultException.Access, at now: Timeline.Moment) {
        let begin = stage?.begin ?? moment(now)
        closeFault(at: begin)
        fault = (page, access, nil, begin)
    }

    private mutating func closeFault(at end: Timeline.Moment, isOpen: Bool = false) {
        closeAttempt(at: end, isOpen: isOpen)
        guard let open = fault else { return }
        fault = nil
        add(.fault(open.page, open.access, isMajor: open.isMajor), Lane.fault, open.begin, end, isOpen: isOpen)
    }

    mutating func beginAttempt(_ page: PageNumber, _ flags: FaultFlags, at now: Timeline.Moment) {
        let begin = stage?.begin ?? moment(now)
        closeAttempt(at: begin)
        attempt = (page, flags, nil, begin)
    }

    mutating func endAttempt(_ result: FaultResult) { attempt?.result = result }

    private mutating func closeAttempt(at end: Timeline.Moment, isOpen: Bool = false) {
        guard let open = attempt else { return }
        attempt = nil
        add(.attempt(open.page, open.flags, open.result), Lane.attempt, open.begin, end, isOpen: isOpen)
    }

    mutating func count(_ page: PageNumber, isMajor: Bool, at now: Timeline.Moment) {
        if fault != nil { fault?.isMajor = isMajor }
        mark(.counts(page, isMajor: isMajor), at: now)
    }

    mutating func mark(_ what: Timeline.Mark.What, at now: Timeline.Moment) {
        marks.append(Timeline.Mark(what: what, moment: now))
    }

    mutating func closeAll(at end: Timeline.Moment) {
        let end = moment(end)
        let isOpen = operation != nil
        closeStage(at: end, isOpen: isOpen)
        closeFault(at: end, isOpen: isOpen)
        closeOperation(at: end, isOpen: isOpen)
        setState(nil, at: end, isOpen: true)
    }
}
