import FaultTestSupport
import Testing

@Suite("A reviewer asks: lookups, pins, swap and limits", .timeLimit(.minutes(60)))
struct ReadersPinTests {
    @Test("a lookup to write tmpfs loses the lock and takes it again: it counts a fault in 6.1 and none in 5.19")
    func lookupLosesItsLock() throws {
        func lookup(_ kernel: KernelModel) throws -> OperationReport {
            var world = try World(kernel)
            let task = world.task()
            let area = try world.map(world.file(pages: 4, on: .tmpfs), .readWrite, .shared, in: task)
            return try world.perform(.getUserPages(area, [.get, .write, .unlockable], page: 1, pages: 1), in: task)
        }
        let new = try lookup(.linux6_1)
        #expect(new.value == 1 && new.outcome.lockWasLost)
        #expect(new.attempts.map(\.result) == [[.locked, .completed]])
        #expect(new.minorFaults == 1 && new.counters.mmapReadLocks == 2)
        let old = try lookup(.linux5_19)
        #expect(old.value == 1 && old.outcome.lockWasLost)
        // The entry is in place when the lookup comes back with the lock: no second attempt, and nothing is counted.
        #expect(old.attempts.map { $0.result.contains(.retry) } == [true])
        #expect(old.minorFaults == 0 && old.majorFaults == 0 && old.counters.mmapReadLocks == 2)
    }

    @Test("a lookup that is killed on its second page ends its task, with the lock free and the read left alone")
    func killedLookup() throws {
        var world = try World(.linux6_1)
        let task = world.task("ring")
        let area = try world.map(world.file(pages: 64, resident: .pages([0...0])), .read, in: task)
        world.start(.getUserPages(area, [.get, .unlockable], page: 0, pages: 2), in: task)
        #expect(world.run() == .blocked)
        #expect(world.mmapLock(of: task).isFree)
        world.kill(task)
        #expect(world.run() == .finished)
        #expect(world.story(of: task).ended(by: .kill))
        #expect(world.machine.requestsUnderWay.count == 1)
    }

    @Test("a pin before fork: 5.7 copies the page away from the device at the parent's store, 6.1 copies for the child")
    func pinBeforeFork() throws {
        func afterFork(_ kernel: KernelModel) throws -> (copies: Int, deviceSeesTheStore: Bool) {
            var world = try World(kernel)
            let parent = world.task()
            let area = try world.map(anonymousPages: 1, in: parent)
            try world.perform(.write(area), in: parent)
            let pin = try world.pin(area, in: parent)
            _ = try world.fork(parent)
            let copies = try world.perform(.write(area), in: parent).counters.pageCopies
            let stamp = try world.perform(.read(area), in: parent).outcome.stamp
            return (copies, world.stamps(of: pin) == [stamp])
        }
        #expect(try afterFork(.linux5_7) == (1, false))
        #expect(try afterFork(.linux6_1) == (0, true))
    }

    @Test("swapoff(2) beside a swap-in: in every order the page has its content, and the task no signal")
    func swapOff() throws {
        var world = try World(.linux6_1)
        let swap = try world.addSwap(pages: 16)
        let task = world.task("reader")
        let area = try world.map(anonymousPages: 1, in: task)
        try world.perform(.write(area), in: task)
        let stamp = try world.perform(.read(area), in: task).outcome.stamp
        try world.perform(.madvise(area, .pageOut), in: task)
        world.completeWrites(on: swap)
        world.evictSwapCache()
        let root = world.task("root")
        world.start(.read(area), in: task)
        world.start(.swapOff(0), in: root)

        let verdict = world.checkSchedules(
            .exhaustive,
            for: [
                .lawsAtEnd,
                .finally("the page is as it was, nothing failed") {
                    $0.report(of: task).outcome.stamp == stamp && $0.report(of: task).signal == nil
                        && $0.report(of: root).errno == nil
                },
            ])
        #expect(verdict.holds, "\(verdict)")
    }

    @Test("beyond the limit, without swap, the store of the one page too many is killed; with swap it swaps")
    func limit() throws {
        func story(swap: Bool) throws -> (WorldStory, TaskID, Area) {
            var world = try World(.linux6_1)
            if swap { try world.addSwap(pages: 256, isSynchronous: true) }
            let task = world.task()
            try world.addMemoryGroup(limit: 64)
            let area = try world.map(anonymousPages: 65, in: task)
            world.start(.write(area, pages: 65), in: task)
            return (world.story { $0.run() }, task, area)
        }
        let (killed, victim, _) = try story(swap: false)
        #expect(killed.story(of: victim).ended(by: .kill))
        let (swapped, task, area) = try story(swap: true)
        #expect(swapped.story(of: task).succeeded)
        #expect(swapped.story(of: task).counts(minor: 65, major: 0))
        let out = swapped.world.machine.events.pswpout
        #expect(out > 0 && swapped.world.present(in: area).count == 65 - out)
    }
}
