public import FaultSimulator

/// Fault-around, as proposed in 2014 and as merged in Linux 3.15: how many faults it takes to read cached pages.
///
/// There are no waits and no costs: all figures are counts, and exact. For the table of the commit it counts the faults
/// of the mapping; the published figures are a little higher, because they include the faults of the program itself.
public struct FaultAroundOf2014: Experiment {
    /// How many cached pages the cases read.
    public var pages = 1024
    /// Into how many equal parts each file of the commit's table is cut; one part is simulated. A power of two. Each
    /// part consists of whole windows, so multiplying is exact.
    public var parts = 1

    /// Makes the experiment as published.
    public init() {}

    /// `2014`.
    public var name: String { "2014" }
    /// What it asks.
    public var title: String { "How many faults does it take to read pages that are cached?" }
    /// The mail and the commit.
    public var source: String {
        "Shutemov, \"mm: map few pages around fault address if they are in page cache\", RFC and Linux 3.15"
    }

    /// The published minor faults of reading 16 GiB in order, by the window's order: it maps 2^order pages.
    static let publishedSequential: [(order: Int, faults: Double)] = [
        (0, 4_195_437), (1, 2_098_275), (3, 525_068), (4, 262_251), (5, 131_170), (7, 32_856), (9, 8_282),
    ]
    /// The published minor faults of reading 1 GiB in random order.
    static let publishedRandom: [(order: Int, faults: Double)] = [(0, 262_636), (4, 17_299)]
    /// The published minor faults of reading one page in each 2 MiB of 16 GiB.
    static let publishedSparse: [(order: Int, faults: Double)] = [(0, 8_372), (4, 8_260)]

    /// Which pages of the file are cached, and how it is mapped.
    public enum Case: String, CaseIterable, Sendable {
        /// All pages are cached, and the area begins and ends with a window.
        case whole = "all cached"
        /// The area begins five pages after the beginning of a window.
        case begunLate = "area begins within a window"
        /// Only the first half of each 16 pages is cached, and only that is read.
        case halfResident = "half of each 16 pages cached"
        /// Every eighth page is locked by another task, and not read.
        case locked = "each 8th page locked"
    }

    /// The figures of one kernel in one case.
    public struct Reading: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// The case.
        public let what: Case
        /// Pages that were read.
        public let pages: Int
        /// Page-fault exceptions.
        public let faults: Int
        /// Runs of `handle_mm_fault()`.
        public let attempts: Int
        /// Entries in the page table at the end.
        public let mapped: Int
    }

    /// A count of the commit's table.
    public struct Count: Equatable, Sendable {
        /// The window maps 2^order pages.
        public let order: Int
        /// Minor faults.
        public let faults: Int
        /// Entries in the page table at the end, for each page that was read.
        public let mappedPerRead: Double
    }

    /// The results.
    public struct Outcome: ExperimentOutcome {
        /// Every case under every kernel.
        public let readings: [Reading]
        /// 16 GiB in order.
        public let sequential: [Count]
        /// 1 GiB in random order.
        public let random: [Count]
        /// One page in each 2 MiB of 16 GiB.
        public let sparse: [Count]
        /// The first pages under each kernel.
        public let timelines: [Timeline]
    }

    /// The kernels: without fault-around, as proposed, and as merged.
    static let models: [KernelModel] = [
        KernelModel.linux3_15.with(\.faultAround, .none, named: "linux3_15 faultAround=none"), .shutemov2014,
        .linux3_15,
    ]

    /// Does the experiment.
    public func run() throws -> Outcome {
        Outcome(
            readings: try Case.allCases.flatMap { what in try Self.models.map { try read(what, $0) } },
            sequential: try Self.publishedSequential.map { try sequential(order: $0.order) },
            random: try Self.publishedRandom.map { try random(order: $0.order) },
            sparse: try Self.publishedSparse.map { try sparse(order: $0.order) },
            timelines: try Self.models.map(timeline))
    }

    // MARK: The cases

    private func read(_ what: Case, _ model: KernelModel) throws(WorldError) -> Reading {
        var world = try LabWorld.timed(model)
        let task = world.task()
        let isHalf = what == .halfResident
        let runs = stride(from: 0, to: pages, by: 16).map { $0...($0 + 7) }
        let file = try world.file(pages: pages, resident: isHalf ? .pages(runs) : .all)
        if what == .locked {
            let other = world.kernelThread()
            for page in stride(from: 0, to: pages, by: 8) {
                guard let folio = world.machine.cachedFolio(at: PageIndex(page), of: file) else { continue }
                _ = world.machine.tryLock(folio, by: other)
            }
        }
        let start = PageNumber(1 << 20) + (what == .begunLate ? 5 : 0)
        let area = try world.map(
            MapRequest(pages: pages, access: .read, flags: .shared, file: file, placement: .fixed(start)), in: task)
        let before = world.machine.counters(of: task)
        var count = 0
        switch what {
        case .whole, .begunLate:
            try world.perform(.read(area, pages: pages), in: task)
            count = pages
        case .halfResident:
            for run in runs {
                try world.perform(.read(area, page: run.lowerBound, pages: run.count), in: task)
                count += run.count
            }
        case .locked:
            for page in stride(from: 0, to: pages, by: 8) {
                try world.perform(.read(area, page: page + 1, pages: 7), in: task)
                count += 7
            }
        }
        let counters = world.machine.counters(of: task) - before
        return Reading(
            model: model.name.description, what: what, pages: count, faults: counters.exceptions,
            attempts: counters.attempts, mapped: world.presentPages(of: area).count)
    }

    private func timeline(_ model: KernelModel) throws -> Timeline {
        var world = try LabWorld.timed(model, costs: try MeasuredCosts.costs())
        let task = world.task()
        let area = try world.map(try world.file(pages: 64, resident: .all), .read, .shared, in: task)
        world.recordPiece()
        try world.perform(.read(area, pages: 64), in: task)
        return world.piece("64 cached pages", [(task, "the reader")])
    }

    // MARK: The commit's table

    private func world(
        order: Int, pages: Int, resident: World.Resident = .all
    ) throws(WorldError) -> (World, TaskID, Area) {
        var settings = MachineSettings()
        settings.faultAroundPages = 1 << order
        var world = try LabWorld.timed(Self.models[Self.models.count - 1], settings: settings)
        let task = world.task()
        let file = try world.file(pages: pages, resident: resident)
        let area = try world.map(
            MapRequest(
                pages: pages, access: .read, flags: .shared, file: file, placement: .fixed(PageNumber(1 << 20))),
            in: task)
        return (world, task, area)
    }

    private func sequential(order: Int) throws(WorldError) -> Count {
        var (world, task, area) = try world(order: order, pages: (1 << 18) / parts)
        let report = try world.perform(.read(area, pages: area.pages), in: task)
        return count(order, world, area, read: area.pages, faults: report.minorFaults, times: 16 * parts)
    }

    private func random(order: Int) throws(WorldError) -> Count {
        var (world, task, area) = try world(order: order, pages: (1 << 18) / parts)
        let before = world.machine.counters(of: task).minorFaults
        world.start(EachPageOnce(area: area), in: task)
        world.run()
        let faults = world.machine.counters(of: task).minorFaults - before
        return count(order, world, area, read: area.pages, faults: faults, times: parts)
    }

    private func sparse(order: Int) throws(WorldError) -> Count {
        let touches = 8192 / parts
        let cached = (0..<touches).map { $0 * 512...$0 * 512 + 15 }
        var (world, task, area) = try world(order: order, pages: touches * 512, resident: .pages(cached))
        let report = try world.perform(.read(area, pages: touches, stride: 512), in: task)
        return count(order, world, area, read: touches, faults: report.minorFaults, times: parts)
    }

    private func count(
        _ order: Int, _ world: World, _ area: Area, read: Int, faults: Int, times: Int
    ) -> Count {
        let mapped = world.machine.rss(of: area.map).file
        return Count(order: order, faults: faults * times, mappedPerRead: Double(mapped) / Double(read))
    }
}

/// A program that reads each page of an area once, in a pseudorandom order. The length of the area is a power of two.
private struct EachPageOnce: TaskProgram {
    let area: Area

    func next(after last: OperationOutcome, task: TaskID, _ turns: inout RandomTurns) -> TaskOperation? {
        guard turns.count < UInt64(area.pages) else { return nil }
        turns.count += 1
        // A generator of full period: the multiplier is 1 modulo 4, the increment odd.
        turns.random = (turns.random &* 1_664_525 &+ 1_013_904_223) % UInt64(area.pages)
        return .read(area, page: Int(turns.random))
    }
}

extension FaultAroundOf2014.Outcome {
    /// The figures.
    public var measurements: [LabMeasurement] {
        typealias Published = FaultAroundOf2014
        var list = MeasurementList("2014")
        for reading in readings {
            let what = "\(reading.what.rawValue), \(reading.pages) read"
            list.add("\(what): faults", reading.model, reading.faults, .faults)
            list.add("\(what): attempts", reading.model, reading.attempts, .attempts)
        }
        let model = FaultAroundOf2014.models[FaultAroundOf2014.models.count - 1].name.description
        func add(_ what: String, _ counts: [FaultAroundOf2014.Count], _ published: [(order: Int, faults: Double)]) {
            for (count, published) in zip(counts, published) {
                list.add("\(what), order \(count.order)", model, count.faults, .faults, published: published.faults)
            }
        }
        add("16 GiB in order", sequential, Published.publishedSequential)
        add("1 GiB at random", random, Published.publishedRandom)
        add("one page in each 2 MiB of 16 GiB", sparse, Published.publishedSparse)
        for count in sparse {
            list.add(
                "one page in each 2 MiB: mapped for each read, order \(count.order)", model, count.mappedPerRead, .pages
            )
        }
        return list.all
    }

    /// Why the published counts are higher, and which count was multiplied.
    public var remarks: [String] {
        [
            "The published counts include the faults of the program itself. 16 GiB in order: 1 GiB is simulated, and its "
                + "count multiplied by 16; it is made of whole windows, so that is exact."
        ]
    }
}
