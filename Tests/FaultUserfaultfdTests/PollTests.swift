import FaultExplorer
import FaultSimulator
import Testing

@Suite("poll(2) of descriptors", .timeLimit(.minutes(60)))
struct PollTests {
    @Test("a timeout is in virtual time: zero does not wait, and none waits without end")
    func timeouts() throws {
        var test = try MonitorWorld(.linux6_1)
        for (timeout, clock) in [(Duration.zero, 0), (.microseconds(5), 5_000)] {
            let report = try test.world.perform(.poll(test.descriptor, timeout: timeout), in: test.monitor)
            #expect(report.value == 0 && report.errno == nil && test.world.clock == clock)
        }
        test.start(.poll(test.descriptor), in: test.monitor)
        #expect(test.waits(test.monitor) == .userfaultMessage)
        test.start(.read(test.area))
        #expect(test.world.report(of: test.monitor).value == 1)
        test.check()
    }

    @Test("a message ends the wait before its time; a fault that is gone by then does not, and costs no time")
    func messages() throws {
        var test = try MonitorWorld(.linux6_12)
        test.world.start(.poll(test.descriptor, timeout: .microseconds(10)), in: test.monitor)
        test.world.run(until: .time(4_000))
        #expect(
            test.world.machine.waitLinks.map(\.description) == ["task 1 waits for a message of userfaultfd 0"])
        var other = test
        test.start(.read(test.area))
        #expect(test.world.report(of: test.monitor).value == 1 && test.world.clock == 4_000)
        test.check()

        other.world.start(.read(other.area), in: other.task)
        other.world.run(until: .asleep(other.task))
        other.world.kill(other.task)
        other.world.run()
        #expect(other.world.report(of: other.monitor).isDone)
        #expect([4_000, 10_000].contains(other.world.clock))
        other.check()
    }

    @Test("a signal is looked for before the time is over")
    func signal() throws {
        var test = try MonitorWorld(.linux6_1)
        test.world.start(.poll(test.descriptor, timeout: .microseconds(10)), in: test.monitor)
        test.world.run(until: .time(4_000))
        test.world.send(.user1, to: test.monitor)
        test.world.run()
        #expect(test.world.report(of: test.monitor).errno == .interrupted)
        test.check()
    }

    @Test("several descriptors: how many are ready, those that are closed too")
    func several() throws {
        var test = try MonitorWorld(.linux6_1)
        let second = try test.world.userfaultfd(in: test.task)
        let third = try test.world.userfaultfd(in: test.task)
        let area = try test.world.map(anonymousPages: 1, in: test.task)
        try test.world.register(area, with: third, for: .missing, by: test.task)
        func poll(_ set: UInt16, _ timeout: Int64) -> TaskOperation {
            .userfault(test.descriptor, .pollAny(of: set, timeoutNanoseconds: timeout))
        }
        #expect(try test.answer(poll(0b111, 0)).value == 0)
        test.start(poll(0b101, -1), in: test.monitor)
        #expect(test.waits(test.monitor) == .userfaultMessage)
        test.start(.read(area))
        #expect(test.world.report(of: test.monitor).value == 1)
        #expect(try test.answer(poll(0b011, 1_000)).value == 0)
        try test.answer(.userfault(second, .close))
        #expect(try test.answer(poll(0b111, 0)).value == 2)
        test.check()
    }

    @Test("in every order of a fault, its fill and a poll with a timeout: ready, or the time is over")
    func explored() throws {
        var test = try MonitorWorld(.linux6_1, pages: 1)
        test.world.start(.poll(test.descriptor, timeout: .microseconds(10)), in: test.monitor)
        test.world.start(.read(test.area), in: test.task)
        test.world.start(.copy(test.descriptor, test.area, page: 0), in: test.world.thread(of: test.task))
        var options = Explorer.Options()
        options.observe = { "\($0.report(of: TaskID(1)).value)" }
        let found = test.world.explore(options)
        #expect(found.isComplete && found.brokenLaws.isEmpty && found.deadlocks.isEmpty)
        #expect(found.states == 2893)
        #expect(found.texts == ["0", "1"])
    }
}
