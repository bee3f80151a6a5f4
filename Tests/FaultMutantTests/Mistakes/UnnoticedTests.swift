import FaultSimulator
import Testing

@testable import FaultCore

/// What one mistake would have changed that nothing else looks at.
@Suite("What nothing else looks at", .timeLimit(.minutes(60)))
struct UnnoticedTests {
    @Test("a pinned page that reclaim can't unmap keeps that its entry was dirty (try_to_unmap_one())")
    func pinnedDirty() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var play = try Play(model)
            try play.swap(held: false)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            let folio = play.frame(of: 0, in: area)
            _ = play.world.machine.addToSwap(folio)
            try play.world.pin(area, in: play.task)
            play.world.machine.setFlags(of: folio, removing: .dirty)
            #expect(play.world.machine.entry(of: area[0], in: area.map).isDirty)
            let isGone = play.world.machine.unmap(folio, by: play.task)
            #expect(!isGone, "\(model.name)")
            #expect(play.world.presentPages(of: area) == [0])
            #expect(play.world.machine.flags(of: folio).contains(.dirty), "\(model.name)")
        }
    }

    @Test("a pass that has freed a page is none in vain, however many follow (do_try_to_free_pages())")
    func fruitfulPass() throws {
        var play = try Play(.linux6_1) {
            $0.frameLimit = 24
            $0.readaheadPages = 0
        }
        try play.swap(held: false)
        let area = try play.world.map(anonymousPages: 20, in: play.task)
        try play.perform(.write(area, pages: 20))
        // Passes that free little are followed by others until there is enough.
        var frame = ReclaimRoutine.Frame(purpose: .allocation, wanted: 64)
        frame.fruitlessPasses = 2
        frame.freed = 1
        var fault = VMFault()
        play.world.machine.scheduler.current = play.task
        let held = (0..<8).compactMap { _ in
            play.world.machine.allocateFrame(
                .anonymousPage, flags: [.uptodate], index: 0, stamp: 0, for: play.task, slot: .call)
        }
        #expect(play.world.machine.mustReclaim(for: play.task))
        _ = ReclaimRoutine.step(.passDone, &frame, .plain, &fault, &play.world.machine)
        #expect(frame.fruitlessPasses == 0)
        frame.freed = 0
        frame.fruitlessPasses = 1
        _ = ReclaimRoutine.step(.passDone, &frame, .plain, &fault, &play.world.machine)
        #expect(frame.fruitlessPasses == 2)
        for folio in held { play.world.machine.unhold(folio, for: play.task, in: .call) }
    }

    @Test("shared memory that has no handler is SIGBUS (do_anonymous_page(): VM_SHARED)")
    func sharedWithoutHandler() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            for access in [FaultException.Access.read, .write] {
                var play = try Play(model)
                let area = try play.world.map(anonymousPages: 1, in: play.task)
                let areas = play.world.machine.maps[area.map.index].areas
                let position = try #require(areas.firstPosition(endingAfter: area[0]))
                var shared = areas[position]
                shared.flags.insert(.shared)
                play.world.machine.replaceArea(at: position, in: area.map, with: shared)
                try play.perform(.touch(access, area[0], pages: 1, stride: 1))
                #expect(play.world.report(of: play.task).end == "SIGBUS/ADRERR", "\(model.name)")
            }
        }
    }

    @Test(
        "who comes second to grow a stack finds it grown, whatever is there now (do_user_addr_fault(), the write lock)")
    func secondGrower() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var play = try Play(model)
            let stack = try play.stack()
            try play.perform(.write(stack))
            play.world.start(.write(stack[0] - 1), in: play.task)
            try play.step(play.task, to: "take")
            // Something else is mapped there by the time that it has the lock for writing: no stack.
            let other = MapRequest(pages: 1, access: .readWrite, placement: .fixed(stack[0] - 1))
            play.world.start(.mmap(other), in: play.thread)
            play.step(play.thread)
            try play.settle()
            #expect(play.world.report(of: play.task).end == "done", "\(model.name)")
        }
    }

    @Test("a writer that was robbed of the lock once is robbed no second time (RWSEM_FLAG_HANDOFF)")
    func robbedWriter() {
        let rules = ReadWriteSemaphore.Rules(.linux6_1)
        var lock = ReadWriteSemaphore()
        let (reader, writer, thief) = (TaskID(0), TaskID(1), TaskID(2))
        let isTaken = lock.tryLock(.read, for: reader)
        lock.enqueue(writer, .write, at: 0)
        let woken = lock.unlock(.read, rules).map(\.task)
        let isStolen = lock.steal(.read, for: thief)
        let claimed = lock.claim(writer)
        #expect(isTaken && woken == [writer] && isStolen && claimed == nil)
        _ = lock.unlock(.read, rules)
        let isStolenAgain = lock.steal(.read, for: thief)
        #expect(!isStolenAgain)
    }

    @Test("a page that somebody holds is not reclaimed (__remove_mapping())")
    func reclaimOfHeldPage() throws {
        for isHeld in [true, false] {
            var play = try Play(.linux6_1) { $0.frameLimit = 64 }
            let file = try play.world.file(pages: 1, resident: .all)
            let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
            if isHeld { play.world.machine.hold(folio, for: play.task, in: .call) }
            let outcome = play.world.machine.reclaimPage(folio, by: play.task)
            #expect(outcome == (isHeld ? .kept : .freed))
            #expect((play.world.machine.cachedFolio(at: 0, of: file) != nil) == isHeld)
            if isHeld { play.world.machine.unhold(folio, for: play.task, in: .call) }
        }
    }
}
