import FaultSimulator

@testable import FaultCore

/// A world with a process of two threads in which something small happens.
///
/// Every run has a limit, since a kernel with a rule too many may go in circles.
struct Play {
    var world: World
    let task: TaskID
    let thread: TaskID
    private var devices: [DeviceID]

    /// Far more stages than anything takes that is played here.
    static let stageLimit = 20_000

    /// What makes a play end early.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(
        _ model: KernelModel, costs: CostModel = CostModel(), entry: any FaultEntry = X86FaultEntry(),
        _ change: (inout MachineSettings) -> Void = { _ in }
    ) throws {
        var settings = MachineSettings()
        change(&settings)
        world = try World(model, settings: settings, costs: costs, entry: entry)
        task = world.task()
        thread = world.thread(of: task)
        devices = [world.disk]
    }

    // MARK: Running

    /// Runs until nobody can go on.
    mutating func go(until stop: StopCondition = .idle) throws {
        let reason = world.machine.verify(after: world.machine.run(until: stop, limit: Self.stageLimit))
        if let violation = reason.violations.first { throw Failure(description: "breaks \(violation.law)") }
        if reason == .limitReached { throw Failure(description: "goes in circles") }
    }

    mutating func start(_ operation: TaskOperation, in task: TaskID? = nil) throws {
        world.start(operation, in: task ?? self.task)
        try go()
    }

    /// Lets everything end, and all devices be done.
    @discardableResult
    mutating func settle() throws -> Int {
        var finished = 0
        for _ in 0..<50 {
            try go()
            let count = devices.map { world.machine.finishHeld(on: $0) }.reduce(0, +)
            if count == 0 { return finished }
            finished += count
        }
        throw Failure(description: "does not end")
    }

    /// Lets one task go on by itself while `goesOn`, as far as it can.
    mutating func step(
        _ task: TaskID, most: Int = 500, while goesOn: (Machine, TaskID) -> Bool = { $0.isBusy($1) }
    ) {
        for _ in 0..<most {
            guard goesOn(world.machine, task), world.machine.step(task) else { return }
        }
    }

    /// Lets one task go on by itself until a stage of this name is next.
    mutating func step(_ task: TaskID, to stage: String) throws {
        step(task) { machine, task in
            machine.isBusy(task) && machine.backtrace(of: task).last?.description.hasSuffix("." + stage) != true
        }
        guard world.machine.isBusy(task) else { throw Failure(description: "does not come to \(stage)") }
    }

    /// Does an operation to its end, and returns its outcome.
    @discardableResult
    mutating func perform(_ operation: TaskOperation, in task: TaskID? = nil) throws -> OperationReport {
        try start(operation, in: task)
        try settle()
        return world.report(of: task ?? self.task)
    }

    // MARK: Making

    mutating func swap(
        pages: Int = 64, held: Bool = true, isSynchronous: Bool = false, isRotational: Bool = false
    ) throws {
        devices.append(
            try world.addSwap(pages: pages, held: held, isSynchronous: isSynchronous, isRotational: isRotational))
    }

    mutating func map(
        _ page: UInt64, pages: Int, _ access: Protection = .readWrite, _ flags: MapFlags = []
    ) throws -> Area {
        try world.map(
            MapRequest(pages: pages, access: access, flags: flags, placement: .fixed(PageNumber(page))), in: task)
    }

    /// A stack of two pages.
    mutating func stack() throws -> Area { try map(0x40000, pages: 2, .readWrite, .growsDown) }

    /// Writes all pages of an area and swaps them out.
    mutating func swapOut(_ area: Area) throws {
        try perform(.write(area, pages: area.pages))
        try perform(.madvise(area, .pageOut))
        world.evictSwapCache()
    }

    /// Lets an idle thread take its process's mmap lock, which no law allows.
    mutating func hold(_ mode: LockMode) throws {
        world.machine.isChecking = false
        guard world.machine.tryLock(.mmap(world.machine.map(of: thread)), mode, for: thread) else {
            throw Failure(description: "the lock is not free")
        }
    }

    mutating func release() { world.machine.unlock(.mmap(world.machine.map(of: thread)), by: thread) }

    // MARK: Telling

    /// Whether the process's mmap lock is held.
    var lock: String { world.mmapLock(of: task).isFree ? "lock free" : "lock held" }

    /// Whether the task is done, waits, or has died.
    func state(of task: TaskID? = nil) -> String {
        let task = task ?? self.task
        if world.machine.hasExited(task) { return "dead" }
        return world.machine.isBusy(task) ? "waits" : "done"
    }

    /// What each attempt returned.
    func results(of task: TaskID? = nil) -> String {
        let attempts = world.report(of: task ?? self.task).attempts
        return attempts.isEmpty ? "no attempt" : attempts.map { "\($0.result)" }.joined(separator: ", ")
    }

    /// How the faults of the last operation counted.
    func counts(of task: TaskID? = nil) -> String {
        let counters = world.report(of: task ?? self.task).counters
        return "\(counters.minorFaults) minor, \(counters.majorFaults) major"
    }

    func frame(of page: Int, in area: Area) -> FrameNumber { world.machine.entry(of: area[page], in: area.map).frame }
}

extension OperationReport {
    /// How it ended, in a word or two.
    var end: String {
        if outcome.oops { return "oops" }
        if let signal { return "\(signal)" }
        if let errno { return "\(errno)" }
        return isDone ? "done" : "not done"
    }
}
