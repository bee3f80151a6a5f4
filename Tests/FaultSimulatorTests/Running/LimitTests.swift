import FaultSimulator
import Testing

@Suite("Limits, and the errors of the calls that hit them", .timeLimit(.minutes(60)))
struct LimitTests {
    private func world(_ change: (inout MachineSettings) -> Void) throws -> (World, TaskID) {
        var settings = MachineSettings()
        change(&settings)
        var world = try World(.linux6_1, settings: settings)
        let task = world.task()
        return (world, task)
    }

    @Test("max_map_count: mmap fails with more areas than that, a split with as many, a merge never")
    func mapCount() throws {
        var (world, task) = try world { $0.mapCountLimit = 4 }
        let area = try world.map(anonymousPages: 9, in: task)
        for page in [1, 3] {  // 3 and 5 areas would be too many for a second split: 4 is the limit
            let report = try world.perform(.mprotect(area, .read, page: page, pages: 1), in: task)
            #expect(report.errno == (page == 1 ? nil : .noMemory))
        }
        // The split below the range stays.
        #expect(world.machine.areas(of: area.map).count == 4)
        _ = try world.map(anonymousPages: 1, .read, in: task)
        #expect(world.machine.areas(of: area.map).count == 5)
        #expect(throws: WorldError.refused(.noMemory)) { try world.map(anonymousPages: 1, .readExecute, in: task) }
        #expect(try world.perform(.munmap(area, page: 7, pages: 1), in: task).errno == .noMemory)
        #expect(try world.perform(.mprotect(area, .readWrite, page: 1, pages: 1), in: task).errno == nil)
        #expect(world.machine.areas(of: area.map).count < 5)
    }

    @Test("RLIMIT_AS: mmap, mremap and brk fail; what MAP_FIXED replaces does not count")
    func addressSpace() throws {
        var (world, task) = try world { $0.addressSpaceLimitPages = 10 }
        let area = try world.map(anonymousPages: 8, in: task)
        #expect(throws: WorldError.refused(.noMemory)) { try world.map(anonymousPages: 3, in: task) }
        let fixed = MapRequest(pages: 8, access: .read, placement: .fixed(area.start))
        #expect(try world.perform(.mmap(fixed), in: task).errno == nil)
        #expect(try world.perform(.mremap(area.start, pages: 8, newPages: 11, .mayMove), in: task).errno == .noMemory)
        let end = try world.perform(.brk(0), in: task).value
        #expect(try world.perform(.brk(3), in: task).value == end)
        #expect(try world.perform(.brk(2), in: task).value == end + 2)
    }

    @Test("RLIMIT_DATA: private writable memory that is no stack counts, and the heap by itself")
    func data() throws {
        var (world, task) = try world { $0.dataLimitPages = 8 }
        let area = try world.map(anonymousPages: 6, in: task)
        #expect(throws: WorldError.refused(.noMemory)) { try world.map(anonymousPages: 3, in: task) }
        _ = try world.map(anonymousPages: 30, .read, in: task)
        _ = try world.map(anonymousPages: 30, .readWrite, .shared, in: task)
        let end = try world.perform(.brk(0), in: task).value
        #expect(try world.perform(.brk(3), in: task).value == end)
        #expect(try world.perform(.brk(2), in: task).value == end + 2)
        #expect(try world.perform(.mremap(area.start, pages: 6, newPages: 7, .mayMove), in: task).errno == .noMemory)
        try world.perform(.munmap(area), in: task)
        // Without the area there is room for 6 more, but the heap alone may have 8.
        #expect(try world.perform(.brk(7), in: task).value == end + 2)
        #expect(try world.perform(.brk(6), in: task).value == end + 8)
    }

    @Test("RLIMIT_STACK: growth beyond it is SIGSEGV")
    func stack() throws {
        var (world, task) = try world { $0.stackLimitPages = 8 }
        let stack = try world.map(
            MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x10000))),
            in: task)
        #expect(try world.perform(.write(stack, page: -6), in: task).signal == nil)
        #expect(try world.perform(.write(stack, page: -7), in: task).signal == .segv(.notMapped))
        #expect(world.machine.areas(of: stack.map).map(\.pages) == [8])
    }

    @Test("RLIMIT_MEMLOCK: EAGAIN for mmap and mremap, ENOMEM for mlock, no growth of the heap or of a stack")
    func lockedMemory() throws {
        var (world, task) = try world { $0.lockedLimitPages = 8 }
        let locked = try world.map(MapRequest(pages: 6, access: .readWrite, flags: .locked), in: task)
        #expect(throws: WorldError.refused(.tryAgain)) {
            try world.map(MapRequest(pages: 3, access: .readWrite, flags: .locked), in: task)
        }
        let grown = try world.perform(.mremap(locked.start, pages: 6, newPages: 9, .mayMove), in: task)
        #expect(grown.errno == .tryAgain)
        let other = try world.map(anonymousPages: 3, .read, in: task)
        #expect(try world.perform(.mlock(other), in: task).errno == .noMemory)
        #expect(try world.perform(.mlock(other, pages: 2), in: task).errno == nil)
        #expect(try world.perform(.mlock(locked), in: task).errno == nil)  // it counts once
        try world.perform(.munlockAll, in: task)
        try world.perform(.mlockAll(.future), in: task)
        let end = try world.perform(.brk(0), in: task).value
        #expect(try world.perform(.brk(9), in: task).value == end)
        #expect(try world.perform(.brk(8), in: task).value == end + 8)
    }

    @Test("a limit of 0 forbids to lock at all: EPERM")
    func mayNotLock() throws {
        var (world, task) = try world { $0.lockedLimitPages = 0 }
        let area = try world.map(anonymousPages: 1, in: task)
        #expect(try world.perform(.mlock(area), in: task).errno == .notPermitted)
        #expect(try world.perform(.mlockAll(.current), in: task).errno == .notPermitted)
        #expect(try world.perform(.munlockAll, in: task).errno == nil)
    }

    // MARK: mlockall

    @Test("each mlockall decides anew how later memory is locked, and munlockall that it is not")
    func futureAnew() throws {
        var (world, task) = try world { _ in }
        var kinds: [String] = []
        for call in [TaskOperation.mlockAll([.future, .onFault]), .mlockAll(.future), .munlockAll] {
            try world.perform(call, in: task)
            let area = try world.map(anonymousPages: 2, in: task)
            let flags = world.machine.areas(of: area.map).first { $0.start == area.start }?.flags ?? []
            kinds.append("\(flags.intersection([.locked, .lockOnFault])): \(world.presentPages(of: area).count)")
        }
        #expect(kinds == ["locked|lockOnFault: 0", "locked: 2", "none: 0"], "\(kinds)")
    }

    @Test("MCL_CURRENT locks and fills all there is, and what can't be filled is no error")
    func current() throws {
        var (world, task) = try world { _ in }
        let area = try world.map(anonymousPages: 4, in: task)
        let file = try world.file(pages: 2)
        let beyond = try world.map(file, pages: 4, .read, .shared, in: task)
        let closed = try world.map(anonymousPages: 2, .noAccess, in: task)
        let report = try world.perform(.mlockAll(.current), in: task)
        #expect(report.errno == nil)
        #expect(report.counters.mmapWriteLocks == 1)
        #expect(world.presentPages(of: area) == [0, 1, 2, 3])
        #expect(world.presentPages(of: beyond) == [0, 1])
        #expect(world.presentPages(of: closed).isEmpty)
        #expect(world.machine.areas(of: area.map).allSatisfy { $0.flags.contains(.locked) })
        let later = try world.map(anonymousPages: 2, in: task)
        #expect(world.presentPages(of: later).isEmpty)
        try world.perform(.munlockAll, in: task)
        #expect(world.machine.areas(of: area.map).allSatisfy { !$0.flags.contains(.locked) })
    }

    @Test("MCL_FUTURE locks and fills what is mapped later, until munlockall or a call without it")
    func future() throws {
        var (world, task) = try world { _ in }
        let before = try world.map(anonymousPages: 2, .read, in: task)
        let report = try world.perform(.mlockAll(.future), in: task)
        #expect(report.counters.mmapReadLocks == 0)
        let later = try world.map(anonymousPages: 2, in: task)
        #expect(world.presentPages(of: before).isEmpty)
        #expect(world.presentPages(of: later) == [0, 1])
        let child = TaskID(try world.perform(.fork, in: task).value)
        #expect(world.machine.areas(of: world.machine.map(of: child)).allSatisfy { !$0.flags.contains(.locked) })
        try world.perform(.mlockAll(.current), in: task)
        let after = try world.map(anonymousPages: 2, .readExecute, in: task)
        #expect(world.presentPages(of: after).isEmpty)
    }

    @Test("MCL_ONFAULT fills nothing, and alone is EINVAL, as no flag at all")
    func onFault() throws {
        var (world, task) = try world { _ in }
        let area = try world.map(anonymousPages: 2, in: task)
        #expect(try world.perform(.mlockAll(.onFault), in: task).errno == .invalid)
        #expect(try world.perform(.mlockAll([]), in: task).errno == .invalid)
        #expect(try world.perform(.mlockAll([.current, .future, .onFault]), in: task).errno == nil)
        let later = try world.map(anonymousPages: 2, .read, in: task)
        #expect(world.presentPages(of: area).isEmpty)
        #expect(world.presentPages(of: later).isEmpty)
        #expect(world.machine.areas(of: area.map).allSatisfy { $0.flags.contains([.locked, .lockOnFault]) })
    }

    @Test(
        "a store to a file's page never ends while pages that no device writes use up the limit, and then does",
        arguments: [KernelModel.kara2018, .linux6_1])
    func dirtyLimitUsedUp(_ model: KernelModel) throws {
        var settings = MachineSettings()
        settings.dirtyLimitPages = 3
        settings.dirtyPausePages = 1
        var world = try World(model, disk: .latency(nanoseconds: 100), settings: settings)
        let stuck = world.addDisk(held: true)
        let task = world.task()
        let first = try world.map(
            try world.file(pages: 3, on: .ext4, device: stuck, resident: .all), .readWrite, .shared, in: task)
        let second = try world.map(
            try world.file(pages: 1, on: .btrfs, resident: .all), .readWrite, .shared, in: task)
        try world.perform(.write(first, pages: 3), in: task)
        world.start(.write(second), in: task)
        // Far more stages than a fault takes.
        let reason = world.machine.run(limit: 20_000)
        #expect(reason == .limitReached && reason.violations.isEmpty)
        world.machine.release(stuck)
        #expect(world.machine.run(limit: 20_000) == .finished)
    }

    @Test("before Linux 4.4 there is no MCL_ONFAULT: mlockall returns EINVAL")
    func noOnFault() throws {
        for (model, knows) in [(KernelModel.linux2_6_36, false), (.linux3_19, false), (.linux5_1, true)] {
            var world = try World(model)
            let task = world.task()
            _ = try world.map(anonymousPages: 2, in: task)
            let flags: [LockAllFlags] = [[.current, .onFault], [.future, .onFault]]
            for flags in flags {
                #expect(
                    try world.perform(.mlockAll(flags), in: task).errno == (knows ? nil : .invalid), "\(model.name)")
            }
            #expect(try world.perform(.mlockAll([.current, .future]), in: task).errno == nil)
        }
    }

    @Test("mlockall counts all that is mapped against the limit, and then changes nothing")
    func currentBeyondLimit() throws {
        var (world, task) = try world { $0.lockedLimitPages = 4 }
        let area = try world.map(anonymousPages: 5, in: task)
        #expect(try world.perform(.mlockAll([.current, .future]), in: task).errno == .noMemory)
        #expect(world.presentPages(of: area).isEmpty)
        #expect(try world.perform(.mlockAll(.future), in: task).errno == nil)
        #expect(throws: WorldError.refused(.tryAgain)) { try world.map(anonymousPages: 5, in: task) }
    }

    // MARK: x86 through a world

    @Test("a world with five levels, keys and a thread of the kernel")
    func architecture() throws {
        var world = try World(.linux6_1, entry: X86FaultEntry(paging: .fiveLevel, hasProtectionKeys: true))
        let task = world.task()
        let high = PageNumber(1 << 40)
        let area = try world.map(MapRequest(pages: 2, access: .readWrite, placement: .fixed(high)), in: task)
        #expect(try world.perform(.write(area), in: task).signal == nil)
        #expect(world.machine.hardwareWalk(of: high, in: area.map).count == 5)
        try world.perform(.setKeyRights(X86KeyRights.all.denyingAccess(3)), in: task)
        try world.perform(.mprotectWithKey(high, pages: 2, .readWrite, key: 3), in: task)
        let thread = world.thread(of: task)
        #expect(try world.perform(.read(area), in: thread).signal == .segv(.protectionKey))
        let kernel = world.kernelThread()
        #expect(try world.perform(.kernelTouch(.read, high, .kernelWithFixup), in: kernel).errno == .badAddress)
        #expect(throws: WorldError.refused(.invalid)) { try world.map(anonymousPages: 1, in: kernel) }
        #expect(world.rss(of: kernel) == ResidentPages())
    }
}

@Suite("Dirty throttling by the number of pages", .timeLimit(.minutes(60)))
struct DirtyPauseTests {
    @Test("a task is asked after so many pages that it has dirtied itself; one that dirties a single page goes on")
    func pause() throws {
        var settings = MachineSettings()
        settings.dirtyLimitPages = 1
        settings.dirtyPausePages = 4
        var world = try World(.linux6_1, settings: settings)
        let file = try world.file(pages: 16, resident: .all)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        let other = world.thread(of: task)
        world.start(.write(file, pages: 8), in: other)
        #expect(world.run() == .blocked)
        #expect(world.machine.wait(of: other)?.kind == .dirtyThrottle && world.report(of: other).value == 0)
        #expect(try world.perform(.write(area, page: 12), in: task).signal == nil, "its first page")
        world.start(.write(area, page: 13, pages: 3), in: task)
        #expect(world.run() == .blocked)
        #expect(world.machine.wait(of: task)?.kind == .dirtyThrottle)
        world.completeWrites()
        world.run()
        #expect(!world.machine.isBusy(task))
    }
}
