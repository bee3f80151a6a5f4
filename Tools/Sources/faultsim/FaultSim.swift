import ArgumentParser

/// `faultsim`, the command line of the simulator.
@main
struct FaultSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faultsim", abstract: "A deterministic simulator of Linux page faults.",
        version: "0.1.0",
        subcommands: [
            LabCommand.self, ErasCommand.self, ReplayCommand.self, TimelineCommand.self, ExploreCommand.self,
            FuzzCommand.self,
        ])
}
