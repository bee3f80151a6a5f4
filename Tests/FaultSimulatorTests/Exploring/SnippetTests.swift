import FaultSimulator
import Foundation
import Testing

/// The code on the page `Exploring.md`, as it is compiled and run here.
@Suite("The snippets of Exploring.md", .timeLimit(.minutes(60)))
struct SnippetTests {
    @Test("every snippet of the page is one of this file")
    func snippetsAreCompiled() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let page = folder.appending(path: "../../../Documentation/Exploring.md").standardized
        let lines = try String(contentsOf: page, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let own = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.drop { $0 == " " } }
        var snippets: [[Substring]] = []
        var isInside = false
        for line in lines {
            if line.hasPrefix("```") {
                if line == "```swift" { snippets.append([]) }
                isInside = line == "```swift"
            } else if isInside {
                snippets[snippets.count - 1].append(line.drop { $0 == " " })
            }
        }
        #expect(snippets.count >= 5)
        for snippet in snippets {
            let isCompiled = own.indices.contains { own[$0...].starts(with: snippet) }
            #expect(isCompiled, "not compiled: \(snippet.joined(separator: "\n"))")
        }
    }

    @Test("the page shows what its first two snippets print: the number of states, the story, the token")
    func printed() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let page = try String(
            contentsOf: folder.appending(path: "../../../Documentation/Exploring.md").standardized, encoding: .utf8)
        let (world, _, _) = try raceWorld()
        let holds = world.checkSchedules(.exhaustive, for: [.lawsAtEnd])
        #expect(page.contains("`holds in all \(holds.coverage.states) states, …`"))
        let survives = Property.finally("the read survives") { !$0.outcomeText.contains("SIGSEGV") }
        let found = try #require(world.checkSchedules(.exhaustive, for: [survives]).counterexample)
        #expect(page.contains("word: `\(found.token)`"), "\(found.token)")
        let end = found.story.suffix(8).map { "    \($0)\n" }.joined()
        #expect(page.contains(end), "\(end)")
    }

    private func raceWorld() throws -> (World, Area, TaskID) {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 1)
        let task = world.task()
        let area = try world.map(file, .read, in: task)
        world.start(.read(area), in: task)
        world.start(.munmap(area), in: world.thread(of: task))
        return (world, area, task)
    }

    @Test("every schedule")
    func everySchedule() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 1)
        let task = world.task()
        let area = try world.map(file, .read, in: task)
        world.start(.read(area), in: task)
        world.start(.munmap(area), in: world.thread(of: task))

        let verdict = world.checkSchedules(
            .exhaustive,
            for: [
                .lawsAtEnd,
                .outcomes([
                    "task 0: MAJOR|RETRY, NOPAGE, faults 0/1, SIGSEGV/MAPERR; task 1: ok",
                    "task 0: MAJOR|RETRY, NOPAGE, faults 0/1; task 1: ok",
                    "task 0: MAJOR|RETRY, SIGSEGV/MAPERR; task 1: ok",
                    "task 0: SIGSEGV/MAPERR; task 1: ok",
                ]),
            ])
        #expect(verdict.holds, "\(verdict)")
    }

    @Test("a violation and its token")
    func violation() throws {
        let (world, _, _) = try raceWorld()
        let survives = Property.finally("the read survives") { !$0.outcomeText.contains("SIGSEGV") }
        let verdict = world.checkSchedules(.exhaustive, for: [survives])
        let found = try #require(verdict.counterexample)
        print(found)

        let again = world.checkSchedules(.replay(found.token), for: [survives])
        #expect(again.counterexample?.schedule == found.schedule)
    }

    @Test("some schedules, within limits")
    func someSchedules() async throws {
        let (world, _, _) = try raceWorld()
        let quick = world.checkSchedules(.pct(seed: 7, depth: 3, runs: 50), for: [.laws])
        #expect(quick.foundNothing, "\(quick)")

        let deadline = ContinuousClock.now + .seconds(20)
        let limited = await world.checkSchedules(.exhaustive, for: [.laws], cores: 2) {
            $0.limits.states = 200
            $0.shouldStop = { ContinuousClock.now > deadline }
        }
        if case .notExhaustive(let stop, let coverage) = limited { print(stop, coverage.states) }
        #expect(!limited.holds)
    }

    @Test("progress")
    func progress() throws {
        let (world, _, task) = try raceWorld()
        let verdict = world.checkSchedules(
            .exhaustive, for: [.eventually("the read is over") { $0.backtrace(of: task).isEmpty }])
        #expect(verdict.holds, "\(verdict)")
    }

    @Test("injections")
    func injections() throws {
        let (world, _, task) = try raceWorld()
        let verdict = world.checkSchedules(.exhaustive, for: [.lawsAtEnd]) {
            $0.injections = [Injection(.signal(.kill, task), .asleep(task))]
        }
        #expect(verdict.holds && verdict.coverage.texts.contains { $0.contains("SIGKILL") })
    }

    @Test("an exploration")
    func exploration() throws {
        let (world, _, _) = try raceWorld()
        let found = world.explore()
        #expect(found.brokenLaws.isEmpty && found.deadlocks.isEmpty)
        #expect(found.texts.contains("task 0: MAJOR|RETRY, SIGSEGV/MAPERR; task 1: ok"))
    }
}
