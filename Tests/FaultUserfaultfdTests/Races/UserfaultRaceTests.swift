import FaultSimulator
import Testing

/// Every race of a fault that is handed over, gone through in every order with the laws on at every state: what can come of it,
/// written down.
@Suite("Explored races of user faults", .timeLimit(.minutes(60)))
struct UserfaultRaceTests {
    private static let old = KernelModel.linux6_1
    private static let new = KernelModel.linux6_12

    /// Explores, and expects that no law is broken, so many states, these outcomes, and these chains of who is left asleep.
    private func expect(
        _ race: UserfaultRace, states: Int, _ texts: [String], asleep: [String] = []
    ) {
        let found = race.explore()
        #expect(found.isComplete)
        #expect(found.brokenLaws.map(\.description) == [])
        #expect(found.states == states)
        #expect(found.texts == texts)
        #expect(found.deadlocks.map(\.chain) == asleep)
    }

    @Test("a fault against its fill: nobody is left asleep, whichever of the two comes first")
    func fill() throws {
        expect(
            try .fill(Self.old), states: 427,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: RETRY, 0, faults 0/1; task 1: ok",
                "task 0: ok; task 1: ok",
            ])
        expect(
            try .fill(Self.new), states: 551,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: RETRY, 0, faults 1/0; task 1: ok",
                "task 0: ok; task 1: ok",
            ])
    }

    @Test("two faults on one page, and one fill: both go on")
    func twoFaults() throws {
        expect(
            try .twoFaults(Self.old), states: 1475,
            [
                "task 0: RETRY, 0, faults 0/1; task 1: ok; task 2: 0, faults 1/0",
                "task 0: RETRY, 0, faults 0/1; task 1: ok; task 2: RETRY, 0, faults 0/1",
                "task 0: RETRY, 0, faults 0/1; task 1: ok; task 2: ok",
            ])
        expect(
            try .twoFaults(Self.new), states: 1881,
            [
                "task 0: RETRY, 0, faults 1/0; task 1: ok; task 2: 0, faults 1/0",
                "task 0: RETRY, 0, faults 1/0; task 1: ok; task 2: RETRY, 0, faults 1/0",
                "task 0: RETRY, 0, faults 1/0; task 1: ok; task 2: ok",
            ])
    }

    @Test("a waking without a fill: the fault waits again, in every order")
    func wakeWithoutFill() throws {
        expect(
            try .wakeWithoutFill(Self.old), states: 142,
            [],
            asleep: ["task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd"])
        expect(
            try .wakeWithoutFill(Self.new), states: 142,
            [],
            asleep: ["task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd"])
    }

    @Test("a fault against munmap(2) of its area, and a waking: SIGSEGV before or after the wait")
    func munmap() throws {
        expect(
            try .munmap(Self.old), states: 223,
            [
                "task 0: RETRY, SIGSEGV/MAPERR; task 1: ok",
                "task 0: SIGSEGV/MAPERR; task 1: ok",
            ])
        expect(
            try .munmap(Self.new), states: 312,
            [
                "task 0: RETRY, SIGSEGV/MAPERR; task 1: ok",
                "task 0: SIGSEGV/MAPERR; task 1: ok",
            ])
    }

    @Test("a fault against a fill and MADV_DONTNEED: it gets a page, or comes when that is gone, and waits")
    func dontNeed() throws {
        expect(
            try .dontNeed(Self.old), states: 785,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: RETRY, 0, faults 0/1; task 1: ok",
                "task 0: ok; task 1: ok",
            ],
            asleep: ["task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd"])
        expect(
            try .dontNeed(Self.new), states: 909,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: RETRY, 0, faults 1/0; task 1: ok",
                "task 0: ok; task 1: ok",
            ],
            asleep: ["task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd"])
    }

    @Test("a fault against fork(2), and then a fill: the child has no part in it")
    func fork() throws {
        expect(
            try .fork(Self.old), states: 918,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: RETRY, 0, faults 0/1; task 1: ok",
                "task 0: ok; task 1: ok",
            ])
        expect(
            try .fork(Self.new), states: 1557,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: RETRY, 0, faults 0/1; task 1: ok",
                "task 0: RETRY, 0, faults 1/0; task 1: ok",
                "task 0: ok; task 1: ok",
            ])
    }

    @Test("a fault that is killed while it waits ends at once; else it waits")
    func exit() throws {
        expect(
            try .exit(Self.old), states: 23,
            ["task 0: RETRY, SIGKILL"],
            asleep: ["task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd"])
        expect(
            try .exit(Self.new), states: 23,
            ["task 0: RETRY, SIGKILL"],
            asleep: ["task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd"])
    }

    @Test("a fault that waits against the last close(2): it gets an ordinary page")
    func close() throws {
        expect(
            try .close(Self.old), states: 57,
            ["task 0: RETRY, 0, faults 0/1; task 1: ok"])
        expect(
            try .close(Self.new), states: 57,
            ["task 0: RETRY, 0, faults 1/0; task 1: ok"])
    }

    // userfaultfd_unregister() wakes before it write-locks the area: a fault under the area's lock that queues in between waits
    // for an area that is registered no more. In 6.1 the mmap lock keeps it out.
    @Test("a fault against its area being registered no more: an ordinary page; in 6.12 it may be left asleep")
    func unregister() throws {
        expect(
            try .unregister(Self.old), states: 606,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: RETRY, 0, faults 0/1; task 1: ok",
            ])
        expect(
            try .unregister(Self.new), states: 763,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: RETRY, 0, faults 1/0; task 1: ok",
            ],
            asleep: ["task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd"])
    }

    @Test("a handled signal against the fill: the fault comes again, or finds the page")
    func signal() throws {
        expect(
            try .signal(Self.old), states: 906,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: 2 x RETRY, 0, faults 0/1; task 1: ok",
                "task 0: RETRY, 0, faults 0/1; task 1: ok",
                "task 0: RETRY, 0, faults 1/0; task 1: ok",
                "task 0: RETRY; task 1: ok",
                "task 0: ok; task 1: ok",
            ])
        expect(
            try .signal(Self.new), states: 1170,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: 2 x RETRY, 0, faults 1/0; task 1: ok",
                "task 0: RETRY, 0, faults 1/0; task 1: ok",
                "task 0: RETRY; task 1: ok",
                "task 0: ok; task 1: ok",
            ])
    }

    @Test("a fill that comes while an event was not read is EAGAIN, and the fault waits on unless it comes again")
    func event() throws {
        expect(
            try .event(Self.old), states: 3727,
            ["task 0: RETRY, 0, faults 0/1; task 1: ok; task 2: ok"],
            asleep: [
                "task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd",
                "task 2 waits for its event to be read from userfaultfd 0",
            ])
        expect(
            try .event(Self.new), states: 4524,
            ["task 0: RETRY, 0, faults 1/0; task 1: ok; task 2: ok"],
            asleep: [
                "task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd",
                "task 2 waits for its event to be read from userfaultfd 0",
            ])
    }

    // Linux 6.1 leaves a private page read-only when it lifts the protection, and handle_userfault() looks at that, not at the bit:
    // lifted between do_wp_page() and the queue, nobody wakes the writer any more.
    @Test("a write to a protected page against the lifting of that")
    func unprotect() throws {
        expect(
            try .unprotect(Self.old), states: 566,
            [
                "task 0: RETRY, WRITE, faults 0/1; task 1: ok",
                "task 0: WRITE, 0, faults 2/0; task 1: ok",
                "task 0: WRITE, faults 1/0; task 1: ok",
            ],
            asleep: [
                "task 0 waits for userfaultfd 0 to answer its write of protected page 0x7fffff7fd"
            ])
        expect(
            try .unprotect(Self.new), states: 390,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: RETRY, 0, faults 1/0; task 1: ok",
                "task 0: ok; task 1: ok",
            ])
    }

    @Test("who would have to answer waits for an answer itself: a deadlock that only SIGKILL ends")
    func ownFault() throws {
        expect(
            try .ownFault(Self.old), states: 664,
            [],
            asleep: [
                "task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd, behind task 0, task 1 <- task 1 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fe, behind task 0, task 1"
            ])
        expect(
            try .ownFault(Self.new), states: 664,
            [],
            asleep: [
                "task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd, behind task 0, task 1 <- task 1 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fe, behind task 0, task 1"
            ])
    }

    @Test("a fault against mremap(2) that moves its area away, and a waking: SIGSEGV before or after the wait")
    func mremap() throws {
        for (model, states) in [(Self.old, 207), (Self.new, 310)] {
            expect(
                try .mremap(model), states: states,
                [
                    "task 0: RETRY, SIGSEGV/MAPERR; task 1: ok",
                    "task 0: SIGSEGV/MAPERR; task 1: ok",
                ])
        }
    }

    @Test("a fault against mremap(2) that a monitor is told of: it gets its page before the move, or SIGSEGV after it")
    func toldMremap() throws {
        for (model, states, faults) in [(Self.old, 7972, "0/1"), (Self.new, 10261, "1/0")] {
            expect(
                try .toldMremap(model), states: states,
                [
                    "task 0: RETRY, 0, faults \(faults), SIGSEGV/MAPERR; task 1: sleeps; task 2: ok",
                    "task 0: RETRY, 0, faults \(faults); task 1: sleeps; task 2: ok",
                    "task 0: RETRY, SIGSEGV/MAPERR; task 1: sleeps; task 2: ok",
                    "task 0: SIGSEGV/MAPERR; task 1: sleeps; task 2: ok",
                ])
        }
    }

    // NOPAGE is a fault that has waited for the hole to be punched.
    @Test("a fault against a fill and MADV_REMOVE: it gets the page, or comes when that is gone, and waits")
    func remove() throws {
        let asleep = ["task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd"]
        for (model, states, waits) in [
            (Self.old, 6063, ("0/1", "1/1", "0/1")), (Self.new, 6229, ("1/0", "2/0", "1/0")),
        ] {
            expect(
                try .remove(model), states: states,
                [
                    "task 0: 0, faults 1/0; task 1: ok",
                    "task 0: LOCKED, faults 1/0; task 1: ok",
                    "task 0: NOPAGE, 0, faults 2/0; task 1: ok",
                    "task 0: NOPAGE, faults 1/0; task 1: ok",
                    "task 0: NOPAGE|LOCKED, NOPAGE, faults 2/0; task 1: ok",
                    "task 0: NOPAGE|LOCKED, faults 1/0; task 1: ok",
                    "task 0: RETRY, 0, faults \(waits.0); task 1: ok",
                    "task 0: RETRY, NOPAGE, 0, faults \(waits.1); task 1: ok",
                    "task 0: RETRY, NOPAGE, faults \(waits.2); task 1: ok",
                    "task 0: ok; task 1: ok",
                ],
                asleep: asleep)
        }
    }

    @Test("a fill that comes while a removal was not read is EAGAIN, and the fault waits on unless it comes again")
    func toldRemove() throws {
        for (model, states, waits) in [
            (Self.old, 13597, ("0/1", "1/1", "0/1")), (Self.new, 14604, ("1/0", "2/0", "1/0")),
        ] {
            expect(
                try .toldRemove(model), states: states,
                [
                    "task 0: RETRY, 0, faults \(waits.0); task 1: ok; task 2: ok",
                    "task 0: RETRY, NOPAGE, 0, faults \(waits.1); task 1: ok; task 2: ok",
                    "task 0: RETRY, NOPAGE, faults \(waits.2); task 1: ok; task 2: ok",
                ],
                asleep: [
                    "task 0 waits for userfaultfd 0 to answer its access to missing page 0x7fffff7fd",
                    "task 2 waits for its event to be read from userfaultfd 0",
                ])
        }
    }

    @Test("a fault against fork(2) that a monitor is told of: it waits once, and the monitor waits for more")
    func toldFork() throws {
        for (model, states, faults) in [(Self.old, 13567, ["0/1"]), (Self.new, 18781, ["0/1", "1/0"])] {
            expect(
                try .toldFork(model), states: states,
                faults.map { "task 0: RETRY, 0, faults \($0); task 1: sleeps; task 2: ok" })
        }
    }

    @Test("post-copy with a guest that looks its page up without waiting, then with, beside who maps memory: all go on")
    func guest() throws {
        for (model, states) in [(Self.old, 3920), (Self.new, 4001)] {
            expect(try .guest(model), states: states, ["task 0: RETRY; task 1: sleeps; task 2: ok"])
        }
    }

    @Test("moving pages against munmap(2) of their source: all are moved, or none")
    func move() throws {
        expect(try .move(Self.old), states: 28, ["task 0: ok; task 1: EINVAL"])
        expect(try .move(Self.new), states: 239, ["task 0: ok; task 1: ENOENT", "task 0: ok; task 1: ok"])
    }

    @Test("up to 5.8 a wait is major by itself; up to 5.6 a handled signal ends it with NOPAGE")
    func earlier() throws {
        for (model, states) in [(KernelModel.linux4_19, 463), (.linux5_7, 463)] {
            expect(
                try .fill(model), states: states,
                [
                    "task 0: 0, faults 1/0; task 1: ok",
                    "task 0: MAJOR|RETRY, 0, faults 0/1; task 1: ok",
                    "task 0: RETRY, 0, faults 1/0; task 1: ok",
                    "task 0: ok; task 1: ok",
                ])
        }
        expect(
            try .signal(.linux4_19), states: 1004,
            [
                "task 0: 0, faults 1/0; task 1: ok",
                "task 0: MAJOR|RETRY, 0, faults 0/1; task 1: ok",
                "task 0: MAJOR|RETRY, NOPAGE, 0, faults 1/1; task 1: ok",
                "task 0: NOPAGE, 0, faults 2/0; task 1: ok",
                "task 0: NOPAGE, faults 1/0; task 1: ok",
                "task 0: RETRY, 0, faults 1/0; task 1: ok",
                "task 0: RETRY, NOPAGE, 0, faults 2/0; task 1: ok",
                "task 0: ok; task 1: ok",
            ])
    }

    @Test("a fault that waits against the end of its monitor's process: it gets an ordinary page")
    func monitorExit() throws {
        for (model, states, faults) in [(Self.old, 81, "0/1"), (Self.new, 81, "1/0")] {
            expect(
                try .monitorExit(model), states: states,
                ["task 0: RETRY, 0, faults \(faults); task 2: ok"])
        }
    }
}
