import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("Calls on files that another task overtakes", .timeLimit(.minutes(60)))
struct OvertakenCallTests {
    private let memory: VMAFlags = [.read, .write]

    @Test("two readers that miss the same page read it once: the later one finds it under the invalidate lock")
    func twoMakers() {
        var world = BareMachine()
        let file = world.file(64)
        let other = world.machine.addTask()
        let holder = world.machine.addTask()
        world.run(.adviseFile(file, .random))
        world.machine.hold(world.device)
        world.hold(.invalidate(file), .write, by: holder)
        for reader in [world.task, other] {
            world.run(.read(file, 20, pages: 1, into: nil), in: reader)
            #expect(world.cause(of: reader) == .lock(.invalidate(file), .read))
        }
        world.machine.unlock(.invalidate(file), by: holder)
        world.run()
        #expect(world.machine.requestsUnderWay.map(\.pages) == [1])
        #expect(world.machine.heldLocks(of: other).isEmpty, "the later one waits for the page as any other reader")
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).value == 1 && world.machine.report(of: other).value == 1)
        #expect(world.cached(file, with: .uptodate) == [20] && world.isClean(file))
    }

    @Test("memory that is swapped out between the access of a read and its copy comes back, and has the data")
    func destinationGoes() {
        var world = BareMachine()
        world.machine.addSwap(on: world.device, pages: 16)
        let file = world.file(8, resident: [PageRun(0, 7)])
        let other = world.machine.addTask(in: world.map)
        let buffer = world.map(nil, 2, memory)
        world.start(.read(file, 3, pages: 2, into: buffer))
        #expect(world.run(until: .stage(world.task, "fileTransfer.pageCopied")) == .conditionMet)
        // Only the other thread runs, to its end.
        world.machine.start(.madvise(buffer, pages: 1, .pageOut), in: other)
        world.step(other)
        #expect(world.machine.swapSlot(of: world.entry(buffer)) != nil)
        world.run()
        let report = world.machine.report(of: world.task)
        #expect(report.value == 2 && report.counters.kernelExceptions == 3)
        for page in 0..<2 {
            #expect(world.machine.stamp(of: world.entry(buffer + page).frame) == world.stamp(file, 3 + page))
        }
        #expect(world.isClean(file))
    }

    @Test("a page of tmpfs that is punched out while read(2) waits for its lock is a hole: zeroes, and no page is made")
    func shmemReadLosesPage() {
        var (world, file, holder) = lockedPage()
        let buffer = world.map(nil, 1, memory)
        world.start(.read(file, 3, pages: 1, into: buffer))
        losePage(&world, file, holder)
        #expect(world.machine.report(of: world.task).value == 1)
        #expect(world.machine.stamp(of: world.entry(buffer).frame) == 0 && world.entry(buffer).isPresent)
        #expect(world.cached(file) == [2] && world.isClean(file))
    }

    @Test("a page of tmpfs that is punched out while write(2) waits for its lock is made anew, and written")
    func shmemWriteLosesPage() {
        var (world, file, holder) = lockedPage()
        world.start(.write(file, 3, pages: 1, from: nil))
        losePage(&world, file, holder)
        #expect(world.machine.report(of: world.task).value == 1)
        #expect(world.cached(file, with: [.dirty, .uptodate]) == [2, 3] && world.isClean(file))
    }

    /// A tmpfs file of two pages, the second of which another task has locked.
    private func lockedPage() -> (BareMachine, FileID, holder: TaskID) {
        var world = BareMachine()
        let file = world.shmem(8, resident: [PageRun(2, 3)])
        let holder = world.machine.addTask()
        world.hold(world.folio(file, 3), by: holder)
        return (world, file, holder)
    }

    /// Removes the page that the task waits for, and unlocks it.
    private func losePage(_ world: inout BareMachine, _ file: FileID, _ holder: TaskID) {
        let folio = world.folio(file, 3)
        #expect(world.run() == .blocked)
        #expect(world.machine.references(of: folio) == 2, "the cache has one, the task that waits the other")
        world.machine.removeFromCache(folio)
        world.machine.noteInterference()
        world.machine.unlock(folio)
        #expect(world.run() == .finished)
    }

    @Test("write(2) to a page of tmpfs in swap brings it back first, and frees its slot")
    func writesSwappedPage() {
        var settings = MachineSettings()
        settings.frameLimit = 256
        var world = BareMachine(settings: settings)
        world.machine.addSwap(on: world.device, pages: 16)
        let file = world.shmem(8)
        let area = world.map(file, 8)
        world.run(.write(area + 3))
        world.run(.madvise(area, pages: 8, .pageOut))
        #expect(world.cached(file).isEmpty && world.machine.swapSlot(of: file, at: 3) != nil)
        _ = world.machine.evictSwapCache()
        let before = world.machine.events
        #expect(world.run(.write(file, 3, pages: 1, from: nil)).value == 1)
        #expect(world.machine.events.pswpin == before.pswpin + 1, "\(world.machine.flags(of: world.folio(file, 3)))")
        #expect(world.cached(file, with: [.dirty, .referenced]) == [3])
        #expect(world.machine.swapSlot(of: file, at: 3) == nil && world.isClean(file))
    }
}
