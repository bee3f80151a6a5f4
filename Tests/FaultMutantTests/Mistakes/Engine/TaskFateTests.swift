import FaultSimulator
import Testing

@testable import FaultCore

/// What happens to tasks: who is woken first, who is killed, and what a task that is gone leaves to others.
@Suite("Who is woken, killed, or goes on", .timeLimit(.minutes(60)))
struct TaskFateTests {
    @Test(
        "of tasks that sleep until the same time, the first to fall asleep is woken first, among few tasks and among many",
        arguments: [2, 200])
    func wakingAtOneTime(_ tasks: Int) throws {
        var world = try World(.linux6_1)
        let all = (0..<tasks).map { _ in world.task() }
        for task in all.reversed() {
            world.start(.sleep(nanoseconds: 1_000), in: task)
            world.run(until: .asleep(task))
        }
        world.machine.isTracing = true
        #expect(world.run() == .finished)
        #expect(world.machine.trace.filter { $0.kind == .woken }.map(\.task) == all.reversed())
    }

    @Test("a signal to a task that has exited changes nothing")
    func signalToExited() throws {
        var play = try Play(.linux6_1)
        try play.perform(.exit, in: play.thread)
        let before = play.world.machine
        play.world.machine.isTracing = true
        play.world.send(.user1, to: play.thread)
        play.world.kill(play.thread)
        #expect(play.world.machine.trace.isEmpty && !play.world.machine.hasSignal(play.thread))
        #expect(play.world.machine == before)
    }

    @Test("all threads of the process that is killed for memory are killed (__oom_kill_process())")
    func threadsOfVictim() throws {
        var play = try Play(.linux6_1) { $0.frameLimit = 16 }
        let thread = play.world.thread(of: play.task)
        let large = try play.world.map(anonymousPages: 14, in: play.task)
        try play.perform(.write(large, pages: 14))
        let other = play.world.task()
        let area = try play.world.map(anonymousPages: 4, in: other)
        try play.perform(.write(area, pages: 4), in: other)
        for task in [play.task, play.thread, thread] {
            #expect(play.world.machine.hasExited(task) && play.world.machine.isOOMVictim(task))
        }
        #expect(play.world.machine.events.oomKill == 1 && !play.world.machine.isOOMVictim(other))
    }

    @Test("of two processes of one size the younger is killed, however many threads they have (oom_evaluate_task())")
    func victimOfEquals() throws {
        var world = try World(
            .linux6_1,
            settings: {
                var s = MachineSettings(); s.frameLimit = 16; return s
            }())
        let processes = [world.task(), world.task()]
        for process in processes {
            let area = try world.map(anonymousPages: 7, in: process)
            try world.perform(.write(area, pages: 7), in: process)
        }
        _ = world.thread(of: processes[0])
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        try world.perform(.write(area, pages: 4), in: task)
        #expect(processes.map { world.machine.isOOMVictim($0) } == [false, true])
    }

    @Test("a descriptor stays open until the last thread of its process exits (exit_files())")
    func descriptorOfThreads() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        let descriptor = try play.world.userfaultfd(in: play.task)
        try play.world.register(area, with: descriptor, for: .missing, by: play.task)
        let map = play.world.map(of: play.task)
        try play.perform(.exit, in: play.thread)
        #expect(play.world.machine.userfaultDescriptors(of: map) == [descriptor])
        try play.start(.read(area))
        #expect(play.state() == "waits")
        play.world.kill(play.task)
        try play.settle()
        #expect(play.world.machine.userfaultDescriptors(of: map).isEmpty)
    }

    @Test("a coprocessor's fault that is killed while it waits for the lock is EFAULT (lock_mm_and_find_vma())")
    func killedCoprocessor() throws {
        for (caller, isKilled) in [(FaultCaller.coprocessor, true), (.hmm, false), (.fixup, false)] {
            var play = try Play(.linux6_1)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.hold(.write)
            play.world.start(.faultIn(FaultRequest(caller, .read, area[0])), in: play.task)
            play.world.run()
            play.world.kill(play.task)
            play.world.run()
            #expect(play.world.machine.report(of: play.task).errnoWhenKilled == (isKilled ? .badAddress : nil))
            play.release()
            try play.settle()
            #expect(play.state() == "dead")
        }
    }

    @Test("a futex whose task is killed ends with EINTR, without another try (fault_in_user_writeable())")
    func killedFutex() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        play.world.start(.faultIn(FaultRequest(.futex, .write, area[0])), in: play.task)
        try play.step(play.task, to: "tried")
        play.world.kill(play.task)
        try play.settle()
        #expect(play.world.report(of: play.task).errnoWhenKilled == .interrupted)
        #expect(play.world.report(of: play.task).attempts.isEmpty)
    }

    @Test("each page that fixup_user_fault() goes through begins with a first attempt")
    func flagsOfNextPage() throws {
        var play = try Play(.linux6_1) { $0.readaheadPages = 0 }
        let area = try play.world.map(try play.world.file(pages: 8), .read, .shared, in: play.task)
        try play.perform(.faultIn(FaultRequest(.fixupUnlockable, .read, area[2], pages: 2)))
        let report = play.world.report(of: play.task)
        #expect(report.value == 2)
        #expect(report.attempts.map { $0.flags.contains(.tried) } == [false, true, false, true])
    }
}
