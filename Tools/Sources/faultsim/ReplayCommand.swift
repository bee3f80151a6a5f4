import ArgumentParser
import Foundation
import ScenarioFormat
import ScenarioPlayer

/// `faultsim replay`: plays scenarios and compares them with what a real kernel did.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play scenarios, and compare recordings with the simulator.",
        discussion: """
            Prints each difference as "file:line: op field: recorded X, simulated Y", and at the end how many files \
            passed and failed, and how many were only played because they record nothing ("saw"). All input is read and \
            checked before anything is played. A file that the simulator can't follow fails at that line, and the others \
            are still played.

            Exit status: 0 if no file failed, 1 if any did, 2 if input is wrong or asks for what can't be \
            played, 64 if the command line is wrong.

            \(ScenarioLimits.summary)
            """)

    @Argument(help: "Files of JSON Lines, and folders to search for *.jsonl.")
    var paths: [String]

    @Flag(name: .customLong("print"), help: "Print what the simulator saw of every operation, as JSON Lines.")
    var prints = false

    @Flag(name: .customLong("trace"), help: "Print the simulator's events of every operation when they happen.")
    var traces = false

    @Flag(
        name: .customLong("check"),
        help: "Check the simulator's own laws while it runs; a file in which one is broken fails. Slower.")
    var checks = false

    @Flag(
        name: .customLong("explore"),
        help: ArgumentHelp(
            "Go through all orders in which threads can take turns, and print what else can come out.",
            discussion: "A recording with a field that varied fails if one of its values comes out in no order."))
    var explores = false

    @Option(
        name: .customLong("kernel"),
        help: ArgumentHelp(
            "The kernel to simulate: \(KernelName.acceptedNames). Default: the recording's, else 6.1.",
            valueName: "name"))
    var kernelName: String?

    func run() throws {
        var progress = ProgressLine()
        defer { progress.clear() }
        do {
            let replay = try Replay(
                files: try ScenarioSearch.files(at: paths), kernel: try kernel(), prints: prints, traces: traces,
                explores: explores, factory: SimulatorRunnerFactory(watching: checks ? .laws : []))
            let result = try replay.run(
                Replay.Output(
                    line: { line in
                        progress.clear()
                        print(line)
                    },
                    progress: { progress.show(done: $0, of: $1) }))
            if result.failed > 0 { throw ExitCode(1) }
        } catch let error as ScenarioError {
            try refuse(error.description)
        } catch let error as Replay.InputError {
            try refuse(error.description)
        }
    }

    private func kernel() throws -> KernelName? {
        guard let kernelName else { return nil }
        if let kernel = KernelName(named: kernelName) { return kernel }
        try refuse(
            "faultsim: --kernel: must be \(KernelName.acceptedNames), not \(kernelName.debugDescription)")
    }

    /// Ends the command because of its input, with one line that says why.
    private func refuse(_ message: String) throws -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        throw ExitCode(2)
    }
}
