import FaultSimulator

/// The exploration that is timed: three threads that read a page each of one file of three pages, of which nothing is
/// cached; a thread that maps memory for writing's sake; and a task that drops the file from the page cache.
public struct ExplorationWorkload: Sendable {
    private let explorer: Explorer

    /// Sets it up.
    ///
    /// - Parameter checksLaws: Whether every state is checked.
    public init(checksLaws: Bool) throws {
        var settings = MachineSettings()
        settings.readaheadPages = 0
        var world = try World(.linux6_1, settings: settings)
        let file = try world.file(pages: 3)
        let first = world.task()
        let area = try world.map(file, .read, in: first)
        world.start(.read(area, page: 0), in: first)
        world.start(.read(area, page: 1), in: world.thread(of: first))
        world.start(.read(area, page: 2), in: world.thread(of: first))
        world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: world.thread(of: first))
        world.start(.dropCache(file), in: world.task())
        var options = Explorer.Options()
        options.checksLaws = checksLaws
        options.recordsAttempts = checksLaws
        options.stateLimit = 200_000
        explorer = Explorer(world.machine, options)
    }

    /// Explores, up to a limit of states.
    ///
    /// - Returns: How many unique states there were and transitions between them, and the bytes that all states took.
    public func go() -> (states: Int, transitions: Int, bytes: Int) {
        let found = explorer.explore()
        return (found.states, found.transitions, found.bytes)
    }

    /// Tries every schedule, but for orders of what commutes.
    ///
    /// - Returns: How many states that took, choices, and bytes that all states took; and in how many ways it can all end.
    public func goReduced() -> (states: Int, transitions: Int, bytes: Int, outcomes: Int) {
        var check = ScheduleCheck(.exhaustive, for: [])
        check.searches = .deadlock
        check.limits.states = 20_000_000
        let verdict = check.run(on: explorer.start)
        let coverage = verdict.coverage
        return (coverage.states, coverage.transitions, coverage.bytes, verdict.holds ? coverage.outcomes.count : 0)
    }
}
