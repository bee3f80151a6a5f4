import BareMachine
import Testing

@testable import FaultCore

@Suite("Copy on write", .timeLimit(.minutes(60)))
struct CopyOnWriteTests {
    @Test(
        "a store to a private page of a file goes to a copy with the same contents, and the file's page stays as it is")
    func filePage() {
        var world = BareMachine()
        let file = world.file(pages: 4, cached: 0..<4)
        world.area(at: 0x100, pages: 4, file: file)
        world.run(.read(PageNumber(0x101)))
        let cached = world.machine.cachedFolio(at: 1, of: file)!
        #expect(world.entry(0x101).frame == cached && !world.entry(0x101).isWritable)
        let before = world.frame(0x101).stamp
        let report = world.run(.write(PageNumber(0x101)))
        #expect(report.results == [.write] && report.minorFaults == 1 && report.counters.pageCopies == 1)
        #expect(world.entry(0x101).frame != cached && world.entry(0x101).isWritable && world.entry(0x101).isDirty)
        #expect(world.frame(0x101).stamp == Machine.stamp(after: before, writtenBy: world.task))
        #expect(world.machine.stamp(of: cached) == before && world.machine.mappings(of: cached) == 0)
        #expect(world.rss().anonymous == 1 && world.rss().file == 0)
    }

    @Test("a store to the zero page gets a page of zeroes, which is not counted as mapped before")
    func zeroPage() {
        var world = BareMachine()
        world.area(at: 0x100, pages: 1)
        world.run(.read(PageNumber(0x100)))
        #expect(world.entry(0x100).isZeroPage && world.rss().anonymous == 0)
        let report = world.run(.write(PageNumber(0x100)))
        #expect(report.results == [.write] && !world.entry(0x100).isZeroPage && world.rss().anonymous == 1)
        #expect(world.frame(0x100).stamp == Machine.stamp(after: 0, writtenBy: world.task))
    }

    @Test(
        "after fork the first store copies, whichever process it is, and the last owner writes in place",
        arguments: [true, false])
    func fork(parentFirst: Bool) {
        var world = BareMachine()
        world.area(at: 0x100, pages: 1)
        world.run(.write(PageNumber(0x100)))
        let shared = world.entry(0x100).frame
        let child = world.fork()
        let (first, last) = parentFirst ? (world.task, child) : (child, world.task)
        #expect(world.run(.write(PageNumber(0x100)), in: first).counters.pageCopies == 1)
        #expect(world.entry(0x100, of: first).frame != shared && world.entry(0x100, of: last).frame == shared)
        let before = world.machine.events.pgreuse
        #expect(world.run(.write(PageNumber(0x100)), in: last).counters.pageCopies == 0)
        #expect(world.entry(0x100, of: last).frame == shared && world.machine.events.pgreuse == before + 1)
    }

    @Test("without memory for the copy the store fails with OOM, and the old page stays mapped, read-only")
    func noMemory() {
        var world = BareMachine()
        world.area(at: 0x100, pages: 1)
        world.run(.write(PageNumber(0x100)))
        let shared = world.entry(0x100)
        _ = world.fork()
        world.machine.failAllocation(at: .copyPage, skipping: 0)
        let report = world.run(.write(PageNumber(0x100)))
        #expect(report.results == [.oom])
        #expect(world.entry(0x100).frame == shared.frame && !world.entry(0x100).isWritable)
        #expect(report.minorFaults == 0 && report.majorFaults == 0)
    }

    @Test("a store beside another thread's store finds the copy, and makes no second one")
    func twoThreads() {
        var world = BareMachine()
        world.area(at: 0x100, pages: 1)
        world.run(.read(PageNumber(0x100)))
        let thread = world.machine.addTask(in: world.map)
        world.machine.start(.write(PageNumber(0x100)), in: world.task)
        world.machine.start(.write(PageNumber(0x100)), in: thread)
        #expect(world.run(until: .stage(world.task, "pageFault.copyInstall")) == .conditionMet)
        let other = world.run(until: .done(thread))
        #expect(other.violations.isEmpty)
        #expect(world.run() == .finished)
        #expect(world.rss().anonymous == 1)
        let (own, others) = (
            Machine.stamp(after: 0, writtenBy: world.task), Machine.stamp(after: 0, writtenBy: thread)
        )
        let inOrder = [
            Machine.stamp(after: own, writtenBy: thread), Machine.stamp(after: others, writtenBy: world.task),
        ]
        #expect(inOrder.contains(world.frame(0x100).stamp), "no store is lost")
        #expect(world.frame(0x100).references == 1)
    }
}
