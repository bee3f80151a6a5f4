import FaultCore
import Testing

@testable import FaultSimulator

/// What a monitor does when the memory that it answers for is gone, and when it has more to answer than it can keep.
@Suite("The end of a monitor", .timeLimit(.minutes(60)))
struct MonitorEndTests {
    @Test(
        "a monitor of another process whose answer finds no memory closes the descriptor, and ends",
        arguments: [KernelModel.linux4_11, .linux6_1, .linux6_12])
    func exited(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        let other = try test.world.fork(test.task)
        test.world.startMonitor(.postCopy(latency: .microseconds(200)), of: test.descriptor, in: other)
        test.world.start(.read(test.area), in: test.task)
        test.world.run(until: .time(100_000))
        #expect(test.waits() == .userfault)
        #expect(test.world.machine.userfaultDescriptors(of: test.world.machine.map(of: other)) == [test.descriptor])
        test.world.kill(test.task)
        test.world.kill(test.monitor)
        #expect(test.world.run() == .finished)
        #expect(test.world.machine.isIdle(other))
        #expect(test.world.machine.userfaultDescriptors(of: test.world.machine.map(of: other)).isEmpty)
        test.check()
    }

    @Test("it goes on for the children that are left", arguments: [KernelModel.linux4_11, .linux6_12])
    func childIsLeft(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, pages: 4, features: .eventFork)
        test.start(.fork)
        #expect(try test.messages.count == 1)
        test.world.run()
        let other = TaskID(test.world.machine.taskCount - 1)
        test.world.startMonitor(.postCopy(latency: .microseconds(200)), of: test.descriptor, in: other)
        let child = try test.world.fork(test.task)
        let descriptors = test.world.machine.userfaultDescriptors(of: test.world.machine.map(of: other))
        test.world.start(.read(test.area), in: test.task)
        test.world.run(until: .time(test.world.machine.clock + 100_000))
        #expect(test.waits() == .userfault)
        test.world.kill(test.task)
        test.world.kill(test.monitor)
        #expect(test.world.run() == .blocked)
        let left = test.world.machine.userfaultDescriptors(of: test.world.machine.map(of: other))
        #expect(left == descriptors.filter { $0 != test.descriptor } && left.count == descriptors.count - 1)
        #expect(test.waits(other) == .userfaultMessage)
        let report = try test.world.perform(.read(test.area, page: 2), in: child)
        #expect(report.signal == nil && report.counters.attempts > 0)
        test.check()
    }

    @Test("it keeps pages that span 255 at most, and refuses one that is further away")
    func span() {
        var state = UserfaultMonitor.State()
        let added = [1000, 1200, 1254, 1255, 999, 1300, 1001].map { state.add(PageNumber($0), .minor) }
        #expect(added == [true, true, true, false, false, false, true])
        #expect(state.page == PageNumber(1000) && state.pages == 255 && state.reason == .minor)
        let left = (0..<255).map { _ in
            state.pass()
            return Int(state.pages)
        }
        #expect(left == Array((0..<255).reversed()) && state.page == PageNumber(1255))
        let next = state.add(PageNumber(1 << 34), .missing)
        #expect(next && state.page == PageNumber(1 << 34) && state.pages == 1 && state.reason == .missing)
    }

    @Test("its rounds begin at the lowest descriptor that it serves, and end after the highest")
    func rounds() {
        var state = UserfaultMonitor.State()
        let served = [3, 15, 16, -1].map { state.serve($0) }
        #expect(served == [true, true, false, false] && state.hasChildren)
        var seen = [Int(state.current)]
        while state.goToNext() { seen.append(Int(state.current)) }
        #expect(seen == [0, 3, 15])
        state.startRound()
        let left = (0..<3).map { _ in
            state.dropCurrent()
            return state.served
        }
        #expect(left == [1 << 3 | 1 << 15, 1 << 15, 0] && !state.hasChildren)
    }
}
