import ArgumentParser
import FaultFuzzing
import FaultLab
import FaultSimulator
import Foundation

/// `faultsim eras`: how each kernel counts the same accesses, and how it differs from the next.
struct ErasCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eras",
        abstract: "Compare how kernels count the same accesses.",
        discussion: """
            Prints the simulator's counts for every kernel model and every example: \(Self.header). A cell that differs \
            from the kernel's sources is marked with an exclamation mark, and followed by what the sources say.

            Exit status: 0 if all cells agree, or with --laws if no law was broken, and always with --differences; \
            otherwise 1; 64 if the command line is wrong.
            """)

    /// The meaning of the figures of a cell.
    private static let header = "min_flt/maj_flt/pgfault/pgmajfault/how often the mmap lock was read-locked"

    @Flag(
        name: .customLong("json"),
        help: "Print a JSON object for every cell, or with --differences for every model, as JSON Lines.")
    var isJSON = false

    @Flag(help: "Print how each model differs from the one before it, instead of counts.")
    var differences = false

    @Option(
        name: .customLong("laws"),
        help: ArgumentHelp(
            "Run this many random programs under every legal model with one or two changed rules of a preset, instead.",
            valueName: "programs"))
    var programs: Int?

    @Option(help: ArgumentHelp("The preset to change for --laws; by default every one.", valueName: "model"))
    var base: String?

    func validate() throws {
        if let programs, programs < 1 { throw ValidationError("--laws: must be at least 1, not \(programs)") }
        if let base, KernelModel.preset(named: base) == nil {
            let names = KernelModel.presets.map(\.name.description).joined(separator: ", ")
            throw ValidationError("--base: must be one of \(names), not \(base.debugDescription)")
        }
        if base != nil, programs == nil { throw ValidationError("--base: is for --laws") }
        if programs != nil, differences {
            throw ValidationError("--laws and --differences can't be asked for together")
        }
        if programs != nil, isJSON { throw ValidationError("--json: is not for --laws") }
    }

    func run() throws {
        if differences { return isJSON ? try printDifferencesAsJSON() : printDifferences() }
        if let programs { return try checkLaws(programs) }
        let cells = AccountingMatrix.cells()
        if isJSON { printJSON(cells) } else { printTable(cells) }
        if cells.contains(where: { !$0.agrees }) { throw ExitCode(1) }
    }

    private func printDifferences() {
        var previous: KernelModel?
        for preset in KernelModel.presets {
            print(preset.name)
            for line in previous.map({ preset.differences(from: $0) }) ?? [] { print("    \(line)") }
            previous = preset
        }
    }

    /// The differences of a model from the one before it, for other programs.
    private struct ModelDifferences: Encodable {
        let kernel: String
        let before: String?
        let differences: [RuleDifference]
    }

    private struct RuleDifference: Encodable {
        let rule: String
        let before: String
        let now: String
    }

    private func printDifferencesAsJSON() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var previous: KernelModel?
        for preset in KernelModel.presets {
            let changed = previous.map { previous in
                KernelModel.rules.filter { $0.caseName(in: preset) != $0.caseName(in: previous) }.map {
                    RuleDifference(rule: $0.name, before: $0.caseName(in: previous), now: $0.caseName(in: preset))
                }
            }
            let model = ModelDifferences(
                kernel: "\(preset.name)", before: previous.map { "\($0.name)" }, differences: changed ?? [])
            print(String(decoding: try encoder.encode(model), as: UTF8.self))
            previous = preset
        }
    }

    private func printTable(_ cells: [AccountingMatrix.Cell]) {
        print("each cell: \(Self.header)\n")
        for example in AccountingExample.allCases {
            print("\(example.rawValue): \(example.title)")
            // Consecutive kernels with the same counts share a line.
            var names: [String] = []
            var last = ""
            func end() {
                if !names.isEmpty { print("    \(last)  \(names.joined(separator: " "))") }
                names = []
            }
            for cell in cells where cell.example == example {
                var text = cell.counted.map(\.description) ?? "failed"
                if !cell.agrees { text += "! (\(cell.expected))" }
                if text != last { end() }
                last = text
                names.append(cell.kernel)
            }
            end()
        }
        let right = cells.count { $0.agrees }
        print("\(right) of \(cells.count) cells agree with the sources")
    }

    private func printJSON(_ cells: [AccountingMatrix.Cell]) {
        for cell in cells {
            let counted = cell.counted.map(Self.json) ?? "null"
            print(
                "{\"example\":\"\(cell.example.rawValue)\",\"title\":\"\(cell.example.title)\","
                    + "\"kernel\":\"\(cell.kernel)\",\"expected\":\(Self.json(cell.expected)),\"counted\":\(counted),"
                    + "\"agrees\":\(cell.agrees)}")
        }
    }

    private static func json(_ counts: AccountingCounts) -> String {
        "{\"min_flt\":\(counts.minor),\"maj_flt\":\(counts.major),\"pgfault\":\(counts.pgfault),"
            + "\"pgmajfault\":\(counts.pgmajfault),\"mmap_read\":\(counts.readLocks)}"
    }

    private func checkLaws(_ programs: Int) throws {
        let presets = base.flatMap { KernelModel.preset(named: $0) }.map { [$0] } ?? KernelModel.presets
        var failures = 0
        for preset in presets {
            let variants = ModelOverrides.legal(of: preset)
            var failed = 0
            for variant in variants {
                guard let failure = try ModelOverrides.firstFailure(under: variant.model, programs: programs) else {
                    continue
                }
                failed += 1
                print("\(variant): \(failure)")
            }
            print("\(preset.name): \(variants.count) models, \(failed) failed")
            failures += failed
        }
        if failures > 0 { throw ExitCode(1) }
    }
}
