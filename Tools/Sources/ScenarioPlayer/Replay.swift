import FaultSimulator
public import ScenarioFormat

/// A replay, which plays scenarios and compares what was seen with what they recorded.
///
/// All input is read and checked before anything is played, so an input error never interrupts the playing.
public struct Replay {
    /// The output of a running replay.
    public struct Output {
        /// Takes a line for the standard output.
        public var line: (String) -> Void
        /// Called before each file with the number of finished files and of all files.
        public var progress: (_ done: Int, _ all: Int) -> Void

        /// Makes an output; the arguments are the properties of the same names.
        public init(line: @escaping (String) -> Void, progress: @escaping (Int, Int) -> Void = { _, _ in }) {
            self.line = line
            self.progress = progress
        }
    }

    /// The numbers of files that agreed with their recordings, and of those that did not.
    public struct Result: Equatable, Sendable {
        /// Recordings without a mismatch.
        public var passed = 0
        /// Files that record nothing, and could be played to their end.
        public var played = 0
        /// Recordings with a mismatch, and files that could not be played to their end.
        public var failed = 0
        /// Those of the failed files in which the simulator broke one of its own laws.
        public var brokenLaws = 0
    }

    /// The reason why a replay is not possible, as one line: the input is wrong, or asks for something that can't be
    /// played.
    public struct InputError: Error, Equatable, Sendable, CustomStringConvertible {
        /// The line: `file:line: field or op: what is wrong`.
        public let description: String
    }

    private struct Input {
        let path: String
        let scenario: Scenario
        let options: PlayOptions
    }

    private let factory: any ScenarioRunnerFactory
    private let prints: Bool
    private let explores: Bool
    private var inputs: [Input] = []

    /// Reads and checks `files`.
    ///
    /// - Parameters:
    ///   - files: The scenarios' files, in the order in which they are played.
    ///   - kernel: The kernel to simulate; nil takes the one that each recording names, or 6.1 if it names none.
    ///   - prints: Whether to print what was seen of every operation.
    ///   - traces: Whether to print the events of every operation.
    ///   - explores: Whether to try all orders in which threads can take turns. Then a file with a field that varied
    ///     fails if one of its recorded values comes out in no order, and other possible values are printed.
    ///   - factory: Makes the runners.
    public init(
        files: [String], kernel: KernelName? = nil, prints: Bool = false, traces: Bool = false,
        explores: Bool = false, factory: any ScenarioRunnerFactory
    ) throws(InputError) {
        self.init(prints: prints, explores: explores, factory: factory)
        for path in files {
            let scenario: Scenario
            do {
                scenario = try Scenario(contentsOfFile: path)
            } catch {
                throw InputError(description: error.description)
            }
            try add(scenario, path: path, kernel: kernel, traces: traces)
        }
    }

    /// A replay of no files, to which scenarios are added.
    ///
    /// - Parameters:
    ///   - prints: Whether to print what was seen of every operation.
    ///   - explores: Whether to try all orders in which threads can take turns.
    ///   - factory: Makes the runners.
    public init(prints: Bool = false, explores: Bool = false, factory: any ScenarioRunnerFactory) {
        self.factory = factory
        self.prints = prints
        self.explores = explores
    }

    /// Adds a scenario that has been read.
    ///
    /// - Parameters:
    ///   - scenario: The scenario.
    ///   - path: The name with which lines of output begin.
    ///   - kernel: The kernel to simulate; nil takes the one that the recording names, or 6.1 if it names none.
    ///   - traces: Whether to print the events of every operation.
    /// - Throws: `InputError` if it asks for something that can't be played.
    public mutating func add(
        _ scenario: Scenario, path: String, kernel: KernelName? = nil, traces: Bool = false
    ) throws(InputError) {
        let recorded = scenario.kernel ?? "6.1"
        guard let kernel = kernel ?? KernelName(named: recorded) else {
            let error = ScenarioError(
                path: path, line: 1, field: "kernel",
                message: "\"\(recorded)\" is no kernel that can be simulated; choose one with --kernel: "
                    + KernelName.acceptedNames)
            throw InputError(description: error.description)
        }
        let options = PlayOptions(kernel: kernel, traces: traces)
        do {
            try factory.check(scenario, as: options)
        } catch {
            throw InputError(description: error.description(path: path))
        }
        inputs.append(Input(path: path, scenario: scenario, options: options))
    }

    /// Plays all files. Prints each mismatch on a line, `file:line: op field: recorded X, simulated Y`, and at the end
    /// how many files passed and failed.
    ///
    /// A recording does not say which of several threads runs first. So a file passes if the recorded values come out
    /// in some order of its threads, even if that is not the machine's own. A file that records nothing is played in the
    /// machine's own order only.
    ///
    /// If the simulator can't follow a file, or breaks one of its own laws while they are checked, the file fails
    /// there, with a line that says why. The other files are still played.
    public func run(_ output: Output) throws(InputError) -> Result {
        var result = Result()
        for (index, input) in inputs.enumerated() {
            output.progress(index, inputs.count)
            do {
                var passed = try playInSomeOrder(input, output)
                if try !explore(input, output) { passed = false }
                result.count(passed, isRecording: input.scenario.isRecording)
            } catch let error {
                switch error {
                case .stuck, .beyondLimit, .lawBroken:
                    output.line(error.description(path: input.path))
                    result.failed += 1
                    if case .lawBroken = error { result.brokenLaws += 1 }
                case .unsupported: throw InputError(description: error.description(path: input.path))
                }
            }
        }
        output.line("\(result)")
        return result
    }

    /// Plays one file, and returns whether it agreed with its recording, in the machine's own order or in another one.
    /// If something of it is printed, only the machine's own order is used.
    ///
    /// A recording does not say either how far an endless operation had come when another one ended it.
    private func playInSomeOrder(_ input: Input, _ output: Output) throws(PlayError) -> Bool {
        guard !prints, !input.options.traces else { return try play(input, output) }
        var lines: [String] = []
        var problem: PlayError?
        if !input.scenario.goesOnForever {
            do {
                if try play(input, Output { lines.append($0) }) { return true }
            } catch {
                problem = error
            }
        }
        switch problem {
        case .lawBroken?, .unsupported?, .beyondLimit?: break
        case .stuck?, nil: if input.scenario.isRecording, agreesInSomeOrder(input) { return true }
        }
        if input.scenario.goesOnForever { return try play(input, output) }
        for line in lines { output.line(line) }
        if let problem { throw problem }
        return false
    }

    /// Whether a file agrees with its recording in one order of its threads.
    private func agreesInSomeOrder(_ input: Input) -> Bool {
        var work = 0
        for grain in [TurnGrain.untilOthersWake, .preempted(times: 1)] {
            // If there are too many orders, none of them counts as agreeing.
            if let found = try? exploration(of: input, grain, &work), found.agrees { return true }
        }
        return false
    }

    /// Plays one file in the machine's own order, and returns whether it agreed with its recording.
    private func play(_ input: Input, _ output: Output) throws(PlayError) -> Bool {
        var runner = try factory.makeRunner(for: input.scenario, as: input.options)
        var passed = true
        if input.options.traces { output.line(input.path) }
        for line in input.scenario.lines {
            let place = "\(input.path):\(line.number): \(line.operation.name)"
            if input.options.traces {
                output.line("  \(line.number): \(line.operation.name)")
                runner.onEvent = { output.line("    \($0)") }
            }
            let simulated = try runner.play(line)
            if prints { output.line(simulated.jsonLine) }
            guard let recorded = line.saw else { continue }
            for mismatch in Saw.mismatches(recorded: recorded, simulated: simulated) {
                passed = false
                output.line("\(place) \(mismatch)")
            }
        }
        return passed
    }

    /// Plays one file in all orders, if that was asked for. Returns whether every value of a field that varied came out
    /// in an order that agrees with all other records so far.
    ///
    /// First it tries the orders in which only a woken task preempts another one. If these are not enough, it also
    /// tries one or two other preemptions per line.
    private func explore(_ input: Input, _ output: Output) throws(PlayError) -> Bool {
        var work = 0
        guard explores, var found = try exploration(of: input, .untilOthersWake, &work) else { return true }
        for times in 1...2 where !found.failures.isEmpty {
            guard let finer = try exploration(of: input, .preempted(times: times), &work) else { break }
            found.failures = finer.failures
        }
        for note in found.notes { output.line(note) }
        for failure in found.failures { output.line(failure) }
        return found.failures.isEmpty
    }

    /// The result of playing one file in all orders.
    private struct Found {
        /// A line for each recorded value that never came out.
        var failures: [String] = []
        /// Whether all lines come out as recorded in some order.
        var agrees = true
        /// A line for each value that came out but was not recorded.
        var notes: [String] = []
    }

    /// Plays one file in all orders. `work` is what all explorations of the file have taken, for which there is one limit.
    private func exploration(of input: Input, _ grain: TurnGrain, _ work: inout Int) throws(PlayError) -> Found? {
        let made = try factory.makeExplorer(for: input.scenario, as: input.options, grain, workDone: work)
        guard var explorer = made else { return nil }
        defer { work = explorer.work }
        var found = Found()
        for line in input.scenario.lines {
            let place = "\(input.path):\(line.number): \(line.operation.name)"
            let (ends, problems) = try explorer.play(line)
            var notes = problems.map { "\(place) also possible: \($0.reason)" }
            var noted: [Mismatch] = []
            var agreeing = ends
            if let recorded = line.saw {
                agreeing = []
                for end in ends {
                    let mismatches = Saw.mismatches(recorded: recorded, simulated: end.saw)
                    if mismatches.isEmpty { agreeing.append(end) }
                    for mismatch in mismatches where !end.isAssumed && !noted.contains(mismatch) {
                        noted.append(mismatch)
                        notes.append("\(place) also possible: \(mismatch), with \(end.order)")
                    }
                }
                for mismatch in Saw.unseen(recorded: recorded, in: agreeing.map(\.saw)) {
                    found.failures.append("\(place) \(mismatch)")
                }
            }
            found.notes += notes
            guard !agreeing.isEmpty else {
                found.failures.append("\(place) no order of the threads gives what was recorded")
                found.agrees = false
                return found
            }
            explorer.follow(agreeing)
        }
        return found
    }
}

extension Replay.Result: CustomStringConvertible {
    /// Such as `2 passed, 0 failed, 1 played (records nothing)`.
    public var description: String {
        "\(passed) passed, \(failed) failed" + (played > 0 ? ", \(played) played (records nothing)" : "")
    }

    fileprivate mutating func count(_ passed: Bool, isRecording: Bool) {
        if !passed { failed += 1 } else if isRecording { self.passed += 1 } else { played += 1 }
    }
}

extension Scenario {
    /// Whether there is anything to compare with.
    fileprivate var isRecording: Bool { lines.contains { $0.saw != nil } }

    /// Whether an operation was seen to run forever.
    fileprivate var goesOnForever: Bool { lines.contains { $0.endless || $0.saw?.state == .running } }
}
