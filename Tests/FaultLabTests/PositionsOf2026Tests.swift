import FaultLab
import Testing

@Suite("2026: which lock comes after the wait", .timeLimit(.minutes(60)))
struct PositionsOf2026Tests {
    static let today = "a today: mmap lock"
    static let song = "b Song: area's lock again"
    static let wilcox = "c Wilcox: keep the lock"
    static let split = "d split RETRY"

    @Test(
        "only today's second attempt takes the mmap lock; only an attempt that keeps the area's lock needs no second one"
    )
    func workload() throws {
        var experiment = PositionsOf2026()
        if isDebug {
            experiment.nanoseconds /= 4
            experiment.areas /= 4
        }
        let runs = try experiment.workloads().map(\.0)
        #expect(runs.map(\.model) == [Self.today, Self.song, Self.wilcox, Self.split])
        func run(_ model: String) throws -> PositionsOf2026.Run {
            try #require(runs.first { $0.model == model })
        }
        let (today, song) = (try run(Self.today), try run(Self.song))
        let (wilcox, split) = (try run(Self.wilcox), try run(Self.split))

        // The disk decides over the reads: eight readers, 2 ms each.
        for run in runs { #expect(abs(run.reads / 4000 - 1) < 0.05, "\(run.model)") }
        for run in [today, song, split] {
            #expect(run.attemptsPerFault > 1.8, "\(run.model)")
            #expect(run.mapperForAreas.behindIO == 0, "nobody reads with an area's lock: \(run.model)")
            #expect(run.mapperForAreas.longest < 1_000, "a fault holds it for less than a microsecond: \(run.model)")
            #expect(run.monitorForMmap.behindIO == 0 && run.readersForMmap.behindIO == 0, "\(run.model)")
        }
        #expect(today.mmapLocksPerFault > 0.8 && song.mmapLocksPerFault < 0.1 && split.mmapLocksPerFault < 0.1)
        #expect(today.readersForMmap.times > song.readersForMmap.times, "readers queue behind writers of the whole map")
        #expect(song.mapperForMmap.times == 0, "and writers behind readers")

        #expect(wilcox.attemptsPerFault < 1.5)
        #expect(wilcox.mapperForAreas.times > 0)
        #expect(wilcox.mapperForAreas.behindIO > wilcox.mapperForAreas.total / 10 * 9, "fork waits for readers' I/O")
        #expect(wilcox.mapperForAreas.longest <= experiment.readNanoseconds, "for one read, and no longer")
        #expect(wilcox.monitorForMmap.behindIO > 0, "and the monitor behind it")
        #expect(wilcox.chain.contains("<- task 8 waits for the lock of an area of map 0 (write)"))
        #expect(wilcox.chain.contains("I/O on page"))
    }

    @Test("over all schedules: which tasks can wait for a read, and how many attempts a fault can take")
    func allSchedules() throws {
        var experiment = PositionsOf2026()
        if isDebug { experiment.evictions = 1 }
        let worst = try experiment.worstCases()
        func position(_ model: String) throws -> PositionsOf2026.Worst {
            try #require(worst.first { $0.model == model })
        }
        let (today, song) = (try position(Self.today), try position(Self.song))
        let (wilcox, split) = (try position(Self.wilcox), try position(Self.split))

        // A first attempt's read makes other tasks wait only under c: the tasks that change the area, and the monitor behind them.
        for position in [today, song, split] { #expect(position.behindFirst == [], "\(position.model)") }
        #expect(wilcox.behindFirst == [.fork, .mprotect, .munmap, .monitor])
        // If the page goes before the second attempt, that one waits with its lock held: the whole map's, or the area's.
        #expect(today.behindSecond == [.fork, .mprotect, .munmap, .mmap, .monitor])
        for position in [song, split] {
            #expect(position.behindSecond == [.fork, .mprotect, .munmap, .monitor], "\(position.model)")
        }
        #expect(wilcox.behindSecond == [], "there is none")

        // All are bounded. What was MAJOR is TRIED; what found its page under read is not, and may go round once more, under
        // b twice.
        let count = experiment.evictions + 1
        for (position, cold, underRead) in [
            (today, [2, 2, 2], [2, 3, 3]), (song, [2, 2, 2], [2, 3, 4]), (wilcox, [1, 1, 1], [1, 1, 1]),
            (split, [2, 2, 2], [2, 2, 2]),
        ] {
            #expect(position.attempts == Array(cold.prefix(count)), "\(position.model)")
            #expect(position.attemptsOnPageUnderRead == Array(underRead.prefix(count)), "\(position.model)")
            #expect(position.alwaysEnds, "\(position.model)")
        }
    }
}
