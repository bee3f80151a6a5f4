import FaultExplorer
import FaultFuzzing
import FaultSimulator
import Foundation
import Testing

@testable import FaultCore

/// The catalogue of mistakes. What makes them needs the package trait `Mutants`; `.ci/mutants` runs it.
@Suite("The catalogue of mistakes", .serialized, .timeLimit(.minutes(60)))
struct MutantCatalogueTests {
    @Test("it has at least 100 mistakes, 40 of them such that only some orders show them")
    func size() {
        #expect(Mutant.allCases.count >= 100 && OrderMutant.all.count >= 40)
        #expect(Set(OrderMutant.all.map(\.mutant)).count == OrderMutant.all.count)
    }

    #if DEBUG
    /// How many states of a race are gone through: a part of the larger ones, which take long in debug.
    private static let stateLimit = 300
    #else
    /// How many states of a race are gone through.
    private static let stateLimit = MutantRace.stateLimit
    #endif

    @Test("a race in which exploring finds mistakes has none", arguments: OrderMutant.races)
    func clean(_ race: MutantRace) throws {
        let verdict = try race.check(limit: Self.stateLimit)
        #expect(verdict.foundNothing, "\(verdict)")
    }

    /// Whether the table is to be printed, and how many states there are.
    private static let isRecording = ProcessInfo.processInfo.environment["FAULTSIM_RECORD_MUTANTS"] != nil

    /// The rows of the table below the heading "Mistakes that exploring finds", as they are written.
    private static func documented() throws -> [String] {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        let page = root.appending(path: "../../../Documentation/Exploring.md").standardized
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(
            text.split(separator: "\n## ").first { $0.hasPrefix("Mistakes that exploring finds") })
        return section.split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2).map(String.init)
    }

    @Test("the documented table is the same data")
    func documentation() throws {
        let rows = OrderMutant.all.map { "| `\($0.mutant)` | \($0.race), `\($0.race.model.name)` | \($0.states) |" }
        if Self.isRecording { print(rows.joined(separator: "\n")) }
        #expect(try Self.documented() == rows)
    }

    #if Mutants
    /// As of `MutantSample`: `whole`, or a seed.
    private static let wanted = ProcessInfo.processInfo.environment["MUTANTS"]

    private static func drawn<Element>(_ all: [Element], _ count: Int) throws -> [Element] {
        guard wanted != "whole" else { return all }
        let seed = try #require(wanted.flatMap { UInt64($0) }, "MUTANTS is `whole` or a number")
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in random.pick(all) }
    }

    /// What is done with a mistake.
    private static func with<Result>(_ mutant: Mutant, _ body: () throws -> Result) rethrows -> Result {
        chosenMutant = mutant
        defer { chosenMutant = nil }
        return try body()
    }

    /// What comes of a race without a mistake.
    private static func outcomes(of race: MutantRace) throws -> [String] { try race.check().coverage.texts }

    @Test("exploring finds what only some orders show, and its story names the culprit", .enabled(if: wanted != nil))
    func orders() throws {
        let mutants = try Self.drawn(OrderMutant.all, 12)
        var unnoticed: [String] = []
        for one in mutants {
            let allowed = try Self.outcomes(of: one.race)
            let verdict = try Self.with(one.mutant) { try one.race.check(allowing: allowed) }
            guard let found = verdict.counterexample else {
                unnoticed.append("\(one): \(verdict)")
                continue
            }
            if Self.isRecording { print("row|\(one)|\(verdict.coverage.states)") }
            #expect(verdict.coverage.states <= one.states, "\(one) is found within \(verdict.coverage.states) states")
            let story = found.story.joined(separator: "\n")
            #expect(story.contains(one.culprit), "\(one): \(found)")
            // Some schedules show nothing.
            let isHidden = try Self.with(one.mutant) {
                try (0..<40).contains { try one.race.sample(seed: $0, allowing: allowed).foundNothing }
            }
            #expect(isHidden, "every order shows \(one)")
        }
        Self.say("mistakes of orders", mutants.count, unnoticed)
    }

    @Test("every other mistake is noticed by something small and quick", .enabled(if: wanted != nil))
    func others() throws {
        let orders = Set(OrderMutant.all.map(\.mutant))
        let mutants = try Self.drawn(Mutant.allCases.filter { !orders.contains($0) }, 12)
        var unnoticed: [String] = []
        for mutant in mutants {
            print("mutants: now \(mutant)")
            let check = MutantCheck.all.first { check in Self.with(mutant) { Self.fails(check) } }
            if let check { print("mutants: \(mutant) is noticed by \(check)") } else { unnoticed.append("\(mutant)") }
        }
        Self.say("other mistakes", mutants.count, unnoticed)
    }

    @Test(
        "a random program that shows a mistake becomes a short one that fails in the same way",
        .enabled(if: wanted != nil), arguments: [.retryKeepsLock, .completedUnlocksTwice, .retryKeepsPage] as [Mutant])
    func shortPrograms(mutant: Mutant) throws {
        let (whole, short) = try Self.with(mutant) {
            let program = (0..<2_000 as Range<UInt64>).lazy.map { FuzzedProgram(seed: $0) }
                .first { if case .failed = $0.run().end { true } else { false } }
            let found = try #require(program, "random programs don't show it")
            return (found.run(tellsSteps: true), found.shrunk())
        }
        let shortRun = Self.with(mutant) { short.run(tellsSteps: true) }
        guard case .failed(let reason) = whole.end, case .failed(let shortReason) = shortRun.end else {
            Issue.record("\(shortRun)")
            return
        }
        #expect(reason.prefix(6) == shortReason.prefix(6), "the same law")
        #expect(shortRun.bytes.count * 4 < whole.bytes.count)
        #expect(shortRun.steps.count * 3 < whole.steps.count, "\(shortRun)")
        #expect(short.model == short.base, "it needs no changed rule")
        #expect(short.run().end == .ended, "the program itself is a good one")
    }

    @Test("nothing is noticed where there is no mistake", .enabled(if: wanted != nil))
    func none() {
        for check in MutantCheck.all where Self.fails(check) { Issue.record("\(check)") }
    }

    /// Whether a check records an issue, which is a known one then.
    private static func fails(_ check: MutantCheck) -> Bool {
        nonisolated(unsafe) var issues = 0
        withKnownIssue("\(check)", isIntermittent: true) {
            do { try check.check() } catch { Issue.record(error) }
        } matching: { _ in
            issues += 1
            return true
        }
        return issues > 0
    }

    private static func say(_ kind: String, _ count: Int, _ unnoticed: [String]) {
        print("mutants: \(count) \(kind), \(unnoticed.count) that nothing noticed")
        for one in unnoticed { print("mutants: nothing noticed \(one)") }
        #expect(unnoticed.isEmpty)
    }
    #endif
}
