import ArgumentParser
import FaultSimulator
import Foundation
import ScenarioFormat
import ScenarioPlayer

/// `faultsim explore`: tries every schedule of the concurrent operations of scenarios.
struct ExploreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explore",
        abstract: "Try every schedule of a scenario's threads.",
        discussion: """
            Operations with "start" in consecutive lines, each in a thread of its own, run concurrently. All orders of \
            their stages, of the ends of requests and of timers are tried. All other operations run in the machine's own \
            order. Prints how many states there are, what can be observed at the end, and what is wrong: a broken law, a \
            deadlock, or an endless cycle, with the shortest schedule as a token and as a story. A group of lines with more \
            states than --states is not exhausted, and the command says where it stopped.

            --json prints for each group the file, the lines, the verdict (holds, not exhaustive, violated), where it \
            stopped, the numbers of states and transitions, the longest schedule, what was passed over, each outcome with a \
            token, and the violation with its token and story. With --token it also prints the story.

            Exit status: 0 if nothing wrong was found, 1 if something is, 2 if input is wrong or asks for what can't be played, \
            64 if the command line is wrong.
            """)

    @Argument(help: "Files of JSON Lines, and folders to search for *.jsonl.")
    var paths: [String]

    @Flag(name: .customLong("json"), help: "Print a JSON object for every group of lines, as JSON Lines.")
    var isJSON = false

    @Flag(name: .customLong("laws"), help: "Check the laws at every state, not only at the end. Slower.")
    var checksLaws = false

    @Option(
        help: """
            Replay the schedule of a token and tell its story, instead of trying schedules. If the token was made of one \
            of the groups of lines, only that group is played.
            """)
    var token: String?

    @Option(help: ArgumentHelp("Try this many random schedules instead of all.", valueName: "runs"))
    var random: Int?

    @Option(help: ArgumentHelp("The seed of --random.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Stop after this many states.", valueName: "number"))
    var states = 10_000_000

    @Option(
        name: .customLong("kernel"),
        help: ArgumentHelp(
            "The kernel to simulate: \(KernelName.acceptedNames). Default: the recording's, else 6.1.",
            valueName: "name"))
    var kernelName: String?

    func validate() throws {
        if let token, ScheduleToken(token) == nil {
            throw ValidationError("--token: \(token.debugDescription) is no token")
        }
        if let random, random < 1 { throw ValidationError("--random: must be at least 1, not \(random)") }
        if !(1...Int(UInt32.max)).contains(states) {
            throw ValidationError("--states: must be 1 to \(UInt32.max), not \(states)")
        }
    }

    func run() throws {
        var isBroken = false
        var found: [(path: String, group: ConcurrentLines)] = []
        do {
            for path in try ScenarioSearch.files(at: paths) {
                let scenario = try Scenario(contentsOfFile: path)
                let groups: [ConcurrentLines]
                do {
                    groups = try ConcurrentLines.all(of: scenario, as: PlayOptions(kernel: try kernel(of: scenario)))
                } catch let error as PlayError {
                    try refuse(error.description(path: path))
                }
                if groups.isEmpty, !isJSON { print("\(path): nothing runs concurrently") }
                if token != nil {
                    found += groups.map { (path, $0) }
                } else {
                    for group in groups { try show(path, group, &isBroken) }
                }
            }
            let own = found.filter { isOfToken($0.group) }
            for (path, group) in own.isEmpty ? found : own { try show(path, group, &isBroken) }
        } catch let error as ScenarioError {
            try refuse(error.description)
        }
        if isBroken { throw ExitCode(1) }
    }

    private func show(_ path: String, _ group: ConcurrentLines, _ isBroken: inout Bool) throws {
        let verdict = check(group)
        if verdict.counterexample != nil { isBroken = true }
        if isJSON { try printJSON(path, group, verdict) } else { printText(path, group, verdict) }
    }

    /// Whether the token to replay was made of these lines.
    private func isOfToken(_ group: ConcurrentLines) -> Bool {
        token.flatMap { ScheduleToken($0) }?.isFrom(group.world.machine) ?? false
    }

    private var strategy: Strategy {
        if let token, let token = ScheduleToken(token) { return .replay(token) }
        return random.map { .random(seed: seed, runs: $0) } ?? .exhaustive
    }

    private func check(_ group: ConcurrentLines) -> Verdict {
        group.world.checkSchedules(strategy, for: [checksLaws ? .laws : .lawsAtEnd]) { $0.limits.states = states }
    }

    // MARK: Printing

    private func printText(_ path: String, _ group: ConcurrentLines, _ verdict: Verdict) {
        print("\(path):\(group.members[0].line): \(group)")
        let text = verdict.counterexample.map { ([$0.kind.description] + $0.story).joined(separator: "\n") }
        if let text, let found = verdict.counterexample {
            print("\(text)\ntoken \(found.token)\nfound in \(verdict.coverage)")
        } else {
            print(verdict)
            for line in story(of: group, verdict) ?? [] { print(line) }
        }
    }

    /// The story of a schedule that was replayed and at which nothing is wrong.
    private func story(of group: ConcurrentLines, _ verdict: Verdict) -> [String]? {
        guard token != nil, verdict.counterexample == nil, let outcome = verdict.coverage.outcomes.first else {
            return nil
        }
        return group.world.machine.story(of: outcome.schedule)
    }

    private struct Report: Encodable {
        struct Outcome: Encodable {
            let text: String
            let states: Int
            let token: String
        }

        struct Violation: Encodable {
            let what: String
            let token: String
            let isShortest: Bool
            let story: [String]
        }

        let file: String
        let lines: [Int]
        let verdict: String
        let stopped: String?
        let states: Int
        let transitions: Int
        let depth: Int
        let passedOver: [String]
        let outcomes: [Outcome]
        let violation: Violation?
        let story: [String]?
    }

    private func printJSON(_ path: String, _ group: ConcurrentLines, _ verdict: Verdict) throws {
        var name = "holds"
        var stopped: String?
        switch verdict {
        case .holds: break
        case .notExhaustive(let stop, _): (name, stopped) = ("not exhaustive", stop.description)
        case .violated: name = "violated"
        }
        let report = Report(
            file: path, lines: group.members.map(\.line), verdict: name, stopped: stopped,
            states: verdict.coverage.states, transitions: verdict.coverage.transitions,
            depth: verdict.coverage.depth, passedOver: verdict.coverage.passedOver,
            outcomes: verdict.coverage.outcomes.map {
                Report.Outcome(
                    text: $0.text, states: $0.states,
                    token: ScheduleToken($0.schedule, from: group.world.machine).description)
            },
            violation: verdict.counterexample.map {
                Report.Violation(
                    what: $0.kind.description, token: $0.token.description, isShortest: $0.isShortest, story: $0.story)
            },
            story: story(of: group, verdict))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }

    private func kernel(of scenario: Scenario) throws -> KernelName {
        let name = kernelName ?? scenario.kernel ?? "6.1"
        if let kernel = KernelName(named: name) { return kernel }
        try refuse("faultsim: --kernel: must be \(KernelName.acceptedNames), not \(name.debugDescription)")
    }

    /// Ends the command because of its input, with one line for the reason.
    private func refuse(_ message: String) throws -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        throw ExitCode(2)
    }
}
