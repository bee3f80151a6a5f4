import FaultSimulator
import Testing

@testable import FaultCore

@Suite("Laws are checked of what has changed", .timeLimit(.minutes(60)))
struct ScanByChangeTests {
    /// A random program that is looked at after every few stages.
    private struct WatchedRun {
        var base: CorpusWorld
        var scans = 0
        var scansByChange = 0

        init(seed: UInt64) throws {
            base = try CorpusWorld(seed: seed, isWatched: true)
            base.world.machine.isChecking = true
        }

        /// Runs some rounds, and holds each scan of what has changed against one of everything.
        mutating func run(rounds: Int, seed: UInt64) {
            for _ in 0..<rounds {
                for number in 0..<base.world.machine.taskCount {
                    let task = TaskID(number)
                    guard !base.world.machine.isBusy(task), !base.world.machine.hasExited(task) else { continue }
                    base.world.start(base.operation(isInList: false), in: task)
                }
                for _ in 0..<20 {
                    let reason = base.world.machine.run(limit: 1 + base.random.below(12))
                    compare(seed)
                    if reason != .limitReached { break }
                }
                let disk = base.random.pick(base.disks)
                base.world.machine.finishHeld(on: disk)
            }
        }

        private mutating func compare(_ seed: UInt64) {
            scans += 1
            if base.world.machine.scansByChange { scansByChange += 1 }
            let all = base.world.machine.checkInvariants().map(\.summary)
            let changed = base.world.machine.scanThoroughly().map(\.summary)
            #expect(all == changed, "seed \(seed)")
            guard base.random.below(4) == 0 else { return }
            let (name, damage) = base.random.pick(Self.damages)
            var damaged = base.world.machine
            let frame = FrameNumber(1 + base.random.below(Int(damaged.frames.count) - 1))
            guard damaged.frames.count > 1, damaged.frames[frame].flags.contains(.inUse) else { return }
            damage(&damaged, frame)
            let found = Set(damaged.scanThoroughly().map(\.law.number))
            let wrong = Set(damaged.checkInvariants().map(\.law.number))
            #expect(found == wrong, "seed \(seed): \(name) of \(frame)")
        }

        /// Changes that no stage makes.
        private static let damages: [(String, @Sendable (inout Machine, FrameNumber) -> Void)] = [
            ("a reference", { $0.frames[$1].references += 1 }),
            ("a mapping", { $0.frames[$1].mappings += 1 }),
            ("the lock", { $0.frames[$1].flags.formSymmetricDifference(.locked) }),
            ("uptodate", { $0.frames[$1].flags.formSymmetricDifference(.uptodate) }),
            ("dirty", { $0.frames[$1].flags.formSymmetricDifference(.dirty) }),
            ("exclusive", { $0.frames[$1].flags.formSymmetricDifference(.anonExclusive) }),
            ("the index", { $0.frames[$1].index ^= 1 }),
            ("the content", { $0.frames[$1].stamp ^= 1 }),
            ("the fingerprint", { machine, _ in machine.structuralHash ^= 1 }),
            ("dirty pages", { machine, _ in machine.dirtyPages += 1 }),
            ("resident pages", { machine, _ in machine.maps[0].rss.anonymous += 1 }),
            ("users", { machine, _ in machine.maps[0].users += 1 }),
            ("a reader", { machine, _ in _ = machine.maps[0].lock.tryLock(.read, for: TaskID(0)) }),
            (
                "an entry",
                { machine, frame in
                    guard let mapping = machine.reverseMappings(of: frame).first else { return }
                    var entry = mapping.entry
                    entry.bits.formSymmetricDifference(.writable)
                    machine.tables.setEntry(mapping.leaf, mapping.page, entry)
                }
            ),
            (
                "an entry away",
                { machine, frame in
                    guard let mapping = machine.reverseMappings(of: frame).first else { return }
                    machine.tables.setEntry(mapping.leaf, mapping.page, .none)
                }
            ),
        ]
    }

    @Test("A scan of what has changed finds what one of everything finds, in random programs and damaged machines")
    func findsTheSame() throws {
        var scans = 0
        var byChange = 0
        for seed in 1...40 as ClosedRange<UInt64> {
            var run = try WatchedRun(seed: seed)
            run.run(rounds: 3, seed: seed)
            scans += run.scans
            byChange += run.scansByChange
        }
        #expect(scans > 600 && byChange > scans / 2, "\(byChange) of \(scans) by change")
    }

    @Test("A page that a task holds is looked at again once each time, however often that was")
    func heldPagesAreNamedOnce() throws {
        var world = try World(.linux6_1, disk: .held)
        let file = try world.file(pages: 4)
        let task = world.task("reader")
        let area = try world.map(file, .read, in: task)
        world.start(.read(area, page: 1), in: task)
        world.run()
        for _ in 0..<40 { #expect(world.machine.scanThoroughly().isEmpty) }
        let again = try #require(world.machine.recorder.scan).unsettled
        #expect(!again.isEmpty && Set(again.map(\.rawValue)).count == again.count)
    }

    @Test("What many tasks hold and wait for is checked against each of them")
    func manyTasks() throws {
        var world = try World(.linux6_1, disk: .held)
        let file = try world.file(pages: 300)
        let tasks = (0..<300).map { _ in world.task() }
        let area = try world.map(file, .read, in: tasks[0])
        for (page, task) in tasks.enumerated() {
            let own = page == 0 ? area : try world.map(file, .read, in: task)
            world.start(.read(own, page: page), in: task)
        }
        world.run()
        #expect(world.machine.checkInvariants().isEmpty)
        var damaged = world.machine
        let folio = damaged.tasks[200].fault.folio
        damaged.frames[folio].references += 1
        #expect(damaged.checkInvariants().contains { $0.law == .referenceBalance })
        damaged = world.machine
        damaged.tasks[100].fault.folio = damaged.tasks[101].fault.folio
        #expect(damaged.checkInvariants().contains { $0.law == .referenceBalance })
    }

    @Test("A large process is scanned as a whole so seldom that it hardly counts, and its changes each time")
    func largeProcess() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 20_000, in: task)
        try world.perform(.write(area), in: task)
        let other = try world.map(anonymousPages: 500, in: task)
        for page in 0..<500 { try world.perform(.write(other, page: page), in: task) }
        #expect(world.machine.checkInvariants().isEmpty)
        let frame = world.machine.entry(of: other[499], in: other.map).frame
        world.machine.frames[frame].references += 1
        #expect(throws: WorldError.self) { try world.perform(.write(other, page: 0), in: task) }
    }

    @Test("What a change makes wrong in what it leaves as it is, is found in the end")
    func foundInTheEnd() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 6_000, in: task)
        try world.perform(.write(area), in: task)
        // The area is cut past the engine; its entries stay.
        let whole = world.machine.area(containing: area.start, in: area.map)!
        var cut = whole
        cut.end = cut.start + 10
        let position = world.machine.maps[area.map.index].areas.firstPosition(endingAfter: whole.start)!
        world.machine.maps[area.map.index].replace(whole, at: position, with: cut)
        var performed = 0
        do {
            while performed < 1_000 {
                try world.perform(.write(area, page: performed % 10), in: task)
                performed += 1
            }
        } catch {
            guard case .brokenContract = error else { throw error }
        }
        #expect(performed < 400)
    }

    @Test(
        "a large machine's pins are counted as a whole: what is pinned and given back between two scans is no broken law"
    )
    func pinsOfLargeMachines() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 6_000, in: task)
        try world.perform(.write(area, pages: 6_000), in: task)
        #expect(world.machine.scanSize > ScanMemory.mostLookedAtAgain)
        for page in 0..<8 {
            let first = try world.pin(area, page: page, pages: 4, in: task)
            let second = try world.pin(area, page: page + 2, pages: 4, [.get, .write], in: task)
            try world.perform(.write(area, page: page, pages: 8), in: task)
            try world.perform(.unpin(first, makesDirty: true), in: task)
            try world.perform(.unpin(second, makesDirty: false), in: task)
            try world.perform(.write(area, page: page, pages: 8), in: task)
        }
        #expect(world.machine.violations.isEmpty && world.machine.checkInvariants().isEmpty)
        // A law that is broken after all is found in the end.
        let frame = world.machine.entry(of: area[0], in: area.map).frame
        let id = try world.pin(area, page: 9, pages: 1, in: task)
        world.machine.frames[frame].references += 1
        var found: [Violation] = []
        for _ in 0..<2_000 where found.isEmpty { found = world.machine.scan() }
        #expect(found.contains { $0.law == .referenceBalance })
        #expect(world.machine.pagePin(id) != nil)
    }
}
