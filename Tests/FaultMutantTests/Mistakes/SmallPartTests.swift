import FaultSimulator
import Testing

@testable import FaultCore

/// Small parts that everything rests on, each by itself.
@Suite("Small parts", .timeLimit(.minutes(60)))
struct SmallPartTests {
    @Test("a run that may do so many stages does no more, however many accesses it does at once")
    func limitedRun() throws {
        for access in [FaultException.Access.read, .write] {
            var play = try Play(.linux6_1)
            play.world.machine.isChecking = false
            play.world.machine.recordsAttempts = false
            let area = try play.world.map(anonymousPages: 64, in: play.task)
            try play.perform(.write(area, page: 63))  // there is a table, and anon_vma
            play.world.start(.touch(access, area.start, pages: 63, stride: 1), in: play.task)
            let reason = play.world.machine.run(until: .idle, limit: 21)
            #expect(reason == .limitReached)
            let present = play.world.presentPages(of: area).count - 1
            #expect(present == 10, "an access that faults counts as two: \(present)")
            #expect(play.world.machine.scheduler.current == .none)
        }
    }

    @Test("a run that may do so many stages does no more, though faults of a file are done at once, too")
    func limitedFileRun() throws {
        var play = try Play(.linux6_1)
        play.world.machine.isChecking = false
        play.world.machine.recordsAttempts = false
        let file = try play.world.file(pages: 512, resident: .all)
        let area = try play.world.map(file, .read, in: play.task)
        try play.perform(.read(area, page: 0))
        play.world.start(.touch(.read, area[16], pages: 24, stride: 16), in: play.task)
        let reason = play.world.machine.run(until: .idle, limit: 21)
        #expect(reason == .limitReached)
        let windows = (1...24).filter { play.world.machine.entry(of: area[$0 * 16], in: area.map).isPresent }
        #expect(windows.count == 10, "an access that faults counts as two")
    }

    @Test("the faults of operations that are done together count for their own operations")
    func countersOfLastOperation() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var play = try Play(model)
            play.world.machine.isChecking = false
            play.world.machine.recordsAttempts = false
            let area = try play.world.map(anonymousPages: 64, in: play.task)
            try play.perform(.write(area, page: 63))
            play.world.start(
                [0, 1, 21].map { .write(area, page: $0, pages: $0 == 1 ? 20 : 1) } + [.write(area, page: 40, pages: 3)],
                in: play.task)
            try play.settle()
            let counters = play.world.report(of: play.task).counters
            #expect(counters.minorFaults == 3)
            #expect(counters.areaLockAttempts == (model == .linux6_12 ? 3 : 0), "\(model.name)")
        }
    }

    @Test("a task that is run by itself stops at the limit of stages, and not one stage later")
    func limitOfOneTask() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        play.world.start(.write(area), in: play.task)
        var other = play.world.machine
        for _ in 0..<3 { _ = other.step(play.task) }
        let isDone = play.world.machine.runUntilSleep(play.task, limit: 3)
        #expect(!isDone)
        #expect(play.world.machine.stateKey == other.stateKey)
        let isDoneLater = play.world.machine.runUntilSleep(play.task, limit: 1000)
        #expect(isDoneLater && play.state() == "done")
    }

    @Test("get_user_pages() of another process says so to the handler (FAULT_FLAG_REMOTE)")
    func remoteFlag() {
        for isRemote in [true, false] {
            let flags = FaultinPage.faultFlags(
                for: isRemote ? [.remote, .write] : .write, mayDrop: true, unshare: false)
            #expect(flags.contains(.remote) == isRemote && flags.contains(.write))
        }
    }

    @Test("a copy that finds its page write-protected meanwhile changes nothing that others see (copy_to_user())")
    func copyAfterFork() throws {
        for forks in [true, false] {
            var play = try Play(.linux6_1)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            if forks { _ = try play.world.fork(play.task) }
            let folio = play.frame(of: 0, in: area)
            let before = play.world.machine.stamp(of: folio)
            play.world.machine.copyIn(stamp: before + 1, to: area[0], in: area.map)
            #expect(play.world.machine.stamp(of: folio) == (forks ? before : before + 1))
        }
    }

    @Test("a driver ends the time that a victim is given at once, and makes it no longer")
    func overdueVictim() throws {
        for (time, expected) in [(UInt64(1000), UInt64(50)), (20, 20), (.max, .max)] {
            var play = try Play(.linux6_1)
            play.world.machine.clock = 50
            play.world.machine.tasks[play.task.index].isOOMVictim = true
            play.world.machine.tasks[play.task.index].reapTime = time
            play.world.machine.makeVictimsOverdue()
            #expect(play.world.machine.tasks[play.task.index].reapTime == expected)
        }
    }

    @Test("reclaim that waited for a write ends if there is memory by then (do_try_to_free_pages())")
    func memoryAfterWrite() throws {
        var play = try Play(.linux6_1) { $0.frameLimit = 64 }
        play.world.machine.scheduler.current = play.task
        #expect(!play.world.machine.mustReclaim(for: play.task))
        var frame = ReclaimRoutine.Frame(purpose: .allocation, wanted: 8)
        var fault = VMFault()
        let step = ReclaimRoutine.step(.awaitWrites, &frame, .plain, &fault, &play.world.machine)
        guard case .done = step else {
            Issue.record("it goes on: \(step)")
            return
        }
        #expect(frame.fruitlessPasses == 0)
    }
}
