import ArgumentParser
import FaultLab
import FaultSimulator
import LabReport

/// `faultsim lab`: repeats published experiments, and compares the simulated figures with the published ones.
struct LabCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab",
        abstract: "Repeat published experiments, and compare the figures with the published ones.",
        discussion: """
            Each experiment runs under the kernels before and after a change. Prints its question, the answer, how the \
            results compare with what was published, and the main figures. In "60 [55]", 60 is simulated and 55 was published. \
            A star marks an input of the experiment.

            Experiments:
            \(Lab.experiments.map { "  \($0.name): \($0.title)" }.joined(separator: "\n"))

            Exit status: 0, or 1 if an experiment could not be done or a file could not be written, 64 if the command line \
            is wrong.
            """)

    @Argument(help: ArgumentHelp("The experiments to do. Default: all.", valueName: "name"))
    var names: [String] = []

    @Flag(name: .customLong("json"), help: "Print a JSON object for each figure, one a line, instead of tables.")
    var printsJSON = false

    @Flag(name: .customLong("csv"), help: "Print comma-separated values with a header, instead of tables.")
    var printsCSV = false

    @Flag(name: [.customLong("verbose"), .customShort("v")], help: "Print all figures and remarks.")
    var isVerbose = false

    @Option(
        name: .customLong("svg"),
        help: ArgumentHelp(
            "Draw each experiment into NAME.svg in this folder: which task ran, slept, held and waited for locks.",
            valueName: "folder"))
    var folder: String?

    @Option(
        name: .customLong("html"),
        help: ArgumentHelp("Write all experiments with their tables and pictures to one page.", valueName: "file"))
    var page: String?

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
        if !printsCSV, !printsJSON { print("\(LabTable.key)\n") }
        var report = LabPage()
        for (number, experiment) in chosen.enumerated() {
            progress.show("\(number + 1) of \(chosen.count): \(experiment.name), \(experiment.title)")
            let outcome: any ExperimentOutcome
            do {
                outcome = try experiment.run()
            } catch {
                progress.clear()
                try FileOutput.refuse("faultsim: experiment \(experiment.name): \(error)", code: 1)
            }
            progress.clear()
            present(outcome, of: experiment, isFirst: number == 0)
            if page != nil { report.add(outcome, of: experiment) }
            if let folder {
                let picture = TimelinePicture(outcome.timelines, heading: "\(experiment.name): \(experiment.title)")
                try FileOutput.write(picture.svg, to: "\(folder)/\(experiment.name).svg")
            }
        }
        if let page { try FileOutput.write(report.html, to: page) }
    }

    private func present(_ outcome: any ExperimentOutcome, of experiment: any Experiment, isFirst: Bool) {
        if printsJSON { return outcome.measurements.forEach { print($0.json) } }
        if printsCSV { return outcome.measurements.forEach { print($0.csv) } }
        if !isFirst { print() }
        LabBlock(outcome, of: experiment, isVerbose: isVerbose).lines.forEach { print($0) }
    }
}
