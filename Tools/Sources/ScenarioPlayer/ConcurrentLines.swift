public import FaultSimulator
public import ScenarioFormat

/// Lines of a scenario that run concurrently: consecutive started lines, each in its own thread.
public struct ConcurrentLines: Sendable {
    /// An operation, and the thread that does it.
    public struct Member: Sendable {
        /// The line's number in the file.
        public let line: Int
        /// The name of the operation.
        public let operation: String
        /// The id of the thread; `first` for the first process's first thread.
        public let thread: String
        /// The thread's task.
        public let task: TaskID
    }

    /// The operations.
    public let members: [Member]
    /// The world in which all of them have begun, but none has done a stage.
    public let world: World

    /// The groups of two or more lines of a scenario that run concurrently. All other lines are played in the machine's
    /// own order.
    ///
    /// - Throws: `PlayError` if a line can't be played.
    public static func all(of scenario: Scenario, as options: PlayOptions) throws(PlayError) -> [ConcurrentLines] {
        var runner = try SimulatorRunner(scenario, as: options)
        var found: [ConcurrentLines] = []
        var place = 0
        while place < scenario.lines.count {
            let end = endOfRun(from: place, in: scenario.lines)
            if end - place >= 2 { found.append(try begin(scenario.lines[place..<end], runner)) }
            for line in scenario.lines[place..<max(end, place + 1)] { _ = try runner.play(line) }
            place = max(end, place + 1)
        }
        return found
    }

    /// The end of the consecutive started lines from `place` on that are in different threads.
    private static func endOfRun(from place: Int, in lines: [Line]) -> Int {
        var end = place
        var threads: Set<String> = []
        while end < lines.count, lines[end].start, threads.insert(lines[end].in ?? "").inserted { end += 1 }
        return end
    }

    private static func begin(
        _ lines: ArraySlice<Line>, _ runner: SimulatorRunner
    ) throws(PlayError) -> ConcurrentLines {
        var runner = runner
        // The operations only begin: no task takes a turn.
        runner.turns = Turns(.finished)
        var members: [Member] = []
        for line in lines {
            let doer = try runner.idleThread(line.in, line)
            try runner.begin(line, in: doer)
            members.append(
                Member(
                    line: line.number, operation: line.operation.name, thread: line.in ?? "first",
                    task: runner.threads[doer].task))
        }
        return ConcurrentLines(members: members, world: runner.world)
    }
}

extension ConcurrentLines: CustomStringConvertible {
    /// Such as `t1 read (task 1) alongside t2 munmap (task 2)`.
    public var description: String {
        members.map { "\($0.thread) \($0.operation) (\($0.task))" }.joined(separator: " alongside ")
    }
}
