import FaultSimulator
import Testing

@testable import FaultCore

/// Each field of the key by which an exploration knows a state again.
@Suite("Every field of a state's key is seen", .timeLimit(.minutes(60)))
struct KeyFieldTests {
    @Test("a change of it makes another key", arguments: KeyField.all)
    func seen(_ field: KeyField) throws {
        let before = try field.before()
        var after = before
        #expect(after.stateKey == before.stateKey)
        field.change(&after)
        #expect(after.stateKey != before.stateKey)
    }

    @Test("what differs in time and in the order of turns alone has the same key")
    func notSeen() throws {
        let before = try KeyField.machine()
        var after = before
        after.clock += 5
        after.scheduler.nextRequest += 1
        #expect(after.stateKey == before.stateKey)
    }
}
