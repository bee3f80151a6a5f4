@testable import FaultCore
import FaultSimulator
import Testing

@Suite("Callers of handle_mm_fault without an exception", .timeLimit(.minutes(60)))
struct FaultCallerTests {
    /// A caller, an access, and the flags and results of its attempts.
    struct Case: CustomTestStringConvertible {
        let caller: FaultCaller
        let access: FaultException.Access
        let flags: [FaultFlags]
        let results: [FaultResult]
        let lockWasLost: Bool
        var testDescription: String { "\(caller) \(access)" }

        init(
            _ caller: FaultCaller, _ access: FaultException.Access, _ flags: [FaultFlags], _ results: [FaultResult],
            lockWasLost: Bool = false
        ) {
            self.caller = caller
            self.access = access
            self.flags = flags
            self.results = results
            self.lockWasLost = lockWasLost
        }
    }

    static let unlocked: FaultFlags = [.allowRetry, .killable]

    @Test(
        "for a cold file page only callers that allow a retry drop the lock; the others wait for the disk with the lock held",
        arguments: [
            Case(.fixup, .read, [[]], [[.major, .locked]]),
            Case(
                .fixupUnlockable, .read, [unlocked, unlocked.union(.tried)], [[.major, .retry], .noPage],
                lockWasLost: true),
            Case(.hmm, .read, [.remote], [[.major, .locked]]),
            Case(.coprocessor, .read, [[]], [[.major, .locked]]),
            Case(.futex, .write, [.write], [[.major, .locked]]),
        ])
    func coldPage(_ test: Case) throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        let before = world.machine.counters(of: task).mmapReadLocks
        world.start(.faultIn(FaultRequest(test.caller, test.access, area[9])), in: task)
        #expect(world.run() == .blocked)
        #expect(world.mmapLock(of: task).isFree == test.lockWasLost)
        world.completeReads()
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.value == 1 && report.errno == nil)
        #expect(report.attempts.map(\.flags) == test.flags)
        #expect(report.attempts.map(\.result) == test.results)
        #expect(report.outcome.lockWasLost == test.lockWasLost)
        #expect(world.mmapLock(of: task).isFree)
        #expect(world.machine.counters(of: task).mmapReadLocks - before == test.flags.count)
    }

    @Test(
        "at the first write to a shared page only callers that allow a retry see COMPLETED, and take the lock again",
        arguments: [
            Case(.fixup, .write, [.write], [.locked]),
            Case(.fixupUnlockable, .write, [unlocked.union(.write)], [[.locked, .completed]], lockWasLost: true),
            Case(.hmm, .write, [[.remote, .write]], [.locked]),
            Case(.coprocessor, .write, [.write], [.locked]),
            Case(.futex, .write, [.write], [.locked]),
        ])
    func sharedWrite(_ test: Case) throws {
        for system in [World.FileSystem.ext4, .tmpfs] {
            var world = try World(.linux6_1)
            let file = try world.file(pages: 4, on: system, resident: system == .ext4 ? .all : .none)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            let report = try world.perform(.faultIn(FaultRequest(test.caller, test.access, area[1])), in: task)
            #expect(report.value == 1)
            #expect(report.attempts.map(\.flags) == test.flags)
            #expect(report.attempts.map(\.result) == test.results)
            #expect(report.outcome.lockWasLost == test.lockWasLost)
            #expect(report.counters.mmapReadLocks == (test.lockWasLost ? 2 : 1), "the lock is taken again")
            #expect(world.mmapLock(of: task).isFree)
        }
    }

    @Test("fixup_user_fault returns with the lock held after COMPLETED: a writer has to wait for its caller")
    func lockIsHeldAgain() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 2, on: .tmpfs)
        let task = world.task()
        let other = world.thread(of: task)
        let area = try world.map(file, .readWrite, .shared, in: task)
        world.start(.faultIn(FaultRequest(.fixupUnlockable, .write, area[0])), in: task)
        while !world.report(of: task).outcome.lockWasLost { world.machine.step(task) }
        #expect(world.mmapLock(of: task).isFree, "the fault has dropped it")
        world.start(.munmap(area.start, pages: 1), in: other)
        while world.machine.holds(.mmap(area.map), task) == nil { world.machine.step(task) }
        while world.machine.wait(of: other) == nil { world.machine.step(other) }
        #expect(world.mmapLock(of: task).readers == [task])
        #expect(world.run() == .finished)
        #expect(world.report(of: task).value == 1 && world.report(of: other).errno == nil)
    }

    @Test("fixup_user_fault looks the area up anew after a retry: a munmap meanwhile is EFAULT")
    func fixupLooksAgain() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let task = world.task()
        let other = world.thread(of: task)
        let area = try world.map(file, .read, .shared, in: task)
        world.start(.faultIn(FaultRequest(.fixupUnlockable, .read, area[9])), in: task)
        #expect(world.run() == .blocked)
        try world.perform(.munmap(area.start, pages: 64), in: other)
        world.completeReads()
        #expect(world.run() == .finished)
        #expect(world.report(of: task).errno == .badAddress && world.report(of: task).outcome.lockWasLost)
    }

    @Test("a killed fixup ends with EINTR, and its caller's lock is released")
    func killedFixup() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .read, .shared, in: task)
        world.start(.faultIn(FaultRequest(.fixupUnlockable, .read, area[9])), in: task)
        #expect(world.run() == .blocked)
        world.kill(task)
        let reason = world.run(until: .stage(task, "exit.lock"))
        #expect(reason == .conditionMet)
        #expect(world.report(of: task).errno == .interrupted)
        #expect(world.machine.heldLocks(of: task).isEmpty)
    }

    @Test("a futex fails at once where nothing is mapped, and is fixed up without a drop")
    func futex() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        let store = try world.perform(.faultIn(FaultRequest(.futex, .write, area[0])), in: task)
        #expect(store.value == 1 && store.attempts.map(\.flags) == [.write])
        #expect(store.counters.kernelExceptions == 1, "the atomic access, which no attempt follows")
        let load = try world.perform(.faultIn(FaultRequest(.futex, .read, area[1])), in: task)
        #expect(load.value == 1 && load.attempts.map(\.flags) == [.default])
        #expect(load.counters.kernelExceptions == 2, "the atomic access, and the ordinary copy")
        let again = try world.perform(.faultIn(FaultRequest(.futex, .write, area[0])), in: task)
        #expect(again.value == 1 && again.counters.exceptions == 0 && again.counters.mmapReadLocks == 0)
        let hole = try world.perform(.faultIn(FaultRequest(.futex, .write, area[2])), in: task)
        #expect(hole.errno == .badAddress && hole.attempts.isEmpty)
    }

    @Test("break_ksm copies a shared page, even of a read-only area, and looks again until it is alone")
    func breakKSM() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 3, in: task)
        try world.perform(.write(area, pages: 2), in: task)
        try world.perform(.mprotect(area.start, pages: 2, .read), in: task)
        let child = TaskID(try world.perform(.fork, in: task).value)
        let map = world.machine.map(of: child)
        let shared = world.machine.entry(of: area[0], in: map).frame
        let scanner = world.kernelThread()
        let report = try world.perform(
            .faultIn(FaultRequest(.breakKSM, .write, area[0], pages: 3, in: map)), in: scanner)
        #expect(report.value == 3, "the third page was never there")
        #expect(report.attempts.map(\.flags) == [[.write, .remote], [.write, .remote]])
        #expect(report.attempts.map(\.result) == [.write, .write])
        let own = world.machine.entry(of: area[0], in: map)
        #expect(own.frame != shared && own.isPresent && !own.isWritable)
        #expect(!report.outcome.lockWasLost)
    }

    @Test("break_ksm passes over a page that the OOM reaper has taken: SIGBUS means that nothing is merged there")
    func breakReaped() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(area, pages: 2), in: task)
        let child = TaskID(try world.perform(.fork, in: task).value)
        let map = world.machine.map(of: child)
        let scanner = world.kernelThread()
        world.start(.faultIn(FaultRequest(.breakKSM, .write, area[0], pages: 2, in: map)), in: scanner)
        #expect(world.run(until: .stage(scanner, "pageFault.enter")) == .conditionMet)
        // The reaper also holds the lock for reading only.
        let thread = world.thread(of: child)
        world.start(.madvise(area.start, pages: 2, .dontNeed), in: thread)
        while world.machine.step(thread) {}
        world.machine.maps[map.index].isReaped = true
        world.machine.noteInterference()
        #expect(world.run() == .finished)
        let report = world.report(of: scanner)
        #expect(report.value == 2 && report.errno == nil && report.attempts.map(\.result) == [.sigbus])
        #expect(world.mmapLock(of: child).isFree && world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "what the area does not allow is refused before any attempt",
        arguments: [
            (.fixup, .write, .badAddress), (.futex, .write, .badAddress), (.hmm, .write, .notPermitted),
            (.coprocessor, .write, .badAddress),
        ] as [(FaultCaller, FaultException.Access, Errno)])
    func refused(_ caller: FaultCaller, _ access: FaultException.Access, _ errno: Errno) throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, .read, in: task)
        let report = try world.perform(.faultIn(FaultRequest(caller, access, area[0])), in: task)
        #expect(report.errno == errno && report.attempts.isEmpty)
    }

    @Test("past the end of the file fixup and hmm return EFAULT", arguments: [FaultCaller.fixup, .hmm, .coprocessor])
    func beyondEnd(_ caller: FaultCaller) throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 1)
        let task = world.task()
        let area = try world.map(file, pages: 2, .read, .shared, in: task)
        let report = try world.perform(.faultIn(FaultRequest(caller, .read, area[1])), in: task)
        #expect(report.errno == .badAddress && report.attempts.map(\.result) == [.sigbus])
    }

    @Test("in every order of a race callers that allow no retry see neither RETRY nor COMPLETED")
    func negative() throws {
        for caller in [FaultCaller.fixup, .hmm, .coprocessor, .futex] {
            var world = try World(.linux6_1)
            let file = try world.file(pages: 2, on: .tmpfs)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            world.start(.faultIn(FaultRequest(caller, .write, area[0])), in: task)
            world.start(.write(area[0]), in: world.thread(of: task))
            let found = world.explore()
            #expect(found.brokenLaws.isEmpty && found.deadlocks.isEmpty)
            let own = found.texts.map { $0.prefix { $0 != ";" } }
            #expect(!own.isEmpty && own.allSatisfy { !$0.contains("RETRY") && !$0.contains("COMPLETED") }, "\(caller)")
        }
    }

    @Test("under kernels that retry a throttled write, fixup tries again, and the fault is major")
    func olderThrottling() throws {
        var model = KernelModel.linux6_1
        model.throttledSharedWrite = .retries
        var world = try World(model)
        let file = try world.file(pages: 1, on: .tmpfs)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        let report = try world.perform(.faultIn(FaultRequest(.fixupUnlockable, .write, area[0])), in: task)
        #expect(report.attempts.map(\.result) == [[.locked, .retry], []])
        #expect(report.majorFaults == 1 && report.outcome.lockWasLost)
    }
}

@Suite("get_user_pages and its lock", .timeLimit(.minutes(60)))
struct LockedGUPTests {
    @Test("COMPLETED is -EAGAIN: the page is looked up again under a new lock, without a second fault")
    func completed() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 3, on: .tmpfs)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        let report = try world.perform(.getUserPages(area[0], pages: 3, [.write, .unlockable]), in: task)
        #expect(report.value == 3 && report.outcome.lockWasLost)
        #expect(report.attempts.map(\.result) == Array(repeating: [.locked, .completed], count: 3))
        // Each page is looked at once more, with TRIED, before the next.
        #expect(report.counters.mmapReadLocks == 4)
    }

    @Test("RETRY is -EBUSY: the page alone is tried again, with TRIED")
    func busy() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .read, .shared, in: task)
        let report = try world.perform(.getUserPages(area[9], pages: 1, .unlockable), in: task)
        #expect(report.attempts.map(\.result) == [[.major, .retry], .noPage])
        #expect(report.value == 1 && report.majorFaults == 1 && report.outcome.lockWasLost)
    }

    @Test("NOWAIT stops with what is there, the lock held all the time")
    func noWait() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64, resident: .pages([0...0]))
        let task = world.task()
        let area = try world.map(file, .read, .shared, in: task)
        let flags: GUPFlags = [.noWait, .unlockable]
        let report = try world.perform(.getUserPages(area[0], pages: 40, flags), in: task)
        #expect(report.value == 1 && !report.outcome.lockWasLost)
        #expect(report.attempts.last?.result.contains(.retry) == true)
        #expect(report.attempts.last?.lockHeldAfter == true)
        #expect(report.counters.mmapReadLocks == 1)
        let nothing = try world.perform(.getUserPages(area[60], pages: 1, flags), in: task)
        #expect(nothing.value == 0 && nothing.errno == nil, "0 pages, and no error")
    }

    @Test("NOFAULT takes what is mapped, and faults nothing in")
    func noFault() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(area[0]), in: task)
        let report = try world.perform(.getUserPages(area[0], pages: 2, .noFault), in: task)
        #expect(report.value == 1 && report.attempts.isEmpty)
        let none = try world.perform(.getUserPages(area[1], pages: 1, .noFault), in: task)
        #expect(none.errno == .badAddress)
    }

    @Test("INTERRUPTIBLE ends on any signal, also while it waits without the lock", arguments: [false, true])
    func interruptible(_ isInterruptible: Bool) throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .read, .shared, in: task)
        let flags: GUPFlags = isInterruptible ? [.unlockable, .interruptible] : .unlockable
        world.start(.getUserPages(area[9], pages: 1, flags), in: task)
        #expect(world.run() == .blocked)
        world.send(.user1, to: task)
        world.completeReads()
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.errno == (isInterruptible ? .interrupted : nil))
        #expect(report.attempts[0].flags.contains(.interruptible) == isInterruptible)
    }

    @Test("no two flags share a bit, though the kernel has renumbered some")
    func distinct() {
        let flags: [GUPFlags] = [
            .write, .touch, .get, .force, .noWait, .noFault, .hwpoison, .tried, .remote, .pin, .unlockable, .advice,
            .interruptible,
        ]
        #expect(flags.allSatisfy { $0.rawValue.nonzeroBitCount == 1 })
        #expect(GUPFlags(flags).rawValue.nonzeroBitCount == flags.count)
    }

    /// Answers that its page has a memory error.
    struct Poisoned: VMOperations {
        var name: StaticName { StaticName("poisoned") }
        func fault(
            _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
            _ machine: inout Machine
        ) -> RoutineStep<OnlyStage, FaultResult> {
            .done(.hwpoison)
        }
    }

    @Test("a page with a memory error is EHWPOISON for callers that ask for it, and EFAULT for others")
    func poisoned() throws {
        var world = try World(.linux6_1)
        let handler = world.register(Poisoned())
        let task = world.task()
        let area = try world.map(handler, pages: 1, in: task)
        let told = try world.perform(.getUserPages(area[0], pages: 1, .hwpoison), in: task)
        #expect(told.errno == .hardwarePoison)
        let other = try world.perform(.getUserPages(area[0], pages: 1, []), in: task)
        #expect(other.errno == .badAddress)
        #expect(try world.perform(.faultIn(FaultRequest(.fixup, .read, area[0])), in: task).errno == .badAddress)
    }
}
