import FaultSimulator
import Testing

@testable import FaultArchX86
@testable import FaultCore

/// Rules of one line, each with what it is there for.
@Suite("Rules of one line", .timeLimit(.minutes(60)))
struct SmallRuleTests {
    @Test("a page of swap that can't be read is SIGBUS (do_swap_page())")
    func swapReadError() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var (play, area) = try Behaviour.swapped(model, pages: 1)
            play.world.machine.breakSwapSlots(1...play.world.machine.swapPages)
            try play.perform(.read(area))
            #expect(play.world.report(of: play.task).end == "SIGBUS/ADRERR", "\(model.name)")
        }
    }

    @Test("a load that a translation refuses is refused, whatever its area allows (access_error())")
    func presentEntry() {
        #expect(X86FaultEntry.isRefused([.protection, .user], by: [.read, .write]))
        #expect(!X86FaultEntry.isRefused([.protection, .write, .user], by: [.read, .write]))
        #expect(!X86FaultEntry.isRefused(.user, by: .read))
    }

    @Test("a child gets no area that is excluded from fork(2) (VM_DONTCOPY)")
    func excludedArea() throws {
        var play = try Play(.linux6_1)
        let areas = try (0..<2).map { _ in try play.world.map(anonymousPages: 1, .read, in: play.task) }
        let stack = try play.stack()
        try play.perform(.madvise(stack, .dontFork))
        let child = try play.world.fork(play.task)
        #expect(play.world.machine.area(containing: stack[0], in: play.world.map(of: child)) == nil)
        #expect(play.world.machine.area(containing: areas[0][0], in: play.world.map(of: child)) != nil)
    }

    @Test("with its last entry a page leaves the swap cache (free_swap_and_cache())")
    func droppedEntry() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            try play.swap()
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            try play.perform(.madvise(area, .pageOut))
            #expect(play.world.machine.swapCachedPages == 1, "\(model.name)")
            try play.perform(.madvise(area, .dontNeed))
            #expect(play.world.machine.swapCachedPages == 0, "\(model.name)")
        }
    }

    @Test("a stack keeps its distance to what lies below, and its limit (acct_stack_growth(), stack_guard_gap)")
    func stackLimits() throws {
        for (gap, limit) in [(20, 2048), (600, 4), (600, 2048)] {
            var play = try Play(.linux6_1) { $0.stackLimitPages = limit }
            let stack = try play.stack()
            _ = try play.map(UInt64(0x40000 - gap), pages: 1)
            try play.perform(.write(stack[0] - 5))
            let isFine = gap == 600 && limit == 2048
            #expect(play.world.report(of: play.task).end == (isFine ? "done" : "SIGSEGV/MAPERR"), "\(gap), \(limit)")
        }
    }

    @Test("after a read error less is read ahead (shrink_readahead_size_eio())")
    func readError() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 4)
            let area = try play.world.map(file, .read, in: play.task)
            play.world.machine.breakBlocks(of: file, PageRun(0, 3))
            try play.perform(.read(area))
            #expect(play.world.report(of: play.task).end == "SIGBUS/ADRERR", "\(model.name)")
            #expect(play.world.machine[readaheadOf: file].maximum < 32, "\(model.name)")
        }
    }

    @Test("truncation takes private copies along, a punched hole does not (unmap_mapping_range(): even_cows)")
    func copiesOfCutPages() throws {
        for cuts in [true, false] {
            var play = try Play(.linux6_1)
            let file = try play.world.file(pages: 4, resident: .all)
            let area = try play.world.map(file, .readWrite, .private, in: play.task)
            try play.perform(.write(area, page: 2))
            try play.perform(cuts ? .truncate(file, pages: 1) : .punchHole(file, 2, pages: 1))
            #expect(play.world.presentPages(of: area).contains(2) == !cuts)
        }
    }

    @Test("what is swapped out of a file goes with a truncation (shmem_truncate_range())")
    func swappedPagesOfCutFile() throws {
        var play = try Play(.linux6_1)
        try play.swap(held: false)
        let file = try play.world.file(pages: 2, on: .tmpfs)
        let area = try play.world.map(file, .readWrite, .shared, in: play.task)
        let free = play.world.machine.freeSwapPages
        try play.swapOut(area)
        #expect(play.world.machine.freeSwapPages == free - 2)
        try play.perform(.truncate(file, pages: 0))
        #expect(play.world.machine.freeSwapPages == free)
    }

    @Test("a write that has failed is told once, to who syncs next (mapping_set_error())")
    func writeError() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 2, resident: .all)
        try play.perform(.write(file, page: 1, pages: 1))
        play.world.machine.breakBlocks(of: file, PageRun(1, 1))
        #expect(try play.perform(.fsync(file)).errno == .inputOutput)
        #expect(try play.perform(.fsync(file)).errno == nil)
    }

    // MARK: Descriptors

    /// A process with an area of 4 pages that a descriptor handles, and a thread that may answer.
    private func handled(
        _ modes: UserfaultModes = .missing, _ features: UserfaultFeatures = [], _ opening: UserfaultOpening = []
    ) throws -> (Play, Area, UserfaultID) {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 4, in: play.task)
        let descriptor = UserfaultID(try play.perform(.userfaultfd(features, opening)).value)
        try play.world.register(area, with: descriptor, for: modes, by: play.task)
        return (play, area, descriptor)
    }

    @Test("a page that is swapped out is not filled (mfill_atomic_install_pte(): EEXIST)")
    func fillOverSwap() throws {
        var (play, area) = try Behaviour.swapped(.linux6_1, pages: 1)
        let descriptor = try play.world.userfaultfd(in: play.task)
        try play.world.register(area, with: descriptor, for: .missing, by: play.task)
        #expect(try play.perform(.copy(descriptor, area, page: 0), in: play.thread).errno == .exists)
    }

    @Test("where a protected page of a file is unmapped a marker stays (pte_install_uffd_wp_if_needed())")
    func markerOfUnmapped() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 1, on: .tmpfs, resident: .all)
        let area = try play.world.map(file, .readWrite, .shared, in: play.task)
        try play.perform(.read(area))
        let descriptor = try play.world.userfaultfd(in: play.task, features: .pagefaultFlagWP)
        try play.world.register(area, with: descriptor, for: .writeProtect, by: play.task)
        try play.perform(.writeProtect(descriptor, area))
        try play.perform(.madvise(area, .dontNeed))
        #expect(play.world.machine.entry(of: area[0], in: area.map).isMarker)
    }

    @Test("an answer wakes who waits for its pages, and nobody else (__wake_userfault())")
    func wakingOfOne() throws {
        var (play, area, descriptor) = try handled()
        let other = play.world.thread(of: play.task)
        try play.start(.read(area, page: 0))
        try play.start(.read(area, page: 1), in: other)
        try play.perform(.copy(descriptor, area, page: 0), in: play.thread)
        #expect(play.state() == "done" && play.state(of: other) == "waits")
        #expect(play.world.report(of: other).counters.attempts == 1)
    }

    @Test("what is not to be handed over is SIGBUS: by UFFD_FEATURE_SIGBUS, or of the kernel by UFFD_USER_MODE_ONLY")
    func refusals() throws {
        var (play, area, _) = try handled(.missing, .sigbus)
        try play.start(.read(area))
        #expect(play.state() == "done" && play.world.report(of: play.task).end == "SIGBUS/ADRERR")
        (play, area, _) = try handled(.missing, [], .userModeOnly)
        try play.start(.getUserPages(area, .unlockable, pages: 1))
        let isRefused = play.state() == "done" && play.world.report(of: play.task).errno == .badAddress
        try #require(isRefused)
        try play.start(.read(area))
        #expect(play.state() == "waits")
    }

    @Test("memory that begins to change while a fill waits for the lock is not filled (mmap_changing)")
    func changingMemory() throws {
        var (play, area, descriptor) = try handled()
        play.world.start(.copy(descriptor, area, page: 0), in: play.thread)
        try play.step(play.thread, to: "lockTaken")
        play.world.machine.userfaults[descriptor.index].changes += 1
        play.step(play.thread)
        #expect(play.world.report(of: play.thread).errno == .tryAgain)
    }
}
