import FaultTestSupport
import Testing

@Suite("Cookbook: memory", .timeLimit(.minutes(60)))
struct MemoryRecipes {
    /// After fork(2) the first process that stores to a page copies it. The other process then owns the original, and
    /// its store needs no copy.
    @Test("How many copies does copy on write make after a fork?")
    func copyOnWrite() throws {
        var world = try World(.linux6_1)
        let parent = world.task("parent")
        let area = try world.map(anonymousPages: 3, named: "heap", in: parent)
        try world.perform(.write(area, pages: 3), in: parent)
        let child = try world.fork(parent, named: "child")
        let copy = world.area(named: "heap", in: child)

        try world.perform(.write(copy, pages: 2), in: child)
        #expect(world.story(of: child).counts(exceptions: 2, copies: 2))
        try world.perform(.write(area, pages: 2), in: parent)
        #expect(world.story(of: parent).counts(exceptions: 2, copies: 0))
    }

    /// With `FOLL_NOWAIT` a lookup starts the read, does not wait for it, and returns 0 pages. The caller has to try
    /// again later.
    @Test("What does get_user_pages() with FOLL_NOWAIT return for a page that is not there?")
    func noWait() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.file(pages: 64), in: task)

        world.start(.getUserPages(area, [.get, .noWait], page: 9, pages: 1), in: task)
        #expect(world.run() == .finished, "it does not sleep")
        #expect(world.report(of: task).value == 0 && world.machine.requestsUnderWay.count == 1)
        world.completeReads()
        world.run()
        #expect(try world.perform(.getUserPages(area, [.get, .noWait], page: 9, pages: 1), in: task).value == 1)
    }

    /// A page that was swapped out is read back, with its neighbours in the swap area. That is a major fault. Here the
    /// test decides when the swap disk finishes a write or a read. A page that was written stays in the swap cache,
    /// where a touch finds it again, until memory is needed for something else; `evictSwapCache` frees it.
    @Test("How does a swapped page count when it is touched again?")
    func swap() throws {
        var world = try World(.linux6_1)
        let swap = try world.addSwap(pages: 64)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        try world.perform(.write(area, pages: 4), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        world.completeWrites(on: swap)
        world.evictSwapCache()
        #expect(world.present(in: area) == [])

        world.start(.read(area), in: task)
        #expect(world.run() == .blocked)
        world.completeReads(on: swap)
        #expect(world.run() == .finished)
        #expect(world.story(of: task).wasMajorOnce)
        #expect(world.machine.events.pswpin == 4, "the page, and three that were read ahead")
    }

    /// A memory group is a control group with `memory.max`. A task that allocates beyond the limit has to reclaim.
    /// Reclaim does not wait for its writes to swap, and takes no virtual time. If the writes take time, the task may
    /// be killed because memory runs out; those of a synchronous swap area are done immediately.
    @Test("What does memory pressure swap out?")
    func pressure() throws {
        var world = try World(.linux6_1)
        try world.addSwap(pages: 256, isSynchronous: true)
        let task = world.task()
        try world.addMemoryGroup(limit: 64)
        let area = try world.map(anonymousPages: 96, in: task)

        try world.perform(.write(area, pages: 96), in: task)
        let group = try #require(world.machine.memoryGroup)
        #expect(group.swapCharged >= 32 && group.swapCharged == world.machine.events.pswpout)
        #expect(world.present(in: area).count == 96 - group.swapCharged)
    }

    /// No. The parent has to keep the page that a device may write to, so fork(2) copies such a page for the child at
    /// once.
    @Test("Does a fork take a pinned page away from the device?")
    func pins() throws {
        var world = try World(.linux6_1)
        let parent = world.task()
        let area = try world.map(anonymousPages: 1, in: parent)
        try world.perform(.write(area), in: parent)
        let pin = try world.pin(area, in: parent)

        _ = try world.fork(parent)
        try world.perform(.write(area), in: parent)
        #expect(world.story(of: parent).counts(copies: 0))
        #expect(world.stamps(of: pin) == [try world.perform(.read(area), in: parent).outcome.stamp])
    }

    /// The fault of one thread waits until another thread has filled the page. It holds no lock meanwhile.
    @Test("How does a program resolve a fault, with userfaultfd(2)?")
    func userfaultfd() throws {
        var world = try World(.linux6_12)
        let task = world.task()
        let monitor = world.thread(of: task)
        let area = try world.map(anonymousPages: 8, in: task)
        let descriptor = try world.userfaultfd(in: task)
        try world.register(area, with: descriptor, for: .missing, by: task)

        world.start(.write(area, page: 3), in: task)
        #expect(world.run() == .blocked && world.mmapLock(of: task).isFree)
        #expect(try world.messages(of: descriptor, by: monitor).count == 1)
        try world.perform(.copy(descriptor, area, page: 3), in: monitor)
        #expect(world.run() == .finished && world.story(of: task).retriedOnce)
    }
}
