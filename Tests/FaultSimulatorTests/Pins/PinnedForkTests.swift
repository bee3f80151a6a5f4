import FaultFilemap
import FaultSimulator
import Testing

/// What becomes of a page that somebody holds when its process forks or writes, kernel by kernel.
@Suite("Fork, copy on write and pins", .timeLimit(.minutes(60)))
struct PinnedForkTests {
    /// A process with a thread that has written one page of private memory.
    private struct Setting {
        var world: World
        let task: TaskID
        let thread: TaskID
        let file: FileID
        let area: Area

        init(_ model: KernelModel, pages: Int = 1, settings: MachineSettings = MachineSettings()) throws {
            world = try World(model, settings: settings)
            task = world.task()
            thread = world.thread(of: task)
            file = try world.file(pages: 4)
            area = try world.map(anonymousPages: pages, in: task)
            try world.perform(.write(area, pages: pages), in: task)
        }

        mutating func fork() throws -> TaskID { TaskID(try world.perform(.fork, in: thread).value) }

        mutating func read(_ task: TaskID) throws -> UInt32 {
            try world.perform(.read(area), in: task).outcome.stamp
        }
    }

    /// "fork(2) and O_DIRECT", open(2): the other thread forks while a direct read is under way, and then writes to another
    /// byte of the page that the device reads into.
    @Test(
        "fork during a direct read loses the data if the page is only referenced, and keeps it if it is pinned",
        arguments: [
            (.linux5_7, true), (.linux5_15, true), (.linux6_1, true), (.linux6_4, true), (.linux6_6, false),
            (.linux6_12, false),
        ] as [(KernelModel, Bool)], [false, true])
    func forkDuringDirectRead(_ kernel: (model: KernelModel, loses: Bool), isAdvised: Bool) throws {
        var setting = try Setting(kernel.model)
        if isAdvised { try setting.world.perform(.madvise(setting.area, .dontFork), in: setting.task) }
        setting.world.start(.directRead(setting.file, into: setting.area), in: setting.task)
        #expect(setting.world.run() == .blocked)
        let child = try setting.fork()
        let store = try setting.world.perform(.write(setting.area), in: setting.thread)
        setting.world.completeReads()
        #expect(setting.world.run() == .finished && setting.world.report(of: setting.task).value == 1)

        let data = Machine.initialStamp(of: setting.file, at: 0)
        let isLost = kernel.loses && !isAdvised
        #expect(try setting.read(setting.task) == (isLost ? store.outcome.stamp : data))
        #expect(store.counters.exceptions == (isLost ? 1 : 0), "the parent of a pinned page takes no fault")
        let childs = try setting.world.perform(.read(setting.area), in: child)
        #expect(childs.signal == (isAdvised ? .segv(.notMapped) : nil))
        if !isAdvised { #expect((childs.outcome.stamp == data) == kernel.loses, "the data went to the child") }
        #expect(setting.world.machine.checkInvariants().isEmpty)
    }

    @Test("without a store after the fork nothing is lost, whatever the kernel", arguments: KernelModel.presets)
    func forkAlone(_ model: KernelModel) throws {
        var setting = try Setting(model)
        setting.world.start(.directRead(setting.file, into: setting.area), in: setting.task)
        #expect(setting.world.run() == .blocked)
        _ = try setting.fork()
        setting.world.completeReads()
        setting.world.run()
        #expect(try setting.read(setting.task) == Machine.initialStamp(of: setting.file, at: 0))
        #expect(setting.world.machine.checkInvariants().isEmpty)
    }

    /// CVE-2020-29374: a child gives a page that it shares with its parent to a pipe, for reading, and unmaps it. The page
    /// then has one mapping, the parent's, which up to 5.8 was enough to write it in place: the pipe shows what the child
    /// must not see.
    @Test(
        "a child that holds a page for reading sees what its parent writes later, up to the fix",
        arguments: [
            (.linux2_6_37, true), (.linux4_19, true), (.linux5_5, true), (.linux5_7, true), (.linux5_9, false),
            (.linux5_15, false), (.linux5_19, false), (.linux6_1, false), (.linux6_12, false),
        ] as [(KernelModel, Bool)])
    func childReadsSecret(_ kernel: (model: KernelModel, isSeen: Bool)) throws {
        var setting = try Setting(kernel.model)
        let child = try setting.fork()
        let id = try setting.world.pin(setting.area, .get, in: child)
        let before = setting.world.stamps(of: id)
        try setting.world.perform(.munmap(setting.area), in: child)
        let secret = try setting.world.perform(.write(setting.area), in: setting.task).outcome.stamp
        #expect((setting.world.stamps(of: id) == [secret]) == kernel.isSeen)
        #expect((setting.world.stamps(of: id) == before) != kernel.isSeen)
        #expect(setting.world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "a store through an entry that was write-protected: in place up to 5.8, to a copy from 5.9, in place from 5.19",
        arguments: [
            (.linux5_7, true), (.linux5_9, false), (.linux5_10, false), (.linux5_15, false), (.linux5_19, true),
            (.linux6_1, true), (.linux6_4, true), (.linux6_12, true),
        ] as [(KernelModel, Bool)], [GUPFlags.pin, .get])
    func storeBesidePin(_ kernel: (model: KernelModel, inPlace: Bool), _ kind: GUPFlags) throws {
        var setting = try Setting(kernel.model)
        let id = try setting.world.pin(setting.area, [kind, .write], in: setting.task)
        // Left to the next fault, whatever mprotect(2) could do at once.
        let bits = setting.world.machine.entry(of: setting.area[0], in: setting.area.map).bits
        setting.world.machine.changeEntry(of: setting.area[0], in: setting.area.map, to: bits.subtracting(.writable))
        let store = try setting.world.perform(.write(setting.area), in: setting.task)
        #expect(store.counters.exceptions == 1)
        #expect((setting.world.stamps(of: id) == [store.outcome.stamp]) == kernel.inPlace)
        #expect(setting.world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "a page that a fork has shared is copied to be pinned for reading from 5.19 on, and not before",
        arguments: [(.linux5_7, false), (.linux5_15, false), (.linux5_19, true), (.linux6_1, true), (.linux6_12, true)]
            as [(KernelModel, Bool)])
    func unshares(_ kernel: (model: KernelModel, unshares: Bool)) throws {
        var setting = try Setting(kernel.model)
        let child = try setting.fork()
        let shared = setting.world.machine.entry(of: setting.area[0], in: setting.area.map).frame
        let report = try setting.world.perform(.pinUserPages(setting.area, .pin), in: setting.task)
        let id = PinID(report.value, of: setting.task)
        #expect(report.attempts.map { $0.flags.contains(.unshare) } == (kernel.unshares ? [true] : []))
        #expect((setting.world.machine.pagePin(id)?.frames == [shared]) != kernel.unshares)
        let store = try setting.world.perform(.write(setting.area), in: setting.task).outcome.stamp
        #expect((setting.world.stamps(of: id) == [store]) == kernel.unshares, "what a device reads is what was written")
        // A reference is content with a page that others write to.
        let reference = try setting.world.perform(.pinUserPages(setting.area, .get), in: child)
        #expect(reference.counters.attempts == 0)
        #expect(setting.world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "fork copies a pinned page for the child from 5.9 on, and the parent keeps its own, writable",
        arguments: [
            (.linux5_7, false), (.linux5_9, true), (.linux5_15, true), (.linux5_19, true), (.linux6_1, true),
            (.linux6_12, true),
        ] as [(KernelModel, Bool)])
    func forkOfPinned(_ kernel: (model: KernelModel, copies: Bool)) throws {
        var setting = try Setting(kernel.model, pages: 2)
        let id = try setting.world.pin(setting.area, pages: 1, in: setting.task)
        let before = setting.world.stamps(of: id)
        let child = try setting.fork()
        let frames = [setting.task, child].map { task in
            setting.world.machine.entry(of: setting.area[0], in: setting.world.machine.map(of: task)).frame
        }
        #expect((frames[0] != frames[1]) == kernel.copies)
        #expect(try setting.read(child) == before[0])
        let store = try setting.world.perform(.write(setting.area), in: setting.task)
        #expect(store.counters.exceptions == (kernel.copies ? 0 : 1))
        #expect((setting.world.stamps(of: id) == [store.outcome.stamp]) == kernel.copies)
        setting.world.machine.writeByDevice(4711, to: id, page: 0)
        #expect((try setting.read(setting.task) == 4711) == kernel.copies)
        let childs = try setting.world.perform(.write(setting.area, pages: 2), in: child)
        #expect(childs.counters.exceptions == (kernel.copies ? 1 : 2), "the child's copy is its own, and writable")
        #expect(setting.world.machine.checkInvariants().isEmpty)
    }

    @Test("pages of a file in private memory were copied for the child, too, up to 5.18")
    func forkOfPinnedFilePage() throws {
        for (model, copies) in [(KernelModel.linux5_7, false), (.linux5_15, true), (.linux5_19, false)] {
            var world = try World(model)
            let task = world.task()
            let file = try world.file(pages: 2, resident: .all)
            let area = try world.map(file, in: task)
            try world.perform(.write(area, page: 1), in: task)  // else fork leaves the area to faults
            try world.perform(.read(area), in: task)
            let id = try world.pin(area, pages: 1, .pin, in: task)
            #expect(world.machine.pagePin(id)?.frames == [try #require(world.machine.cachedFolio(at: 0, of: file))])
            let child = TaskID(try world.perform(.fork, in: task).value)
            #expect(world.rss(of: child).file == (copies ? 0 : 1))
            #expect(world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("a fork that finds no memory for the child's copy reclaims some, or fails and leaves the parent as it was")
    func forkWithoutMemory() throws {
        var settings = MachineSettings()
        settings.frameLimit = 12
        settings.swapReadaheadPages = 1
        for swap in [0, 16] {
            var setting = try Setting(.linux6_12, pages: 4, settings: settings)
            if swap > 0 { try setting.world.addSwap(pages: swap, held: false) }
            let other = setting.world.task()
            let more = try setting.world.map(anonymousPages: 8, in: other)
            let id = try setting.world.pin(setting.area, in: setting.task)
            try setting.world.perform(.write(more, pages: 8), in: other)
            #expect(setting.world.machine.framesInUse == 12)
            setting.world.start(.fork, in: setting.thread)
            setting.world.run()
            let report = setting.world.report(of: setting.thread)
            if swap > 0 {
                #expect(report.errno == nil && setting.world.machine.events.pswpout >= 4)
                #expect(setting.world.rss(of: TaskID(report.value)).anonymous == 4)
                #expect(setting.world.machine.events.oomKill == 0)
            } else {
                #expect(setting.world.machine.events.oomKill == 1, "its own pages can't go anywhere")
            }
            if !setting.world.machine.hasExited(setting.task) {
                #expect(setting.world.stamps(of: id)[0] == (try setting.read(setting.task)))
            }
            #expect(setting.world.machine.checkInvariants().isEmpty)
        }
        var setting = try Setting(.linux6_1, pages: 4)
        let id = try setting.world.pin(setting.area, in: setting.task)
        setting.world.machine.failAllocation(at: .copyPage, skipping: 2)
        #expect(try setting.world.perform(.fork, in: setting.thread).errno == .noMemory)
        let store = try setting.world.perform(.write(setting.area), in: setting.task)
        #expect(store.counters.exceptions == 0 && setting.world.stamps(of: id)[0] == store.outcome.stamp)
        #expect(setting.world.machine.framesInUse == 4 && setting.world.machine.checkInvariants().isEmpty)
    }
}
