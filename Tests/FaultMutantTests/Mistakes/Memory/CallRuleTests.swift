import FaultSimulator
import Testing

@testable import FaultCore

/// Rules of single calls that nothing else looks at: which error comes, what is left alone, and what goes along.
@Suite("Rules of single calls", .timeLimit(.minutes(60)))
struct CallRuleTests {
    @Test("MADV_POPULATE_READ of what no file backs any more is EFAULT, not ENOMEM (madvise_populate())")
    func populateBehindEnd() throws {
        for model in [KernelModel.linux6_12, .linux6_19] {
            var play = try Play(model)
            let file = try play.world.file(pages: 2, resident: .all)
            let area = try play.world.map(file, pages: 4, .readWrite, .shared, in: play.task)
            #expect(try play.perform(.madvise(area, .populateRead)).errno == .badAddress, "\(model.name)")
            #expect(play.world.presentPages(of: area) == [0, 1], "\(model.name)")
            let (hole, pages) = (area[0] - 64, 1)
            let report = try play.perform(.madvise(hole, pages: pages, .populateRead))
            #expect(report.errno == .noMemory, "\(model.name)")
        }
    }

    @Test("MADV_POPULATE_READ of a page with a memory error is EHWPOISON, unlike get_user_pages() (FOLL_HWPOISON)")
    func populatePoisoned() throws {
        let models = KernelModel.presets.filter { $0.userfaults.rawValue >= KernelModel.Userfaults.poison.rawValue }
        #expect(models.count > 1)
        for model in models {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            let descriptor = try play.world.userfaultfd(in: play.task)
            try play.world.register(area, with: descriptor, for: .missing, by: play.task)
            try play.perform(.userfault(descriptor, .poison(area[0], pages: 1, [])), in: play.thread)
            for advice in [Advice.populateRead, .populateWrite] {
                #expect(try play.perform(.madvise(area, advice)).errno == .hardwarePoison, "\(model.name)")
            }
            #expect(try play.perform(.getUserPages(area, pages: 1)).errno == .badAddress)
        }
    }

    @Test("a fault for want of memory is ENOMEM to its caller, but EFAULT to a device's mirror (hmm_vma_fault())")
    func callersWithoutMemory() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            for (caller, errno) in [
                (FaultCaller.fixup, Errno.noMemory), (.fixupUnlockable, .noMemory), (.futex, .noMemory),
                (.coprocessor, .noMemory), (.hmm, .badAddress),
            ] {
                var play = try Play(model)
                let area = try play.world.map(anonymousPages: 1, in: play.task)
                play.world.machine.failAllocation(at: .anonymousPage)
                let report = try play.perform(.faultIn(FaultRequest(caller, .write, area[0])))
                #expect(report.errno == errno && report.counters.attempts == 1, "\(model.name), \(caller)")
            }
        }
    }

    @Test("MADV_POPULATE_READ that is killed has failed with EINTR (madvise_populate())")
    func populateKilled() throws {
        for model in [KernelModel.linux6_1, .linux6_12, .linux6_19] {
            var play = try Play(model)
            let area = try play.world.map(try play.world.file(pages: 64), .readWrite, .shared, in: play.task)
            try play.start(.madvise(area, .populateRead))
            #expect(play.state() == "waits")
            play.world.kill(play.task)
            try play.settle()
            #expect(play.world.report(of: play.task).errnoWhenKilled == .interrupted, "\(model.name)")
        }
    }

    @Test("a pin that gets only some of its pages is EFAULT, whatever stopped it (internal_get_user_pages_fast())")
    func pinOfSome() throws {
        for (present, errno) in [(1, Errno.badAddress), (0, .noMemory)] {
            var play = try Play(.linux6_1)
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            if present > 0 { try play.perform(.write(area)) }
            play.world.machine.failAllocation(at: .anonymousPage)
            #expect(try play.perform(.pinUserPages(area)).errno == errno, "\(present) present")
            #expect(play.world.pins.isEmpty)
        }
    }

    @Test("a pin of a page that is there tells what it holds")
    func contentOfPin() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        try play.perform(.write(area))
        let report = try play.perform(.pinUserPages(area))
        #expect(report.outcome.stamp == play.world.machine.stamp(of: play.frame(of: 0, in: area)))
        #expect(report.outcome.stamp != 0 && report.attempts.isEmpty)
    }

    @Test("a page that no other process maps any more is none for break_ksm()")
    func pageThatIsAlone() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        try play.perform(.write(area))
        let child = try play.world.fork(play.task)
        try play.perform(.exit, in: child)
        let before = play.world.machine.entry(of: area[0], in: area.map)
        #expect(!before.isWritable && play.world.machine.references(of: before.frame) == 1)
        let scanner = play.world.kernelThread()
        try play.perform(.faultIn(FaultRequest(.breakKSM, .write, area[0], in: area.map)), in: scanner)
        #expect(play.world.report(of: scanner).value == 1 && play.world.report(of: scanner).attempts.isEmpty)
        #expect(play.world.machine.entry(of: area[0], in: area.map) == before)
    }

    @Test("break_ksm() goes on behind a page that can't be copied because it is gone, and ends without memory")
    func unbreakable() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 2, in: play.task)
        try play.perform(.write(area, pages: 2))
        _ = try play.world.fork(play.task)
        let scanner = play.world.kernelThread()
        play.world.machine.failAllocation(at: .copyPage)
        let request = FaultRequest(.breakKSM, .write, area[0], pages: 2, in: area.map)
        #expect(try play.perform(.faultIn(request), in: scanner).errno == .noMemory)
        #expect(try play.perform(.faultIn(request), in: scanner).value == 2)
    }

    @Test("mlockall(2) locks all memory if just that much may be locked, and refuses MCL_ONFAULT alone (do_mlockall())")
    func lockingAll() throws {
        for (limit, isAllowed) in [(4, true), (3, false)] {
            var play = try Play(.linux6_1) { $0.lockedLimitPages = limit }
            _ = try play.world.map(anonymousPages: 4, in: play.task)
            #expect(try play.perform(.mlockAll(.onFault)).errno == .invalid)
            #expect(try play.perform(.mlockAll(.current)).errno == (isAllowed ? nil : .noMemory), "\(limit) pages")
        }
        var play = try Play(.linux6_1) { $0.lockedLimitPages = 0 }
        #expect(try play.perform(.mlockAll(.future)).errno == .notPermitted)
    }

    @Test("fork(2) of a task that is killed ends with EINTR, without a child (dup_mmap(): fatal_signal_pending())")
    func killedFork() throws {
        var play = try Play(.linux6_1)
        _ = try play.world.map(anonymousPages: 1, in: play.task)
        let tasks = play.world.machine.tasks.count
        play.world.start(.fork, in: play.task)
        try play.step(play.task, to: "copyArea")
        play.world.kill(play.task)
        try play.settle()
        #expect(play.world.report(of: play.task).errnoWhenKilled == .interrupted)
        #expect(play.world.machine.tasks.count == tasks)
    }

    @Test("a child's memory has the names of its parent's")
    func namesOfChild() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 2, named: "buffer", in: play.task)
        let child = try play.world.fork(play.task, named: "child")
        let copy = play.world.area(named: "buffer", in: child)
        #expect(copy.start == area.start && copy.pages == 2 && copy.map == play.world.map(of: child))
    }

    @Test("MAP_FIXED_NOREPLACE fails if only its last page lies on memory (EEXIST)")
    func lastPageOfPlace() throws {
        for (page, errno) in [(UInt64(0x2000), Errno.exists), (0x1FFF, nil)] {
            var play = try Play(.linux6_1)
            _ = try play.map(0x2003, pages: 1)
            let request = MapRequest(pages: 4, access: .read, placement: .fixedNoReplace(PageNumber(page)))
            #expect(try play.perform(.mmap(request)).errno == errno)
        }
    }

    @Test("msync(2) of memory that nothing is mapped behind is ENOMEM, unless it ends where it does")
    func syncToEnd() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 2, resident: .all)
        let area = try play.world.map(file, .readWrite, .shared, in: play.task)
        try play.perform(.munmap(area.start + 1, pages: 1))
        #expect(try play.perform(.msync(area.start, pages: 1)).errno == nil)
        #expect(try play.perform(.msync(area.start, pages: 2)).errno == .noMemory)
        play.world.machine.breakBlocks(of: file, PageRun(0, 1))
        try play.perform(.write(area))
        #expect(try play.perform(.msync(area.start, pages: 1)).errno == .inputOutput)
    }

    @Test("MAP_LOCKED without the right to lock is EPERM, memory that mlockall(2) would lock is EAGAIN (do_mmap())")
    func mappingLocked() throws {
        for (flags, isLater, errno) in [(MapFlags.locked, false, Errno.notPermitted), ([], true, .tryAgain)] {
            var play = try Play(.linux6_1) { $0.lockedLimitPages = 0 }
            let map = play.world.map(of: play.task)
            if isLater { play.world.machine.maps[map.index].defaultFlags.insert(.locked) }
            #expect(try play.perform(.mmap(MapRequest(pages: 1, access: .read, flags: flags))).errno == errno)
        }
    }

    @Test("a sleep that a signal ends is EINTR (hrtimer_nanosleep())")
    func interruptedSleep() throws {
        var play = try Play(.linux6_1)
        play.world.start(.sleep(nanoseconds: 1_000), in: play.task)
        play.world.run(until: .asleep(play.task))
        play.world.send(.user1, to: play.task)
        try play.go()
        #expect(play.world.report(of: play.task).errno == .interrupted && play.world.clock < 1_000)
        #expect(try play.perform(.sleep(nanoseconds: 1_000)).errno == nil)
    }

    @Test("a monitor that is killed while it waits for a writer gets no areas, but EINTR (mmap_read_lock_killable())")
    func killedMonitor() throws {
        for model in [KernelModel.linux6_1, .linux6_12, .linux6_19] {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            let monitor = play.world.task()
            try play.hold(.write)
            play.world.machine.maps[area.map.index].areaLocks.mark(area[0]..<area[1])
            play.world.start(.readProcMaps(area.map), in: monitor)
            play.world.run()
            #expect(play.world.machine.wait(of: monitor)?.kind == .lock, "\(model.name)")
            play.world.kill(monitor)
            play.world.run()
            #expect(play.world.report(of: monitor).errnoWhenKilled == .interrupted, "\(model.name)")
            play.release()
        }
    }

    @Test("a child's memory is laid out as its parent's (dup_mm(): mmap_base)")
    func layoutOfChild() throws {
        var play = try Play(.linux6_1)
        let map = play.world.map(of: play.task)
        play.world.machine.maps[map.index].mmapBase = PageNumber(0x10000)
        let child = try play.world.fork(play.task)
        let areas = try [play.task, child].map { try play.world.map(anonymousPages: 4, in: $0).start }
        #expect(areas == [PageNumber(0xFFFC), PageNumber(0xFFFC)])
    }
}
