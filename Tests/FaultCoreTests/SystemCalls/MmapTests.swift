import BareMachine
import Testing

@testable import FaultCore

@Suite("mmap", .timeLimit(.minutes(60)))
struct MmapTests {
    private func request(
        _ pages: Int, _ placement: MapRequest.Placement, _ flags: VMAFlags = [.read, .write]
    ) -> TaskOperation {
        .mmap(MapRequest(pages: pages, access: flags.protection, flags: MapFlags(flags), placement: placement))
    }

    @Test("memory is placed as high as possible, below the one before, and merges with it")
    func highestGap() {
        var world = BareMachine()
        let base = world.machine.maps[0].mmapBase
        let first = world.run(request(4, .anywhere))
        #expect(first.value == Int((base - 4).rawValue))
        #expect(first.counters.mmapWriteLocks == 1 && first.counters.mmapReadLocks == 0)
        #expect(world.run(request(4, .anywhere)).value == Int((base - 8).rawValue))
        #expect(world.bounds == [[(base - 8).rawValue, base.rawValue]])
    }

    @Test("memory keeps the guard gap below an area that grows down")
    func guardGap() {
        var world = BareMachine()
        let base = world.machine.maps[0].mmapBase
        world.mmap((base - 4).rawValue, 4, [.read, .write, .growsDown])
        let value = world.run(request(1, .anywhere)).value
        #expect(value == Int((base - 4 - 257).rawValue))
        let hint = PageNumber(UInt64(value)) + 2
        #expect(world.run(request(1, .hint(hint))).value != Int(hint.rawValue), "the hint lies in the guard gap")
    }

    @Test("a full map below its base is filled from the bottom above it")
    func bottomUp() {
        var world = BareMachine()
        let base = world.machine.maps[0].mmapBase
        world.mmap(16, Int(base.rawValue) - 16, .read)
        #expect(world.run(request(3, .anywhere)).value == Int(base.rawValue))
    }

    @Test("a hint is taken if it is free, raised to the lowest page, and else ignored")
    func hints() {
        var world = BareMachine()
        #expect(world.run(request(2, .hint(PageNumber(1000)))).value == 1000)
        #expect(world.run(request(2, .hint(PageNumber(1)))).value == 16)
        let base = world.machine.maps[0].mmapBase
        #expect(world.run(request(2, .hint(PageNumber(1001)))).value == Int((base - 2).rawValue))
        #expect(world.run(request(2, .hint(PageNumber(0)))).value == Int((base - 4).rawValue))
    }

    @Test("a fixed place replaces what is there; a fixed place that must not is refused if it is taken")
    func fixed() {
        var world = BareMachine()
        world.mmap(1000, 8)
        world.run(.write(PageNumber(1000), pages: 8))
        #expect(world.rss().anonymous == 8)
        world.mmap(1002, 4, .read)
        #expect(world.bounds == [[1000, 1002], [1002, 1006], [1006, 1008]])
        #expect(world.rss().anonymous == 4)
        #expect(world.run(request(2, .fixedNoReplace(PageNumber(1007)))).errno == .exists)
        #expect(world.run(request(2, .fixedNoReplace(PageNumber(1008)))).value == 1008)
    }

    @Test(
        "what can't be mapped is refused with the kernel's error",
        arguments: [
            (MapRequest(pages: 0, access: .read), Errno.invalid),
            (MapRequest(pages: 1 << 18, access: .read), .noMemory),
            (MapRequest(pages: -1, access: .read), .noMemory),
            (MapRequest(pages: 1, access: .read, placement: .fixed(PageNumber(15))), .notPermitted),
            (MapRequest(pages: 2, access: .read, placement: .fixed(PageNumber(1 << 18 - 1))), .noMemory),
            (MapRequest(pages: 2, access: .read, placement: .fixed(PageNumber(1 << 40))), .noMemory),
            (MapRequest(pages: 2, access: .read, file: FileID(0), offset: PageIndex(1 << 32 - 1)), .overflow),
            (MapRequest(pages: 2, access: .read, file: FileID(0), offset: PageIndex(rawValue: .max)), .overflow),
            (MapRequest(pages: 1, access: .read, flags: .growsDown, file: FileID(0)), .invalid),
            (MapRequest(pages: 1, access: .read, flags: [.growsDown, .shared]), .invalid),
        ])
    func refused(_ request: MapRequest, _ errno: Errno) {
        var world = BareMachine()
        _ = world.file()
        let before = world.machine.structuralHash
        let report = world.run(.mmap(request))
        #expect(report.errno == errno)
        #expect(report.counters.mmapWriteLocks == 1, "it is found out under the lock")
        #expect(world.machine.structuralHash == before && world.areas.isEmpty)
    }

    @Test("the limits of areas, address space and locked memory")
    func limits() {
        var settings = MachineSettings()
        settings.mapCountLimit = 2
        settings.addressSpaceLimitPages = 10
        settings.lockedLimitPages = 3
        var world = BareMachine(settings: settings)
        #expect(world.mmap(1000, 4, [.read, .locked]).errno == .tryAgain)
        #expect(world.mmap(1000, 11).errno == .noMemory)
        world.mmap(1000, 8)
        #expect(world.mmap(1004, 6).errno == nil, "what is replaced is given back")
        #expect(world.mmap(2000, 1).errno == .noMemory)
        world.run(.munmap(PageNumber(1000), pages: 8))
        world.mmap(2000, 1)
        world.mmap(3000, 1)
        #expect(world.bounds.count == 3, "one more than the limit, as the kernel tests it")
        #expect(world.mmap(4000, 1).errno == .noMemory)
        settings.lockedLimitPages = 0
        var poor = BareMachine(settings: settings)
        #expect(poor.mmap(1000, 1, [.read, .locked]).errno == .notPermitted)
    }

    @Test("private writable memory is charged to the commit limit unless it is exempted")
    func account() {
        var world = BareMachine()
        let file = world.file()
        world.mmap(1000, 1, [.read, .write])
        world.mmap(1010, 1, [.read, .write, .noReserve])
        world.mmap(1020, 1, .read)
        world.mmap(1030, 1, [.read, .write], file: file)
        world.mmap(1040, 1, [.read, .write, .shared], file: file)
        #expect(
            world.areas.map { $0.flags.contains(.account) } == [true, false, false, true, false])
    }

    @Test("files merge where their pages go on, memory where its addresses do")
    func merging() {
        var world = BareMachine()
        let file = world.file()
        world.mmap(1000, 2, .read, file: file, offset: 4)
        world.mmap(1002, 2, .read, file: file, offset: 6)
        world.mmap(1004, 2, .read, file: file, offset: 9)
        world.mmap(1006, 2, .read)
        world.mmap(1010, 2, .read)
        world.mmap(1008, 2, .read)
        #expect(world.bounds == [[1000, 1004], [1004, 1006], [1006, 1012]])
        #expect(world.areas.map(\.startIndex) == [4, 9, 1006])
    }

    @Test("shared anonymous memory has a file of its own, of its size, which goes with its last area")
    func sharedAnonymous() {
        var world = BareMachine()
        world.mmap(1000, 4, [.read, .write, .shared])
        world.mmap(1004, 4, [.read, .write, .shared])
        let areas = world.areas
        #expect(areas.count == 2 && areas[0].file != areas[1].file)
        #expect(areas.map(\.startIndex) == [0, 0] && areas.map(\.operations) == [1, 1])
        #expect(world.machine.pages(of: areas[0].file) == 4)
        _ = world.machine.addToCache(
            of: areas[0].file, at: 2, flags: [.uptodate, .shmem], point: .shmemPage, for: world.task)
        world.run(.munmap(PageNumber(1000), pages: 2))
        #expect(world.machine.cachedPages(of: areas[0].file) == 1, "the other half still maps it")
        world.run(.munmap(PageNumber(1002), pages: 2))
        #expect(world.machine.cachedPages(of: areas[0].file) == 0)
        let files = world.machine.fileCount
        world.mmap(1000, 9, [.read, .write, .shared])
        #expect(world.machine.fileCount == files && world.machine.pages(of: areas[0].file) == 9)
    }

    @Test("locked memory is populated after the lock is released", arguments: [true, false])
    func populates(_ locked: Bool) throws {
        var world = BareMachine()
        let flags: VMAFlags = locked ? [.read, .locked] : .read
        let call = MapRequest(
            pages: 4, access: flags.protection, flags: MapFlags(flags), placement: .fixed(PageNumber(1000)),
            populate: !locked)
        world.machine.start(.mmap(call), in: world.task)
        let reached = world.step(until: .populate)
        let populate = try #require(reached)
        let frame = populate.bytes.frame(PopulateRoutine.Frame.self)
        #expect(frame.page == PageNumber(1000) && frame.end == PageNumber(1004) && frame.errors == .areIgnored)
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
    }

    @Test("a kill ends the wait for the lock")
    func killed() {
        var world = BareMachine()
        _ = world.addHolder(.read)
        world.machine.start(request(1, .anywhere), in: world.task)
        #expect(world.run() == .blocked)
        world.machine.send(.kill, to: world.task)
        world.machine.step(world.task)
        world.machine.step(world.task)
        #expect(world.machine.report(of: world.task).errno == .interrupted)
        #expect(world.areas.isEmpty)
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
    }
}
