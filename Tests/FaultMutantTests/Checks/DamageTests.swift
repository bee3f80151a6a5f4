import FaultSimulator
import Foundation
import Testing

/// Each single check of the scan of a machine's state.
@Suite("Every check of the state is provoked", .timeLimit(.minutes(60)))
struct DamageTests {
    @Test("damage is reported in its words", arguments: Damage.all)
    func damage(_ damage: Damage) throws {
        let messages = try damage.messages()
        #expect(messages.contains { $0.contains(damage.report) }, "\(messages)")
    }

    @Test("a machine that nothing was done to breaks nothing")
    func sound() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            #expect(try Damage.Rest(model).play.world.machine.checkInvariants().isEmpty)
        }
    }

    /// What is told of them by the tests of what they check.
    private static let elsewhere = [
        " cached pages, and has ",  // a cache counts its own
        "the areas of ",  // AreaTreeTests
        "generations count ",  // nothing but the lists' own changes could break it
        "requests are not in the order of completion",  // RequestQueueTests
        "for writing beside ",  // a semaphore has no way to be both
    ]

    @Test("there is no check without a test, by the words of its report")
    func complete() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/FaultCore/Checking").standardized
        let seen = try Damage.all.flatMap { try $0.messages() }
        var count = 0
        for name in [
            "InvariantScan+Memory.swift", "InvariantScan+Content.swift", "InvariantScan+Tasks.swift",
            "InvariantScan.swift",
        ] {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            for report in text.matches(of: /report\(\s*\.\w+,[^"]*"((?:[^"\\]|\\\([^)]*\)|\\.)*)"/) {
                count += 1
                let words = Self.literal(of: String(report.1))
                if Self.elsewhere.contains(where: { String(report.1).contains($0) }) { continue }
                #expect(seen.contains { message in words.allSatisfy { message.contains($0) } }, "\(report.1)")
            }
        }
        #expect(count > 50, "they are found: \(count)")
    }

    /// What of a message is not interpolated.
    static func literal(of template: String) -> [String] {
        var parts: [String] = [""]
        var depth = 0
        var last: Character = " "
        for character in template {
            if depth == 0, last == "\\", character == "(" {
                depth = 1
                parts[parts.count - 1].removeLast()
                parts.append("")
            } else if depth > 0 {
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
            } else {
                parts[parts.count - 1].append(character)
            }
            last = character
        }
        return parts.filter { $0.count > 3 }
    }
}
