import FaultSimulator
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// When a task goes on, and what it looks at then.
@Suite("When a task goes on", .timeLimit(.minutes(60)))
struct TimeAndWaitTests {
    @Test("a task that is woken while its last stage still takes time continues after that time")
    func wokenWhileBusy() throws {
        var play = try Play(.linux6_1)
        play.world.start(.sleep(nanoseconds: 1_000), in: play.task)
        play.world.run(until: .asleep(play.task))
        for (busyUntil, readyAt) in [(0, 0), (5_000, 5_000)] as [(UInt64, UInt64)] {
            var machine = play.world.machine
            machine.tasks[play.task.index].readyAt = busyUntil
            machine.wake(play.task)
            #expect(machine.tasks[play.task.index].readyAt == readyAt)
        }
    }

    @Test("btrfs waits until a page that it reserves space for is written, without the lock (btrfs_page_mkwrite())")
    func reservationBesideWriteback() throws {
        for isWritten in [false, true] {
            var play = try Play(.chinner2018)
            let file = try play.world.file(pages: 1, on: .btrfs, resident: .all)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.perform(.read(area))
            try play.start(.write(area))
            play.world.machine.isChecking = false  // no law lets a page be written without a request
            let folio = play.frame(of: 0, in: area)
            if isWritten { play.world.machine.setFlags(of: folio, adding: .writeback) }
            try play.settle()
            #expect(play.state() == (isWritten ? "waits" : "done") && play.lock == "lock free")
        }
    }
}
