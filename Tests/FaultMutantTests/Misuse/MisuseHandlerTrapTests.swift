import FaultSimulator
import Testing

/// Handlers and file systems that do with their machine what only its owner may do, one way of each kind.
@Suite("A plug-in that runs or replaces its machine ends with a sentence", .timeLimit(.minutes(60)))
struct MisuseHandlerTrapTests {
    enum Deed: UInt8 {
        case runs, steps, firesEvent, runsCopy, replaces, replacesInMapPages, registers
    }

    /// Memory whose handler does one of these.
    struct MeddlingMemory: VMOperations {
        enum Stage: UInt8, RoutineStage { case begin }
        let deed: Deed
        var name: StaticName { "meddling memory" }
        var provides: VMOperationSet { .mapPages }

        func mapPages(
            _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
        ) -> FaultResult {
            if deed == .replacesInMapPages, let other = try? World(.linux6_1) { machine = other.machine }
            return []
        }

        func fault(
            _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
            _ machine: inout Machine
        ) -> RoutineStep<Stage, FaultResult> {
            var copy = machine
            switch deed {
            case .replacesInMapPages: break
            case .runs: _ = machine.run()
            case .steps: machine.step(machine.currentTask)
            case .firesEvent: machine.stepEvent()
            case .runsCopy: _ = copy.run()
            case .registers: _ = machine.register(self)
            case .replaces:
                if let other = try? World(.linux6_1) { machine = other.machine }
            }
            return .done(.sigbus)
        }
    }

    /// Files whose calls replace the machine.
    struct MeddlingFiles: FileOperations {
        enum Stage: UInt8, RoutineStage { case begin }
        var name: StaticName { "meddling files" }

        func step(
            _ stage: Stage, _ frame: inout FileRequest, _ resumed: Resumption, _ machine: inout Machine
        ) -> RoutineStep<Stage, FileResult> {
            if let other = try? World(.linux6_1) { machine = other.machine }
            return .done(.done)
        }

        func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {}
    }

    private static func fault(_ deed: Deed) throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(MeddlingMemory(deed: deed)), pages: 1, in: task)
        try world.perform(.read(area), in: task)
    }

    @Test("a handler that runs its machine")
    func runs() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try MisuseHandlerTrapTests.fault(.runs)
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.run: a stage of task 0 is under way"))
    }

    @Test("a handler that does a stage of its machine")
    func steps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try MisuseHandlerTrapTests.fault(.steps)
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.step: a stage of task 0 is under way"))
    }

    @Test("a handler that lets an event of its machine happen")
    func firesEvent() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try MisuseHandlerTrapTests.fault(.firesEvent)
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.stepEvent: a stage of task 0 is under way"))
    }

    @Test("a handler that runs a copy of its machine")
    func runsCopy() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try MisuseHandlerTrapTests.fault(.runsCopy)
        }
        #expect(MisuseTrapTests.text(result).contains("the machine that it is given nor a copy of it"))
    }

    @Test("a handler that replaces its machine")
    func replaces() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try MisuseHandlerTrapTests.fault(.replaces)
        }
        #expect(MisuseTrapTests.text(result).contains("meddling memory.fault has assigned another machine"))
    }

    @Test("a handler that replaces its machine when it maps pages that are ready")
    func replacesInMapPages() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try MisuseHandlerTrapTests.fault(.replacesInMapPages)
        }
        #expect(MisuseTrapTests.text(result).contains("meddling memory.mapPages has assigned another machine"))
    }

    @Test("a handler that registers another")
    func registers() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try MisuseHandlerTrapTests.fault(.registers)
        }
        #expect(MisuseTrapTests.text(result).contains("register plug-ins before the machine runs"))
    }

    @Test("a file system that replaces its machine")
    func filesReplace() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let files = world.register(MeddlingFiles(), mappedBy: MeddlingMemory(deed: .runs))
            let file = try world.file(pages: 1, on: files)
            try world.perform(.fsync(file), in: world.task())
        }
        #expect(MisuseTrapTests.text(result).contains("sync has assigned another machine to the one that runs it"))
    }

    /// Memory whose handler keeps a vector from stage to stage.
    struct VectorMemory: VMOperations {
        enum Stage: UInt8, RoutineStage { case begin }

        struct Frame: HandlerFrame {
            var numbers = SIMD4<UInt32>()
            func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("first", numbers.x) }
        }

        var name: StaticName { "vector memory" }

        func fault(
            _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault,
            _ machine: inout Machine
        ) -> RoutineStep<Stage, FaultResult> {
            .done(.sigbus)
        }
    }

    @Test("a handler whose frame has a vector")
    func alignedFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            _ = world.register(VectorMemory())
        }
        #expect(MisuseTrapTests.text(result).contains("Frame must be aligned to more than 8 bytes"))
    }

    /// Memory whose handler asks for the result of a call that it has not made.
    struct HastyMemory: VMOperations {
        enum Stage: UInt8, RoutineStage { case begin }
        var name: StaticName { "hasty memory" }

        func fault(
            _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
            _ machine: inout Machine
        ) -> RoutineStep<Stage, FaultResult> {
            .done(resumed.faultResult)
        }
    }

    @Test("a handler that asks for the result of a call that it has not made")
    func resultOfNothing() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            let area = try world.map(world.register(HastyMemory()), pages: 1, in: task)
            try world.perform(.read(area), in: task)
        }
        #expect(MisuseTrapTests.text(result).contains("ask for a result only in the stage after the call"))
    }
}
