/// The ids of a scenario so far: what they name, at which line they began, and whether they have ended.
///
/// An area belongs to the process that mapped it, and to the children forked after that. A scenario may still name an
/// area that was unmapped, in order to touch it.
struct ScenarioNames {
    /// An area.
    struct Area {
        let line: Int
        let growsDown: Bool
    }

    /// A userfaultfd descriptor.
    private struct Descriptor {
        let line: Int
        /// The process whose memory it handles.
        let process: Int
    }

    private struct Task {
        let line: Int
        let process: Int
        var hasStarted = false
    }

    /// How a process ended.
    private enum End {
        /// By `exit` or `kill`: it has ended at the end of that line.
        case atOnce(line: Int)
        /// By SIGKILL: it ends when its threads have stopped waiting.
        case bySignal(line: Int)
    }

    private struct Process {
        var areas: Set<String> = []
        var end: End?
    }

    /// The swap devices of the header.
    let swapDevices: [SwapDevice]

    private var files: [String: Int] = [:]
    private var areas: [String: Area] = [:]
    private var descriptors: [String: Descriptor] = [:]
    private var tasks: [String: Task] = [:]
    private var processes = [Process()]
    private var firstThreadHasStarted = false
    /// The number of the process that was forked last.
    private(set) var lastChild: Int?
    /// Whether the scenario has forked.
    var hasForked: Bool { lastChild != nil }

    /// No ids yet.
    init(swapDevices: [SwapDevice] = []) {
        self.swapDevices = swapDevices
    }

    /// The number of the process of the thread or child `id`; nil is the first.
    func process(of id: String?) -> Int {
        id.flatMap { tasks[$0]?.process } ?? 0
    }

    // MARK: New ids

    mutating func addFile(_ id: String, at place: Place) throws(ScenarioError) {
        try checkNew(id, files[id], count: files.count, "file", at: place)
        files[id] = place.line
    }

    mutating func addArea(_ id: String, growsDown: Bool, of task: String?, at place: Place) throws(ScenarioError) {
        try checkNew(id, areas[id]?.line, count: areas.count, "area", at: place)
        areas[id] = Area(line: place.line, growsDown: growsDown)
        processes[process(of: task)].areas.insert(id)
    }

    mutating func addThread(_ id: String, of task: String?, at place: Place) throws(ScenarioError) {
        try checkNew(id, tasks[id]?.line, count: tasks.count, "thread or child", at: place)
        tasks[id] = Task(line: place.line, process: process(of: task))
    }

    mutating func addChild(_ id: String, of task: String?, at place: Place) throws(ScenarioError) {
        try checkNew(id, tasks[id]?.line, count: tasks.count, "thread or child", at: place)
        processes.append(Process(areas: processes[process(of: task)].areas))
        tasks[id] = Task(line: place.line, process: processes.count - 1)
        lastChild = processes.count - 1
    }

    /// Adds a descriptor for the memory of a process.
    mutating func addDescriptor(
        _ id: String, of process: Int, _ field: String = "id", at place: Place
    ) throws(ScenarioError) {
        try checkNew(id, descriptors[id]?.line, count: descriptors.count, "descriptor", field, at: place)
        descriptors[id] = Descriptor(line: place.line, process: process)
    }

    private func checkNew(
        _ id: String, _ line: Int?, count: Int, _ kind: String, _ field: String = "id", at place: Place
    ) throws(ScenarioError) {
        if let line {
            throw place.error(field, "\(quoted(id)) is the \(kind) of line \(line) already; take another id")
        }
        guard count < ScenarioLimits.ids else {
            throw place.error(field, "one \(kind) too many; a scenario has at most \(ScenarioLimits.ids)")
        }
    }

    // MARK: Ends

    mutating func endProcess(of task: String?, bySignal: Bool, line: Int) {
        processes[process(of: task)].end = bySignal ? .bySignal(line: line) : .atOnce(line: line)
    }

    mutating func noteStart(in task: String?) {
        if let task { tasks[task]?.hasStarted = true } else { firstThreadHasStarted = true }
    }

    // MARK: Checks

    func checkFile(_ id: String, _ field: String, at place: Place) throws(ScenarioError) {
        guard files[id] != nil else { throw place.error(field, "\(quoted(id)) is not the id of an earlier file") }
    }

    /// The process whose memory the descriptor `id` handles.
    func process(ofDescriptor id: String, _ field: String, at place: Place) throws(ScenarioError) -> Int {
        guard let descriptor = descriptors[id] else {
            throw place.error(field, "\(quoted(id)) is not the id of an earlier uffd, or of a fork in a uffd_read")
        }
        return descriptor.process
    }

    /// The area `id`, which must be one of the process of `task`.
    func area(_ id: String, _ field: String, of task: String?, at place: Place) throws(ScenarioError) -> Area {
        try area(id, field, ofProcess: process(of: task), at: place)
    }

    /// The area `id`, which must be one of a process.
    func area(_ id: String, _ field: String, ofProcess process: Int, at place: Place) throws(ScenarioError) -> Area {
        guard let area = areas[id] else {
            throw place.error(field, "\(quoted(id)) is not the id of an earlier mmap")
        }
        guard processes[process].areas.contains(id) else {
            throw place.error(
                field,
                "\(quoted(id)) was mapped on line \(area.line) by another process; name an area that this one mapped,"
                    + " or had when it was forked")
        }
        return area
    }

    /// Checks that `id` names a thread or child; nil is the first.
    func checkExists(_ id: String?, _ field: String, at place: Place) throws(ScenarioError) {
        guard let id, tasks[id] == nil else { return }
        throw place.error(field, "\(quoted(id)) is not the id of an earlier thread or fork")
    }

    /// Checks that the process of `id` has not ended. With `isKilledAllowed` the process may have got SIGKILL, because
    /// it may take some time to end.
    func checkAlive(
        _ id: String?, _ field: String, orKilled isKilledAllowed: Bool = false, at place: Place
    ) throws(ScenarioError) {
        try checkExists(id, field, at: place)
        let name = id.map { quoted($0) } ?? "the first process"
        switch processes[process(of: id)].end {
        case nil: return
        case .bySignal(let line):
            if isKilledAllowed { return }
            throw place.error(field, "\(name) was sent SIGKILL on line \(line); name one that lives")
        case .atOnce(let line):
            throw place.error(field, "\(name) ended on line \(line); name one that lives")
        }
    }

    /// Checks that there is a swap device that can be held, if `device` means those.
    func checkCanHold(_ device: Device, at place: Place) throws(ScenarioError) {
        guard device == .swap, swapDevices.allSatisfy(\.isSynchronous) else { return }
        throw place.error(
            "on",
            swapDevices.isEmpty
                ? "there is no swap device; give the header \"settings\" with a \"swap\""
                : "every swap device is synchronous, and such a device can't be held; leave \"sync\" out")
    }

    /// Checks that `task` has started an operation, for `wait`.
    func checkStarted(_ task: String?, at place: Place) throws(ScenarioError) {
        guard task.map({ tasks[$0]?.hasStarted ?? false }) ?? firstThreadHasStarted else {
            throw place.error("in", "this thread has started no operation; give an earlier one \"start\":true")
        }
    }

    /// Checks that `task` may end its process. The first thread of the first process may not.
    func checkMayExit(_ task: String?, at place: Place) throws(ScenarioError) {
        guard task != nil else {
            throw place.error("in", "must be the id of a fork or thread; the first process's first thread stays")
        }
    }
}
