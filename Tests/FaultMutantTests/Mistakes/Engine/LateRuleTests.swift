import FaultSimulator
import Testing

@testable import FaultCore

/// What a task finds that comes late, and what wakes it.
@Suite("Rules for tasks that come late", .timeLimit(.minutes(60)))
struct LateRuleTests {
    @Test(
        "a task that waits for a slot which another fault reads is woken when the read ends, from 6.10 on (swapcache_wq)"
    )
    func synchronousRead() throws {
        for (model, isWoken) in [(KernelModel.linux6_1, false), (.linux6_12, true)] {
            var play = try Play(model)
            try play.swap(held: false, isSynchronous: true)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.swapOut(area)
            play.world.start(.read(area), in: play.task)
            play.step(play.task) { machine, task in
                machine.isBusy(task) && machine.tasks[task.index].fault.folio == .none
            }
            play.world.start(.read(area), in: play.thread)
            play.step(play.thread)
            let waits = play.world.machine.tasks[play.thread.index].status == .sleeping
            play.step(play.task)
            let isAwake = play.world.machine.tasks[play.thread.index].status == .runnable
            #expect(play.state() == "done" && isAwake == (waits && isWoken), "\(model.name): \(waits)")
            if model == .linux6_12 { #expect(waits) }
            try play.settle()
            #expect(play.state(of: play.thread) == "done")
        }
    }

    @Test("the last pages of user memory can be given back by mremap(2) (do_munmap())")
    func lastPages() throws {
        var play = try Play(.linux6_1)
        let limit = play.world.machine.geometry.userLimit.rawValue
        let area = try play.map(limit - 4, pages: 4)
        #expect(try play.perform(.mremap(area, newPages: 2)).errno == nil)
        let map = play.world.map(of: play.task)
        #expect(play.world.machine.area(containing: area[1], in: map) != nil)
        #expect(play.world.machine.area(containing: area[2], in: map) == nil)
    }

    @Test("a page beyond user memory is missing, even if a page of the same place in its tables is mapped")
    func beyondTables() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        try play.perform(.write(area))
        let geometry = play.world.machine.geometry
        let far = area[0].rawValue + 1 << UInt64(geometry.bitsPerLevel * geometry.levels)
        #expect(play.world.machine.refusedWalk(area[0], in: area.map) == .refused)
        #expect(play.world.machine.refusedWalk(PageNumber(far), in: area.map) == .missing)
    }

    @Test("a lock that is taken for a moment counts as a hold, and as a wait of no time")
    func instantReading() throws {
        var play = try Play(.linux6_1)
        let map = play.world.map(of: play.task)
        let before = play.world.machine.maps[map.index].lockStatistics
        play.world.machine.countInstantReading(of: map, by: play.task)
        let after = play.world.machine.maps[map.index].lockStatistics
        #expect(after.readWaits.count == before.readWaits.count + 1)
        #expect(after.readHolds.count == before.readHolds.count + 1)
    }

    @Test("differences name readers of areas, the number of maps, and pages that only one machine has")
    func differences() throws {
        var play = try Play(.linux6_12)
        let area = try play.world.map(anonymousPages: 4, in: play.task)
        try play.perform(.write(area, page: 1))
        let before = play.world.machine
        var reading = before
        reading.maps[area.map.index].areaLocks.addReader(play.thread, of: area.start)
        #expect(reading.differences(from: before).contains { $0.contains("area locks read") })
        _ = play.world.task()
        #expect(play.world.machine.differences(from: before).contains { $0.hasPrefix("maps: 1 -> 2") })
        play = try Play(.linux6_12)
        _ = try play.world.map(anonymousPages: 4, in: play.task)
        for lines in [before.differences(from: play.world.machine), play.world.machine.differences(from: before)] {
            #expect(lines.contains { $0.contains("no entry") })
        }
    }
}
