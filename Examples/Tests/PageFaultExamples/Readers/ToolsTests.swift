import FaultTestSupport
import Testing

@Suite("Somebody who writes tools asks: failures, orders, traces, timelines, forks", .timeLimit(.minutes(60)))
struct ReadersToolTests {
    @Test("the one allocation of a copy on write may fail: the store ends all the same, and holds nothing")
    func everyAllocationFails() throws {
        var world = try World(.linux6_1)
        let parent = world.task("parent")
        let area = try world.map(anonymousPages: 1, named: "heap", in: parent)
        try world.perform(.write(area), in: parent)
        _ = try world.fork(parent, named: "child")
        let sweep = world.failingEachOnce(.write(area), in: parent) { story in
            story.everybodyIsDone && story.story(of: parent).holdsNothing
        }
        #expect(sweep.holds, "\(sweep)")
        // One page for the copy; the page table is there since the first store.
        #expect(sweep.count(.allocation) == 1 && sweep.count(.read) == 0)
    }

    @Test("a false claim gets a counterexample, whose token finds it again in a world that is made anew")
    func replay() throws {
        func race() throws -> (World, TaskID) {
            var world = try World(.linux6_1)
            let reader = world.task("reader")
            let area = try world.map(world.file(pages: 1), .read, in: reader)
            world.start(.read(area), in: reader)
            world.start(.munmap(area), in: world.thread("mapper", of: reader))
            return (world, reader)
        }
        let (world, reader) = try race()
        let claim = Property.finally("the read counts a fault") { $0.report(of: reader).majorFaults == 1 }
        let found = try #require(world.checkSchedules(.exhaustive, for: [claim]).counterexample)
        #expect(found.isShortest)

        let (again, _) = try race()
        let text = "\(found.token)"
        let token = try #require(ScheduleToken(text))
        let verdict = again.checkSchedules(.replay(token), for: [claim])
        #expect(verdict.counterexample?.schedule == found.schedule)
    }

    @Test("the mmap lock in a golden trace: a cold read takes and drops it, takes it anew, and releases it")
    func golden() throws {
        var world = try World(.linux6_1)
        let task = world.task("reader")
        let area = try world.map(world.file("log", pages: 64), named: "buffer", in: task)
        let trace = try world.recorded { try $0.perform(.read(area, page: 9), in: task) }
        let lines = trace.text.split(separator: "\n").filter { $0.contains("mmap lock") || $0.contains("dropped") }
        #expect(
            lines == [
                "reader takes the mmap lock of map 0 (read)",
                "reader the fault lock is dropped",
                "reader releases the mmap lock of map 0 (read)",
                "reader takes the mmap lock of map 0 (read)",
                "reader releases the mmap lock of map 0 (read)",
            ])
    }

    @Test("a timeline follows a wait to who it is behind, and says whose disk all waits came down to")
    func attribution() throws {
        var world = try World(.linux2_6_36, disk: .latency(.milliseconds(8)))
        let reader = world.task("reader")
        let mapper = world.thread("mapper", of: reader)
        let area = try world.map(world.file("log", pages: 64), in: reader)
        world.start(.read(area, page: 9), in: reader)
        world.start(.munmap(area, page: 32), in: mapper)
        let timeline = world.timeline("two") { $0.run() }
        #expect(timeline.waits.map(\.task) == [reader, mapper])
        #expect(timeline.row(of: reader)?.spans(.attempt).count == 1)
        let last = try #require(timeline.waits.indices.last { timeline.waits[$0].task == mapper })
        #expect(timeline.chain(from: last).map(\.task) == [mapper, reader])
        let table = "\(timeline.attribution)"
        #expect(table.contains("mapper"))
        #expect(table.split(separator: "\n").count == 3)
        #expect(table.split(separator: "\n").dropFirst().allSatisfy { $0.contains("I/O of reader on device 0") })
    }

    @Test("whatever a program touches of its own memory, it reads what it has stored", arguments: Seed.each(1...8))
    func readsWhatWasStored(_ seed: Seed) throws {
        var random = seed.numbers
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 8, in: task)
        var stored: [Int: UInt32] = [:]
        var faults = 0
        for _ in 0..<40 {
            let page = random.below(8)
            if random.below(2) == 0 {
                faults += try world.perform(.write(area, page: page), in: task).counters.exceptions
                stored[page] = try world.perform(.read(area, page: page), in: task).outcome.stamp
            } else {
                let report = try world.perform(.read(area, page: page), in: task)
                faults += report.counters.exceptions
                #expect(report.outcome.stamp == stored[page, default: 0], "\(seed)")
            }
        }
        // The first touch of a page, and the first store if that was a load.
        #expect(faults >= world.present(in: area).count && faults <= 2 * world.present(in: area).count, "\(seed)")
        #expect(world.story.allLawsHold)
    }

    @Test("a fork of a world goes its own way: what one disk finishes, the other still owes")
    func forks() throws {
        var world = try World(.linux6_1)
        let file = try world.file("log", pages: 64)
        let task = world.task("reader")
        let area = try world.map(file, .read, in: task)
        world.start(.read(area, page: 9), in: task)
        world.run()
        let before = world
        var futures = [world, world]
        futures[0].completeReads()
        futures[0].run()
        futures[1].kill(task)
        futures[1].run()
        #expect(world == before)
        #expect(futures.map { $0.machine.requestsUnderWay.count } == [0, 1])
        #expect(futures.map { $0.resident(of: file) } == [[0...31], []])
        #expect(futures[0].story(of: task).succeeded && futures[1].story(of: task).ended(by: .kill))
    }
}
