import FaultSimulator
import Foundation
import Testing

@testable import FaultCore

/// Each single check that is made as things happen.
@Suite("Every check of an event is provoked", .timeLimit(.minutes(60)))
struct EventCheckTests {
    @Test("what no law allows is reported in its words", arguments: EventCheck.all)
    func provoked(_ check: EventCheck) throws {
        let messages = try check.messages()
        #expect(messages.contains { $0.contains(check.report) }, "\(messages)")
    }

    @Test("a fault that does nothing wrong is reported by none")
    func sound() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var stand = try EventCheck.Stand(model)
            stand.enter()
            stand.begin()
            stand.end([])
            stand.machine.record(.accounted, stand.task)
            stand.unlock()
            stand.leave()
            #expect(stand.machine.violations.isEmpty, "\(model.name)")
        }
    }

    /// Provoked by a whole handler or a whole world: see `BrokenLawTests`.
    private static let elsewhere = [
        "sleeps for a read on its first attempt with the fault lock held", ", which came first",
    ]

    @Test("there is no check of events without a test, by the words of its report")
    func complete() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/FaultCore").standardized
        let seen = try EventCheck.all.flatMap { try $0.messages() }
        var count = 0
        for name in [
            "Checking/Machine+Checks", "Checking/Machine+EventChecks", "Fault/AfterAttempt", "Fault/VMFault+Machine",
            "Frames/Machine+Frames", "Locks/Machine+AreaLocks", "Locks/Machine+Locks", "MemoryMap/Machine+AreaWriting",
            "MemoryMap/Machine+Areas", "Checking/Machine+SavedContent",
        ] {
            let text = try String(contentsOf: folder.appending(path: name + ".swift"), encoding: .utf8)
            for report in text.matches(of: /report\(\s*\.\w+,[^"]*"((?:[^"\\]|\\\([^)]*\)|\\.)*)"/) {
                count += 1
                let words = DamageTests.literal(of: String(report.1))
                if Self.elsewhere.contains(where: { String(report.1).contains($0) }) { continue }
                #expect(seen.contains { message in words.allSatisfy { message.contains($0) } }, "\(report.1)")
            }
        }
        #expect(count > 35, "they are found: \(count)")
    }
}
