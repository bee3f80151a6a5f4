import ArgumentParser
import FaultLab
import Foundation
import LabReport

/// `faultsim lab`: does published experiments again, and prints what was published beside what the simulator says.
struct LabCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab",
        abstract: "Do published experiments again: what was published beside what the simulator says.",
        discussion: """
            Each experiment runs under the kernels before and after a change. "calibrated" marks the figures that were \
            given to it, "prediction" what follows.

            Experiments:
            \(Lab.experiments.map { "  \($0.name): \($0.title)" }.joined(separator: "\n"))

            Exit status: 0, or 1 if an experiment could not be done or a picture not be written, 64 if the command line \
            is wrong.
            """)

    @Argument(help: ArgumentHelp("The experiments to do. Default: all.", valueName: "name"))
    var names: [String] = []

    @Flag(name: .customLong("json"), help: "Print a JSON object for each figure, one a line, instead of tables.")
    var printsJSON = false

    @Flag(name: .customLong("csv"), help: "Print comma-separated values with a header, instead of tables.")
    var printsCSV = false

    @Option(
        name: .customLong("svg"),
        help: ArgumentHelp(
            "Draw each experiment into NAME.svg in this folder: who held and who waited for the lock.",
            valueName: "folder"))
    var folder: String?

    func validate() throws {
        for name in names where Lab.experiment(named: name) == nil {
            let known = Lab.experiments.map(\.name).joined(separator: ", ")
            throw ValidationError("there is no experiment \(name.debugDescription); there are \(known)")
        }
        if printsJSON, printsCSV { throw ValidationError("--json and --csv can't be asked for together") }
    }

    func run() throws {
        let chosen = names.isEmpty ? Lab.experiments : names.compactMap(Lab.experiment(named:))
        var progress = ProgressLine(after: .zero)
        defer { progress.clear() }
        if printsCSV { print(LabMeasurement.csvHeader) }
        for (number, experiment) in chosen.enumerated() {
            progress.show("\(number + 1) of \(chosen.count): \(experiment.name), \(experiment.title)")
            let outcome: any ExperimentOutcome
            do {
                outcome = try experiment.run()
            } catch {
                try refuse("faultsim: experiment \(experiment.name): \(error)", &progress)
            }
            progress.clear()
            present(outcome, of: experiment, isFirst: number == 0)
            if let folder { try draw(outcome, of: experiment, in: folder, &progress) }
        }
    }

    private func present(_ outcome: any ExperimentOutcome, of experiment: any Experiment, isFirst: Bool) {
        if printsJSON { return outcome.measurements.forEach { print($0.json) } }
        if printsCSV { return outcome.measurements.forEach { print($0.csv) } }
        if !isFirst { print() }
        print("\(experiment.name): \(experiment.title)\n\(experiment.source)\n")
        LabTable(outcome.measurements).lines.forEach { print($0) }
        for remark in outcome.remarks { print("\n\(remark)") }
    }

    private func draw(
        _ outcome: any ExperimentOutcome, of experiment: any Experiment, in folder: String,
        _ progress: inout ProgressLine
    ) throws {
        let url = URL(fileURLWithPath: folder, isDirectory: true)
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            let drawing = TimelineDrawing(outcome.timelines, heading: "\(experiment.name): \(experiment.title)")
            try Data(drawing.svg.utf8).write(to: url.appendingPathComponent("\(experiment.name).svg"))
        } catch {
            try refuse("faultsim: --svg: \(error.localizedDescription)", &progress)
        }
    }

    private func refuse(_ message: String, _ progress: inout ProgressLine) throws -> Never {
        progress.clear()
        FileHandle.standardError.write(Data((message + "\n").utf8))
        throw ExitCode(1)
    }
}
