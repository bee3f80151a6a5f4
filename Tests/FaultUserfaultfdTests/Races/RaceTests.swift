import FaultExplorer
import FaultSimulator
import Testing

@Suite("All orders", .timeLimit(.minutes(60)))
struct RaceTests {
    private static let models = [KernelModel.linux6_1, .linux6_12]

    /// Nobody sleeps forever, and no law is broken, in whatever order `operations` go on.
    private func explore(_ test: MonitorWorld, _ operations: [TaskOperation]) -> Exploration {
        var test = test
        let tasks = [test.task, test.monitor, test.world.thread(of: test.task)]
        for (task, operation) in zip(tasks, operations) { test.world.start(operation, in: task) }
        let found = test.world.explore()
        #expect(found.isComplete)
        #expect(found.brokenLaws.isEmpty, "\(found.brokenLaws.first?.description ?? "")")
        return found
    }

    @Test("A fault and what answers it: whoever is first, the access is done", arguments: models)
    func answers(_ model: KernelModel) throws {
        for options in [UserfaultFillOptions(), .dontWake] {
            let test = try MonitorWorld(model)
            let found = explore(test, [.read(test.area), .copy(test.descriptor, test.area, page: 0, options)])
            // A copy that wakes nobody leaves who came before it asleep.
            #expect(found.deadlocks.isEmpty == (options == []))
        }
    }

    @Test("A fault while its area is unregistered", arguments: models)
    func ends(_ model: KernelModel) throws {
        let test = try MonitorWorld(model, pages: 1)
        let call = UserfaultCall.unregister(test.area.start, pages: 1)
        // Linux 6.12 takes the fault under the area's lock, between the waking and the change: nobody wakes it any more.
        let found = explore(test, [.read(test.area), .userfault(test.descriptor, call)])
        #expect(found.deadlocks.isEmpty == (model == .linux6_1))
    }

    @Test("A store while its page is protected and the protection lifted", arguments: models)
    func protection(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, for: .writeProtect, touching: 0..<1)
        try test.answer(.writeProtect(test.descriptor, test.area, pages: 1))
        let lift = TaskOperation.writeProtect(test.descriptor, test.area, pages: 1, protects: false)
        // Linux 6.1 leaves the entry read-only: who comes between does not see that it is not protected any more, and
        // waits with a message of its own.
        #expect(explore(test, [.write(test.area), lift]).deadlocks.isEmpty == (model == .linux6_12))
    }
}
