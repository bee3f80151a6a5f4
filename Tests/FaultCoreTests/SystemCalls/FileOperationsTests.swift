import Testing

@testable import FaultCore

/// A file system whose syncs take a microsecond a page.
private struct SlowFiles: FileOperations {
    enum Stage: UInt8, RoutineStage { case begin, synced }

    struct Frame: FileFrame {
        let file: FileID
        let kind: FileCall.Kind
        /// How many pages are still to be synced.
        var left: Int

        init(_ call: FileCall, on file: FileID) {
            self.file = file
            kind = call.kind
            if case .sync(_, let pages) = call { left = pages ?? 3 } else { left = 0 }
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("file", file)
            visitor.visit("kind", kind)
            visitor.visit("left", left)
        }
    }

    var name: StaticName { StaticName("slow files") }

    func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        if resumed.wasInterrupted { return .failed(.interrupted) }
        switch stage {
        case .begin:
            return frame.left > 0 ? .sleep(.time(machine.clock + 1000, .killable), then: .synced) : .done
        case .synced:
            frame.left -= 1
            return frame.left > 0 ? .sleep(.time(machine.clock + 1000, .killable), then: .synced) : .done
        }
    }

    func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {}
}

@Suite("A file system of one's own", .timeLimit(.minutes(60)))
struct FileOperationsTests {
    private static func world() -> (Machine, FileID, TaskID) {
        var machine = Machine(
            MachineConfiguration(
                model: .linux6_1, entry: BareEntry(), vmOperations: [WaitingFile()],
                fileOperations: [SlowFiles()]))
        machine.isChecking = true
        let file = machine.addFile(
            pages: 8, operations: 0, vmOperations: 1, device: .none, traits: [], blocks: [PageRun(0, 7)])
        let task = machine.addTask()
        return (machine, file, task)
    }

    @Test("a call goes from stage to stage with the frame that was made from what was asked for")
    func stages() {
        var (machine, file, task) = Self.world()
        machine.isTracing = true
        machine.start(.fsync(file), in: task)
        #expect(machine.run() == .finished)
        #expect(machine.clock == 3000 && machine.report(of: task).errno == nil)
        let stages = machine.trace.filter { $0.kind == .stage }.map { machine.text(of: $0) }
        #expect(stages.filter { $0.hasSuffix("sync.synced") }.count == 3)
        #expect(stages.filter { $0.hasSuffix("sync.begin") }.count == 1)
    }

    @Test("a run stops at its stage, by type: in any call, or in one of a kind")
    func stopsAtStage() {
        for (call, stops) in [(nil, true), (.sync, true), (.dropCache, false)] as [(FileCall.Kind?, Bool)] {
            var (machine, file, task) = Self.world()
            machine.start(.fsync(file), in: task)
            let reason = machine.run(until: .stage(task, of: SlowFiles.self, .synced, in: call))
            #expect(reason == (stops ? .conditionMet : .finished))
            #expect(machine.backtrace(of: task).last == (stops ? "sync.synced" : nil))
        }
    }

    @Test("its sleep ends with a fatal signal, and it is told")
    func killed() {
        var (machine, file, task) = Self.world()
        machine.start(.fsync(file), in: task)
        _ = machine.run(until: .time(500))
        machine.send(.kill, to: task)
        #expect(machine.run() == .finished)
        #expect(machine.hasExited(task) && machine.clock == 500)
    }

    @Test("what its frame holds tells machines apart, and a fork has the same")
    func fingerprint() {
        var (machine, file, task) = Self.world()
        machine.start(.fsync(file), in: task)
        _ = machine.run(until: .time(500))
        let early = machine
        _ = machine.run(until: .time(1500))
        #expect(machine != early && machine.fingerprint != early.fingerprint)
        var late = early
        _ = late.run(until: .time(1500))
        #expect(machine == late && machine.fingerprint == late.fingerprint)
    }
}
