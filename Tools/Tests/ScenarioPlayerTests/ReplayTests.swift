import FaultSimulator
import Foundation
import ScenarioFormat
import ScenarioPlayer
import Testing

/// Answers each line with what it recorded, but for one more minor fault on line `wrongLine`.
private struct EchoFactory: ScenarioRunnerFactory {
    var wrongLine: Int?
    var unsupportedOp: String?
    var stuckLine: Int?
    var brokenLine: Int?

    func check(_ scenario: Scenario, as options: PlayOptions) throws(PlayError) {
        for line in scenario.lines where line.operation.name == unsupportedOp {
            throw .unsupported(line: line.number, op: line.operation.name, reason: "not supported")
        }
    }

    func makeRunner(for scenario: Scenario, as options: PlayOptions) throws(PlayError) -> any ScenarioRunner {
        EchoRunner(factory: self, options: options)
    }
}

/// Counts how often other orders of a scenario are asked for, and is stuck on its second line in each.
private final class OrderCounter: ScenarioRunnerFactory {
    private(set) var orders = 0

    func check(_ scenario: Scenario, as options: PlayOptions) {}

    func makeRunner(for scenario: Scenario, as options: PlayOptions) throws(PlayError) -> any ScenarioRunner {
        try EchoFactory(stuckLine: 2).makeRunner(for: scenario, as: options)
    }

    func makeExplorer(
        for scenario: Scenario, as options: PlayOptions, _ grain: TurnGrain, workDone: Int
    ) throws(PlayError) -> OrderExplorer? {
        orders += 1
        return nil
    }
}

private struct EchoRunner: ScenarioRunner {
    let factory: EchoFactory
    let options: PlayOptions
    var onEvent: ((String) -> Void)?

    mutating func play(_ line: Line) throws(PlayError) -> Saw {
        if line.number == factory.stuckLine {
            throw .stuck(line: line.number, op: line.operation.name, reason: "never ends")
        }
        if line.number == factory.brokenLine {
            throw .lawBroken(line: line.number, op: line.operation.name, reason: "law 1\nwhat led there:\n    it")
        }
        if options.traces { onEvent?("an event on \(options.kernel)") }
        var saw = line.saw ?? Saw()
        if line.number == factory.wrongLine { saw.minflt = (saw.minflt ?? 0) + 1 }
        return saw
    }

}

/// A folder that is removed with the value.
private final class Folder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "faultsim-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path + "/inner", withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
        return path + "/" + name
    }
}

private let recording = """
    {"scenario":"s","kernel":"6.1.192"}
    {"op":"mmap","id":"a","pages":8,"prot":"rw","flags":["private"],"saw":{"minflt":0}}
    {"op":"read","area":"a","page":0,"saw":{"minflt":1}}

    """

@Suite("Replaying recordings", .timeLimit(.minutes(60)))
struct ReplayTests {
    private func play(
        _ files: [String], _ factory: EchoFactory, kernel: KernelName? = nil, prints: Bool = false,
        traces: Bool = false
    ) throws -> (lines: [String], result: Replay.Result) {
        var lines: [String] = []
        let replay = try Replay(files: files, kernel: kernel, prints: prints, traces: traces, factory: factory)
        let result = try replay.run(Replay.Output(line: { lines.append($0) }))
        return (lines, result)
    }

    @Test("files that agree pass, and the last line says how many")
    func passes() throws {
        let folder = try Folder()
        let file = try folder.write("s.jsonl", recording)
        let (lines, result) = try play([file, file], EchoFactory())
        #expect(lines == ["2 passed, 0 failed"])
        #expect(result.passed == 2 && result.failed == 0)
    }

    @Test("other orders are tried for what was recorded; a file that records nothing has the machine's own order")
    func otherOrders() throws {
        let played = recording.replacing(#","saw":{"minflt":0}"#, with: "").replacing(
            #","saw":{"minflt":1}"#, with: "")
        for (text, orders) in [(recording, 2), (played, 0)] {
            let counter = OrderCounter()
            var replay = Replay(factory: counter)
            try replay.add(try Scenario(text: text, path: "r"), path: "r")
            var lines: [String] = []
            let result = try replay.run(Replay.Output { lines.append($0) })
            #expect(counter.orders == orders)
            #expect(lines == ["r:2: mmap: never ends", "0 passed, 1 failed"] && result.failed == 1)
        }
    }

    @Test("scenarios that have been read are played like files")
    func addedScenario() throws {
        var replay = Replay(prints: true, factory: EchoFactory(wrongLine: 3))
        try replay.add(try Scenario(text: recording, path: "r"), path: "r")
        var lines: [String] = []
        let result = try replay.run(Replay.Output { lines.append($0) })
        #expect(
            lines == [
                #"{"minflt":0}"#, #"{"minflt":2}"#, "r:3: read minflt: recorded 1, simulated 2", "0 passed, 1 failed",
            ])
        #expect(result.passed == 0 && result.failed == 1 && result.brokenLaws == 0)
    }

    @Test("each mismatch is a line with its file, line, operation and field, and the file fails")
    func fails() throws {
        let folder = try Folder()
        let file = try folder.write("s.jsonl", recording)
        let (lines, result) = try play([file], EchoFactory(wrongLine: 3))
        #expect(lines == ["\(file):3: read minflt: recorded 1, simulated 2", "0 passed, 1 failed"])
        #expect(result.failed == 1)
    }

    @Test("the simulated saws and the events are printed on request")
    func prints() throws {
        let folder = try Folder()
        let file = try folder.write("s.jsonl", recording)
        let (lines, _) = try play([file], EchoFactory(), prints: true, traces: true)
        #expect(
            lines == [
                file, "  2: mmap", "    an event on linux6_1", #"{"minflt":0}"#, "  3: read",
                "    an event on linux6_1", #"{"minflt":1}"#, "1 passed, 0 failed",
            ])
    }

    @Test("all input is checked before anything is played: wrong input")
    func wrongInput() throws {
        let folder = try Folder()
        let good = try folder.write("a.jsonl", recording)
        let bad = try folder.write("b.jsonl", recording + #"{"op":"read","area":"b","page":0}"#)
        #expect {
            try Replay(files: [good, bad], factory: EchoFactory())
        } throws: {
            "\($0)" == "\(bad):4: area: \"b\" is not the id of an earlier mmap"
        }
    }

    @Test("all input is checked before anything is played: an operation that is not supported")
    func unsupported() throws {
        let folder = try Folder()
        let file = try folder.write("a.jsonl", recording)
        #expect {
            try Replay(files: [file], factory: EchoFactory(unsupportedOp: "read"))
        } throws: {
            "\($0)" == "\(file):3: read: not supported"
        }
    }

    @Test("an operation that can't be done as things stand fails its file, and the others are played")
    func stuck() throws {
        let folder = try Folder()
        let short = #"{"scenario":"s","kernel":"6.1.192"}"# + "\n"
        let files = [try folder.write("a.jsonl", recording), try folder.write("b.jsonl", short)]
        let (lines, result) = try play(files, EchoFactory(stuckLine: 2))
        #expect(lines == ["\(files[0]):2: mmap: never ends", "0 passed, 1 failed, 1 played (records nothing)"])
        #expect(result.failed == 1 && result.passed == 0 && result.played == 1)
    }

    @Test("a recording that the simulator can't follow fails where its thread is busy, and the others are played")
    func busyThread() throws {
        let folder = try Folder()
        let busy = try folder.write(
            "a.jsonl",
            """
            {"scenario":"s","kernel":"6.1"}
            {"op":"file","id":"f","pages":4,"fs":"ext4","resident":"none"}
            {"op":"mmap","id":"a","pages":4,"prot":"r","flags":["private"],"file":"f"}
            {"op":"thread","id":"t"}
            {"op":"hold","on":"device"}
            {"op":"read","in":"t","start":true,"area":"a","page":0}
            {"op":"read","in":"t","area":"a","page":1}

            """)
        let good = try folder.write("b.jsonl", recording)
        let replay = try Replay(files: [busy, good], factory: SimulatorRunnerFactory())
        var lines: [String] = []
        let result = try replay.run(Replay.Output(line: { lines.append($0) }))
        #expect(result.failed >= 1)
        #expect(lines.contains("\(busy):7: read: its thread has an operation under way"))
    }

    @Test("events are given away as they happen: an operation of many pages keeps only those of some steps")
    func streams() throws {
        let folder = try Folder()
        let path = try folder.write(
            "a.jsonl",
            """
            {"scenario":"s","kernel":"6.1"}
            {"op":"mmap","id":"a","pages":20000,"prot":"rw","flags":["private","populate"]}

            """)
        let scenario = try Scenario(contentsOfFile: path)
        var runner = try SimulatorRunner(scenario, as: PlayOptions(traces: true))
        var events: [String] = []
        runner.onEvent = { events.append($0) }
        for line in scenario.lines { _ = try runner.play(line) }
        #expect(events.count > 100_000)
        #expect(runner.world.machine.trace.isEmpty)

        // The same events as if they had all been kept.
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 8_000_000))
        world.machine.isTracing = true
        world.start(
            .mmap(MapRequest(pages: 20_000, access: .readWrite, placement: .anywhere, populate: true)), in: world.task()
        )
        world.run()
        #expect(abs(world.machine.trace.count - events.count) < 100)
    }

    @Test("a broken law fails the file in which it is broken, and the others are played")
    func brokenLaw() throws {
        let folder = try Folder()
        let files = [try folder.write("a.jsonl", recording), try folder.write("b.jsonl", recording)]
        let (lines, result) = try play(files, EchoFactory(brokenLine: 2))
        #expect(lines.count == 3 && lines[0] == files[0] + ":2: mmap: law 1\n    what led there:\n        it")
        #expect(result.brokenLaws == result.failed)
        #expect(lines[2] == "0 passed, 2 failed" && result.failed == 2)
    }

    @Test("a kernel that can't be simulated is refused, unless another is chosen")
    func kernels() throws {
        let folder = try Folder()
        let file = try folder.write("a.jsonl", #"{"scenario":"s","kernel":"6.10.3"}"#)
        #expect {
            try Replay(files: [file], factory: EchoFactory())
        } throws: {
            "\($0)"
                == "\(file):1: kernel: \"6.10.3\" is no kernel that can be simulated; choose one with --kernel: "
                + KernelName.acceptedNames
        }
        #expect(try play([file], EchoFactory(), kernel: .linux6_1).result.failed == 0)
    }

    @Test("a kernel's names", arguments: ["6.1", "linux6_1", "6.1.192", "6.1.77", "v6.1", "6.1.0-56-amd64"])
    func kernelNames(_ name: String) {
        #expect(KernelName(named: name) == .linux6_1)
    }

    @Test("every preset goes by its name, and by its version")
    func presets() {
        for model in KernelModel.presets {
            let name = model.name.description
            #expect(KernelName(named: name)?.model == model)
            #expect(KernelName.acceptedNames.contains(name))
            let version = String(name.dropFirst("linux".count)).replacing("_", with: ".")
            guard name.hasPrefix("linux"), version.wholeMatch(of: /[0-9]+\.[0-9]+/) != nil else { continue }
            #expect(KernelName(named: version)?.model == model)
            #expect(KernelName(named: version + ".117-1~deb12u1")?.model == model)
        }
        #expect(KernelName(named: "6.12.117")?.description == "linux6_12")
    }

    @Test(
        "other names",
        arguments: [
            "", "6", "6.", ".1", "6.10.1", "6.1x", "6_1", "Linux6_1", "v6", " 6.1", "6.-1", "6.1.", "6.1.-5", "6.1.x",
        ])
    func otherNames(_ name: String) {
        #expect(KernelName(named: name) == nil)
    }
}

@Suite("Finding scenarios", .timeLimit(.minutes(60)))
struct ScenarioSearchTests {
    @Test("a folder is searched with its subfolders, sorted; a file is taken as it is")
    func folders() throws {
        let folder = try Folder()
        for name in ["b.jsonl", "a.jsonl", "inner/c.jsonl", "README.md"] { try folder.write(name, recording) }
        let files = try ScenarioSearch.files(at: [folder.path + "/README.md", folder.path])
        #expect(files == ["README.md", "a.jsonl", "b.jsonl", "inner/c.jsonl"].map { folder.path + "/" + $0 })
    }

    @Test("a path that does not exist, and a folder without scenarios, are input errors")
    func nothing() throws {
        let folder = try Folder()
        let inner = folder.path + "/inner"
        #expect(
            throws: ScenarioError(path: inner, line: 1, field: "file", message: "a folder without any *.jsonl file")
        ) {
            try ScenarioSearch.files(at: [inner])
        }
        #expect(throws: ScenarioError.self) { try ScenarioSearch.files(at: [inner + "/x.jsonl"]) }
    }

    @Test("what is no regular file is refused without opening it", arguments: ["/dev/zero", "/dev/null", "/"])
    func irregular(_ path: String) {
        #expect(throws: ScenarioError.self) { try Scenario(contentsOfFile: path) }
    }
}

@Suite("Replaying what goes on forever", .timeLimit(.minutes(60)))
struct EndlessReplayTests {
    @Test(
        "an operation that goes on forever agrees however far it has come, but nothing else does",
        arguments: [("[[21,21]]", true), ("[[16,19],[21,21]]", true), ("[[17,19],[21,21]]", false), ("[]", false)])
    func endless(_ present: String, _ agrees: Bool) throws {
        let name = "linux-6.12-errors/err-map-populate.jsonl"
        let text = try String(contentsOfFile: Recordings.folder + name, encoding: .utf8)
        let folder = try Folder()
        let changed = text.replacing(#""present":{"a":[[21,21]]}"#, with: #""present":{"a":\#(present)}"#)
        let path = try folder.write("s.jsonl", changed)
        let replay = try Replay(files: [path], factory: SimulatorRunnerFactory())
        var lines: [String] = []
        let result = try replay.run(Replay.Output(line: { lines.append($0) }))
        #expect(result.passed == (agrees ? 1 : 0) && result.failed == (agrees ? 0 : 1))
        #expect(lines.contains { $0.contains("read present: recorded") } == !agrees)
    }
}
