import FaultSimulator
import Testing

@testable import FaultCore

/// Write protection by userfaultfd, of pages that are not in their entries.
@Suite("Write protection of pages that are elsewhere", .timeLimit(.minutes(60)))
struct ProtectRuleTests {
    @Test("a page that is swapped out while it is protected can be written once that is lifted (change_pte_range())")
    func liftedWhileSwapped() throws {
        for isLifted in [true, false] {
            var (play, area) = try Behaviour.swapped(.linux6_1, pages: 1)
            let descriptor = try play.world.userfaultfd(in: play.task, features: .pagefaultFlagWP)
            try play.world.register(area, with: descriptor, for: .writeProtect, by: play.task)
            try play.perform(.writeProtect(descriptor, area))
            if isLifted { try play.perform(.writeProtect(descriptor, area, protects: false)) }
            try play.perform(.write(area))
            #expect(play.state() == (isLifted ? "done" : "waits"))
        }
    }

    @Test("a page behind the end of a file is not filled: EFAULT (mfill_atomic_install_pte())")
    func fillBehindEnd() throws {
        for (page, errno) in [(1, nil), (2, Errno.badAddress)] {
            var play = try Play(.linux6_1)
            let file = try play.world.file(pages: 2, on: .tmpfs)
            let area = try play.world.map(file, pages: 4, .readWrite, .shared, in: play.task)
            let descriptor = try play.world.userfaultfd(in: play.task)
            try play.world.register(area, with: descriptor, for: .missing, by: play.task)
            #expect(try play.perform(.copy(descriptor, area, page: page), in: play.thread).errno == errno)
            let other = try play.world.map(file, pages: 4, .readWrite, in: play.task)
            try play.world.register(other, with: descriptor, for: .missing, by: play.task)
            #expect(try play.perform(.copy(descriptor, other, page: page), in: play.thread).errno == errno)
        }
    }

    @Test("UFFDIO_CONTINUE brings a page of tmpfs back from swap, and maps it (shmem_get_folio())")
    func continuedFromSwap() throws {
        for isHeld in [false, true] {
            var play = try Play(.linux6_1)
            try play.swap(held: isHeld)
            let file = try play.world.file(pages: 2, on: .tmpfs)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.swapOut(area)
            let stamps = (0..<2).map { play.world.machine.swapSlot(of: file, at: PageIndex($0)) }
            #expect(!stamps.contains(nil))
            let descriptor = try play.world.userfaultfd(in: play.task, features: .minorShmem)
            try play.world.register(area, with: descriptor, for: .minor, by: play.task)
            #expect(try play.perform(.continue(descriptor, area, page: 0, pages: 2), in: play.thread).errno == nil)
            #expect(play.world.presentPages(of: area) == [0, 1])
            #expect(play.frame(of: 1, in: area) == play.world.machine.cachedFolio(at: 1, of: file))
        }
    }

    @Test("UFFDIO_COPY fills what it has read from its source, even if that is gone by then (copy_from_user())")
    func sourceThatGoes() throws {
        var (play, source) = try Behaviour.swapped(.linux6_1, pages: 1)
        try play.perform(.read(source))
        let stamp = play.world.machine.stamp(of: play.frame(of: 0, in: source))
        try play.perform(.madvise(source, .pageOut))
        play.world.evictSwapCache()
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        let descriptor = try play.world.userfaultfd(in: play.task)
        try play.world.register(area, with: descriptor, for: .missing, by: play.task)
        let call = UserfaultCall.copy(area.start, pages: 1, from: source.start, [])
        try play.start(.userfault(descriptor, call))
        #expect(play.state() == "waits")
        play.world.machine.finishHeld(on: play.world.machine.swap.areas[0].device)
        try play.step(play.task, to: "sourceRead")
        play.step(play.task, most: 1)
        try play.perform(.madvise(source, .dontNeed), in: play.thread)
        #expect(play.state() == "done" && play.world.report(of: play.task).errno == nil)
        #expect(play.world.machine.stamp(of: play.frame(of: 0, in: area)) == stamp && stamp != 0)
    }

    @Test("UFFDIO_COPY from beyond user memory is EINVAL (validate_range())")
    func sourceBeyondMemory() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        let descriptor = try play.world.userfaultfd(in: play.task)
        try play.world.register(area, with: descriptor, for: .missing, by: play.task)
        let source = play.world.machine.geometry.userLimit
        let call = UserfaultCall.copy(area.start, pages: 1, from: source, [])
        #expect(try play.perform(.userfault(descriptor, call), in: play.thread).errno == .invalid)
    }

    @Test("protecting memory changes nothing where a page is lost (change_pte_range(): poisoned entries)")
    func protectedLostPage() throws {
        var (play, area) = try Behaviour.swapped(.linux6_1, pages: 1)
        let descriptor = try play.world.userfaultfd(in: play.task, features: .pagefaultFlagWP)
        try play.world.register(area, with: descriptor, for: .writeProtect, by: play.task)
        play.world.machine.breakSwapSlots(1...play.world.machine.swapPages)
        try play.perform(.swapOff(0))
        let lost = play.world.machine.entry(of: area[0], in: area.map)
        for protects in [true, false] {
            try play.perform(.writeProtect(descriptor, area, protects: protects))
            #expect(play.world.machine.entry(of: area[0], in: area.map) == lost)
        }
        #expect(try play.perform(.write(area)).end == "SIGBUS/ADRERR")
    }

    @Test("poll(2) of a descriptor that was never opened says at once that it is none (POLLNVAL)")
    func pollOfNothing() throws {
        for (set, ready) in [(UInt16(0b11), 1), (0b1, 0)] {
            var play = try Play(.linux6_1)
            let descriptor = try play.world.userfaultfd(in: play.task)
            let call = UserfaultCall.pollAny(of: set, timeoutNanoseconds: 0)
            #expect(try play.perform(.userfault(descriptor, call)).value == ready)
        }
    }

    @Test("MADV_FREE leaves the protection of pages that are not there (madvise_free_pte_range())")
    func freedMarker() throws {
        var play = try Play(.linux6_12)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        let descriptor = try play.world.userfaultfd(in: play.task, features: [.pagefaultFlagWP, .wpUnpopulated])
        try play.world.register(area, with: descriptor, for: .writeProtect, by: play.task)
        try play.perform(.writeProtect(descriptor, area))
        try play.perform(.madvise(area, .free))
        #expect(play.world.machine.entry(of: area[0], in: area.map).isMarker)
        try play.start(.write(area))
        #expect(play.state() == "waits")
    }
}
