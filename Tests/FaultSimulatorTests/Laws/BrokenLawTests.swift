import FaultSimulator
import Foundation
import Testing

@testable import FaultCore

/// A way to break a law.
struct BrokenLaw: CustomTestStringConvertible, Sendable {
    let law: Law
    /// What is done, in a few words.
    let how: String
    /// Makes the machine in which it was done.
    let machine: @Sendable () throws -> Machine

    init(_ law: Law, _ how: String, _ machine: @escaping @Sendable () throws -> Machine) {
        self.law = law
        self.how = how
        self.machine = machine
    }

    var testDescription: String { "law \(law.number) \(law): \(how)" }

    static let all = byHandlers + byEntries + byOthers + inState
}

@Suite("The checker", .timeLimit(.minutes(60)))
struct BrokenLawTests {
    @Test("every asserted law is noticed when it is broken, and no other is reported", arguments: BrokenLaw.all)
    func noticed(_ broken: BrokenLaw) throws {
        var machine = try broken.machine()
        let reason = machine.verify(after: StopReason(.finished))
        #expect(
            Set(reason.violations.map(\.law)) == [broken.law],
            "\(reason.violations.map { "\($0.law): \($0.message)" })")
    }

    @Test("there is a way to break each law that the documentation lists, and it lists all")
    func complete() throws {
        let documentation = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Documentation/Laws.md")
        var listed: [String: Int] = [:]
        var byRule: Set<String> = []
        for line in try String(contentsOf: documentation, encoding: .utf8).split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, cells[1].hasPrefix("`"), let first = cells[0].split(separator: ",").first,
                let number = Int(first)
            else { continue }
            let name = cells[1].trimmingCharacters(in: ["`"])
            guard Law.allCases.contains(where: { "\($0)" == name }) else { continue }
            listed[name] = number
            if cells[2].hasPrefix("By rule:") { byRule.insert(name) }
        }
        #expect(listed == Dictionary(uniqueKeysWithValues: Law.allCases.map { ("\($0)", $0.number) }))
        #expect(byRule == Set(Law.allCases.filter { !$0.isEraIndependent }.map { "\($0)" }))
        for law in Law.allCases { #expect(BrokenLaw.all.contains { $0.law == law }, "\(law)") }
    }

    @Test("the machines that are broken break nothing before")
    func sound() throws {
        var rest = try RestingWorld()
        #expect(rest.world.machine.verify(after: StopReason(.finished)).violations.isEmpty)
        var sleeping = try SleepingWorld()
        #expect(sleeping.world.machine.verify(after: StopReason(.finished)).violations.isEmpty)
        var careful = try MischiefWorld(.none)
        careful.run(.read(careful.area))
        careful.run(.write(careful.area))
        #expect(careful.world.machine.verify(after: StopReason(.finished)).violations.isEmpty)
    }
}
