import ScenarioFormat
public import ScenarioPlayer

/// A trial with any bytes as a scenario: it may be refused or played, but it must say why, and no law may be broken.
///
/// What traps, takes too long or takes too much memory ends the process, so a fuzzer notices that by itself.
public enum ScenarioTrial {
    /// What the bytes are tried with. It follows from them, so that they are tried in the same way each time.
    private enum Way {
        case played, printed, inAllOrders

        init(_ bytes: [UInt8]) {
            switch bytes.reduce(0 as UInt8, &+) % 8 {
            case 0: self = .printed
            case 1: self = .inAllOrders
            default: self = .played
            }
        }
    }

    /// Reads and plays `bytes`, with the laws checked.
    ///
    /// - Parameters:
    ///   - bytes: The text of the scenario, if it is one.
    ///   - factory: Makes the runners.
    /// - Returns: What is wrong with how that went; `nil` if nothing is.
    public static func finding(
        in bytes: [UInt8], playedBy factory: any ScenarioRunnerFactory = SimulatorRunnerFactory(watching: .laws)
    ) -> String? {
        let way = Way(bytes)
        var replay = Replay(
            prints: way == .printed, explores: way == .inAllOrders, factory: factory)
        var lines: [String] = []
        do {
            try replay.add(try Scenario(bytes: bytes, path: path), path: path)
            let result = try replay.run(Replay.Output { lines.append($0) })
            if result.brokenLaws > 0 { return lines.joined(separator: "\n") }
            let isExplained = lines.dropLast().contains { $0.hasPrefix("\(path):") }
            return result.failed > 0 && !isExplained ? "a file fails and nothing says why" : nil
        } catch let error as ScenarioError {
            return problem(of: error.description)
        } catch let error as Replay.InputError {
            return problem(of: error.description)
        } catch {
            return "an error of another kind: \(error)"
        }
    }

    /// What is wrong with the line that says why a scenario is refused.
    private static func problem(of reason: String) -> String? {
        guard reason.hasPrefix("\(path):") else { return "a reason without a place: \(reason)" }
        return reason.contains("\n") ? "a reason of several lines: \(reason)" : nil
    }

    private static let path = "scenario"
}
