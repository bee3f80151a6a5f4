import FaultSimulator
import FaultUserfaultfd
import Testing

/// The presets of `KernelModel.withKnownBugs`: exploring a small world finds each bug, and none in the same world under the
/// kernels that have fixed it.
@Suite("Bugs of kernels, as presets", .timeLimit(.minutes(60)))
struct KnownBugTests {
    /// A check that found something: within so many states, by a schedule of this length, with a story in which this was done.
    private func expect(
        _ verdict: Verdict, states: Int, schedule: Int, culprit: String, _ isWanted: (Counterexample.Kind) -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let found = try #require(verdict.counterexample, "\(verdict)", sourceLocation: sourceLocation)
        #expect(isWanted(found.kind), "\(found)", sourceLocation: sourceLocation)
        #expect(verdict.coverage.states == states, sourceLocation: sourceLocation)
        #expect(found.schedule.count == schedule, sourceLocation: sourceLocation)
        #expect(found.story.contains { "\($0)".contains(culprit) }, "\(found)", sourceLocation: sourceLocation)
        #expect("\(found.token)".count < 200, sourceLocation: sourceLocation)
    }

    private func isStaleArea(_ kind: Counterexample.Kind) -> Bool {
        guard case .law(let violation) = kind else { return false }
        return violation.law == .staleArea
    }

    // MARK: Dirty COW

    /// A program writes to its own `/proc/self/mem`, where a file is mapped that it may only read, and throws the page away.
    private func check(dirtyCopy model: KernelModel) throws -> Verdict {
        var world = try World(model)
        let file = try world.file("passwd", pages: 1, resident: .all)
        let task = world.task()
        let area = try world.map(file, .read, in: task)
        let content = try #require(world.machine.cachedFolio(at: 0, of: file).map { world.machine.stamp(of: $0) })
        world.start(.writeProcMem(area), in: task)
        world.start(.madvise(area, .dontNeed), in: world.thread(of: task))
        let isUntouched = Property.finally("the file is what it was") { machine in
            machine.cachedFolio(at: 0, of: file).map { machine.stamp(of: $0) } == content
        }
        return world.checkSchedules(.exhaustive, for: [.lawsAtEnd, isUntouched])
    }

    @Test("Linux 4.8 writes to a file that may only be read, if the copy is thrown away in time: Dirty COW")
    func dirtyCopy() throws {
        let before = try check(dirtyCopy: .linux4_8)
        try expect(before, states: 88, schedule: 45, culprit: "remoteRead.written: unlocks page 0 of passwd") {
            $0 == .predicate("the file is what it was")
        }
        for fixed in [KernelModel.linux4_11, .linux5_15, .linux6_1, .linux6_12] {
            let verdict = try check(dirtyCopy: fixed)
            #expect(verdict.holds, "\(fixed.name): \(verdict)")
        }
    }

    // MARK: Swap-in past the swap cache

    /// A load of a swapped page beside a store to it, after which the page is swapped out again, to the same slot.
    private func check(bypass model: KernelModel) throws -> Verdict {
        var settings = MachineSettings()
        settings.swapReadaheadPages = 1
        var world = try World(model, settings: settings)
        _ = try world.addSwap(pages: 1, held: false, isSynchronous: true)
        let task = world.task("loader")
        let area = try world.map(anonymousPages: 1, in: task)
        try world.perform(.write(area), in: task)
        let old = world.report(of: task).outcome.stamp
        try world.perform(.madvise(area, .pageOut), in: task)
        world.evictSwapCache()
        let thread = world.thread("storer", of: task)
        world.start(.read(area), in: task)
        world.start([.write(area), .madvise(area, .pageOut), .read(area)], in: thread)
        let isThere = Property.finally("a task loads what it has stored") {
            $0.report(of: thread).outcome.stamp != old
        }
        // A task that waits for a slot looks again at each tick, and is counted each time.
        return world.checkSchedules(.exhaustive, for: [.lawsAtEnd, isThere]) { $0.tellsCountsApart = false }
    }

    @Test("a swap-in past the swap cache loses a store that was swapped out to its slot meanwhile, up to Linux 6.7")
    func bypass() throws {
        let before = try check(bypass: .linux6_1_36)
        try expect(before, states: 396, schedule: 37, culprit: "loader pageFault.swapMap") {
            $0 == .predicate("a task loads what it has stored")
        }
        for fixed in [KernelModel.linux6_1, .linux6_8, .linux6_12] {
            let verdict = try check(bypass: fixed)
            #expect(verdict.holds, "\(fixed.name): \(verdict)")
        }
    }

    // MARK: StackRot

    /// A stack grows while another process reads the list of areas.
    private func check(growing model: KernelModel) throws -> Verdict {
        var world = try World(model)
        let task = world.task()
        let stack = try world.map(
            MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x40000))),
            in: task)
        world.start(.write(stack.start - 1), in: task)
        world.start(.readProcMaps(stack.map), in: world.task())
        return world.checkSchedules(.exhaustive, for: [.laws])
    }

    @Test("Linux 6.1.36 walks the tree of areas through a node that a growing stack has replaced: StackRot")
    func stackRot() throws {
        let before = try check(growing: .linux6_1_36)
        try expect(
            before, states: 84, schedule: 9, culprit: "readProcMaps.walk: breaks law 7, staleArea", isStaleArea)
        // The tree of Linux 5.19 changes in place; later kernels grow stacks under the lock for writing.
        for other in [KernelModel.linux5_19, .linux6_1, .linux6_4, .linux6_12] {
            let verdict = try check(growing: other)
            #expect(verdict.holds, "\(other.name): \(verdict)")
        }
    }

    // MARK: Locks of areas

    /// A first store beside fork(2), in an area that has an `anon_vma`.
    private func check(forking model: KernelModel) throws -> Verdict {
        var world = try World(model)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(area), in: task)
        world.start(.write(area, page: 1), in: task)
        world.start(.fork, in: world.thread(of: task))
        return world.checkSchedules(.exhaustive, for: [.laws])
    }

    @Test("Linux 6.4.0 copies an area for a child while a fault runs under its lock")
    func forking() throws {
        let before = try check(forking: .linux6_4_0)
        try expect(
            before, states: 99, schedule: 10, culprit: "task 1 fork.copyArea: breaks law 7, staleArea", isStaleArea)
        for fixed in [KernelModel.linux6_4, .linux6_6, .linux6_12] {
            let verdict = try check(forking: fixed)
            #expect(verdict.holds, "\(fixed.name): \(verdict)")
        }
    }

    /// A store beside mremap(2) that takes the pages of the area, and leaves it.
    private func check(leaving model: KernelModel) throws -> Verdict {
        var world = try World(model)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(area), in: task)
        world.start(.write(area, page: 1), in: task)
        world.start(.mremap(area, newPages: 2, .leaving), in: world.thread(of: task))
        return world.checkSchedules(.exhaustive, for: [.laws])
    }

    @Test("Linux 6.4.0 asks for the anon_vma before the area's lock, and mremap(2) may take it away in between")
    func leaving() throws {
        let before = try check(leaving: .linux6_4_0)
        try expect(
            before, states: 157, schedule: 14, culprit: "pageFault.anonymousPrepare: breaks law 7, staleArea",
            isStaleArea)
        for fixed in [KernelModel.linux6_4, .linux6_6, .linux6_12] {
            let verdict = try check(leaving: fixed)
            #expect(verdict.holds, "\(fixed.name): \(verdict)")
        }
    }

    // MARK: Repeated retries

    /// `fixup_user_fault()` of a page that a monitor fills only after it has woken twice for nothing.
    private func check(fixup model: KernelModel) throws -> Verdict {
        var world = try World(model)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, in: task)
        let descriptor = try world.userfaultfd(in: task)
        try world.register(area, with: descriptor, for: .missing, by: task)
        world.start(.faultIn(FaultRequest(.fixupUnlockable, .write, area[0])), in: task)
        let wake = TaskOperation.wake(descriptor, area)
        world.start([wake, wake, .copy(descriptor, area, page: 0)], in: world.thread(of: task))
        let isThere = Property.always("a page that is said to be there is there") { machine in
            machine.isBusy(task) || machine.report(of: task).errno != nil
                || machine.entry(of: area[0], in: area.map).isPresent
        }
        return world.checkSchedules(.exhaustive, for: [isThere])
    }

    @Test("fixup_user_fault() takes a second RETRY for success, in Linux 5.7 to 5.12")
    func fixup() throws {
        let before = try check(fixup: .linux5_7_rc1)
        try expect(before, states: 975, schedule: 35, culprit: "task 0 faultCaller") {
            $0 == .predicate("a page that is said to be there is there")
        }
        for fixed in [KernelModel.linux5_7, .linux5_15, .linux6_1, .linux6_12] {
            let verdict = try check(fixup: fixed)
            #expect(verdict.holds, "\(fixed.name): \(verdict)")
        }
    }

    /// A lookup that is killed while it waits for the disk.
    private func check(killed model: KernelModel) throws -> Verdict {
        var world = try World(model)
        let task = world.task()
        let area = try world.map(try world.file(pages: 1), .read, in: task)
        world.start(.getUserPages(area, .unlockable), in: task)
        let isTold = Property.finally("a lookup finds its page, or says why not") { machine in
            let report = machine.report(of: task)
            return report.errnoWhenKilled == .interrupted || report.outcome.value == 1
        }
        return world.checkSchedules(.exhaustive, for: [.lawsAtEnd, isTold]) {
            $0.injections = [Injection(.signal(.kill, task), .asleep(task))]
        }
    }

    @Test("a killed lookup returns 0 in Linux 5.7-rc1, after which its callers try again forever")
    func killed() throws {
        let before = try check(killed: .linux5_7_rc1)
        try expect(before, states: 53, schedule: 34, culprit: "getUserPages.allReturned") {
            $0 == .predicate("a lookup finds its page, or says why not")
        }
        for fixed in [KernelModel.linux5_7, .linux5_15, .linux6_1, .linux6_12] {
            let verdict = try check(killed: fixed)
            #expect(verdict.holds, "\(fixed.name): \(verdict)")
        }
    }

    // MARK: The presets

    @Test("they are found by their names, are legal, and none of the presets that obey the laws")
    func names() {
        #expect(KernelModel.withKnownBugs.count == 5)
        for model in KernelModel.withKnownBugs {
            #expect(KernelModel.preset(named: "\(model.name)") == model)
            #expect(model.problems.isEmpty)
            #expect(!KernelModel.presets.contains { $0.name == model.name })
        }
    }
}
