import FaultSimulator
import Testing

@testable import FaultCore

/// Where memory goes, and what a call that changes it waits for.
@Suite("Where memory goes, and what a change of it waits for", .timeLimit(.minutes(60)))
struct PlaceRuleTests {
    @Test("a search from below takes a gap into which the memory just fits (unmapped_area())")
    func gapFromBelow() throws {
        for (pages, distance) in [(4, 0), (5, 6)] {
            var play = try Play(.linux6_1)
            let map = play.world.map(of: play.task)
            let geometry = play.world.machine.geometry
            let lowest = PageNumber(geometry.userLimit.rawValue / 3)
            _ = try play.map(lowest.rawValue + 4, pages: 2)
            // There is no room below the base, so the search begins at a third of user memory.
            play.world.machine.maps[map.index].mmapBase = geometry.lowestUserPage
            let place = try play.perform(.mmap(MapRequest(pages: pages, access: .read))).value
            #expect(place == Int((lowest + distance).rawValue), "\(pages) pages")
        }
    }

    @Test("mlockall(MCL_FUTURE) changes no area, so it waits for no fault under an area's lock")
    func futureLocksOnly() throws {
        for (flags, waits) in [(LockAllFlags.future, false), ([.future, .onFault], false), (.current, true)] {
            var play = try Play(.linux6_12)
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            try play.perform(.mlock2(area.start, pages: 2, .onFault))
            play.world.machine.isChecking = false  // no law lets an idle thread read an area
            play.world.machine.maps[area.map.index].areaLocks.addReader(play.thread, of: area.start)
            try play.start(.mlockAll(flags))
            #expect((play.state() == "waits") == waits, "\(flags)")
        }
    }

    @Test("advice for memory that is not mapped shares the lock with readers (madvise_lock())")
    func adviceBesideReader() throws {
        for mode in [LockMode.read, .write] {
            var play = try Play(.linux6_19)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.munmap(area))
            try play.hold(mode)
            try play.start(.madvise(area.start, pages: 1, .dontNeed))
            #expect(play.state() == (mode == .read ? "done" : "waits"))
            play.release()
            try play.settle()
            #expect(play.world.report(of: play.task).errno == .noMemory)
        }
    }

    @Test("locked memory that grows without room for its pages has grown all the same (mm_populate())")
    func grownWithoutPages() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 2, in: play.task)
        try play.perform(.mlock2(area.start, pages: 2, []))
        play.world.machine.failAllocation(at: .anonymousPage)
        let report = try play.perform(.mremap(area, newPages: 4))
        #expect(report.errno == nil)
        let pages = (0..<4).filter {
            play.world.machine.entry(of: PageNumber(UInt64(report.value + $0)), in: area.map).isPresent
        }
        #expect(pages == [0, 1])
    }
}
