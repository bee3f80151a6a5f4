import FaultSimulator
import Testing

/// What one access costs under each kernel whose areas have locks, and the kernel before: the worked examples of the
/// reference, in rows of min_flt, maj_flt, pgfault, pgmajfault and mmap read locks.
@Suite("One access under Linux 6.1 to 6.19", .timeLimit(.minutes(60)))
struct AreaLockKernelTests {
    /// The rows of a table, by preset.
    private func check(
        _ rows: [(KernelModel, AccessCounts)], _ access: (inout World) throws -> AccessCounts
    ) throws {
        for (model, expected) in rows {
            var world = try World(model)
            #expect(try access(&world) == expected, "\(model.name)")
        }
    }

    @Test("a cached page of a file, read")
    func cachedRead() throws {
        try check([
            (.linux6_1, AccessCounts(1, 0, 1, 0, 1)), (.linux6_4, AccessCounts(1, 0, 1, 0, 1)),
            (.linux6_6, AccessCounts(1, 0, 1, 0, 0)), (.linux6_8, AccessCounts(1, 0, 1, 0, 0)),
            (.linux6_12, AccessCounts(1, 0, 1, 0, 0)), (.linux6_19, AccessCounts(1, 0, 1, 0, 0)),
        ]) { world in
            let file = try world.file(pages: 64, resident: .all)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            return world.counts(of: .read(area, page: 5), in: task)
        }
    }

    @Test("a page of a file that is not cached, read")
    func coldRead() throws {
        try check([
            (.linux6_1, AccessCounts(0, 1, 2, 1, 2)), (.linux6_4, AccessCounts(0, 1, 1, 1, 2)),
            (.linux6_6, AccessCounts(0, 1, 1, 1, 2)), (.linux6_8, AccessCounts(0, 1, 1, 1, 1)),
            (.linux6_12, AccessCounts(0, 1, 1, 1, 1)), (.linux6_19, AccessCounts(0, 1, 1, 1, 1)),
        ]) { world in
            let file = try world.file(pages: 64)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            return world.counts(of: .read(area, page: 5), in: task)
        }
    }

    @Test("a page that another task is reading")
    func pageUnderRead() throws {
        try check([
            (.linux6_1, AccessCounts(0, 1, 2, 0, 2)), (.linux6_4, AccessCounts(0, 1, 1, 0, 2)),
            (.linux6_6, AccessCounts(0, 1, 1, 0, 2)), (.linux6_8, AccessCounts(1, 0, 1, 0, 1)),
            (.linux6_12, AccessCounts(1, 0, 1, 0, 1)),
        ]) { world in
            let file = try world.file(pages: 64)
            let other = world.task()
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            world.start(.read(file, page: 5, pages: 1, into: try world.map(anonymousPages: 1, in: other)), in: other)
            _ = world.run()
            let before = world.machine.events
            world.start(.read(area, page: 5), in: task)
            #expect(world.run() == .blocked)
            world.completeReads()
            _ = world.run(until: .done(task))
            let report = world.report(of: task)
            // The other's copy faults too.
            let copies = world.report(of: other).counters.attempts
            var counts = AccessCounts(report, world.machine.events, since: before)
            counts.pgfault -= copies
            return counts
        }
    }

    @Test("a cached page that carries the readahead mark, read")
    func markedPage() throws {
        try check([
            (.linux6_1, AccessCounts(0, 1, 2, 0, 2)), (.linux6_4, AccessCounts(0, 1, 1, 0, 2)),
            (.linux6_6, AccessCounts(0, 1, 1, 0, 2)), (.linux6_8, AccessCounts(1, 0, 1, 0, 1)),
            (.linux6_12, AccessCounts(1, 0, 1, 0, 1)),
        ]) { world in
            let file = try world.file(pages: 256)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            _ = world.counts(of: .read(area, page: 64), in: task)  // reads 48 to 79, marks 72
            return world.counts(of: .read(area, page: 72), in: task)
        }
    }

    @Test("the first write to a page of a shared tmpfs mapping")
    func sharedWrite() throws {
        try check([
            (.linux6_1, AccessCounts(1, 0, 1, 0, 1)), (.linux6_4, AccessCounts(1, 0, 1, 0, 1)),
            (.linux6_6, AccessCounts(1, 0, 1, 0, 1)), (.linux6_8, AccessCounts(1, 0, 1, 0, 0)),
            (.linux6_12, AccessCounts(1, 0, 1, 0, 0)),
        ]) { world in
            let file = try world.file(pages: 8, on: .tmpfs)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            return world.counts(of: .write(area), in: task)
        }
    }

    @Test("swap-in from a device")
    func swapIn() throws {
        try check([
            (.linux6_1, AccessCounts(0, 1, 2, 1, 2)), (.linux6_4, AccessCounts(0, 1, 1, 1, 2)),
            (.linux6_6, AccessCounts(1, 0, 1, 1, 1)), (.linux6_8, AccessCounts(0, 1, 1, 1, 1)),
            (.linux6_12, AccessCounts(0, 1, 1, 1, 1)),
        ]) { world in
            let swap = try world.addSwap(pages: 16)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            try world.perform(.write(area), in: task)
            try world.perform(.madvise(area, .pageOut), in: task)
            world.machine.finishHeld(on: swap, reads: false)
            world.evictSwapCache()
            return world.counts(of: .read(area), in: task)
        }
    }

    @Test("an access beyond the end of the file")
    func beyondEnd() throws {
        try check([
            (.linux6_1, AccessCounts(0, 0, 1, 0, 1)), (.linux6_4, AccessCounts(0, 0, 1, 0, 1)),
            (.linux6_6, AccessCounts(0, 0, 1, 0, 1)), (.linux6_8, AccessCounts(0, 0, 1, 0, 0)),
            (.linux6_12, AccessCounts(0, 0, 1, 0, 0)),
        ]) { world in
            let task = world.task()
            let area = try world.map(try world.file(pages: 4), pages: 8, .read, in: task)
            return world.counts(of: .read(area, page: 6), in: task)
        }
    }

    @Test("an access that the area does not allow, and one where there is none")
    func refused() throws {
        try check([
            (.linux6_1, AccessCounts(0, 0, 0, 0, 1)), (.linux6_4, AccessCounts(0, 0, 0, 0, 1)),
            (.linux6_6, AccessCounts(0, 0, 0, 0, 1)), (.linux6_8, AccessCounts(0, 0, 0, 0, 1)),
            (.linux6_12, AccessCounts(0, 0, 0, 0, 0)),
        ]) { world in
            let task = world.task()
            let area = try world.map(try world.file(pages: 4, resident: .all), .read, in: task)
            return world.counts(of: .write(area), in: task)
        }
        try check([(.linux6_1, AccessCounts(0, 0, 0, 0, 1)), (.linux6_12, AccessCounts(0, 0, 0, 0, 1))]) { world in
            let task = world.task()
            return world.counts(of: .read(PageNumber(0x1234)), in: task)
        }
    }

    @Test("anonymous memory: the first read, then the first write, then a write after fork")
    func anonymous() throws {
        let one = AccessCounts(1, 0, 1, 0, 1)
        let none = AccessCounts(1, 0, 1, 0, 0)
        for (model, read, write, afterFork) in [
            (KernelModel.linux6_1, one, one, one), (.linux6_4, one, one, none), (.linux6_6, one, one, none),
            (.linux6_8, one, one, none), (.linux6_12, none, one, none), (.linux6_19, none, one, none),
        ] {
            var world = try World(model)
            let task = world.task()
            let area = try world.map(anonymousPages: 4, in: task)
            #expect(world.counts(of: .read(area), in: task) == read, "\(model.name)")
            #expect(world.counts(of: .write(area), in: task) == write, "\(model.name)")
            try world.perform(.fork, in: task)
            #expect(world.counts(of: .write(area), in: task) == afterFork, "\(model.name)")
        }
    }

    @Test("a private write to a cached page of a file, without and with an anon_vma")
    func privateWrite() throws {
        let one = AccessCounts(1, 0, 1, 0, 1)
        for (model, next) in [
            (KernelModel.linux6_1, one), (.linux6_4, one), (.linux6_6, one),
            (.linux6_8, AccessCounts(1, 0, 1, 0, 0)), (.linux6_12, AccessCounts(1, 0, 1, 0, 0)),
        ] {
            var world = try World(model)
            let task = world.task()
            let area = try world.map(try world.file(pages: 8, resident: .all), in: task)
            #expect(world.counts(of: .write(area), in: task) == one, "\(model.name)")
            #expect(world.counts(of: .write(area, page: 1), in: task) == next, "\(model.name)")
        }
    }

    @Test("an attempt that is killed counts no fault, an attempt of old did")
    func killed() throws {
        for (model, pgfault) in [(KernelModel.linux6_1, 1), (.linux6_4, 0), (.linux6_12, 0)] {
            var world = try World(model)
            let task = world.task()
            let area = try world.map(try world.file(pages: 64), .read, in: task)
            world.start(.read(area), in: task)
            _ = world.run()
            world.kill(task)
            _ = world.run()
            #expect(world.machine.events.pgfault == pgfault, "\(model.name)")
            #expect(world.machine.events.pgmajfault == 1)
        }
    }

    // MARK: What else the presets do otherwise

    @Test("6.4: the first write to anonymous memory returns 0, and a failing copy faults once")
    func linux6_4() throws {
        for (model, result, exceptions) in [(KernelModel.linux6_1, FaultResult.write, 2), (.linux6_4, [], 1)] {
            var world = try World(model)
            let task = world.task()
            let area = try world.map(anonymousPages: 4, in: task)
            try world.perform(.read(area), in: task)
            #expect(try world.perform(.write(area), in: task).results.map(\.result) == [result])
            let copy = try world.perform(.kernelTouch(.write, PageNumber(0x77), .kernelWithFixup), in: task)
            #expect(copy.counters.exceptions == exceptions)
        }
    }

    @Test("6.6: munmap below a stack downgrades")
    func linux6_6() throws {
        for (model, reads) in [(KernelModel.linux6_4, 0), (.linux6_6, 1)] {
            var world = try World(model)
            let task = world.task()
            let start = PageNumber(0x8000)
            let below = try world.map(MapRequest(pages: 4, access: .readWrite, placement: .fixed(start)), in: task)
            _ = try world.map(
                MapRequest(pages: 4, access: .readWrite, flags: .growsDown, placement: .fixed(start + 4)), in: task)
            let report = try world.perform(.munmap(below), in: task)
            #expect(report.counters.mmapWriteLocks == 1 && report.counters.mmapReadLocks == reads)
        }
    }

    @Test("6.8: untouched memory that loses its write permission gives its charge back, and merges again")
    func linux6_8() throws {
        for (model, areas) in [(KernelModel.linux6_6, 2), (.linux6_8, 1)] {
            var world = try World(model)
            let task = world.task()
            let area = try world.map(anonymousPages: 8, .read, in: task)
            try world.perform(.mprotect(area, .readWrite, page: 4), in: task)
            try world.perform(.mprotect(area, .read, page: 4), in: task)
            #expect(world.machine.areas(of: area.map).count == areas)
        }
    }

    @Test("6.12: populating goes through the locked GUP, which stops at a hole and tries a lost page as tried")
    func linux6_12() throws {
        for (model, errno, rows) in [
            (KernelModel.linux6_8, Errno.invalid, [FaultResult.noPage]), (.linux6_12, .noMemory, [.noPage]),
        ] {
            var world = try World(model)
            let task = world.task()
            let start = PageNumber(0x8000)
            let file = try world.file(pages: 16, resident: .all)
            let first = try world.map(
                MapRequest(pages: 4, access: .read, file: file, placement: .fixed(start)), in: task)
            _ = try world.map(
                MapRequest(pages: 4, access: .noAccess, file: file, placement: .fixed(start + 8)), in: task)
            let report = try world.perform(.madvise(first.start, pages: 12, .populateRead), in: task)
            #expect(report.errno == errno && report.results.map(\.result) == rows, "\(model.name)")
        }
        for (model, major, reads) in [(KernelModel.linux6_8, 0, 2), (.linux6_12, 1, 3)] {
            var world = try World(model)
            let task = world.task()
            let area = try world.map(try world.file(pages: 64), .read, in: task)
            let report = try world.perform(.madvise(area, .populateRead, pages: 8), in: task)
            #expect(report.majorFaults == major && report.counters.mmapReadLocks == reads, "\(model.name)")
        }
    }

    @Test("6.12: a page that was swapped in for a load is writable at once, unless a child has it too")
    func swapInForLoad() throws {
        for (model, forks, attempts) in [
            (KernelModel.linux6_8, false, 1), (.linux6_12, false, 0), (.linux6_12, true, 1),
        ] {
            var world = try World(model)
            let swap = try world.addSwap(pages: 16)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            try world.perform(.write(area), in: task)
            try world.perform(.madvise(area, .pageOut), in: task)
            world.machine.finishHeld(on: swap, reads: false)
            world.evictSwapCache()
            if forks { try world.perform(.fork, in: task) }
            #expect(world.counts(of: .read(area), in: task).major == 1)
            try world.perform(.write(area), in: task)
            #expect(world.report(of: task).counters.attempts == attempts, "\(model.name), forks \(forks)")
            #expect(world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("6.12: a file's last page makes no page table by fault-around")
    func lastPage() throws {
        for (model, result) in [(KernelModel.linux6_8, FaultResult.noPage), (.linux6_12, .locked)] {
            var world = try World(model)
            let task = world.task()
            let file = try world.file(pages: 40, resident: .pages([39...39]))
            let area = try world.map(file, .read, in: task)
            #expect(try world.perform(.read(area, page: 39), in: task).results.map(\.result) == [result])
        }
    }

    @Test("6.12: a read of a missing page where the window ended is random, unless read(2) was there last")
    func readaheadBySource() throws {
        for (model, goesOn) in [(KernelModel.linux6_8, true), (.linux6_12, false)] {
            var world = try World(model)
            let task = world.task()
            let file = try world.file(pages: 256)
            let area = try world.map(file, .read, in: task)
            // A fault's window is pages 84 to 115; those that are not mapped then go.
            _ = world.counts(of: .read(area, page: 100), in: task)
            try world.perform(.dropCache(file), in: task)
            let before = world.residentPages(of: file).count
            _ = world.counts(of: .read(file, 116, pages: 1, into: nil), in: task)
            let brought = world.residentPages(of: file).count - before
            #expect((brought > 1) == goesOn, "\(model.name) reads \(brought) pages")
        }
    }

    @Test("6.12: punching a hole writes nothing first")
    func punch() throws {
        for (model, waits) in [(KernelModel.linux6_8, true), (.linux6_12, false)] {
            var world = try World(model)
            let task = world.task()
            let file = try world.file(pages: 8, resident: .all)
            try world.perform(.write(file, page: 4, pages: 1), in: task)
            world.start(.punchHole(file, 4, pages: 2), in: task)
            #expect((world.run() == .blocked) == waits, "\(model.name)")
        }
    }

    @Test("6.19: throwing pages of one area away takes its own lock, of two the mmap lock")
    func discard() throws {
        for (model, reads) in [(KernelModel.linux6_12, 1), (.linux6_19, 0)] {
            var world = try World(model)
            let task = world.task()
            let area = try world.map(anonymousPages: 8, in: task)
            try world.perform(.write(area, pages: 8), in: task)
            for advice in [Advice.free, .dontNeed, .dontNeedLocked] {
                let report = try world.perform(.madvise(area, advice, pages: 4), in: task)
                #expect(report.counters.mmapReadLocks == reads && report.errno == nil, "\(model.name), \(advice)")
            }
            #expect(world.presentPages(of: area) == [4, 5, 6, 7])
            try world.perform(.mlock(area, page: 6), in: task)
            let two = try world.perform(.madvise(area, .dontNeed, page: 4), in: task)
            #expect(two.counters.mmapReadLocks == 1 && two.errno == .invalid)
            #expect(world.presentPages(of: area) == [6, 7])
            let locked = try world.perform(.madvise(area, .dontNeed, page: 6), in: task)
            #expect(locked.counters.mmapReadLocks == reads && locked.errno == .invalid)
        }
    }

    @Test("6.19: a monitor reads the maps while a writer waits, up to the area that changes")
    func monitor() throws {
        for (model, reads) in [(KernelModel.linux6_12, 1), (.linux6_19, 1)] {
            var test = try AreaLockWorld(model)
            let file = try test.world.file(pages: 4, resident: .all)
            _ = try test.world.map(file, .read, in: test.first)
            let monitor = test.world.task()
            test.begin(.readProcMaps(test.sleepy.map), in: monitor)
            #expect(test.world.report(of: monitor).value == 2)
            #expect(test.world.report(of: monitor).counters.mmapReadLocks == (model == .linux6_19 ? 0 : reads))
            test.begin(.write(test.sleepy), in: test.first)
            test.begin(.mprotect(test.sleepy, .read), in: test.second)
            test.begin(.readProcMaps(test.sleepy.map), in: monitor)
            #expect(test.isAsleep(monitor))
            #expect(test.wake() == .finished)
            let report = test.world.report(of: monitor)
            #expect(report.value == 2 && report.counters.mmapReadLocks == reads)
        }
    }
}
