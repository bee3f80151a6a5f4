import FaultSimulator
import Foundation
import Testing

@testable import FaultCore

/// Every stored property of what a machine is made of is either in the key by which an exploration knows a state again, or
/// for a reason not.
@Suite("Every stored property is in a state's key, or for a reason not", .timeLimit(.minutes(60)))
struct StoredStateTests {
    @Test("the table names each stored property, once", arguments: StoredState.all)
    func complete(_ state: StoredState) throws {
        let stored = Mirror(reflecting: try state.value()).children.compactMap(\.label).sorted()
        #expect(stored == state.properties.map(\.name).sorted())
    }

    @Test("a machine has no other stored properties than these")
    func machine() throws {
        // A machine shows itself in a mirror as what a debugger is to print, so its source is read.
        var root = URL(filePath: #filePath).deletingLastPathComponent()
        let path = "Sources/FaultCore/Machine/Machine.swift"
        while root.path != "/", !FileManager.default.fileExists(atPath: root.appending(path: path).path) {
            root.deleteLastPathComponent()
        }
        let source = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        let body = source.prefix(upTo: source.range(of: "struct SeldomUsed")!.lowerBound)
        let stored = body.matches(of: /(?m)^    [a-z() ]*\b(?:var|let) (\w+)[^{\n]*$/).map { String($0.1) }
        #expect(
            stored.sorted() == [
                "anonVMAs", "clock", "configuration", "dirtyPages", "entry", "events", "files", "frames", "hasGroup",
                "hasUserfaults", "keepsLists", "maps", "recorder", "scheduler", "seldom", "structuralHash", "tables",
                "tasks",
            ])
    }

    @Test("what the table says to be in the key has a test that changes it", arguments: StoredState.all)
    func tested(_ state: StoredState) {
        for property in state.properties {
            guard case .key(let field) = property.place else { continue }
            let isTested = KeyField.all.contains { $0.description == field || $0.description.hasPrefix(field + ".") }
            #expect(isTested, "\(state).\(property.name): no test changes \(field)")
        }
    }

    @Test("what holds within a stage alone is over when the stage is")
    func overBetweenStages() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var play = try Play(model)
            try play.swap(held: false)
            try play.world.addMemoryGroup(limit: 24)
            let file = try play.world.file(pages: 32)
            let shared = try play.world.map(file, .readWrite, .shared, in: play.task)
            let area = try play.world.map(anonymousPages: 12, in: play.task)
            for round in 0..<3 {
                play.world.start(.write(shared, page: round * 8, pages: 8), in: play.task)
                play.world.start(.write(area, pages: 12), in: play.thread)
                for _ in 0..<5_000 where play.world.machine.isBusy(play.task) || play.world.machine.isBusy(play.thread)
                {
                    for task in [play.task, play.thread] { play.world.machine.step(task) }
                    let machine = play.world.machine
                    #expect(machine.group?.wantsFlusher == false && machine.swap.promised == 0)
                    #expect(machine.recorder.memory.marks == 0 && machine.scheduler.instantHold.lock == .none)
                    if !machine.requestsUnderWay.isEmpty { play.world.machine.finishHeld(on: play.world.disk) }
                }
                try play.settle()
            }
            #expect(play.world.machine.memoryGroup!.events.limitReached > 0)
        }
    }
}
