import FaultArchX86
import FaultSimulator
import Testing

@testable import FaultCore
@testable import FaultExplorer

/// Small parts of explorations and worlds, each by itself.
@Suite("Parts of explorations and worlds", .timeLimit(.minutes(60)))
struct ExplorerPartTests {
    @Test("a move that is packed into a word is the same move")
    func packedMoves() {
        let moves: [Move] = [.step(TaskID(3)), .run(TaskID(3)), .finish(3), .expire(TaskID(3)), .inject(3)]
        for move in moves { #expect(Move(packed: move.packed) == move) }
        #expect(Set(moves.map(\.packed)).count == moves.count)
    }

    @Test("a table of states takes four bytes for each slot, and eight for each state")
    func stateTable() {
        var table = StateTable()
        let empty = table.bytes
        for word in 1...100 as ClosedRange<UInt64> { _ = table.number(of: word) }
        let seventh = table.number(of: 7)
        #expect(table.count == 100 && seventh == (6, false))
        #expect(empty == 1024 * 4 && table.bytes == empty + 100 * 8)
    }

    @Test("a check prints its strategy, its properties, its limits and its injections, in this order")
    func printedCheck() {
        var check = ScheduleCheck()
        check.limits.states = 10
        check.limits.depth = 20
        check.limits.memory = 30
        let limits = "at most 10 states, schedules of 20 choices, 30 bytes"
        #expect("\(check)" == "exhaustive, for: \(check.properties[0].name); \(limits)")
        check.properties = []
        check.injections = [Injection(.repairBlocks(FileID(0)))]
        #expect("\(check)" == "exhaustive, for: nothing; \(limits); injecting \(check.injections[0])")
    }

    @Test("a schedule switches as often as another task runs; what no task does is no switch")
    func switches() {
        let (a, b) = (TaskID(0), TaskID(1))
        #expect([Choice]().switches == 0 && [Choice.step(a), .run(a), .inject(0), .step(a)].switches == 0)
        #expect([Choice.step(a), .run(b), .inject(0), .expire(a), .step(b), .step(a), .run(b)].switches == 3)
    }

    @Test("an exchange of three tasks has an inverse that is not itself")
    func arrangementOfThree() {
        var round = Arrangement()
        round.exchange(0, 1)
        round.exchange(1, 2)
        #expect(!round.followed(by: round).isIdentity)
        #expect(round.followed(by: round.inverse).isIdentity && round.inverse.followed(by: round).isIdentity)
    }

    @Test("the name of a request is read as it is written, and nothing may follow it")
    func requestNames() {
        let names = [
            RequestName(.read, of: 0, of: FileID(0), on: DeviceID(0), by: TaskID(0)),
            RequestName(.write, of: 7, of: .none, on: DeviceID(2), by: TaskID(26), number: 1),
            RequestName(.commit, of: 0, of: FileID(3), on: DeviceID(1), by: TaskID(25)),
        ]
        for name in names {
            #expect(RequestName(name.description) == name)
            #expect(RequestName(name.description + " x") == nil && RequestName(name.description + " n1 n1") == nil)
            #expect(Choice(Choice.finish(name).description) == .finish(name))
        }
        let start = Machine(MachineConfiguration(model: .linux6_1, entry: X86FaultEntry()))
        for choice in names.map({ Choice.finish($0) }) + [.step(TaskID(25)), .step(TaskID(26)), .expire(TaskID(26))] {
            let token = ScheduleToken([choice], from: start)
            #expect(ScheduleToken(token.description) == token, "\(choice)")
        }
    }

    @Test("of requests that are alike the name tells which one is meant, and of others by whom it is")
    func likeRequests() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 2)
        for task in [play.task, play.task, play.thread] {
            play.world.machine.submit(
                IORequest(.write, on: play.world.disk, file: file, index: 0, by: task))
        }
        let requests = play.world.machine.requestsUnderWay
        let names = requests.indices.map { play.world.machine.name(ofRequest: $0, requests) }
        #expect(names.map(\.number) == [0, 1, 0])
        #expect(names.map { play.world.machine.place(of: $0) } == [0, 1, 2])
        var missing = names[1]
        missing.number = 2
        #expect(play.world.machine.place(of: missing) == nil)
    }

    @Test(
        "an injection comes when its task is asleep, an operation when its task has none, and not more often than said")
    func injections() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(try play.world.file(pages: 4), .read, in: play.task)
        play.world.start(.read(area), in: play.task)
        var options = Explorer.Options()
        options.injections = [
            Injection(.breakBlocks(FileID(0), PageRun(0, 0)), .asleep(play.task)),
            Injection(.start(.read(area), in: play.task)),
            Injection(.start(.read(area), in: play.thread), times: 2),
        ]
        func possible(_ machine: Machine, _ used: [Int] = []) -> [Int] {
            var counts = InjectionCounts()
            for number in used { counts.count(number) }
            var moves: [Move] = []
            machine.addMoves(to: &moves, options, counts)
            return moves.compactMap { if case .inject(let number) = $0 { number } else { nil } }
        }
        #expect(possible(play.world.machine) == [2])
        play.world.run(until: .asleep(play.task))
        #expect(possible(play.world.machine) == [0, 2])
        #expect(possible(play.world.machine, [0]) == [2] && possible(play.world.machine, [0, 2]) == [2])
        #expect(possible(play.world.machine, [0, 2, 2]) == [])
        try play.settle()
        #expect(possible(play.world.machine) == [1, 2])
        // A token that makes more of them than there are does without the rest.
        let breaks = [Injection(.breakBlocks(FileID(0), PageRun(0, 0)))]
        let token = ScheduleToken([.inject(0), .inject(0)], from: play.world.machine)
        let verdict = play.world.checkSchedules(.replay(token), for: []) { $0.injections = breaks }
        #expect(verdict.coverage.passedOver.contains("1 choice of the token that can't be made here"))
    }

    @Test("who goes on is not preempted; who is replaced while able to go on is")
    func preemptions() {
        let (first, second) = (Choice.step(TaskID(0)), Choice.step(TaskID(1)))
        var script = TurnScript(.preempted(times: 2))
        script.run(first, of: [first, second])
        script.run(first, of: [first, second])
        #expect(script.preemptions == 2)
        script.run(second, of: [first, second])
        #expect(script.preemptions == 1)
        script.run(first, of: [first])
        #expect(script.preemptions == 1, "the second could not go on")
        script.run(second, of: [first, second])
        #expect(script.preemptions == 1, "the second has woken")
    }

    // MARK: Worlds

    @Test("a thread begins with the registers of its process's other thread")
    func registersOfThread() throws {
        var play = try Play(.linux6_1, entry: X86FaultEntry(hasProtectionKeys: true))
        try play.perform(.setKeyRights(.initial.denyingWrites(3)))
        let thread = play.world.thread(of: play.task)
        #expect(play.world.machine.keyRights(of: thread) == .initial.denyingWrites(3))
    }

    @Test("the whole rest of a file is mapped, and a touch maps no more than it needs")
    func lengthsOfAreas() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 5, resident: .all)
        #expect(try play.world.map(file, offset: 2, .read, in: play.task).pages == 3)
        #expect(try play.world.touch(.read, page: 6, of: file).signal == .bus(.noSuchAddress))
        let toucher = TaskID(play.world.machine.taskIndices.last ?? 0)
        #expect(play.world.machine.areas(of: play.world.map(of: toucher)).map(\.pages) == [7])
    }

    @Test("reads are completed without writes, writes without reads, and a page that is being read is not resident")
    func kindsOfRequests() throws {
        var play = try Play(.linux6_1) { $0.readaheadPages = 0 }
        let files = try (0..<2).map { try play.world.file(pages: 1, resident: $0 == 0 ? .all : .none) }
        try play.perform(.write(files[0], page: 0))
        try play.start(.fsync(files[0]))
        try play.start(.read(files[1], page: 0), in: play.thread)
        #expect(Set(play.world.machine.requestsUnderWay.map(\.kind)) == [.read, .write])
        #expect(play.world.residentPages(of: files[1]).isEmpty)
        var other = play.world
        #expect(play.world.completeReads() == 1 && play.world.machine.requestsUnderWay.map(\.kind) == [.write])
        #expect(other.completeWrites() == 1 && other.machine.requestsUnderWay.map(\.kind).contains(.read))
        #expect(play.world.residentPages(of: files[1]) == [0])
    }

    @Test("a timeline of a body has what happens in it, and leaves the world as traced as it was")
    func timelineOfBody() throws {
        for isTracing in [true, false] {
            var play = try Play(.linux6_1)
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            play.world.machine.isTracing = true
            try play.perform(.write(area))
            play.world.machine.isTracing = isTracing
            let task = play.task
            let timeline = try play.world.timeline { _ = try $0.perform(.write(area, page: 1), in: task) }
            #expect(timeline.faults == 1)
            #expect(play.world.machine.isTracing == isTracing && !play.world.recordsTimeline)
        }
    }
}

extension Timeline {
    /// How many faults it shows.
    fileprivate var faults: Int {
        rows.flatMap(\.spans).filter { if case .fault = $0.what { true } else { false } }.count
    }
}
