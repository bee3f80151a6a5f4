import ArgumentParser
import FaultSimulator
import ScenarioFormat
import ScenarioPlayer

/// `faultsim timeline`: shows what happened in a scenario.
struct TimelineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline",
        abstract: "Show what happens in a scenario: when tasks run, sleep and fault, hold locks, and wake each other.",
        discussion: """
            Without an option it prints the longest wait, its chain, and which task waited for which. The page of --html \
            needs only a browser; open the file of --json in ui.perfetto.dev.

            Exit status: 0, or 1 if the scenario can't be followed to its end or a file can't be written, 2 if input is \
            wrong, 64 if the command line is wrong.
            """)

    @Argument(help: ArgumentHelp("A scenario, a file of JSON Lines.", valueName: "file"))
    var path: String

    @Option(name: .customLong("html"), help: ArgumentHelp("Write a page to zoom and search.", valueName: "file"))
    var page: String?

    @Option(
        name: .customLong("json"), help: ArgumentHelp("Write Chrome trace events, for Perfetto.", valueName: "file"))
    var trace: String?

    @Option(name: .customLong("svg"), help: ArgumentHelp("Write a picture.", valueName: "file"))
    var picture: String?

    @Option(
        name: .customLong("kernel"),
        help: ArgumentHelp(
            "The kernel to simulate: \(KernelName.acceptedNames). Default: the recording's, else 6.1.",
            valueName: "name"))
    var kernelName: String?

    func run() throws {
        let timeline = try timeline()
        if let page { try FileOutput.write(timeline.html, to: page) }
        if let trace { try FileOutput.write(timeline.chromeTrace, to: trace) }
        if let picture { try FileOutput.write(timeline.svg, to: picture) }
        guard page == nil, trace == nil, picture == nil else { return }
        print(timeline)
        print()
        print(timeline.attribution)
    }

    private func timeline() throws -> Timeline {
        let scenario: Scenario
        do { scenario = try Scenario(contentsOfFile: path) } catch {
            try FileOutput.refuse(error.description, code: 2)
        }
        let name = kernelName ?? scenario.kernel ?? "6.1"
        guard let kernel = KernelName(named: name) else {
            try FileOutput.refuse(
                "faultsim: --kernel: must be \(KernelName.acceptedNames), not \(name.debugDescription)", code: 2)
        }
        do { return try ScenarioTimeline.play(scenario, on: kernel) } catch {
            try FileOutput.refuse(error.description(path: path), code: 1)
        }
    }
}
