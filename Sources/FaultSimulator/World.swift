/// A complete machine for a test: x86, an ext4 file system on a disk, a tmpfs.
///
///     var world = try World(.linux6_1)
///     let file = try world.file(pages: 64)
///     let task = world.task()
///     let area = try world.map(file, in: task)
///     world.start(.read(area, page: 9), in: task)
///     #expect(world.run() == .blocked)       // the read waits for the disk
///     world.completeReads()
///     #expect(world.run() == .finished)
///     #expect(world.report(of: task).majorFaults == 1)
///
/// A world is a value: `var other = world` is a second one, in which something else may happen. It checks the laws of
/// `Law` about events when they happen, and the laws about states whenever a run stops. ``run(until:)`` reports a
/// broken law.
public struct World: Sendable {
    /// How fast the disk of a new world is.
    public enum DiskSpeed: Equatable, Sendable {
        /// Reads and writes wait until the test lets them finish: ``World/completeReads()``.
        case held
        /// Every request takes this many nanoseconds of virtual time.
        case latency(nanoseconds: UInt64)
    }

    /// The machine, for everything that the world itself does not offer.
    public var machine: Machine
    /// The disk that ext4 files lie on.
    public let disk: DeviceID
    /// How many stages one run may take: ``run(until:)``, and each run of ``perform(_:in:)``. A handler, a program or a
    /// kernel that loops forever is stopped there, and the reason says where it was.
    ///
    /// The default is a hundred million, which takes half a minute in release. A touched page counts as one stage or
    /// two. At least 1.
    public var stageLimit = 100_000_000
    /// The number of the handler of btrfs mappings, once there is a file that needs it.
    var btrfsHandler: UInt16?

    /// Makes a world.
    ///
    /// - Parameters:
    ///   - model: The kernel that it runs.
    ///   - disk: How fast its disk is; by default the test decides when reads and writes finish.
    ///   - settings: What an administrator would set.
    ///   - costs: What the processor's work costs; by default nothing, so only devices and sleeps take time.
    ///   - entry: The architecture's fault entry.
    /// - Throws: ``WorldError/invalid(_:)`` if a setting is out of its range, or the model contradicts itself.
    public init(
        _ model: KernelModel, disk: DiskSpeed = .held, settings: MachineSettings = MachineSettings(),
        costs: CostModel = CostModel(), entry: any FaultEntry = X86FaultEntry()
    ) throws(WorldError) {
        do { try model.validate() } catch { throw .invalid(error.description) }
        if let problem = settings.problem { throw .invalid(problem) }
        var latency: UInt64 = 0
        if case .latency(let nanoseconds) = disk { latency = nanoseconds }
        machine = Machine(
            MachineConfiguration(
                model: model, settings: settings, costs: costs, entry: entry, vmOperations: Filemap.vmOperations,
                fileOperations: Filemap.fileOperations, blockDevices: [Disk(latencyNanoseconds: latency)],
                sharedMemory: Filemap.sharedMemory, pageCache: Filemap.pageCache, userfaults: Userfaultfd.code))
        self.disk = machine.addDevice(operations: 0, held: disk == .held)
        machine.isChecking = true
        machine.recordsAttempts = true
    }

    // MARK: Tasks

    /// Makes a process with one thread and empty memory.
    ///
    /// - Parameter name: The name that the world prints, such as `reader`; without it, `task 0`. No other task may have
    ///   it.
    public mutating func task(_ name: String? = nil) -> TaskID {
        let task = machine.addTask()
        if let name { machine.setName(name, of: task) }
        return task
    }

    /// Makes another thread in the process of `task`, which shares its memory.
    ///
    /// - Parameters:
    ///   - name: See ``task(_:)``.
    ///   - task: A task of the process.
    /// - Precondition: The task has not exited.
    public mutating func thread(_ name: String? = nil, of task: TaskID) -> TaskID {
        guard !machine.hasExited(task) else {
            misuse("World.thread: \(task) has exited, and no thread can share its memory; take a task that has not")
        }
        let thread = machine.addTask(in: machine.map(of: task))
        machine.setArchWords(of: thread, to: machine.archWords(of: task))
        if let name { machine.setName(name, of: thread) }
        return thread
    }

    /// Makes a kernel thread, which has no memory of its own: see `Machine.addKernelThread()`.
    ///
    /// - Parameter name: See ``task(_:)``.
    public mutating func kernelThread(_ name: String? = nil) -> TaskID {
        let thread = machine.addKernelThread()
        if let name { machine.setName(name, of: thread) }
        return thread
    }

    /// Lets `task` fork; other tasks that can run do so meanwhile. Models `fork(2)`.
    ///
    /// - Parameters:
    ///   - task: The task that forks.
    ///   - name: The name of the child; see ``task(_:)``. Its areas have the same names as those of its parent.
    /// - Returns: The only task of the child, whose memory is a copy of its parent's.
    /// - Throws: As ``perform(_:in:)``; ``WorldError/refused(_:)`` with the errno of the call, and
    ///   ``WorldError/invalid(_:)`` if a signal kills the task meanwhile.
    public mutating func fork(_ task: TaskID, named name: String? = nil) throws(WorldError) -> TaskID {
        let child = TaskID(try value(of: .fork, in: task))
        if let name { machine.setName(name, of: child) }
        return child
    }

    /// The memory map of the process of `task`, for operations on other processes.
    public func map(of task: TaskID) -> MapID { machine.map(of: task) }

    /// Gives `task` an operation, which runs when the world runs.
    ///
    /// - Precondition: The task has ended its last operation and has not exited.
    public mutating func start(_ operation: TaskOperation, in task: TaskID) { machine.start(operation, in: task) }

    /// Gives `task` a list of operations to do one after the other.
    ///
    /// - Precondition: As for ``start(_:in:)``.
    public mutating func start(_ operations: [TaskOperation], in task: TaskID) { machine.start(operations, in: task) }

    /// Gives `task` a program, which chooses each operation depending on how the last one ended.
    ///
    /// - Precondition: As for ``start(_:in:)``.
    public mutating func start(_ program: any TaskProgram, in task: TaskID) { machine.start(program, in: task) }

    /// The report of the operation that `task` began last.
    public func report(of task: TaskID) -> OperationReport { machine.report(of: task) }

    /// The reports of all operations that have ended in the last list or program of `task`, in order: see
    /// `Machine.reports(of:)`.
    public func reports(of task: TaskID) -> [OperationReport] { machine.reports(of: task) }

    /// Sends SIGKILL to `task`.
    public mutating func kill(_ task: TaskID) { machine.send(.kill, to: task) }

    /// Sends a signal to `task`.
    public mutating func send(_ signal: TaskSignal, to task: TaskID) { machine.send(signal, to: task) }

    // MARK: Running

    /// Runs until nothing more can happen by itself, or until `stop`, or for ``stageLimit`` stages. When a law has been
    /// broken, it runs for at most 100,000 stages more.
    ///
    /// - Returns: Why it stopped, with the wait chain and the broken laws; at the limit also with the last events.
    @discardableResult
    public mutating func run(until stop: StopCondition = .idle) -> StopReason {
        var left = stageLimit
        return run(until: stop, left: &left)
    }

    private mutating func run(until stop: StopCondition, left: inout Int) -> StopReason {
        var reason: StopReason
        repeat {
            let part = min(left, Self.stagesBeforeLook)
            var leftOfPart = part
            reason = machine.run(until: stop, left: &leftOfPart)
            left -= part - leftOfPart
            // What breaks a law may do so forever.
        } while reason.nextTask != nil && left > 0 && machine.violations.isEmpty
        return machine.tellingEvents(machine.verify(after: reason))
    }

    /// How many stages a run does at most after a law was broken.
    private static let stagesBeforeLook = 100_000

    /// Lets `task` do one operation from start to end; other tasks that can run do so, too. It completes the reads and
    /// writes that ``disk`` holds, but not those of other disks and swap: see ``completeReads(on:)``.
    ///
    /// - Returns: The report of the operation.
    /// - Throws: ``WorldError/waiting(_:)`` if the operation waits for something else,
    ///   ``WorldError/brokenContract(_:)`` if a law is broken, ``WorldError/endless(_:)`` if it takes more than
    ///   ``stageLimit`` stages in all.
    @discardableResult
    public mutating func perform(_ operation: TaskOperation, in task: TaskID) throws(WorldError) -> OperationReport {
        start(operation, in: task)
        var left = stageLimit
        var reason = run(until: .done(task), left: &left)
        while machine.isBusy(task), reason.nextTask == nil, machine.finishHeld(on: disk) > 0 {
            reason = run(until: .done(task), left: &left)
        }
        if let violation = machine.violations.first { throw .brokenContract(violation) }
        if reason.nextTask != nil { throw .endless("\(reason)") }
        guard !machine.isBusy(task) else { throw .waiting(WaitLink.chain(of: machine.waitLinks)) }
        return report(of: task)
    }

    /// What a call returned that the set-up of a test needs.
    mutating func value(of call: TaskOperation, in task: TaskID) throws(WorldError) -> Int {
        let report = try perform(call, in: task)
        if let signal = report.signal {
            throw .invalid("\(signal) ended \(task) before its call returned; take a task that no signal is sent to")
        }
        if let errno = report.errno { throw .refused(errno) }
        return report.value
    }

    /// Touches one page of `file` through a new mapping in a new process, and completes the reads for it.
    ///
    /// - Returns: The report of the touch.
    /// - Throws: As ``perform(_:in:)``, or ``WorldError/invalid(_:)`` if a file can't have the page.
    @discardableResult
    public mutating func touch(
        _ access: FaultException.Access, page: Int, of file: FileID
    ) throws(WorldError) -> OperationReport {
        guard (0..<1 << 24).contains(page) else {
            throw .invalid("page \(page) of a file can't be touched; page must be 0 to 2^24 - 1")
        }
        let task = task()
        let area = try map(file, pages: max(machine.pages(of: file), page + 1), .all, in: task)
        return try perform(.touch(access, area[page], pages: 1, stride: 1), in: task)
    }

    /// Finishes the reads that the disk holds. Later reads are held again.
    ///
    /// - Returns: How many requests were finished.
    @discardableResult
    public mutating func completeReads() -> Int { completeReads(on: disk) }

    /// Finishes the reads that `device` holds, such as one of ``addDisk(_:held:)``.
    ///
    /// - Returns: How many requests were finished.
    @discardableResult
    public mutating func completeReads(on device: DeviceID) -> Int {
        machine.finishHeld(on: device, reads: true, writes: false)
    }

    /// Finishes the writes that the disk holds. Later writes are held again.
    ///
    /// - Returns: How many requests were finished.
    @discardableResult
    public mutating func completeWrites() -> Int { completeWrites(on: disk) }

    /// Finishes the writes that `device` holds.
    ///
    /// - Returns: How many requests were finished.
    @discardableResult
    public mutating func completeWrites(on device: DeviceID) -> Int {
        machine.finishHeld(on: device, reads: false, writes: true)
    }

    /// The virtual time, in nanoseconds.
    public var clock: UInt64 { machine.clock }

    // MARK: Looking

    /// The mmap lock of the process of `task`, with its holders and waiters.
    ///
    /// - Precondition: The task has a memory map: it has not exited, and is no kernel thread.
    public func mmapLock(of task: TaskID) -> LockView {
        let map = machine.map(of: task)
        guard map != .none else {
            misuse("World.mmapLock: \(task) has no memory map: it has exited, or is a thread of the kernel")
        }
        return machine.lockView(.mmap(map))
    }

    /// The pages of `area` that have a present entry, numbered from its start.
    ///
    /// - Precondition: The area has 0 to 2^24 pages.
    public func presentPages(of area: Area) -> [Int] {
        guard (0...1 << 24).contains(area.pages) else {
            misuse("World.presentPages: an area has 0 to 2^24 pages, not \(area.pages)")
        }
        return (0..<area.pages).filter { machine.entry(of: area[$0], in: area.map).isPresent }
    }

    /// The pages of `file` that are in the page cache with their data.
    public func residentPages(of file: FileID) -> [Int] {
        (0..<machine.pages(of: file)).filter { page in
            guard let folio = machine.cachedFolio(at: PageIndex(page), of: file) else { return false }
            return machine.flags(of: folio).contains(.uptodate)
        }
    }

    /// How many pages the process of `task` has in memory, by kind.
    public func rss(of task: TaskID) -> ResidentPages { machine.rss(of: machine.map(of: task)) }
}
