import FaultSimulator
import Testing

/// A process with memory that a descriptor handles, and somebody who reads it.
struct MonitorWorld {
    var world: World
    /// Who faults.
    let task: TaskID
    /// Who answers: another thread of the process.
    let monitor: TaskID
    let area: Area
    let descriptor: UserfaultID

    /// Private memory, registered for `modes`.
    init(
        _ model: KernelModel, pages: Int = 8, for modes: UserfaultModes = .missing, features: UserfaultFeatures = [],
        _ opening: UserfaultOpening = [], touching: Range<Int> = 0..<0
    ) throws {
        world = try World(model)
        task = world.task()
        monitor = world.thread(of: task)
        area = try world.map(anonymousPages: pages, in: task)
        for page in touching { try world.perform(.write(area, page: page), in: task) }
        descriptor = try world.userfaultfd(in: task, features: features, opening)
        try world.register(area, with: descriptor, for: modes, by: task)
    }

    /// Shared memory of a tmpfs file, registered for `modes`.
    init(
        _ model: KernelModel, file pages: Int, resident: World.Resident, for modes: UserfaultModes,
        features: UserfaultFeatures = [], sharing: Sharing = .shared
    ) throws {
        world = try World(model)
        task = world.task()
        monitor = world.thread(of: task)
        let file = try world.file(pages: pages, on: .tmpfs, resident: resident)
        area = try world.map(file, .readWrite, sharing, in: task)
        descriptor = try world.userfaultfd(in: task, features: features)
        try world.register(area, with: descriptor, for: modes, by: task)
    }

    /// Lets `task` begin an operation; it waits, or is done.
    mutating func start(_ operation: TaskOperation, in task: TaskID? = nil) {
        world.start(operation, in: task ?? self.task)
        world.run()
    }

    /// Lets the monitor do a call, and whoever it wakes go on.
    @discardableResult
    mutating func answer(_ call: TaskOperation) throws -> OperationReport {
        let report = try world.perform(call, in: monitor)
        world.run()
        return report
    }

    var messages: [UserfaultMessage] {
        mutating get throws { try world.messages(of: descriptor, by: monitor) }
    }

    func waits(_ task: TaskID? = nil) -> TaskWait.Kind? { world.machine.wait(of: task ?? self.task)?.kind }

    func check() {
        #expect(world.machine.checkInvariants().isEmpty)
        #expect(world.machine.violations.isEmpty)
    }

    /// What `task` did, against what a kernel counts.
    func expect(
        _ results: [FaultResult], exceptions: Int = 1, minor: Int = 0, major: Int = 0, locks: Int,
        of task: TaskID? = nil, _ location: SourceLocation = #_sourceLocation
    ) {
        let report = world.report(of: task ?? self.task)
        #expect(report.isDone, sourceLocation: location)
        #expect(report.attempts.map(\.result) == results, sourceLocation: location)
        #expect(report.counters.exceptions == exceptions, sourceLocation: location)
        #expect(report.minorFaults == minor, sourceLocation: location)
        #expect(report.majorFaults == major, sourceLocation: location)
        #expect(report.counters.mmapReadLocks == locks, sourceLocation: location)
    }

    /// What is in a page's entry.
    func entry(_ page: Int, of area: Area? = nil) -> PTE {
        let area = area ?? self.area
        return world.machine.entry(of: area[page], in: area.map)
    }

    /// The pages whose entries have the write-protect bit.
    var protected: [Int] { (0..<area.pages).filter { entry($0).bits.contains(.userfaultProtected) } }
}

extension Machine {
    /// Lets one task go on by itself until a stage of this name is next.
    mutating func step(_ task: TaskID, toStage stage: String) throws {
        for _ in 0..<200 {
            if backtrace(of: task).last?.description.hasSuffix("." + stage) == true { return }
            let hasStepped = step(task)
            try #require(hasStepped)
        }
    }
}
