import BareMachine
import Testing

@testable import FaultCore

@Suite("Wrong use of the API", .timeLimit(.minutes(60)))
struct MisuseTests {
    @Test("an operation for a task that is not there ends the process, with a sentence")
    func unknownTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var test = BareMachine()
            test.machine.start(.fork, in: TaskID(7))
        }
        #expect(text(result).contains("Machine.start: there is no task 7"))
    }

    @Test("a run of pages that ends before it begins ends the process, with a sentence")
    func pageRun() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = PageRun(5, 4)
        }
        #expect(text(result).contains("PageRun: the first page is 5, and the last is 4"))
    }

    @Test("a signal that only a fault can force ends the process, and is not sent as another")
    func sentSignal() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var test = BareMachine()
            test.machine.send(.segv(.notMapped), to: test.task)
        }
        #expect(text(result).contains("Machine.send: SIGSEGV/MAPERR comes from a fault, and can't be sent"))
    }

    @Test("LockName.none can't be taken")
    func noLock() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var test = BareMachine()
            _ = test.machine.tryLock(.none, .read, for: test.task)
        }
        #expect(text(result).contains("LockName.none is the name of no lock"))
    }

    @Test("an event whose words name nothing is printed with a question mark, not as something else")
    func strangeEvents() {
        func line(_ kind: TraceEvent.Kind, _ a: UInt64, _ b: UInt64) -> String {
            "\(TraceEvent(time: 1, task: TaskID(2), kind: kind, a: a, b: b))"
        }
        #expect(line(.stage, 250, 0) == "1 task 2 stage ?")
        #expect(line(.exception, 16, 250) == "1 task 2 exception page 0x10 ?")
        #expect(line(.slept, 250, 0) == "1 task 2 slept ?")
        #expect(line(.exception, 16, 1) == "1 task 2 exception page 0x10 write")
    }

    private func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
}
