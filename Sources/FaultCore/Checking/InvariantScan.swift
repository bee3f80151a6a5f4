/// A scan under way: what was counted, and what was found.
struct InvariantScan {
    /// The counts from the page tables, page caches and pins.
    let census: MemoryCensus
    /// Whether tasks are looked at. If not, anything that a task at work could explain is taken as right.
    let looksAtTasks: Bool
    /// The tasks that have a fault under way, or hold pages for another reason, by number.
    private let busy: [Int]
    /// Whether one of them can run.
    let canRun: Bool
    /// What their calls keep alive.
    let holdings: HoldingCounter
    /// The pages that they may hold, sorted by page; `nil` until needed.
    private var claims: [FrameClaim]?
    /// The reads that devices have under way, sorted by file, then by page; `nil` until needed.
    private var reads: [IORequest]?
    /// The laws found broken.
    private(set) var found: [(Law, TaskID, String)] = []
    /// How many entries outside of all areas were found in the current map.
    var strays = 0
    /// The frames that tasks hold or read into: they may become wrong without a change of the frames.
    private(set) var unsettled: [FrameNumber] = []
    /// Whether anything was right only because a task is at work on it.
    var hasExempted = false

    private init(
        census: MemoryCensus, looksAtTasks: Bool, busy: [Int], canRun: Bool, holdings: HoldingCounter
    ) {
        self.census = census
        self.looksAtTasks = looksAtTasks
        self.busy = busy
        self.canRun = canRun
        self.holdings = holdings
    }

    /// Begins a scan. (An initialiser that is given the machine would begin with a copy of it.)
    static func begin(of machine: Machine, _ census: MemoryCensus, looksAtTasks: Bool) -> InvariantScan {
        var busy: [Int] = []
        var canRun = false
        var holdings = HoldingCounter(
            files: looksAtTasks ? machine.files.count : 0, maps: looksAtTasks ? machine.maps.count : 0)
        // By number, because iterating over the tasks would copy each of them.
        for index in machine.tasks.indices where looksAtTasks && !machine.tasks[index].stack.isEmpty {
            busy.append(index)
            if machine.tasks[index].status == .runnable { canRun = true }
            machine.countHoldings(ofTaskAt: index, in: &holdings)
        }
        return InvariantScan(
            census: census, looksAtTasks: looksAtTasks, busy: busy, canRun: canRun, holdings: holdings)
    }

    /// Whether a task for which `body` returns true is at work, so that a state is right that would otherwise be wrong.
    /// True if tasks are not looked at.
    func isAtWork(_ machine: Machine, _ body: (TaskState) -> Bool) -> Bool {
        !looksAtTasks || busy.contains { body(machine.tasks[$0]) }
    }

    /// The places by which tasks may hold `folio`, because their fault, their batch or one of their calls names it.
    mutating func claims(on folio: FrameNumber, _ machine: Machine) -> ArraySlice<FrameClaim> {
        let all = claims ?? FrameClaim.all(of: busy, machine)
        claims = all
        return FrameClaim.claims(on: folio, in: all)
    }

    /// Whether a device is reading a page of a file, or of the swap file.
    mutating func isComing(_ file: FileID, _ index: Int, _ machine: Machine) -> Bool {
        let all =
            reads
            ?? machine.scheduler.requests.filter(\.isRead).sorted {
                ($0.file.index, $0.index.value) < ($1.file.index, $1.index.value)
            }
        reads = all
        func isRead(by request: IORequest) -> Bool {
            request.file == file && request.index.value <= index && index < request.index.value + request.pages
        }
        // The last read that begins at the page or before it, unless direct I/O reads the same pages.
        let following = all.places(
            from: { ($0.file.index, $0.index.value) <= (file.index, index) }, while: { _ in false }
        ).lowerBound
        return following > 0 && isRead(by: all[following - 1]) || all.contains(where: isRead)
    }

    /// Notes a frame that is to be looked at again. The checks of one frame follow each other, so comparing with the
    /// last note is enough to note it once.
    mutating func noteUnsettled(_ folio: FrameNumber) {
        if unsettled.last != folio { unsettled.append(folio) }
    }

    /// Notes a broken law, but only the first few times for each law.
    mutating func report(_ law: Law, _ task: TaskID, _ message: @autoclosure () -> String) {
        guard found.lazy.filter({ $0.0 == law }).count < 4 else { return }
        found.append((law, task, message()))
    }

    /// Notes a broken law that no task in particular has broken.
    mutating func report(_ law: Law, _ message: @autoclosure () -> String) { report(law, .none, message()) }

    /// Checks the laws of tasks, locks and the scheduler.
    mutating func checkRunning(_ machine: Machine) {
        checkFilePins(machine)
        for index in machine.tasks.indices { checkTask(index, machine) }
        checkLocks(machine)
        checkScheduler(machine)
    }

    /// Checks the incremental part of the fingerprint against the state.
    mutating func checkHash(_ machine: Machine) {
        if machine.structuralHash != machine.recountedStructuralHash(census) {
            report(.fingerprint, "the fingerprint is not that of the state: a change was made past the setters")
        }
    }
}

extension TaskState {
    /// Whether the task runs `routine`, as its innermost or further out.
    func runs(_ routine: RoutineNumber) -> Bool { stack.contains { $0.routine == routine } }

    /// Whether the task works on `folio` as the page of a fault.
    func faults(on folio: FrameNumber) -> Bool { fault.folio == folio && runs(.pageFault) }

    /// Whether the task shrinks `file`, or punches a hole into it.
    func truncates(_ file: FileID) -> Bool {
        stack.contains { activation in
            guard activation.routine == .fileCommand else { return false }
            let request = activation.bytes.frame(FileRequest.self)
            return request.file == file && (request.call.kind == .truncate || request.call.kind == .punchHole)
        }
    }

    /// Whether the task removes areas from its map; their entries are removed after them.
    var unmaps: Bool {
        stack.contains {
            switch $0.routine {
            case .munmap, .mmap, .mremap, .brk, .exit, .fork: true
            default: false
            }
        }
    }
}
