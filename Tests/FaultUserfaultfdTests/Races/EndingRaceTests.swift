import FaultExplorer
import FaultSimulator
import Testing

/// What ends while a fault is handed over: the process, the monitor's process, the descriptor.
@Suite("Explored races of user faults with what ends", .timeLimit(.minutes(60)))
struct EndingRaceTests {
    private static let both = [KernelModel.linux6_1, .linux6_12]

    private func expect(
        _ found: Exploration, states: Int, _ texts: [String], asleep: [String] = []
    ) {
        #expect(found.isComplete)
        #expect(found.brokenLaws.map(\.description) == [])
        #expect(found.states == states)
        #expect(found.texts == texts)
        #expect(found.deadlocks.map(\.chain) == asleep)
    }

    @Test("exit_group(2) of another thread ends a fault before or in its wait", arguments: both)
    func exitGroup(_ model: KernelModel) throws {
        expect(
            try UserfaultRace.exitGroup(model).explore(), states: 240,
            ["task 0: RETRY, SIGKILL; task 1: ok", "task 0: SIGKILL; task 1: ok"])
    }

    @Test("a process that is killed while a fault of it is filled: filled or not, all of it ends", arguments: both)
    func killed(_ model: KernelModel) throws {
        let filled = "task 0: RETRY, 0, faults \(model == .linux6_1 ? "0/1" : "1/0"), SIGKILL"
        let ends = [filled, "task 0: RETRY, SIGKILL", "task 0: ok"]
        expect(
            try UserfaultRace.killed(model).explore(), states: model == .linux6_1 ? 1075 : 1159,
            ends.flatMap { end in ["SIGKILL", "ok"].map { "\(end); task 1: \($0); task 2: ok" } })
    }

    @Test("exit_group(2) of the monitor's process: the fault gets the fill, or an ordinary page", arguments: both)
    func monitorExitGroup(_ model: KernelModel) throws {
        let fault = "task 0: RETRY, 0, faults \(model == .linux6_1 ? "0/1" : "1/0")"
        expect(
            try UserfaultRace.monitorExitGroup(model).explore(), states: model == .linux6_1 ? 2659 : 2683,
            ["SIGKILL", "ok"].map { "\(fault); task 2: ok; task 3: \($0)" })
    }

    @Test("a fault against the last close(2), whenever it comes: it gets an ordinary page", arguments: both)
    func closing(_ model: KernelModel) throws {
        expect(
            try UserfaultRace.closing(model).exploreUncounted(), states: model == .linux6_1 ? 1197 : 1347,
            ["task 0: ok; task 1: ok"])
    }

    @Test("a lookup against the last close(2): it goes round, but all states are seen, and it ends", arguments: both)
    func lookUpClosing(_ model: KernelModel) throws {
        expect(
            try UserfaultRace.lookUpClosing(model).exploreUncounted(), states: model == .linux6_1 ? 782 : 871,
            ["task 0: ok; task 1: ok"])
    }

    @Test("a fill beside MADV_DONTNEED that is told of: EAGAIN, or it comes before", arguments: both)
    func fillBesideEvent(_ model: KernelModel) throws {
        expect(
            try UserfaultRace.fillBesideEvent(model).explore(), states: model == .linux6_1 ? 880 : 1064,
            ["task 0: ok; task 1: EAGAIN; task 2: ok", "task 0: ok; task 1: ok; task 2: ok"],
            asleep: ["task 0 waits for its event to be read from userfaultfd 0"])
    }
}
