/// Making tasks, maps and files, starting operations, and reading reports and counters.
extension Machine {
    /// Makes a process: a task with an empty memory map of its own.
    public mutating func addTask() -> TaskID { addTask(in: addMap()) }

    /// Makes a thread: a task that shares the memory map `map`.
    public mutating func addTask(in map: MapID) -> TaskID {
        if map != .none { _ = index(of: map) }
        let id = TaskID(next: tasks.count)
        noteWrite(.world)
        noteWrite(.task(id))
        tasks.append(TaskState(id, map: map))
        if map != .none { tasks[id.index].archWords = entry.initialArchWords }
        if map != .none {
            useMap(map)
            maps[map.index].fileUsers += 1
        }
        return id
    }

    /// Makes a kernel thread: a task that has no memory map. Operations on its own user memory fail with `EINVAL`,
    /// except ``TaskOperation/kernelTouch(_:_:_:)``, whose fault finds no map.
    public mutating func addKernelThread() -> TaskID { addTask(in: .none) }

    /// Makes an empty memory map.
    package mutating func addMap() -> MapID {
        let id = MapID(next: maps.count)
        noteWrite(.world)
        let limit = geometry.userLimit
        let heap = PageNumber(min(limit.rawValue / 4, 1 << 24))
        maps.append(
            MemoryMap(
                id: id, root: tables.allocate(), heapStart: heap, heapEnd: heap,
                mmapBase: limit - min(settings.stackLimitPages, Int(limit.rawValue / 4))))
        return id
    }

    /// Makes a file of `pages` pages, none of them cached.
    ///
    /// - Parameters:
    ///   - pages: Its size, 0 to 2^24.
    ///   - operations: The number of its ``FileOperations`` in the configuration.
    ///   - vmOperations: The number of the ``VMOperations`` of its mappings.
    ///   - device: The device it lies on; none for tmpfs.
    ///   - traits: What kind of file it is.
    ///   - blocks: The pages that have a block; the others are holes.
    public mutating func addFile(
        pages: Int, operations: Int, vmOperations: Int, device: DeviceID, traits: FileTraits, blocks: [PageRun]
    ) -> FileID {
        guard (0...(1 << 24)).contains(pages) else {
            misuse("Machine.addFile: a file has 0 to 2^24 pages, not \(pages)")
        }
        guard let operations = UInt16(exactly: operations), let vmOperations = UInt16(exactly: vmOperations) else {
            misuse(
                "Machine.addFile: no operations have the numbers \(operations) and \(vmOperations): take those of the "
                    + "configuration")
        }
        guard vmOperations <= configuration.vmOperations.count else {
            misuse(
                "Machine.addFile: there is no handler \(vmOperations) in this world, which has "
                    + "\(configuration.vmOperations.count): take the number that register(_:) gave, or 0 for none")
        }
        if device != .none { _ = index(of: device, "Machine.addFile") }
        let id = FileID(next: files.count)
        noteWrite(.world)
        files.append(
            FileState(
                operations: operations, vmOperations: vmOperations, device: device, pages: pages,
                traits: traits, blocks: blocks, readahead: ReadaheadState(maximum: settings.readaheadPages),
                state: configuration.fileState(operations).beginning))
        if traits.contains(.unnamed) { unnamedFiles.add(id) }
        return id
    }

    /// Adds a handler for areas; ``MapRequest/operations`` takes the number.
    ///
    /// - Precondition: The machine has fewer than 65,535 of them, and no stage is under way.
    /// - Complexity: O(*n*) in the number of handlers, because earlier copies of the machine keep their list.
    public mutating func register(_ operations: any VMOperationTable) -> UInt16 {
        requireNoStage("Machine.register", "register plug-ins before the machine runs")
        guard let number = UInt16(exactly: configuration.vmOperations.count + 1) else {
            misuse(
                "Machine.register: there are 65,535 handlers already, and an area names its own in 16 bits: register "
                    + "each once, and tell areas apart by their state")
        }
        configuration = configuration.adding(operations)
        return number
    }

    /// Adds a file system; ``addFile(pages:operations:vmOperations:device:traits:blocks:)`` takes the number.
    ///
    /// - Precondition: The machine has fewer than 65,536 of them, and no stage is under way.
    /// - Complexity: O(*n*) in their number.
    public mutating func register(_ fileSystem: any FileOperationTable) -> Int {
        requireNoStage("Machine.register", "register plug-ins before the machine runs")
        guard configuration.fileOperations.count <= UInt16.max else {
            misuse(
                "Machine.register: there are 65,536 file systems already, and a file names its own in 16 bits: "
                    + "register each once, and tell files apart by their state")
        }
        configuration = configuration.adding(fileSystem)
        return configuration.fileOperations.count - 1
    }

    /// Adds a kind of block device; ``addDevice(operations:held:)`` takes the number.
    ///
    /// - Precondition: The machine has fewer than 65,536 of them, and no stage is under way.
    /// - Complexity: O(*n*) in their number.
    public mutating func register(_ device: any BlockDevice) -> Int {
        requireNoStage("Machine.register", "register plug-ins before the machine runs")
        guard configuration.blockDevices.count <= UInt16.max else {
            misuse(
                "Machine.register: there are 65,536 kinds of device already, and a device names its own in 16 bits: "
                    + "register each once, and tell devices apart by their state")
        }
        configuration = configuration.adding(device)
        return configuration.blockDevices.count - 1
    }

    /// How many tasks there are, those that have ended included.
    public var taskCount: Int { tasks.count }
    /// How many files there are.
    public var fileCount: Int { files.count }
    /// How many memory maps there are, including those that are gone.
    public var mapCount: Int { maps.count }

    /// The memory map of a task; none after it has ended.
    public func map(of task: TaskID) -> MapID { tasks[index(of: task)].map }

    /// Whether a task has ended.
    public func hasExited(_ task: TaskID) -> Bool { tasks[index(of: task)].status == .exited }

    /// The counters of a task since it was made.
    public func counters(of task: TaskID) -> TaskCounters { tasks[index(of: task)].counters }

    /// The task whose stage is under way.
    @inlinable
    public var currentTask: TaskID { scheduler.current }

    /// The memory map of the task whose stage is under way.
    @inlinable
    package var currentMap: MapID { scheduler.currentMap }

    /// Sets the task whose stages run next.
    @inline(__always)
    mutating func setCurrent(_ task: TaskID) {
        scheduler.current = task
        scheduler.currentMap = tasks[task.index].map
    }

    /// Takes the memory map from the task whose stage is under way: `mm = NULL`.
    mutating func leaveMap() {
        tasks[scheduler.current.index].map = .none
        scheduler.currentMap = .none
    }

    /// How long the mmap lock of a map was held and waited for.
    public func lockStatistics(of map: MapID) -> LockStatistics { maps[index(of: map)].lockStatistics }

    // MARK: Operations

    /// Begins an operation of a task; it runs when the machine runs.
    ///
    /// - Precondition: The task has not ended and has no operation under way.
    public mutating func start(_ operation: TaskOperation, in task: TaskID) {
        let index = index(of: task, "Machine.start")
        guard tasks[index].status == .idle, !tasks[index].hasOperation else { refuseStart(in: task) }
        tasks[index].forgetReports()
        begin(firstCall(of: operation, by: task), of: task, as: operation)
    }

    /// Gives a task operations to do one after the other.
    ///
    /// - Precondition: As for ``start(_:in:)``.
    public mutating func start(_ operations: [TaskOperation], in task: TaskID) {
        requireIdle(task)
        programs.give(operations, to: task)
        start(.list, of: task)
    }

    /// Gives a task a program that decides for itself.
    ///
    /// - Precondition: As for ``start(_:in:)``.
    public mutating func start(_ program: any TaskProgram, in task: TaskID) {
        requireIdle(task)
        programs.give(program, to: task)
        start(.program, of: task, programs.programs[task.index]?.state.beginning ?? StateBytes())
    }

    private func requireIdle(_ task: TaskID) {
        guard tasks[index(of: task, "Machine.start")].status == .idle else { refuseStart(in: task) }
    }

    @inline(never)
    private func refuseStart(in task: TaskID) -> Never {
        if tasks[task.index].status == .exited { misuse("Machine.start: \(task) has ended; take another task") }
        if hasFatalSignal(task) {
            misuse("Machine.start: \(task) has an operation under way: it was killed; take another")
        }
        misuse("Machine.start: \(task) has an operation under way; run until it is done, or take another task")
    }

    private mutating func start(
        _ program: TaskPrograms.Kind, of task: TaskID, _ beginning: StateBytes = StateBytes()
    ) {
        tasks[task.index].program = program
        tasks[task.index].programCounter = 0
        tasks[task.index].programState = beginning
        tasks[task.index].outcome = OperationOutcome()
        tasks[task.index].forgetReports()
        if hasGroup { noteProcessorChange(to: task) }
        startNext(of: task)
    }

    mutating func begin(_ call: RoutineCall, of task: TaskID, as operation: TaskOperation) {
        begin(Activation(call), of: task, as: operation)
    }

    /// Begins an operation. Its first routine may start at any of its stages.
    mutating func begin(_ activation: Activation, of task: TaskID, as operation: TaskOperation) {
        let index = task.index
        tasks[index].operation = operation
        setHasOperation(true, of: task)
        tasks[index].outcome = OperationOutcome()
        tasks[index].fault = VMFault()
        tasks[index].signalDetail = nil
        tasks[index].countersAtStart = tasks[index].counters
        if recorder.recordsAttempts { tasks[index].forgetAttempts() }
        tasks[index].stack.append(activation)
        tasks[index].status = .runnable
        tasks[index].readyAt = max(clock, tasks[index].readyAt)
        scheduler.enqueue(task)
        record(.operationStarted, task)
        note(.began(task, operation, tasks[index].map))
    }

    /// Ends the operation of a task with what its outermost routine returned, and starts its next one.
    ///
    /// - Parameter ahead: How many stages the next operations may run at once; see ``startNext(of:ahead:)``.
    mutating func endOperation(of task: TaskID, with result: CallResult, ahead: inout Int) {
        let index = task.index
        tasks[index].outcome.result = result
        tasks[index].outcome.isDone = true
        setHasOperation(false, of: task)
        noteWrite(.task(task))
        wakeSpinners()
        record(.operationEnded, task, UInt64(bitPattern: result.returned))
        note(.ends(task, at: max(clock, tasks[index].readyAt)))
        guard tasks[index].status != .exited else { return keepReport(of: task) }
        tasks[index].status = .idle
        handleSignals(of: task)
        if hasFatalSignal(task) || tasks[index].outcome.oops {
            if !tasks[index].outcome.oops { tasks[index].outcome.signal = .kill }
            die(task)
        } else {
            keepReport(of: task)
            startNext(of: task, ahead: &ahead)
        }
    }

    /// Notes whether a task has an operation under way, and how many tasks have one.
    @inline(__always)
    private mutating func setHasOperation(_ hasOne: Bool, of task: TaskID) {
        if tasks[task.index].hasOperation != hasOne { scheduler.busyTasks &+= hasOne ? 1 : -1 }
        tasks[task.index].hasOperation = hasOne
    }

    private mutating func keepReport(of task: TaskID) {
        guard recorder.recordsAttempts else { return }
        tasks[task.index].keep(report(of: task), atMost: recorder.reportLimit)
    }

    /// Makes a task run `do_exit()` as the end of its operation: it was killed, or the kernel died in it
    /// (`make_task_dead()`).
    private mutating func die(_ task: TaskID) {
        tasks[task.index].program = .none
        if let errno = tasks[task.index].outcome.errno { tasks[task.index].keep(errnoWhenKilled: errno) }
        tasks[task.index].stack.append(Activation(ExitRoutine.exiting))
        setHasOperation(true, of: task)
        tasks[task.index].outcome.isDone = false
        tasks[task.index].status = .runnable
        scheduler.enqueue(task)
    }

    /// The report of the operation that a task has under way or ended last: its outcome and what it counted.
    public func report(of task: TaskID) -> OperationReport {
        let index = self.index(of: task)
        return OperationReport(
            operation: tasks[index].operation, outcome: tasks[index].outcome,
            counters: tasks[index].counters - tasks[index].countersAtStart, attempts: tasks[index].attempts,
            results: tasks[index].results, isGone: tasks[index].status == .exited,
            signalDetail: tasks[index].signalDetail, errnoWhenKilled: tasks[index].errnoWhenKilled,
            names: names(for: tasks[index]))
    }

    /// The reports of the ended operations of the list or program that a task was given last, in order.
    ///
    /// At most the last ``reportLimit`` of them. For a single operation, its report. Empty unless ``recordsAttempts``
    /// is on.
    public func reports(of task: TaskID) -> [OperationReport] {
        Array(tasks[index(of: task)].reports.suffix(recorder.reportLimit))
    }

    /// How many ended operations of a task's list or program ``reports(of:)`` leaves out.
    public func reportsLeftOut(of task: TaskID) -> Int {
        let task = tasks[index(of: task)]
        return task.reportsDropped + max(0, task.reports.count - recorder.reportLimit)
    }

    /// Whether a task has an operation under way.
    public func isBusy(_ task: TaskID) -> Bool { tasks[index(of: task)].hasOperation }

    /// What a task sleeps on; `nil` if it is not asleep.
    public func wait(of task: TaskID) -> TaskWait? {
        let task = tasks[index(of: task)]
        return task.status == .sleeping ? task.wait : nil
    }

    /// The next stage of each routine that a task has under way, the outermost first: its backtrace.
    public func backtrace(of task: TaskID) -> [StageName] {
        tasks[index(of: task)].stack.map { name(of: StageKey($0)) }
    }

    /// Whether a task has a routine under way.
    package func isIn(_ routine: RoutineNumber, _ task: TaskID) -> Bool {
        tasks[task.index].stack.hasAny { $0.routine == routine }
    }
}
