import FaultSimulator
import Foundation
import Testing

/// One way of each kind in which the API can be used wrongly, by what ends the process; `Documentation/Misuse.md` is the table.
@Suite("Wrong use ends with a sentence that says what to do", .timeLimit(.minutes(60)))
struct MisuseTrapTests {
    @Test("an operation in a task of another world")
    func unknownTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.start(.fork, in: TaskID(7))
        }
        #expect(Self.text(result).contains("there is no task 7"))
    }

    @Test("an operation in a task that has exited")
    func exitedTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            _ = try world.perform(.exit, in: task)
            world.start(.fork, in: task)
        }
        #expect(Self.text(result).contains("has ended"))
    }

    @Test("a second operation in a task that is busy")
    func busyTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            world.start(.fork, in: task)
            world.start(.fork, in: task)
        }
        #expect(Self.text(result).contains("has an operation under way"))
    }

    @Test("the mmap lock of a task that has exited")
    func lockOfExitedTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            _ = try world.perform(.exit, in: task)
            _ = world.mmapLock(of: task)
        }
        #expect(Self.text(result).contains("has no memory map"))
    }

    @Test("the pages of a file of another world")
    func unknownFile() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let world = try World(.linux6_1)
            _ = world.residentPages(of: FileID(3))
        }
        #expect(Self.text(result).contains("there is no file 3"))
    }

    @Test("a read of a file of another world")
    func operationOnUnknownFile() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.start(.read(FileID(3)), in: world.task())
        }
        #expect(Self.text(result).contains("there is no file 3"))
    }

    @Test("the pages of an area of another world")
    func unknownMap() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let world = try World(.linux6_1)
            _ = world.presentPages(of: Area(map: MapID(5), start: PageNumber(16), pages: 1))
        }
        #expect(Self.text(result).contains("there is no map 5"))
    }

    @Test("reads of a device of another world")
    func unknownDevice() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            _ = world.completeReads(on: DeviceID(9))
        }
        #expect(Self.text(result).contains("there is no device 9"))
    }

    @Test("a call on a descriptor of another world")
    func unknownDescriptor() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.start(.userfault(UserfaultID(4), .close), in: world.task())
        }
        #expect(Self.text(result).contains("there is no"))
    }

    @Test("a touch of -1 pages")
    func negativeTouches() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.start(.read(PageNumber(16), pages: -1), in: world.task())
        }
        #expect(Self.text(result).contains("a program touches 0 pages or more, not -1"))
    }

    @Test("an injection that names no task")
    func injectionWithoutTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let world = try World(.linux6_1)
            _ = world.explore(injecting: [Injection(.signal(.kill, TaskID(8)))])
        }
        #expect(Self.text(result).contains("there is no task 8"))
    }

    @Test("a signal that only a fault can force")
    func forcedSignal() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.send(.segv(.notMapped), to: world.task())
        }
        #expect(Self.text(result).contains("comes from a fault, and can't be sent"))
    }

    @Test("a rule's value that is none")
    func unknownRuleValue() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var model = KernelModel.linux6_1
            KernelModel.rules[0].override(&model, with: 99)
        }
        #expect(Self.text(result).contains("not 99"))
    }

    @Test("a run of pages that ends before it begins")
    func reversedRun() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.machine.breakBlocks(of: try world.file(pages: 8), PageRun(5, 4))
        }
        #expect(Self.text(result).contains("the first page is 5, and the last is 4"))
    }

    /// What an exit test has printed.
    static func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }

    @Test("the table of the documentation has each sentence")
    func documentation() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        let page = try String(contentsOf: root.appending(path: "Documentation/Misuse.md"), encoding: .utf8)
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        var sentences: [String] = []
        for name in [
            "MisuseTrapTests", "MisuseNameTrapTests", "MisuseNumberTrapTests", "MisusePartTrapTests",
            "MisuseRequestTrapTests", "MisuseHandlerTrapTests",
        ] {
            let source = try String(contentsOf: folder.appending(path: name + ".swift"), encoding: .utf8)
            let found = source.matches(of: /text\(result\)\.contains\("((?:[^"\\]|\\.)+)"\)/)
            sentences += found.map { String($0.1).replacing("\\\"", with: "\"") }
        }
        #expect(sentences.count >= 70)
        for sentence in sentences { #expect(page.contains(sentence), "\(sentence)") }
    }
}
