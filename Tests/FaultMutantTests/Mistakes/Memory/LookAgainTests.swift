@testable import FaultFilemap
import FaultSimulator
import Testing

@testable import FaultCore

/// Where the kernel looks a second time at what may have changed: what would come of one look too few.
@Suite("What is looked at again", .timeLimit(.minutes(60)))
struct LookAgainTests {
    @Test("a read that has its pages when the file is cut returns those that are left (filemap_read())")
    func readBesideTruncation() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 4, resident: .all)
            play.world.start(.read(file, page: 2, pages: 2), in: play.task)
            try play.step(play.task, to: "ready")
            play.world.start(.truncate(file, pages: 3), in: play.thread)
            play.step(play.thread)
            try play.settle()
            #expect(play.world.report(of: play.task).value == 1, "\(model.name)")
        }
    }

    @Test("of two who wait for a swapped page with the lock held, the second finds it mapped (do_swap_page())")
    func swapEntryUnderLock() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var (play, area) = try Behaviour.swapped(model, pages: 4, isRotational: true)
            _ = try play.world.fork(play.task)  // which keeps the slot, and with it the page in the swap cache
            for task in [play.task, play.thread] { try play.start(.getUserPages(area, pages: 1), in: task) }
            #expect(play.lock == "lock held" && play.state() == "waits" && play.state(of: play.thread) == "waits")
            try play.settle()
            #expect(play.world.report(of: play.task).value == 1 && play.world.report(of: play.thread).value == 1)
            #expect(play.world.rss(of: play.task).anonymous == 1, "\(model.name)")
            #expect(play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("a store whose page another thread has copied meanwhile reuses nothing (do_wp_page())")
    func copyWasMade() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            _ = try play.world.fork(play.task)
            for task in [play.task, play.thread] {
                play.world.start(.write(area), in: task)
                try play.step(task, to: "writeProtected")
            }
            try play.settle()
            #expect(play.world.machine.events.pgreuse == 0, "\(model.name)")
            #expect(play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("of two copies that are made of one page only the first is mapped, and no store is lost (wp_page_copy())")
    func twoCopies() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            let old = play.world.machine.stamp(of: play.frame(of: 0, in: area))
            _ = try play.world.fork(play.task)
            for task in [play.task, play.thread] {
                play.world.start(.write(area), in: task)
                try play.step(task, to: "copyInstall")
            }
            play.step(play.task)
            play.step(play.thread)
            let first = Machine.stamp(after: old, writtenBy: play.task)
            let both = Machine.stamp(after: first, writtenBy: play.thread)
            #expect(play.world.machine.stamp(of: play.frame(of: 0, in: area)) == both, "\(model.name)")
            #expect(play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("a page whose entry has gone while page_mkwrite slept is not mapped (finish_mkwrite_fault())")
    func entryGoneInMkwrite() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 4, on: .btrfs, resident: .all)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.perform(.read(area, page: 2))
            try play.start(.write(area, page: 2))
            #expect(play.state() == "waits", "the file system prepares the page")
            play.world.start(.madvise(area, .dontNeed), in: play.thread)
            play.step(play.thread)
            try play.settle()
            #expect(play.world.report(of: play.task).isDone && play.state(of: play.thread) == "done", "\(model.name)")
            #expect(play.world.report(of: play.task).counters.exceptions == 2)
            #expect(play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("neighbours that are mapped already are not mapped again (2014)")
    func mappedNeighbours() throws {
        var play = try Play(.shutemov2014)
        let file = try play.world.file(pages: 32, resident: .all)
        let area = try play.world.map(file, in: play.task)
        try play.perform(.read(area, page: 8))
        let mapped = play.world.rss(of: play.task).file
        try play.perform(.madvise(area, .dontNeed, page: 8, pages: 1))
        try play.perform(.read(area, page: 8))
        #expect(mapped > 1 && play.world.rss(of: play.task).file == mapped)
        #expect(play.world.machine.checkInvariants().isEmpty)
    }

    @Test("a private store that waits for its page keeps no copy of it meanwhile (do_cow_fault())")
    func copyBesideRead() throws {
        for model in [KernelModel.linux2_6_37, .linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 4)
            let area = try play.world.map(file, .readWrite, .private, in: play.task)
            let report = try play.perform(.write(area, page: 1))
            #expect(play.results().contains("RETRY"), "\(model.name)")
            let stamp = Machine.stamp(after: Machine.initialStamp(of: file, at: 1), writtenBy: play.task)
            #expect(report.outcome.stamp == stamp, "the copy has the content of the page")
            #expect(play.world.machine.framesInUse == play.world.machine.cachedPages(of: file) + 1)
            #expect(play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("get_user_pages() of a task that is killed stops at the next page")
    func killedBetweenPages() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 8, in: play.task)
            play.world.start(.getUserPages(area, .write, pages: 8), in: play.task)
            play.step(play.task) { $0.report(of: $1).counters.attempts < 2 }
            play.world.kill(play.task)
            try play.settle()
            #expect(play.world.report(of: play.task).counters.attempts == 2, "\(model.name)")
        }
    }

    @Test("get_user_pages() for want of memory is ENOMEM (vm_fault_to_errno())")
    func memoryErrno() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 8, in: play.task)
            play.world.machine.failAllocation(at: .anonymousPage)
            #expect(try play.perform(.getUserPages(area, .write, pages: 2)).errno == .noMemory, "\(model.name)")
        }
    }

    @Test("a fault for writing makes a clean entry dirty, though it was writable (handle_pte_fault())")
    func cleanWritableEntry() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            try play.perform(.madvise(area, .free))
            let clean = play.world.machine.entry(of: area[0], in: area.map)
            #expect(clean.isWritable && !clean.isDirty)
            try play.perform(.faultIn(.fixup, .write, area))
            #expect(play.world.machine.entry(of: area[0], in: area.map).isDirty, "\(model.name)")
        }
    }
}
