import FaultSimulator

@testable import FaultCore

/// A machine that something was done to past the engine, and what the scan of its state says of that.
struct Damage: Sendable, CustomStringConvertible {
    /// What is done.
    let description: String
    /// The words in which it is reported.
    let report: String
    private let make: @Sendable () throws -> Machine

    init(_ description: String, says report: String, _ make: @escaping @Sendable () throws -> Machine) {
        self.description = description
        self.report = report
        self.make = make
    }

    /// What the scan reports.
    func messages() throws -> [String] { try make().checkInvariants().map(\.message) }

    static let all: [Damage] = pages + entries + tasks + locks

    /// A process that has written to private memory and to a file, and now does nothing.
    struct Rest {
        var play: Play
        let memory: Area
        let shared: Area
        let own: Area
        let file: FileID

        init(_ model: KernelModel = .linux6_1) throws {
            play = try Play(model)
            memory = try play.world.map(anonymousPages: 4, in: play.task)
            file = try play.world.file(pages: 8, resident: .pages([0...3]))
            shared = try play.world.map(file, .readWrite, .shared, in: play.task)
            own = try play.world.map(file, .readWrite, .private, in: play.task)
            try play.perform(.write(memory, pages: 2))
            try play.perform(.read(memory, page: 3))
            try play.perform(.write(shared))
            try play.perform(.read(shared, page: 3))
            try play.perform(.read(own, page: 3))
        }

        var map: MapID { memory.map }

        func cached(_ index: Int) -> FrameNumber {
            play.world.machine.cachedFolio(at: PageIndex(index), of: file) ?? .none
        }

        func mapped(_ area: Area, page: Int = 0) -> FrameNumber { play.frame(of: page, in: area) }
    }

    /// A machine at rest, damaged.
    static func rest(
        _ description: String, says report: String, _ model: KernelModel = .linux6_1,
        _ damage: @escaping @Sendable (inout Machine, Rest) -> Void
    ) -> Damage {
        Damage(description, says: report) {
            let rest = try Rest(model)
            var machine = rest.play.world.machine
            damage(&machine, rest)
            return machine
        }
    }

    /// A machine in which a task sleeps for a page that a disk reads, damaged.
    static func sleeping(
        _ description: String, says report: String, _ model: KernelModel = .linux6_1,
        _ damage: @escaping @Sendable (inout Machine, TaskID, FrameNumber) -> Void
    ) -> Damage {
        Damage(description, says: report) {
            var play = try Play(model)
            let file = try play.world.file(pages: 64)
            try play.start(.read(try play.world.map(file, in: play.task)))
            var machine = play.world.machine
            damage(&machine, play.task, machine.cachedFolio(at: 0, of: file) ?? .none)
            return machine
        }
    }

    /// A machine in which a writer waits for the mmap lock, which a reader holds, damaged.
    static func queued(
        _ description: String, says report: String,
        _ damage: @escaping @Sendable (inout Machine, _ writer: TaskID, _ reader: TaskID) -> Void
    ) -> Damage {
        Damage(description, says: report) {
            var play = try Play(.linux6_1)
            try play.hold(.read)
            try play.start(.mmap(MapRequest(pages: 1, access: .readWrite)))
            var machine = play.world.machine
            damage(&machine, play.task, play.thread)
            return machine
        }
    }

    /// A machine in which a fault has the lock of its area, damaged.
    static func inArea(
        _ description: String, says report: String,
        _ damage: @escaping @Sendable (inout Machine, TaskID, Area) -> Void
    ) -> Damage {
        Damage(description, says: report) {
            var play = try Play(.linux6_12)
            let area = try play.world.map(anonymousPages: 4, in: play.task)
            try play.perform(.write(area))
            play.world.start(.write(area, page: 1), in: play.task)
            play.step(play.task) { $0.areaRead(by: $1) == nil }
            var machine = play.world.machine
            damage(&machine, play.task, area)
            return machine
        }
    }

    /// A machine with a memory group, damaged.
    static func group(
        _ description: String, says report: String, _ damage: @escaping @Sendable (inout Machine, FrameNumber) -> Void
    ) -> Damage {
        Damage(description, says: report) {
            var play = try Play(.linux6_12)
            try play.world.addMemoryGroup(limit: 1000)
            let area = try play.world.map(anonymousPages: 4, in: play.task)
            try play.perform(.write(area, pages: 4))
            var machine = play.world.machine
            damage(&machine, play.frame(of: 0, in: area))
            return machine
        }
    }
}
