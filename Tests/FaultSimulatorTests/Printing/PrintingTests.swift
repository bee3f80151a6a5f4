import FaultSimulator
import Testing

@testable import FaultCore

@Suite("What values print", .timeLimit(.minutes(60)))
struct PrintingTests {
    /// Public types without a sample, and why.
    private static let exceptions: [String: String] = [
        "Activation": engine, "RoutineCall": engine, "CallFrame": engine, "StepPayload": engine, "RoutineStep": engine,
        "StateBytes": engine, "StateFields": engine, "FieldHash": engine, "FilePin": engine, "MapUse": engine,
        "ArchFaultEntry.Frame": engine, "X86FaultEntry.Frame": engine, "EmptyFrame": engine, "NoState": "has no fields",
        "PostedOf2018.Outcome": outcome, "CompletedOf2022.Outcome": outcome, "RetryOf2010.Outcome": outcome,
        "RetryOf2006.Outcome": outcome, "DropOf2018.Outcome": outcome, "AreaLocksOf2023.Outcome": outcome,
        "PositionsOf2026.Outcome": outcome, "MonitorsOf2017.Outcome": outcome,
    ]
    private static let outcome = "prints as FaultAroundOf2014.Outcome does"
    private static let engine = "is between a stage and the engine: no test holds one"

    /// A type's name without its module and its parameters.
    private static func name(of value: Any) -> String {
        let name = String(reflecting: type(of: value))
        return String((name.split(separator: "<").first ?? "").drop { $0 != "." }.dropFirst())
    }

    /// What is wrong with what a value prints; `nil` if nothing is.
    private static func complaint(about text: String, of name: String) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if text.isEmpty { return "nothing" }
        if lines.count >= 24 { return "\(lines.count) lines" }
        if let long = lines.first(where: { $0.count > 200 }) { return "a line of \(long.count) characters" }
        let own = name.split(separator: ".").last ?? ""
        if text.hasPrefix("\(own)(") { return "its fields" }
        let modules = ["FaultCore.", "FaultExplorer.", "FaultSimulator.", "FaultLab.", "FaultArch"]
        return modules.contains { text.contains($0) } ? "module names" : nil
    }

    @Test("every public type prints in words, on less than a screen")
    func samples() throws {
        for sample in try PrintedSamples.make() {
            let name = Self.name(of: sample)
            let text = String(describing: sample)
            let complaint = Self.complaint(about: text, of: name)
            #expect(complaint == nil, "\(name) prints \(complaint ?? ""): \(text.prefix(300))")
        }
    }

    @Test("every public type has a sample, is an enumeration of plain cases, or is an exception with a reason")
    func complete() throws {
        let sampled = Set(try PrintedSamples.make().map { Self.name(of: $0) })
        let declared = try PublicTypes().all
        #expect(declared.count > 150)
        let missing = declared.filter { !$0.isPlain && !sampled.contains($0.name) && Self.exceptions[$0.name] == nil }
        #expect(missing.map(\.name) == [], "add a sample and a description")
        let names = Set(declared.map(\.name))
        for name in Self.exceptions.keys {
            #expect(names.contains(name) && !sampled.contains(name), "\(name) is no exception")
        }
    }

    @Test("a value that prints its fields, or a long line, is complained about")
    func complaints() {
        struct Dump { var first = 1 }
        #expect(Self.complaint(about: "\(Dump())", of: "Outer.Dump") == "its fields")
        #expect(Self.complaint(about: String(repeating: "a", count: 201), of: "A") == "a line of 201 characters")
        #expect(Self.complaint(about: String(repeating: "a\n", count: 23), of: "A") == "24 lines")
        #expect(Self.complaint(about: "task 0", of: "ID") == nil)
    }

    @Test("a failing expectation about a world prints less than a screen")
    func expectations() throws {
        let samples = try PrintedSamples.make()
        let world = try #require(samples.lazy.compactMap { $0 as? World }.first)
        var other = world
        other.completeReads()
        nonisolated(unsafe) var printed: [String] = []  // one issue comes after the other
        withKnownIssue {
            #expect(world.report(of: TaskID(0)).majorFaults == 99)
            #expect(world.machine == other.machine)
            #expect(world.report(of: TaskID(0)) == other.report(of: TaskID(1)))
            #expect(world.machine.model == .linux6_12)
        } matching: { issue in
            printed.append("\(issue)")
            return true
        }
        #expect(printed.count == 4)
        for text in printed {
            #expect(text.split(separator: "\n").count <= 2 * 23)
            #expect(text.count < 4000, "\(text)")
        }
        #expect(printed.first.map { $0.count < 300 } == true)
    }
}
