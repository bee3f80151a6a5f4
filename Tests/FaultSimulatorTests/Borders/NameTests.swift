import FaultSimulator
import Testing

@Suite("Names of what is not there end the process, with a sentence", .timeLimit(.minutes(60)))
struct NameTests {
    private func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }

    @Test("tasks: of a question, of a signal, of an operation, of a stop condition, of an injection")
    func tasks() async throws {
        let report = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).report(of: TaskID(5))
        }
        #expect(text(report).contains("report(of:): there is no task 5 in this world, which has 0 of them"))
        let noTask = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).rss(of: .none)
        }
        #expect(text(noTask).contains("there is no task -1 in this world"))
        let signal = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.kill(TaskID(1))
        }
        #expect(text(signal).contains("Machine.send: there is no task 1 in this world"))
        let kill = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.start(.kill(TaskID(1), .kill), in: world.task())
        }
        #expect(text(kill).contains("TaskOperation.kill: there is no task 1 in this world"))
        let stop = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.run(until: .asleep(TaskID(3)))
        }
        #expect(text(stop).contains("Machine.run: there is no task 3 in this world"))
        let injection = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).explore(injecting: [Injection(.signal(.kill, TaskID(2)))])
        }
        #expect(text(injection).contains("Injection.signal: there is no task 2 in this world"))
    }

    @Test("files: of a question, of a mapping, of an operation in a list")
    func files() async throws {
        let question = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).residentPages(of: FileID(9))
        }
        #expect(text(question).contains("pages(of:): there is no file 9 in this world"))
        let mapping = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            _ = try world.map(FileID(9), pages: 1, in: world.task())
        }
        #expect(text(mapping).contains("TaskOperation.mmap: there is no file 9 in this world"))
        let list = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.start([.compute(nanoseconds: 1), .fsync(FileID(4))], in: world.task())
            world.run()
        }
        #expect(text(list).contains("TaskOperation.fsync: there is no file 4 in this world"))
    }

    @Test("memory maps: of an area of another world, of an operation")
    func maps() async throws {
        let area = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var other = try World(.linux6_1)
            _ = other.task()
            let area = try other.map(anonymousPages: 1, in: other.task())
            _ = try World(.linux6_1).presentPages(of: area)
        }
        #expect(text(area).contains("entry(of:in:): there is no map 1 in this world"))
        let operation = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.start(.readProcMaps(MapID(7)), in: world.task())
        }
        #expect(text(operation).contains("TaskOperation.readProcMaps: there is no map 7 in this world"))
    }

    @Test("devices: of a file, of swap, of a hold")
    func devices() async throws {
        let file = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            _ = try world.file(pages: 1, device: DeviceID(3))
        }
        #expect(text(file).contains("Machine.addFile: there is no device 3 in this world"))
        let swap = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            try world.addSwap(pages: 1, on: DeviceID(3))
        }
        #expect(text(swap).contains("Machine.addSwap: there is no device 3 in this world"))
        let hold = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.machine.hold(.none)
        }
        #expect(text(hold).contains("Machine.hold: there is no device -1 in this world"))
    }

    @Test("a handler that another world has registered")
    func handlers() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var other = try World(.linux6_1)
            let handler = other.register(SlowMemory(device: other.disk))
            var world = try World(.linux6_1)
            _ = try world.map(handler, pages: 1, in: world.task())
        }
        #expect(text(result).contains("TaskOperation.mmap: there is no handler "))
    }

    @Test("a number of touches below 0")
    func touches() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.start([.read(PageNumber(1), pages: -1)], in: world.task())
            world.run()
        }
        #expect(text(result).contains("TaskOperation.touch: a program touches 0 pages or more, not -1"))
    }
}
