import BareMachine
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
    private static func world() -> (BareMachine, FileID) {
        var world = BareMachine(fileSystem: SlowFiles())
        let file = world.file(pages: 8)
        return (world, file)
    }

    @Test("a call goes from stage to stage with the frame that was made from what was asked for")
    func stages() {
        var (world, file) = Self.world()
        world.machine.isTracing = true
        #expect(world.run(.fsync(file)).errno == nil)
        let machine = world.machine
        #expect(machine.clock == 3000)
        let stages = machine.trace.filter { $0.kind == .stage }.map { machine.text(of: $0) }
        #expect(stages.filter { $0.hasSuffix("sync.synced") }.count == 3)
        #expect(stages.filter { $0.hasSuffix("sync.begin") }.count == 1)
    }

    @Test("a run stops at its stage, by type: in any call, or in one of a kind")
    func stopsAtStage() {
        for (call, stops) in [(nil, true), (.sync, true), (.dropCache, false)] as [(FileCall.Kind?, Bool)] {
            var (world, file) = Self.world()
            world.machine.start(.fsync(file), in: world.task)
            let reason = world.run(until: .stage(world.task, of: SlowFiles.self, .synced, in: call))
            #expect(reason == (stops ? .conditionMet : .finished))
            #expect(world.machine.backtrace(of: world.task).last == (stops ? "sync.synced" : nil))
        }
    }

    @Test("its sleep ends with a fatal signal, and it is told")
    func killed() {
        var (world, file) = Self.world()
        world.machine.start(.fsync(file), in: world.task)
        world.run(until: .time(500))
        world.machine.send(.kill, to: world.task)
        #expect(world.run() == .finished)
        #expect(world.machine.hasExited(world.task) && world.machine.clock == 500)
    }

    @Test("what its frame holds tells machines apart, and a fork has the same")
    func fingerprint() {
        var (world, file) = Self.world()
        world.machine.start(.fsync(file), in: world.task)
        world.run(until: .time(500))
        let early = world
        world.run(until: .time(1500))
        #expect(world.machine != early.machine && world.machine.fingerprint != early.machine.fingerprint)
        var late = early
        late.run(until: .time(1500))
        #expect(world.machine == late.machine && world.machine.fingerprint == late.machine.fingerprint)
    }
}
