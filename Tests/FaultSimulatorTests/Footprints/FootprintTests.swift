@testable import FaultCore
import FaultSimulator
import Testing

/// What stages declare to read and to hold, and what setters note, on the graphs of all explored races.
@Suite("Stages read what they declare, and note what they write", .timeLimit(.minutes(60)))
struct FootprintTests {
    /// Debug runs are slow: they look at some states of each race, under three kernels.
    #if DEBUG
    static let kernels = ["linux6_1", "mortonSequence2006", "linux6_12"]
    static let limit = 40
    #else
    static let kernels = Race.kernels
    static let limit = isWhole ? 60_000 : 2_000
    #endif

    @Test("on the graphs of all races, independent stages commute", arguments: Self.kernels)
    func races(_ kernel: String) throws {
        guard let model = KernelModel.preset(named: kernel) else { return }
        var found = Findings()
        for race in Race.all {
            let scenario: ExploringScenario
            do { scenario = try race.make(model) } catch is WorldError { continue }
            var random = SplitMix64(seed: 7)
            _ = StageGraph(of: scenario).visit(limit: Self.limit) { machine, records in
                found.look(at: machine, records, race.name, &random)
            }
        }
        for complaint in found.complaints { Issue.record("\(kernel) \(complaint)") }
        #expect(found.independent * 2 > found.pairs, "\(found.independent) of \(found.pairs) pairs are independent")
    }

    @Test("brk(2) that grows or shrinks beside loads from the heap, munmap(2) of its end, and another brk(2)")
    func heap() throws {
        var found = Findings()
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            for pages in [1, -1] {
                var scenario = try ExploringScenario(model)
                let task = scenario.world.task()
                let heap = PageNumber(UInt64(try scenario.world.perform(.brk(2), in: task).value)) - 2
                try scenario.world.perform(.touch(.write, heap, pages: 2, stride: 1), in: task)
                scenario.world.start(.brk(pages), in: task)
                scenario.world.start(
                    .touch(.write, heap, pages: 2, stride: 1), in: scenario.world.thread(of: task))
                scenario.world.start(.munmap(heap + 1, pages: 1), in: scenario.world.thread(of: task))
                scenario.world.start(.brk(-1), in: scenario.world.thread(of: task))
                var random = SplitMix64(seed: 11)
                _ = StageGraph(of: scenario).visit(limit: 4 * Self.limit) { machine, records in
                    found.look(at: machine, records, "heap, \(model.name)", &random)
                }
            }
        }
        for complaint in found.complaints { Issue.record("\(complaint)") }
        #expect(found.independent * 2 > found.pairs, "\(found.independent) of \(found.pairs) pairs are independent")
    }

    /// Races in which every kind of part is read and written.
    static let telling = ["coldReadMunmap", "throttledWrite", "swapping", "copyOnWrite", "sharedWriteMprotect"]

    @Test("what would be left out of declarations or of notes is missed", arguments: Blindness.all)
    func blindness(_ blindness: Blindness) throws {
        guard let model = KernelModel.preset(named: "linux6_12") else { return }
        var found = Findings(blindness)
        for race in Race.all where Self.telling.contains(race.name) {
            var random = SplitMix64(seed: 7)
            _ = StageGraph(of: try race.make(model)).visit(limit: 250) { machine, records in
                if found.complaints.isEmpty { found.look(at: machine, records, race.name, &random) }
            }
        }
        #expect(!found.complaints.isEmpty)
    }

    @Test("in random programs as well, where nothing changes that is not noted and declared", arguments: 0..<6)
    func programs(_ batch: Int) throws {
        var found = Findings()
        #if DEBUG
        let seeds = stride(from: batch, to: 18, by: 6)
        #else
        let seeds = stride(from: batch, to: isWhole ? 2400 : 600, by: 6)
        #endif
        for seed in seeds {
            var base = try CorpusWorld(seed: UInt64(seed), isWatched: false)
            base.world.machine.notesWrites = true
            base.world.machine.scheduler.drive()
            var random = SplitMix64(seed: UInt64(seed))
            for _ in 0..<4 {
                for task in 0..<base.world.machine.taskCount where !base.world.machine.isBusy(TaskID(task)) {
                    if base.world.machine.hasExited(TaskID(task)) { continue }
                    base.world.machine.start(base.operation(isInList: false), in: TaskID(task))
                }
                walk(&base.world.machine, "seed \(seed)", &random, &found)
            }
        }
        for complaint in found.complaints { Issue.record("\(complaint)") }
    }

    private func walk(_ machine: inout Machine, _ name: String, _ random: inout SplitMix64, _ found: inout Findings) {
        for _ in 0..<150 {
            let tasks = machine.tasks.indices.filter { machine.tasks[$0].status == .runnable }.map { TaskID($0) }
            _ = machine.takeWrites()
            if tasks.isEmpty || random.below(8) == 0 {
                if random.below(2) == 0, let number = machine.requestsUnderWay.indices.randomElement(using: &random) {
                    machine.finish(machine.requestsUnderWay[number].id)
                } else if !machine.stepEvent(), tasks.isEmpty {
                    return
                }
                continue
            }
            guard random.below(6) == 0 else {
                let record = StageRecord(of: random.pick(tasks), in: machine)
                found.look(at: record, name)
                machine = record.after
                continue
            }
            let records = tasks.map { StageRecord(of: $0, in: machine) }
            found.look(at: machine, records, name, &random)
            machine = random.pick(records).after
        }
    }
}

/// What is found wrong, each once, and how much was looked at.
struct Findings {
    /// What is left out on purpose.
    var blindness: Blindness?
    private(set) var complaints: [String] = []
    private(set) var pairs = 0
    private(set) var independent = 0
    private(set) var disturbances = 0
    private var known: Set<String> = []

    init(_ blindness: Blindness? = nil) { self.blindness = blindness }

    private mutating func complain(_ kind: String, _ text: @autoclosure () -> String) {
        if complaints.count < 60, known.insert(kind).inserted { complaints.append(text()) }
    }

    /// A state of a race, with all stages that may come next.
    mutating func look(at machine: Machine, _ records: [StageRecord], _ name: String, _ random: inout SplitMix64) {
        let records = blindness.map { blindness in records.map { $0.blinded(to: blindness) } } ?? records
        for record in records {
            look(at: record, name)
            disturb(record, name, &random)
        }
        for (place, first) in records.enumerated() {
            for second in records[(place + 1)...] { compare(first, second, name) }
        }
    }

    /// One stage: all that it changes is noted and declared, and the locks are those that are declared.
    mutating func look(at record: StageRecord, _ name: String) {
        for location in record.changesUnnoted {
            complain(
                "unnoted \(record.name) \(location.kind)",
                "\(name): \(record.name) changes \(location), not noted")
        }
        for location in record.writesUndeclared {
            complain(
                "undeclared \(record.name) \(location.kind)",
                "\(name): \(record.name) writes \(location), which it does not declare")
        }
        for task in record.before.tasks.indices {
            guard let complaint = holdingsComplaint(TaskID(task), record.before) else { continue }
            complain("holds \(complaint)", "\(name): \(complaint)")
        }
    }

    private mutating func compare(_ a: StageRecord, _ b: StageRecord, _ name: String) {
        pairs += 1
        guard a.isIndependent(of: b) else { return }
        independent += 1
        let ab = StageRecord(of: b.task, in: a.after)
        let ba = StageRecord(of: a.task, in: b.after)
        let (keyAB, ownAB) = StageRecord.key(of: ab.after)
        let (keyBA, ownBA) = StageRecord.key(of: ba.after)
        let what = "\(a.name) and \(b.name)"
        if keyAB != keyBA || ownAB != ownBA { complain("commute \(what)", "\(name): \(what) do not commute") }
        let writesAB = StageRecord.withoutNew(ab.writes, a.before)
        let writesBA = StageRecord.withoutNew(ba.writes, a.before)
        if !writesAB.isSame(as: b.writes) || !writesBA.isSame(as: a.writes) {
            complain("writes \(what)", "\(name): \(what) write otherwise in the other order")
        }
    }

    /// Changes parts that the stage does not declare: nothing may come of it.
    private mutating func disturb(_ record: StageRecord, _ name: String, _ random: inout SplitMix64) {
        let all = Disturbance.all(in: record.before, beside: record.task)
            .filter { !record.reads.overlaps([$0.location]) }
        guard !all.isEmpty else { return }
        let word = StageRecord.ownWord(of: record.task, in: record.after)
        for _ in 0..<3 {
            let disturbance = random.pick(all)
            var machine = record.before
            disturbance.make(&machine)
            let other = StageRecord(of: record.task, in: machine)
            disturbances += 1
            let writes = StageRecord.withoutNew(other.writes, record.before)
            if StageRecord.ownWord(of: record.task, in: other.after) != word || !writes.isSame(as: record.writes) {
                complain(
                    "reads \(record.name) \(disturbance.location.kind)",
                    "\(name): \(record.name) sees \(disturbance.location), which it does not declare")
            }
        }
    }

}
