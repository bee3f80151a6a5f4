@testable import FaultCore
import FaultSimulator
import Testing

/// What the routines of user fault handling declare to read and to hold, on graphs of their races.
@Suite("Stages of user fault handling read what they declare", .timeLimit(.minutes(60)))
struct UserfaultFootprintTests {
    #if DEBUG
    static let limit = 150
    #else
    static let limit = isWhole ? 60_000 : 4_000
    #endif

    /// A process whose memory is registered, and what its threads do at once.
    private func race(
        _ model: KernelModel, for modes: UserfaultModes = .missing, sharing: Sharing = .private,
        features: UserfaultFeatures = [], _ operations: (Area, Area, UserfaultID) -> [[TaskOperation]]
    ) throws -> World {
        var world = try World(model)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, .readWrite, sharing, in: task)
        let other = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(other, pages: 2), in: task)
        if modes == .writeProtect { try world.perform(.write(area), in: task) }
        let descriptor = try world.userfaultfd(in: task, features: features)
        try world.register(area, with: descriptor, for: modes, by: task)
        for (number, list) in operations(area, other, descriptor).enumerated() {
            world.start(list, in: number == 0 ? task : world.thread(of: task))
        }
        return world
    }

    private func races(_ model: KernelModel) throws -> [(name: String, world: World)] {
        let poll = { (descriptor: UserfaultID) -> [TaskOperation] in
            [.poll(descriptor), .userfault(descriptor, .read(most: 2))]
        }
        var all: [(String, World)] = [
            ("fill", try race(model) { [[.read($0)], [.copy($2, $0, page: 0)], [.zeropage($2, $0, page: 0)]] }),
            (
                "sharedFill",
                try race(model, sharing: .shared) { [[.write($0)], [.copy($2, $0, page: 0)], [.munmap($0)]] }
            ),
            ("poll", try race(model) { [[.read($0)], poll($2), [.copy($2, $0, page: 0, .dontWake), .wake($2, $0)]] }),
            (
                "fork",
                try race(model, features: .eventFork) { [[.fork], [.read($0)], poll($2) + [.copy($2, $0, page: 0)]] }
            ),
            (
                "unmap",
                try race(model, features: .eventUnmap) {
                    [[.munmap($0, page: 1)], [.read($0)], poll($2) + [.copy($2, $0, page: 0)]]
                }
            ),
            (
                "unregister",
                try race(model) {
                    [
                        [.read($0)], [.userfault($2, .unregister($0.start, pages: 2))],
                        [.userfault($2, .register($0.start, pages: 1, .missing))],
                    ]
                }
            ),
            ("close", try race(model) { [[.read($0)], [.userfault($2, .close)], [.copy($2, $0, page: 0)]] }),
            (
                "protect",
                try race(model, for: .writeProtect) {
                    [[.write($0)], [.writeProtect($2, $0)], [.writeProtect($2, $0, protects: false)]]
                }
            ),
        ]
        if model.userfaults == .move {
            all.append(
                (
                    "move",
                    try race(model) {
                        [[.read($0)], [.userfault($2, .move($0.start, pages: 2, from: $1.start, []))], [.munmap($1)]]
                    }
                ))
        }
        return all
    }

    @Test("independent stages commute", arguments: ["linux6_1", "linux6_12"])
    func commute(_ kernel: String) throws {
        guard let model = KernelModel.preset(named: kernel) else { return }
        var found = Findings()
        for (name, world) in try races(model) {
            var random = SplitMix64(seed: 7)
            var scenario = try ExploringScenario(model)
            scenario.world = world
            _ = StageGraph(of: scenario).visit(limit: Self.limit) { machine, records in
                found.look(at: machine, records, name, &random)
            }
        }
        for complaint in found.complaints { Issue.record("\(kernel) \(complaint)") }
        #expect(found.independent * 3 > found.pairs, "\(found.independent) of \(found.pairs) pairs are independent")
    }
}
