/// The laws that hold between stages, checked by looking at everything.
extension Machine {
    /// Checks every law that holds between any two stages, by a full scan.
    ///
    /// The laws about events (an attempt, a wait, a drop) are checked as they happen instead, while ``isChecking`` is on,
    /// and are in ``violations``. `Documentation/Laws.md` says which is which.
    ///
    /// - Returns: The broken laws, empty if all is well; never more than a few for one mistake.
    /// - Complexity: O(*n*) in everything that is mapped, cached or running.
    public func checkInvariants() -> [Violation] {
        violations(of: fullScan())
    }

    /// Looks at everything.
    func fullScan() -> InvariantScan {
        var scan = InvariantScan(of: self, MemoryCensus(of: self))
        scan.checkFrames(self)
        if hasGroup { scan.checkGroup(self) }
        for map in maps { scan.checkMap(map, self) }
        for number in files.indices { scan.checkFile(FileID(number), self) }
        scan.checkMapTotals(self)
        scan.checkFrameTotals(self)
        scan.checkRunning(self)
        scan.checkHash(self)
        return scan
    }

    func violations(of scan: InvariantScan) -> [Violation] {
        scan.found.map { law, task, message in
            Violation(law, task, message, in: self)
        }
    }
}

/// A scan under way: what was counted, and what was found.
struct InvariantScan {
    /// What the page tables, page caches and pins say.
    let census: MemoryCensus
    /// The tasks that have a fault under way, or something else that holds pages.
    let busy: [TaskState]
    /// Whether one of them can run.
    let canRun: Bool
    /// What their calls keep alive.
    let holdings: HoldingCounter
    /// The laws found broken.
    private(set) var found: [(Law, TaskID, String)] = []
    /// How many entries outside of all areas were met in the map that is looked at.
    var strays = 0
    /// The frames that tasks hold or read into: what they are may become wrong without a change of theirs.
    var unsettled: [FrameNumber] = []
    /// Whether something was right only because a task is at work on it.
    var hasExempted = false

    init(of machine: Machine, _ census: MemoryCensus) {
        self.census = census
        var busy: [TaskState] = []
        var canRun = false
        var holdings = HoldingCounter(files: machine.files.count, maps: machine.maps.count)
        for index in machine.tasks.indices where !machine.tasks[index].stack.isEmpty {
            busy.append(machine.tasks[index])
            if machine.tasks[index].status == .runnable { canRun = true }
            machine.countHoldings(of: machine.tasks[index], in: &holdings)
        }
        self.busy = busy
        self.canRun = canRun
        self.holdings = holdings
    }

    /// Notes a broken law; of the same law only the first few.
    mutating func report(_ law: Law, _ task: TaskID, _ message: @autoclosure () -> String) {
        guard found.lazy.filter({ $0.0 == law }).count < 4 else { return }
        found.append((law, task, message()))
    }

    /// Notes a broken law that is nobody's doing in particular.
    mutating func report(_ law: Law, _ message: @autoclosure () -> String) { report(law, .none, message()) }

    /// The laws of tasks, locks and the scheduler.
    mutating func checkRunning(_ machine: Machine) {
        checkFilePins(machine)
        for task in machine.tasks { checkTask(task, machine) }
        checkLocks(machine)
        checkScheduler(machine)
    }

    /// The incremental part of the fingerprint against the state.
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

    /// Whether the task takes areas out of its map, whose entries go after them.
    var unmaps: Bool {
        stack.contains {
            switch $0.routine {
            case .munmap, .mmap, .mremap, .brk, .exit, .fork: true
            default: false
            }
        }
    }
}
