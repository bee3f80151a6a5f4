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
}
