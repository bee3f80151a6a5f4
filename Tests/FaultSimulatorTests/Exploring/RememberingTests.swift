import FaultSimulator
import Testing

@testable import FaultCore
@testable import FaultExplorer

@Suite("What explorers remember of choices", .timeLimit(.minutes(60)))
struct RememberingTests {
    // MARK: Requests

    private static func request(_ word: UInt64, done time: UInt64) -> RequestWords {
        RequestWords(word: word, completes: time, task: TaskID(0))
    }

    @Test("a submitted request comes after those that are done at the same time, and before those that are done later")
    func requestOrder() {
        var requests = [Self.request(1, done: 10), Self.request(2, done: .max)]
        requests.insert(submitted: Self.request(3, done: 10))
        requests.insert(submitted: Self.request(4, done: .max))
        requests.insert(submitted: Self.request(5, done: 7))
        #expect(requests.map(\.word) == [5, 1, 3, 2, 4])
    }

    @Test("requests that are alike can't be told apart, nor can one that is submitted beside such")
    func likeRequests() {
        var requests = [Self.request(1, done: 10), Self.request(2, done: 10)]
        requests.insert(submitted: Self.request(1, done: 10))
        #expect(requests.map(\.word) == [0, 2, 0])
        requests.insert(submitted: Self.request(3, done: 10))
        #expect(requests.map(\.word) == [0, 2, 0, 0])
    }

    /// Two cold reads, which are held, and an fsync(2), whose write is done sooner.
    private func readsBesideWrite() throws -> World {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 1_000))
        world.machine.hold(world.disk, reads: true, writes: false)
        let file = try world.file(pages: 3, resident: .pages([0...0]))
        let reader = world.task("reader")
        let area = try world.map(file, .read, in: reader)
        try world.perform(.write(file, page: 0), in: world.task("writer"))
        world.start(.read(area, page: 1), in: reader)
        world.start(.fsync(file), in: world.task("syncer"))
        return world
    }

    @Test("a state after a submitted request is the same with and without its machine, whatever is done first")
    func placedRequests() throws {
        let world = try readsBesideWrite()
        var options = Explorer.Options()
        options.checksLaws = false
        options.makesRememberedMoves = true
        let made = world.explore(options)
        #expect(made.isComplete, "\(made.whyIncomplete ?? "")")
        options.makesRememberedMoves = false
        let few = world.explore(options)
        options.remembersStages = false
        let all = world.explore(options)
        #expect(few.states == all.states && few.transitions == all.transitions && few.outcomes == all.outcomes)
    }

    // MARK: Sets of locations

    private func sets(_ sets: ReadSets, of move: UInt64) -> [LocationSet] {
        var found: [LocationSet] = []
        _ = sets.first(of: move) { set -> Bool? in
            found.append(set)
            return nil
        }
        return found
    }

    @Test("what a stage has read is kept set by set, and joined to the last from the ninth on")
    func readSets() {
        var known = ReadSets()
        let all = (0..<10).map { LocationSet.of($0) }
        for set in all[..<8] { #expect(known.add(set, for: 5) == set) }
        #expect(known.add(all[3], for: 5) == all[3])
        #expect(sets(known, of: 5) == Array(all[..<8]))
        for set in all[8...] { #expect(known.add(set, for: 5)?.contains(7) == true) }
        #expect(sets(known, of: 5).count == 8)
        #expect((7..<10).allSatisfy { sets(known, of: 5)[7].contains($0) })
        #expect(sets(known, of: 6).isEmpty)
        #expect(known.first(of: 5) { $0.contains(2) ? $0 : nil } == all[2])
    }

    // MARK: Tasks that a stage has looked at

    @Test("effects are forgotten when their contents take too much room; requests keep their numbers")
    func forgottenEffects() throws {
        var memory = EffectMemory(most: 1 << 10)
        let request = Self.request(7, done: 10)
        let first = memory.number(of: request)
        let number = try #require(first)
        func keep(_ word: UInt64, contents count: Int) {
            let contents = (0..<count).map { LocationWords.Content(word: word, name: UInt64($0), location: 1) }
            memory.keep(StageEffect(mark: UInt32(word)), word, contents, [])
        }
        for word in 1...65 { keep(UInt64(word), contents: 1_000) }
        let effects = try (1...65).map { try #require(memory.effect($0)) }
        #expect(effects.map(\.mark) == (1...65).map { UInt32($0) })
        for effect in effects {
            let contents = memory.contents[effect.changedContents.indices]
            #expect(contents.count == 1_000 && contents.allSatisfy { $0.word == UInt64(effect.mark) })
        }
        keep(66, contents: 1_000)
        #expect(memory.effect(65) == nil && memory.contents.count == 1_000)
        #expect(memory.effect(66)?.changedContents.indices == 0..<1_000)
        let again = memory.number(of: request)
        #expect(again == number)
    }

    @Test("the score of a choice follows its trials, also after a million of them")
    func manyTrials() throws {
        let world = try readsBesideWrite()
        var order = TrialOrder()
        let key = order.key(of: TaskID(0), in: world.machine)
        #expect(!order.isLikely(key))
        for _ in 0..<1_000_001 { order.note(key, succeeded: true) }
        #expect(order.isLikely(key))
        // After that many, half of their weight is gone, and no more.
        for _ in 0..<120_000 { order.note(key, succeeded: false) }
        #expect(order.isLikely(key))
        for _ in 0..<10_000 { order.note(key, succeeded: false) }
        #expect(!order.isLikely(key))
    }

    @Test("a stage that wakes a task names it; with a number from 64 on, or for a page in no cache, any task counts")
    func tasksLookedAt() {
        var looked = TasksLookedAt()
        #expect(looked.isEmpty)
        looked.insert(TaskID(0))
        looked.insert(TaskID(63))
        #expect(looked.numbers == 1 << 63 | 1 && !looked.isEveryTask && !looked.isEmpty)
        looked.insert(TaskID(64))
        #expect(looked.isEveryTask)

        var sleepers = TasksLookedAt()
        sleepers.insertSleepers(of: PageFrame(flags: .cached))
        #expect(!sleepers.isEveryTask && !sleepers.isEmpty)
        sleepers.insertSleepers(of: PageFrame(flags: []))
        #expect(sleepers.isEveryTask)
    }
}

extension LocationSet {
    /// The set of one location.
    fileprivate static func of(_ number: Int) -> Self {
        var set = Self()
        set.insert(number)
        return set
    }
}
