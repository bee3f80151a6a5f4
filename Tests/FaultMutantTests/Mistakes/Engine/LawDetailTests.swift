import FaultSimulator
import Testing

@testable import FaultCore

/// Which law a broken state breaks, and what excuses one task does not excuse another.
@Suite("Which law is broken, and by whom", .timeLimit(.minutes(60)))
struct LawDetailTests {
    @Test("the lock of an area that no fault needs breaks the law of lock holders")
    func idleAreaReader() throws {
        let rest = try Damage.Rest(.linux6_12)
        var machine = rest.play.world.machine
        machine.maps[rest.map.index].areaLocks.addReader(rest.play.task, of: rest.memory[0])
        let laws = machine.checkInvariants().filter { $0.message.contains("and no fault needs it") }.map(\.law)
        #expect(laws == [.lockHolders])
    }

    @Test("an exception that ends with the mmap lock breaks the law that the lock is released once")
    func exceptionEndsWithLock() throws {
        var stand = try EventCheck.Stand(.linux6_1)
        stand.enter()
        stand.begin()
        stand.end(.noPage)
        stand.leave()
        let found = stand.machine.violations.filter { $0.message.contains("ends with the mmap lock held") }
        #expect(found.map(\.law) == [.faultLockReleasedOnce])
    }

    @Test("a clean page with a writable entry is excused by a fault on this page, and not by one on another")
    func cleanWritablePage() throws {
        for faultsOnIt in [true, false] {
            let rest = try Damage.Rest()
            var play = rest.play
            let folio = rest.mapped(rest.shared)
            let bits = play.world.machine.entry(of: rest.shared[0], in: rest.map).bits
            play.world.machine.changeEntry(of: rest.shared[0], in: rest.map, to: bits.subtracting(.writable))
            play.world.start(.write(rest.shared, page: faultsOnIt ? 0 : 1), in: play.thread)
            play.step(play.thread) { machine, task in
                machine.isBusy(task) && machine.tasks[task.index].fault.folio == .none
            }
            let task = play.world.machine.tasks[play.thread.index]
            let (faults, isOnIt) = (task.runs(.pageFault), task.fault.folio == folio)
            #expect(faults && isOnIt == faultsOnIt)
            play.world.machine.changeEntry(of: rest.shared[0], in: rest.map, to: bits.union(.writable))
            play.world.machine.setFlags(of: folio, removing: .dirty)
            let messages = play.world.machine.checkInvariants().map(\.message)
            #expect(messages.contains { $0.contains("which is clean") } == !faultsOnIt)
        }
    }

    @Test("a page that is dropped with a store is excused while its own file is cut, and not another")
    func droppedWhileCut() throws {
        for isSame in [true, false] {
            var stand = try EventCheck.Stand(.linux6_1)
            let other = try stand.play.world.file(pages: 4, resident: .all)
            stand.play.world.machine.unlock(.mmap(stand.area.map), by: stand.task)
            stand.play.world.start(.truncate(isSame ? stand.file : other, pages: 1), in: stand.play.thread)
            // The stage of the stand's own task comes after these.
            let task = stand.play.world.machine.scheduler.current
            stand.play.world.machine.scheduler.current = .none
            stand.play.step(stand.play.thread, most: 2)
            stand.play.world.machine.scheduler.current = task
            stand.machine.setStamp(of: stand.cached, 7)
            stand.machine.checkDropping(of: stand.cached)
            #expect(stand.machine.violations.contains { $0.law == .lostStore } == !isSame)
        }
    }

    @Test("the index of sleepers knows when the first of them wakes")
    func nextTimer() throws {
        var play = try Play(.linux6_1)
        for _ in 0..<Machine.fewestIndexedTasks { _ = play.world.thread(of: play.task) }
        play.world.start(.sleep(nanoseconds: 1000), in: play.task)
        play.step(play.task)
        #expect(play.world.machine.problemOfSleeperIndex == nil && play.world.machine.scheduler.sleepers != nil)
        play.world.machine.tasks[play.task.index].wait = TaskWait(
            play.world.machine.tasks[play.task.index].wait.kind, .killable, value: 5)
        #expect(play.world.machine.problemOfSleeperIndex?.contains("timers of the index") == true)
    }
}
