import FaultSimulator
import Testing

@testable import FaultCore

/// What is counted, by number.
@Suite("Every counter is counted", .timeLimit(.minutes(60)))
struct CounterTests {
    /// Something that happens, and what all of it counts.
    struct Counted: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let task: String
        let machine: String
        let play: @Sendable () throws -> Play

        init(
            _ description: String, task: String, machine: String, _ play: @escaping @Sendable () throws -> Play
        ) {
            testDescription = description
            self.task = task
            self.machine = machine
            self.play = play
        }
    }

    static let all: [Counted] = [
        Counted(
            "a cold read in Linux 6.12",
            task: "minorFaults 0, majorFaults 1, exceptions 1, attempts 2, areaLockAttempts 1, pgfault 1, "
                + "mmapReadLocks 1, mmapWriteLocks 1, pgmajfault 1", machine: "pgfault 1, pgmajfault 1, vmaLockRetry 1"
        ) {
            var (play, _) = try Behaviour.coldRead(.linux6_12)
            try play.settle()
            return play
        },
        Counted(
            "a cold read of the kernel in Linux 6.1, with a signal, that finds the lock taken",
            task: "minorFaults 1, majorFaults 1, exceptions 2, kernelExceptions 1, attempts 3, pgfault 3, "
                + "mmapReadLocks 3, mmapWriteLocks 1, mmapTrylockFailures 1, pgmajfault 1, handledSignals 1",
            machine: "pgfault 3, pgmajfault 1"
        ) {
            var play = try Play(.linux6_1)
            let area = try play.world.map(try play.world.file(pages: 64), .read, in: play.task)
            try play.hold(.write)
            try play.start(.kernelTouch(.read, area[3], .kernelWithFixup))
            play.release()
            try play.settle()
            play.world.send(.user1, to: play.task)
            try play.perform(.read(area))
            return play
        },
        Counted(
            "a store after a fork, and one when the child is gone",
            task: "minorFaults 4, majorFaults 0, exceptions 4, attempts 4, pgfault 4, mmapReadLocks 4, "
                + "mmapWriteLocks 3, pageCopies 1", machine: "pgfault 4, pgmajfault 0, pgreuse 1"
        ) {
            var play = try Play(.linux6_1)
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            try play.perform(.write(area, pages: 2))
            let child = try play.world.fork(play.task)
            try play.perform(.write(area))
            try play.perform(.exit, in: child)
            try play.perform(.write(area, page: 1))
            return play
        },
        Counted(
            "pages swapped out and in, two of them of zeroes",
            task: "minorFaults 14, majorFaults 2, exceptions 14, attempts 16, areaLockAttempts 14, "
                + "pgfault 16, mmapReadLocks 2, mmapWriteLocks 1, pgmajfault 2",
            machine: "pgfault 16, pgmajfault 2, pswpin 6, pswpout 6, swapZeroIn 2, swapZeroOut 2, swapReadahead 6, "
                + "swapReadaheadHits 6, workingsetRefaultAnonymous 8, workingsetActivate 8, vmaLockSuccess 14"
        ) {
            var play = try Play(.linux6_12)
            try play.swap(held: false, isRotational: true)
            let area = try play.world.map(anonymousPages: 8, in: play.task)
            try play.perform(.madvise(area, .populateWrite, page: 6, pages: 2))
            try play.perform(.write(area, pages: 6))
            try play.perform(.madvise(area, .pageOut))
            play.world.evictSwapCache()
            try play.perform(.read(area, pages: 8))
            return play
        },
        Counted(
            "memory pressure on pages of files and of memory",
            task: "minorFaults 33, majorFaults 19, exceptions 52, attempts 52, pgfault 52, "
                + "mmapReadLocks 53, mmapWriteLocks 2, pgmajfault 19",
            machine: "pgfault 52, pgmajfault 19, pswpin 32, pswpout 48, swapReadahead 13, swapReadaheadHits 13, "
                + "allocstall 20, pgscan 193, pgsteal 145, pglazyfreed 4, workingsetRefaultAnonymous 32, "
                + "workingsetRefaultFile 74"
        ) {
            var play = try Play(.linux6_1) {
                $0.frameLimit = 24
                $0.readaheadPages = 4
            }
            try play.swap(held: false, isRotational: true)
            let file = try play.world.file(pages: 40)
            let area = try play.world.map(anonymousPages: 16, in: play.task)
            let free = try play.world.map(anonymousPages: 4, in: play.task)
            try play.perform(.write(free, pages: 4))
            try play.perform(.madvise(free, .free))
            for _ in 0..<3 {
                try play.perform(.write(area, pages: 16))
                try play.perform(.read(file, pages: 40))
                try play.perform(.read(file, page: 30, pages: 4))
            }
            return play
        },
        Counted(
            "no memory for anybody", task: "minorFaults 0, majorFaults 0, mmapReadLocks 1, mmapWriteLocks 1",
            machine: "pgfault 13, pgmajfault 0, allocstall 1, pgscan 30, oomKill 1"
        ) {
            var play = try Play(.linux6_1) { $0.frameLimit = 12 }
            let area = try play.world.map(anonymousPages: 16, in: play.task)
            try play.perform(.write(area, pages: 16), in: play.thread)
            return play
        },
        Counted(
            "a fault that a program resolves, and an area that is locked",
            task: "minorFaults 2, majorFaults 0, exceptions 2, attempts 3, areaLockAttempts 2, pgfault 2, "
                + "mmapReadLocks 2, mmapWriteLocks 2, userfaults 1, areaLockUserfaults 1",
            machine: "pgfault 2, pgmajfault 0, vmaLockSuccess 1, vmaLockRetry 1"
        ) {
            var play = try Play(.linux6_12)
            let area = try play.world.map(anonymousPages: 8, in: play.task)
            try play.perform(.write(area))
            let descriptor = UserfaultID(try play.perform(.userfaultfd([], [])).value)
            try play.perform(.userfault(descriptor, .register(area.start, pages: 8, .missing)))
            try play.start(.read(area, page: 3))
            try play.perform(.copy(descriptor, area, page: 3), in: play.thread)
            return play
        },
        Counted(
            "a store to an area that goes when it has been found",
            task: "minorFaults 1, majorFaults 0, exceptions 2, attempts 1, areaLockAttempts 1, pgfault 1, "
                + "mmapReadLocks 2, mmapWriteLocks 1",
            machine: "pgfault 1, pgmajfault 0, vmaLockSuccess 1, vmaLockAbort 1, vmaLockMiss 1"
        ) {
            var play = try Play(.linux6_12)
            let area = try play.world.map(anonymousPages: 4, in: play.task)
            try play.perform(.write(area))
            play.world.start(.write(area, page: 1), in: play.task)
            play.step(play.task) { $0.backtrace(of: $1).last?.description != "faultEntry.lockArea" }
            play.world.start(.munmap(area), in: play.thread)
            play.step(play.thread)
            try play.settle()
            return play
        },
        Counted(
            "a store to an area that is being changed",
            task: "minorFaults 2, majorFaults 0, exceptions 2, attempts 2, areaLockAttempts 1, pgfault 2, "
                + "mmapReadLocks 2, mmapWriteLocks 1, mmapTrylockFailures 1",
            machine: "pgfault 2, pgmajfault 0, vmaLockSuccess 1, vmaLockAbort 1"
        ) {
            var play = try Play(.linux6_12)
            let area = try play.world.map(anonymousPages: 4, in: play.task)
            try play.perform(.write(area))
            try play.hold(.write)
            play.world.machine.maps[area.map.index].areaLocks.mark(area[0]..<area[0] + 4)
            try play.start(.write(area, page: 1))
            play.release()
            try play.settle()
            return play
        },
        Counted(
            "a file that is a little too large for memory, read again and again",
            task: "minorFaults 12, majorFaults 0, exceptions 12, attempts 12, pgfault 12, "
                + "mmapReadLocks 12, mmapWriteLocks 1",
            machine: "pgfault 12, pgmajfault 0, allocstall 84, pgscan 84, pgsteal 84, workingsetRefaultFile 80, "
                + "workingsetActivate 80, workingsetActivateFile 80, workingsetRestore 64"
        ) {
            var play = try Play(.linux6_1) {
                $0.frameLimit = 24
                $0.readaheadPages = 0
            }
            try play.swap(held: false, isRotational: true)
            let file = try play.world.file(pages: 16)
            let area = try play.world.map(anonymousPages: 12, in: play.task)
            for _ in 0..<6 {
                try play.perform(.write(area, pages: 12))
                try play.perform(.read(file, pages: 16))
            }
            return play
        },
        Counted(
            "an area that changes while a fault wants its lock",
            task: "minorFaults 2, majorFaults 0, exceptions 2, attempts 2, pgfault 2, mmapReadLocks 2, "
                + "mmapWriteLocks 1, pageCopies 1", machine: "pgfault 2, pgmajfault 0, vmaLockAbort 2"
        ) {
            var play = try Play(.linux6_8)
            let area = try play.world.map(anonymousPages: 4, in: play.task)
            try play.perform(.read(area))
            try play.perform(.write(area))
            return play
        },
    ]

    @Test("what is counted", arguments: all)
    func counted(_ counted: Counted) throws {
        let play = try counted.play()
        #expect("\(play.world.machine.counters(of: play.task))" == counted.task)
        #expect("\(play.world.machine.events)" == counted.machine)
    }

    @Test("each counter is among them, with a number")
    func complete() {
        let tasks = Self.all.map(\.task).joined(separator: ", ")
        let machines = Self.all.map(\.machine).joined(separator: ", ")
        for (counters, text) in [
            (Mirror(reflecting: TaskCounters()), tasks), (Mirror(reflecting: MachineEvents()), machines),
        ] {
            for case let (name?, _) in counters.children {
                let isCounted = text.split(separator: ", ").contains { part in
                    part.hasPrefix(name + " ") && !part.hasSuffix(" 0")
                }
                #expect(isCounted, "\(name)")
            }
        }
    }
}
