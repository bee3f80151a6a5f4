import FaultSimulator
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// Where a limit lies, which code a signal has, and what a child does not take over: a step too early, or one left out.
@Suite("The last that a limit allows, and what is left behind", .timeLimit(.minutes(60)))
struct LimitTests {
    @Test("as many pages can be locked as RLIMIT_MEMLOCK allows, and no more (do_mlock())")
    func lockedPages() throws {
        var play = try Play(.linux6_1) { $0.lockedLimitPages = 4 }
        let area = try play.world.map(anonymousPages: 8, in: play.task)
        #expect(try play.perform(.mlock(area.start, pages: 5)).errno == .noMemory)
        #expect(try play.perform(.mlock(area.start, pages: 4)).errno == nil)
        #expect(try play.perform(.mlock(area.start, pages: 4)).errno == nil, "what is locked already counts once")
        #expect(try play.perform(.mlock(area.start + 1, pages: 4)).errno == .noMemory)
        #expect(play.world.machine.maps[area.map.index].lockedPages == 4)
        try play.perform(.munlock(area.start, pages: 4))
        #expect(play.world.machine.maps[area.map.index].lockedPages == 0)
    }

    @Test("munlock(2) takes both flags of mlock2(2) away (VM_LOCKED_MASK)")
    func unlockedOnFault() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 4, in: play.task)
        try play.perform(.mlock2(area.start, pages: 4, .onFault))
        let locked = play.world.machine.areas(of: area.map)[0].flags
        #expect(locked.isSuperset(of: [.locked, .lockOnFault]))
        try play.perform(.munlock(area.start, pages: 4))
        let unlocked = play.world.machine.areas(of: area.map)[0].flags
        #expect(unlocked.isDisjoint(with: [.locked, .lockOnFault]))
    }

    @Test("a child does not lock what it maps, though its parent does (dup_mm(): def_flags)")
    func futureLocks() throws {
        var play = try Play(.linux6_1)
        try play.perform(.mlockAll(.future))
        let own = try play.world.map(anonymousPages: 1, in: play.task)
        let child = try play.world.fork(play.task)
        let childs = try play.world.map(anonymousPages: 1, in: child)
        #expect(play.world.machine.area(containing: own[0], in: own.map)?.flags.contains(.locked) == true)
        #expect(play.world.machine.area(containing: childs[0], in: childs.map)?.flags.contains(.locked) == false)
    }

    @Test("a child that gives up a swapped page leaves its parent's where it is (swap_duplicate())")
    func slotOfTwo() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var (play, area) = try Behaviour.swapped(model, pages: 1)
            let slot = play.world.machine.entry(of: area[0], in: area.map).frame.index
            let stamp = play.world.machine.swap[slot].stamp
            #expect(stamp != 0 && play.world.machine.swap[slot].count == 1)
            let child = try play.world.fork(play.task)
            #expect(play.world.machine.swap[slot].count == 2)
            try play.perform(.madvise(area, .dontNeed), in: child)
            #expect(play.world.machine.swap[slot].count == 1)
            #expect(try play.perform(.read(area)).outcome.stamp == stamp)
        }
    }

    @Test("an access that an area does not allow has another code than one to no area (bad_area_access_error())")
    func codes() throws {
        for model in [KernelModel.linux2_6_37, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, .read, in: play.task)
            #expect(try play.perform(.write(area)).signal == .segv(.accessDenied), "\(model.name)")
            var other = try Play(model)
            #expect(try other.perform(.write(PageNumber(0x9000))).signal == .segv(.notMapped), "\(model.name)")
        }
    }

    @Test("windows of readahead grow as get_next_ra_size() lets them")
    func windows() {
        let sizes = [(1, 4), (2, 4), (3, 6), (8, 16), (16, 32), (17, 32), (32, 32)]
        for (now, next) in sizes { #expect(ReadaheadState.next(now, 32) == next, "behind \(now)") }
        let first = [(1, 4), (2, 4), (3, 8), (4, 8), (8, 16), (9, 32), (32, 32)]
        for (wanted, size) in first { #expect(ReadaheadState.initial(wanted, 32) == size, "for \(wanted)") }
    }

    @Test("what reclaim takes from a memory group counts as stolen")
    func stolenFromGroup() throws {
        var play = try Play(.linux6_1)
        try play.swap(held: false)
        try play.world.addMemoryGroup(limit: 24)
        let area = try play.world.map(anonymousPages: 40, in: play.task)
        try play.perform(.write(area, pages: 40))
        let gone = 40 - play.world.rss(of: play.task).anonymous
        #expect(gone >= 16 && play.world.machine.events.pgsteal >= gone)
        #expect(play.world.machine.events.pgscan >= play.world.machine.events.pgsteal)
    }
}
