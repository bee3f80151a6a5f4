import FaultSimulator
import Testing

/// Faults under an area's lock beside tasks that change the area, in every order, with laws.
@Suite("Explored races under an area's lock", .timeLimit(.minutes(60)))
struct AreaLockExplorationTests {
    private func explore(_ world: World) -> Exploration {
        let found = world.explore(Explorer.Options())
        #expect(found.isComplete)
        #expect(found.brokenLaws.map(\.description) == [])
        #expect(found.deadlocks.map(\.chain) == [])
        return found
    }

    /// A thread touches a page of a file, another does something to the mapping.
    private func race(
        _ model: KernelModel, resident: World.Resident = .all, _ sharing: Sharing = .private,
        touch: (Area) -> TaskOperation, against other: (Area) -> TaskOperation
    ) throws -> Exploration {
        var world = try World(model)
        let file = try world.file(pages: 2, resident: resident)
        let first = world.task()
        let area = try world.map(file, .readWrite, sharing, in: first)
        world.start(touch(area), in: first)
        world.start(other(area), in: world.thread(of: first))
        return explore(world)
    }

    @Test("a cold read against munmap: it succeeds, or is SIGSEGV at its first or second attempt")
    func coldRead() throws {
        let found = try race(.linux6_12, resident: .none, touch: { .read($0) }, against: { .munmap($0) })
        #expect(
            found.texts == [
                "task 0: MAJOR|RETRY, NOPAGE, faults 0/1, SIGSEGV/MAPERR; task 1: ok",
                "task 0: MAJOR|RETRY, NOPAGE, faults 0/1; task 1: ok",
                "task 0: MAJOR|RETRY, SIGSEGV/MAPERR; task 1: ok",
                "task 0: SIGSEGV/MAPERR; task 1: ok",
            ])
    }

    @Test("a private write against munmap: its anon_vma may need the mmap lock, which munmap has")
    func privateWrite() throws {
        let found = try race(.linux6_12, touch: { .write($0) }, against: { .munmap($0) })
        #expect(found.texts.contains { $0.hasPrefix("task 0: LOCKED, faults 1/0") })
        #expect(found.texts.contains { $0.hasPrefix("task 0: RETRY, SIGSEGV/MAPERR") })
        #expect(found.texts.contains { $0.hasPrefix("task 0: SIGSEGV/MAPERR") })
    }

    @Test("a shared write, which may sleep in page_mkwrite under the area's lock, against mprotect")
    func sharedWrite() throws {
        let found = try race(.linux6_8, .shared, touch: { .write($0) }, against: { .mprotect($0, .read) })
        #expect(found.texts.contains { $0.contains("LOCKED|COMPLETED, faults 1/0;") })
        #expect(found.texts.contains { $0.contains("SIGSEGV/ACCERR") })
    }

    @Test("two threads fault while a third splits their area: none is lost, whatever is marked")
    func split() throws {
        var world = try World(.linux6_12)
        let first = world.task()
        let area = try world.map(anonymousPages: 4, in: first)
        world.start(.write(area), in: first)
        world.start(.mprotect(area, .read, page: 2), in: world.thread(of: first))
        let found = explore(world)
        #expect(found.texts.allSatisfy { $0.contains("faults 1/0") && !$0.contains("SIG") })
    }

    @Test("a store that sleeps in page_mkwrite under its area's lock, against munmap, which has to wait for it")
    func sleepsUnderAreaLock() throws {
        var world = try World(.linux6_12)
        let file = try world.file(pages: 2, resident: .all)
        let first = world.task()
        let area = try world.map(file, .readWrite, .shared, in: first)
        let syncing = world.task()
        try world.perform(.write(file, page: 1, pages: 1), in: syncing)
        world.start(.fsync(file), in: syncing)
        _ = world.run()
        // The punch has the invalidate lock, which page_mkwrite wants, and waits for the writeback of its page.
        world.start(.punchHole(file, 1, pages: 1), in: world.task())
        _ = world.run()
        world.start(.write(area), in: first)
        _ = world.run()
        #expect(world.machine.areaRead(by: first) == area.start)
        world.start(.munmap(area), in: world.thread(of: first))
        let found = explore(world)
        #expect(found.texts.allSatisfy { $0.hasPrefix("task 0: LOCKED|COMPLETED, faults 1/0") }, "\(found.texts)")
        #expect(found.texts.contains { $0.contains("SIGSEGV/MAPERR") })
    }

    @Test("Linux 6.4, whose callers release the lock: a write against munmap")
    func callerReleases() throws {
        var world = try World(.linux6_4)
        let first = world.task()
        let area = try world.map(anonymousPages: 2, in: first)
        try world.perform(.write(area), in: first)
        world.start(.write(area, page: 1), in: first)
        world.start(.munmap(area), in: world.thread(of: first))
        let found = explore(world)
        #expect(found.texts.contains("task 0: 0, faults 1/0; task 1: ok"))
        #expect(found.texts.contains("task 0: SIGSEGV/MAPERR; task 1: ok"))
    }

    @Test("Linux 6.19: MADV_DONTNEED and a monitor beside a fault and munmap")
    func discardAndMonitor() throws {
        for operation in [0, 1] {
            var world = try World(.linux6_19)
            let first = world.task()
            let area = try world.map(anonymousPages: 2, in: first)
            try world.perform(.write(area), in: first)
            let other: TaskOperation = operation == 0 ? .madvise(area, .dontNeed) : .readProcMaps(area.map)
            world.start(.munmap(area, page: 1), in: world.thread(of: first))
            world.start(other, in: world.thread(of: first))
            let found = explore(world)
            // A discarded page's task did its fault before; half of the range may be gone when it is discarded.
            let late = operation == 0 ? ["task 0: 0, faults 1/0; task 1: ok; task 2: ENOMEM"] : []
            #expect(found.texts == late + ["task 0: 0, faults 1/0; task 1: ok; task 2: ok"])
        }
    }
}
