import FaultExplorer
import FaultSimulator
import Testing

/// Names that name nothing in the world that they are given to, one way of each kind.
@Suite("A name of another world ends with a sentence that says what to do", .timeLimit(.minutes(60)))
struct MisuseNameTrapTests {
    @Test("a report of a task of another world")
    func foreignTaskReport() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).report(of: TaskID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("report(of:): there is no task 7"))
    }

    @Test("a signal to a task of another world")
    func foreignSignal() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.kill(TaskID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.send: there is no task 7"))
    }

    @Test("a thread of a task of another world")
    func foreignThread() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            _ = world.thread(of: TaskID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("there is no task 7"))
    }

    @Test("a thread of a task that has exited")
    func threadOfExited() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            _ = try world.perform(.exit, in: task)
            _ = world.thread(of: task)
        }
        #expect(MisuseTrapTests.text(result).contains("has exited, and no thread can share its memory"))
    }

    @Test("a stage of a task of another world")
    func foreignStep() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            _ = world.machine.step(TaskID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.step: there is no task 7"))
    }

    @Test("the counters of a task of another world")
    func foreignCounters() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.counters(of: TaskID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("counters(of:): there is no task 7"))
    }

    @Test("a run until a task of another world is done")
    func foreignStop() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.run(until: .done(TaskID(7)))
        }
        #expect(MisuseTrapTests.text(result).contains("there is no task 7"))
    }

    @Test("an entry of a map of another world")
    func foreignEntry() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.entry(of: PageNumber(16), in: MapID(5))
        }
        #expect(MisuseTrapTests.text(result).contains("entry(of:in:): there is no map 5"))
    }

    @Test("the lock statistics of a map of another world")
    func foreignLockStatistics() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.lockStatistics(of: MapID(5))
        }
        #expect(MisuseTrapTests.text(result).contains("lockStatistics(of:): there is no map 5"))
    }

    @Test("a read of /proc/PID/maps of a map of another world")
    func foreignProcMaps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.start(.readProcMaps(MapID(5)), in: world.task())
        }
        #expect(MisuseTrapTests.text(result).contains("TaskOperation.readProcMaps: there is no map 5"))
    }

    @Test("a file on a disk of another world")
    func foreignDisk() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            _ = try world.file(pages: 4, device: DeviceID(9))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.addFile: there is no device 9"))
    }

    @Test("a swap area on a disk of another world")
    func foreignSwapDisk() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            try world.addSwap(pages: 4, on: DeviceID(9))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.addSwap: there is no device 9"))
    }

    @Test("memory of a handler of another world")
    func foreignHandler() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let request = MapRequest(pages: 4, access: .read, operations: 9)
            world.start(.mmap(request), in: world.task())
        }
        #expect(MisuseTrapTests.text(result).contains("TaskOperation.mmap: there is no handler 9"))
    }

    @Test("a monitor of a descriptor of another world")
    func foreignMonitor() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            _ = world.startMonitor(.minorFaults(), of: UserfaultID(9))
        }
        #expect(MisuseTrapTests.text(result).contains("there is no userfaultfd 9"))
    }

    @Test("an injection into a file of another world")
    func foreignInjection() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let world = try World(.linux6_1)
            _ = world.explore(injecting: [Injection(.repairBlocks(FileID(7)))])
        }
        #expect(MisuseTrapTests.text(result).contains("Injection.repairBlocks: there is no file 7"))
    }

    @Test("a device's store to a pin of another world")
    func foreignPin() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            world.machine.writeByDevice(1, to: PinID(5, of: task), page: 0)
        }
        #expect(MisuseTrapTests.text(result).contains("Machine: there is no"))
    }

    @Test("two tasks of one name")
    func sameName() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            _ = (world.task("reader"), world.task("reader"))
        }
        #expect(MisuseTrapTests.text(result).contains("has the name \"reader\" already; take another one"))
    }

    @Test("a name of no letters")
    func emptyName() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            _ = world.task("")
        }
        #expect(MisuseTrapTests.text(result).contains("the name is empty; give a word, or nil for no name"))
    }

    @Test("a task by a name that none has")
    func unknownName() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).task(named: "reader")
        }
        #expect(MisuseTrapTests.text(result).contains("World.task: no task is named \"reader\""))
    }

    @Test("a name with a number below 0")
    func negativeNumber() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = TaskID(-5)
        }
        #expect(MisuseTrapTests.text(result).contains("no task has the number -5: take one from 0 to 2147483647"))
    }
}
