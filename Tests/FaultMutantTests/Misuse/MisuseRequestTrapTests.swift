import FaultArchX86
import FaultCore
import FaultSimulator
import Testing

/// Requests and machines that are put together by hand, one way of each kind.
@Suite("A request or a machine of wrong parts ends with a sentence that says what to do", .timeLimit(.minutes(60)))
struct MisuseRequestTrapTests {
    /// Submits a read of a page of the world's own file, unless a part is given.
    private static func submit(
        on device: DeviceID? = nil, file: FileID? = nil, pages: Int = 1, by task: TaskID? = nil
    ) throws {
        var world = try World(.linux6_1)
        let (own, user) = (try world.file(pages: 1), world.task())
        world.machine.submit(
            IORequest(.read, on: device ?? world.disk, file: file ?? own, pages: pages, by: task ?? user))
    }

    @Test("a request to a device of another world")
    func unknownDevice() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try MisuseRequestTrapTests.submit(on: DeviceID(9))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.submit: there is no device 9"))
    }

    @Test("a request for a file of another world")
    func unknownFile() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try MisuseRequestTrapTests.submit(file: FileID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.submit: there is no file 7"))
    }

    @Test("a request by a task of another world")
    func unknownTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try MisuseRequestTrapTests.submit(by: TaskID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.submit: there is no task 7"))
    }

    @Test("a request for -1 pages")
    func negativeRequest() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try MisuseRequestTrapTests.submit(pages: -1)
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.submit: a request is for 0 pages or more, not -1"))
    }

    /// A machine of FaultCore alone, and a file of it.
    private static func bareMachine(_ operations: Int = 0, _ vmOperations: Int = 0) -> (Machine, FileID) {
        var machine = Machine(MachineConfiguration(model: .linux6_1, entry: X86FaultEntry()))
        let file = machine.addFile(
            pages: 1, operations: operations, vmOperations: vmOperations, device: .none, traits: [], blocks: [])
        return (machine, file)
    }

    @Test("a file with a handler that the machine has not got")
    func unknownHandlerOfFile() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = MisuseRequestTrapTests.bareMachine(0, 2)
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.addFile: there is no handler 2"))
    }

    @Test("a call on a file of a file system that the machine has not got")
    func unknownFileSystem() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var (machine, file) = MisuseRequestTrapTests.bareMachine(3)
            machine.start(.fsync(file), in: machine.addTask())
            _ = machine.run()
        }
        #expect(MisuseTrapTests.text(result).contains("has the operations 3, which the configuration does not have"))
    }

    @Test("read(2) on a machine without the code of the page cache")
    func noPageCache() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var (machine, file) = MisuseRequestTrapTests.bareMachine()
            machine.start(.read(file, 0, pages: 1, into: nil), in: machine.addTask())
            _ = machine.run()
        }
        #expect(MisuseTrapTests.text(result).contains("give MachineConfiguration a pageCache"))
    }

    @Test("a slot of a swap area that the world has not got")
    func unknownSwapArea() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.swapSlot(at: 1, inArea: 2)
        }
        #expect(MisuseTrapTests.text(result).contains("there is no slot 1 in a swap area 2"))
    }

    @Test("the queue of a descriptor of another world")
    func unknownDescriptor() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.userfaultQueue(of: UserfaultID(5))
        }
        #expect(MisuseTrapTests.text(result).contains("there is no userfaultfd 5 in this world"))
    }

    @Test("the content of a page of a pin that was released")
    func releasedPin() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            let pin = try world.pin(area, in: task)
            _ = try world.perform(.unpin(pin), in: task)
            _ = world.machine.stamp(in: pin, page: 0)
        }
        #expect(MisuseTrapTests.text(result).contains("use one that is not released yet"))
    }

    @Test("a monitor in a process that has not got the descriptor")
    func monitorWithoutDescriptor() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            let descriptor = try world.userfaultfd(in: task)
            world.startMonitor(.postCopy(), of: descriptor, in: world.task())
        }
        #expect(MisuseTrapTests.text(result).contains("World.startMonitor: task 1 has not got userfaultfd 0"))
    }

    @Test("a monitor of memory that its descriptor does not handle")
    func monitorOfOtherMemory() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let descriptor = try world.userfaultfd(in: world.task())
            let other = try world.map(anonymousPages: 4, in: world.task())
            world.startMonitor(.snapshot(of: other), of: descriptor)
        }
        #expect(MisuseTrapTests.text(result).contains("is not memory that userfaultfd 0 handles"))
    }

    @Test("a kill for want of memory of a task of another world")
    func killForUnknownTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.machine.killForFault(by: TaskID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("killForFault(by:): there is no task 7"))
    }

    @Test("the pins of a task of another world")
    func pinsOfUnknownTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.pagePins(of: TaskID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("pagePins(of:): there is no task 7"))
    }

    @Test("the area lock of a task of another world")
    func areaLockOfUnknownTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.areaRead(by: TaskID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("areaRead(by:): there is no task 7"))
    }

    @Test("the owner of the lock of a page frame of another world")
    func ownerOfUnknownFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.lockOwner(of: FrameNumber(900))
        }
        #expect(MisuseTrapTests.text(result).contains("lockOwner(of:): there is no page frame 900"))
    }

    @Test("a random number below 0")
    func negativeBound() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var random = SplitMix64(seed: 1)
            _ = random.below(-3)
        }
        #expect(MisuseTrapTests.text(result).contains("SplitMix64.below: no number is from 0 to below -3"))
    }

    @Test("a random choice of nothing")
    func noChoices() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var random = SplitMix64(seed: 1)
            _ = random.pick([Int]())
        }
        #expect(MisuseTrapTests.text(result).contains("SplitMix64.pick: there is nothing to choose from"))
    }

    @Test("schedules of a depth that no schedule has")
    func deepSchedules() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).checkSchedules(.pct(seed: 1, depth: 65537, runs: 1), for: [.laws])
        }
        #expect(MisuseTrapTests.text(result).contains("Strategy.pct: depth 65537 is too large; give at most 65536"))
    }

    @Test("an operation in a task that was killed, and has not exited yet")
    func killedTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            world.kill(task)
            world.start(.fork, in: task)
        }
        #expect(MisuseTrapTests.text(result).contains("has an operation under way: it was killed"))
    }

    /// Memory whose handler would keep more than an activation has room for.
    struct HoardingMemory: VMOperations {
        enum Stage: UInt8, RoutineStage { case begin }

        struct Frame: HandlerFrame {
            var words: (Int, Int, Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0, 0, 0)
            func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("first", words.0) }
        }

        var name: StaticName { "hoarding memory" }

        func fault(
            _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault,
            _ machine: inout Machine
        ) -> RoutineStep<Stage, FaultResult> {
            .done(.sigbus)
        }
    }

    @Test("a handler whose frame is too large")
    func largeFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            _ = world.register(HoardingMemory())
        }
        #expect(MisuseTrapTests.text(result).contains("has 72 bytes, and a frame has room for 48"))
    }

    /// Memory whose handler names a page frame that there is not.
    struct StrayMemory: VMOperations {
        enum Stage: UInt8, RoutineStage { case begin }
        let sleeps: Bool
        var waitsForMessage = false
        var name: StaticName { "stray memory" }

        func fault(
            _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
            _ machine: inout Machine
        ) -> RoutineStep<Stage, FaultResult> {
            if waitsForMessage { return .sleep(.userfaultMessage(UserfaultID(9)), then: .begin) }
            if sleeps { return .sleep(.folioUnlock(FrameNumber(900)), then: .begin) }
            machine.give(FrameNumber(900), to: &fault)
            return .done([])
        }
    }

    @Test("a page frame of another world that a handler gives")
    func givenFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            let area = try world.map(world.register(StrayMemory(sleeps: false)), pages: 1, in: task)
            try world.perform(.read(area), in: task)
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.give: there is no page frame 900"))
    }

    @Test("a sleep until a page frame of another world is unlocked")
    func awaitedFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            let area = try world.map(world.register(StrayMemory(sleeps: true)), pages: 1, in: task)
            try world.perform(.read(area), in: task)
        }
        #expect(MisuseTrapTests.text(result).contains("RoutineStep.sleep: there is no page frame 900"))
    }

    @Test("a sleep until a descriptor of another world has a message")
    func awaitedMessage() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            let handler = world.register(StrayMemory(sleeps: true, waitsForMessage: true))
            let area = try world.map(handler, pages: 1, in: task)
            try world.perform(.read(area), in: task)
        }
        #expect(MisuseTrapTests.text(result).contains("RoutineStep.sleep: there is no userfaultfd 9"))
    }
}
