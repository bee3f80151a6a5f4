public import ScenarioFormat

/// Makes runners that drive the simulator.
public struct SimulatorRunnerFactory: ScenarioRunnerFactory {
    /// How the runners watch the machine.
    public var watching: SimulatorRunner.Watching

    /// Makes a factory.
    public init(watching: SimulatorRunner.Watching = []) {
        self.watching = watching
    }

    /// Refuses the first operation that the simulator can't play.
    public func check(_ scenario: Scenario, as options: PlayOptions) throws(PlayError) {
        var files = FileHistory()
        for line in scenario.lines {
            if let reason = files.refusal(of: line.operation) {
                throw .unsupported(line: line.number, op: line.operation.name, reason: reason)
            }
        }
    }

    /// Makes a runner for `scenario`, at its beginning.
    public func makeRunner(for scenario: Scenario, as options: PlayOptions) throws(PlayError) -> any ScenarioRunner {
        try check(scenario, as: options)
        return try SimulatorRunner(scenario, as: options, watching: watching)
    }
}

/// What `check` has to know of a scenario's files, to refuse what would wait for the journal: there is none.
///
/// An fsync whose inode has changed waits for the commit that writes the inode, and keeps others from changing it. That
/// shows only while the device's writes are held.
private struct FileHistory {
    private var devices: [String: Device] = [:]
    private var changed: Set<String> = []
    private var held: Set<Device> = []

    /// Why `operation`, the next one, can't be played; nil if it can.
    mutating func refusal(of operation: ScenarioOperation) -> String? {
        switch operation {
        case .copyIn(_, direct: true):
            return "the simulator can't read past the page cache; leave out \"direct\""
        case .file(let file):
            if file.fileSystem == .ext4 { devices[file.id] = file.device }
        case .hold(let device, only: let transfer):
            if transfer != .reads { held.insert(device) }
        case .release(let device):
            held.remove(device)
        case .truncate(let file, pages: _):
            changed.insert(file)
        case .punch(let part):
            changed.insert(part.file)
        case .fsync(let file), .evict(let file):
            guard changed.remove(file) != nil, let device = devices[file], held.contains(device) else { return nil }
            return
                "the simulator has no journal, for which this waits: the file's inode has changed and writes are held"
        default:
            break
        }
        return nil
    }
}
