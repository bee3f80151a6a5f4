import FaultSimulator

/// Machines with many areas or pages.
extension ScaleRun {
    /// A process with areas of one page each, and a page of nothing between them, so that none is merged with its neighbour.
    private static func areas(_ count: Int) throws -> (World, TaskID) {
        var world = try world { $0.mapCountLimit = 1 << 20 }
        let task = world.task()
        world.start(
            (0..<count).map {
                .mmap(MapRequest(pages: 1, access: .readWrite, placement: .fixed(base + 2 * $0)))
            }, in: task)
        world.run()
        return (world, task)
    }

    static func faulting(besideAreas count: Int) throws -> ScaleRun {
        var (world, task) = try areas(count)
        let faults = 900
        // One page of each page table is there, so that no fault makes one.
        let first = stride(from: 0, to: count, by: 256)
        world.start(first.map { .write(base + 2 * $0) }, in: task)
        world.run()
        var pages = (0..<count).filter { $0 % 256 != 0 }.map { base + 2 * $0 }
        var random = SplitMix64(seed: 6_1)
        pages.shuffle(using: &random)
        world.start(pages.prefix(faults).map { .write($0) }, in: task)
        return ScaleRun(machine: world.machine, count: faults) { finish(&$0, [task]) }
    }

    static func mapping(besideAreas count: Int) throws -> ScaleRun {
        var (world, task) = try areas(count)
        let pairs = 2_000
        let places = (0..<pairs).map { base + 2 * ($0 * 7_919 % count) + 1 }
        world.start(
            places.flatMap {
                [
                    TaskOperation.mmap(MapRequest(pages: 1, access: .read, placement: .fixed($0))),
                    .munmap($0, pages: 1),
                ]
            }, in: task)
        return ScaleRun(machine: world.machine, count: pairs) { finish(&$0, [task]) }
    }

    /// A process with that many pages of anonymous memory, all of them there.
    private static func filled(pages: Int) throws -> (World, TaskID, Area) {
        var world = try world()
        let task = world.task()
        let area = try world.map(MapRequest(pages: pages, access: .readWrite, placement: .fixed(base)), in: task)
        try world.perform(.write(area, pages: pages), in: task)
        return (world, task, area)
    }

    static func copying(pages: Int) throws -> ScaleRun {
        let (world, task, area) = try filled(pages: pages)
        let copies = 1_000
        return ScaleRun(machine: world.machine, count: copies) { machine in
            for copy in 0..<copies {
                var other = machine
                other.start(.write(area, page: copy * 7 % pages), in: task)
                guard other.run() == .finished else { return nil }
            }
            return copies
        }
    }

    static func askingMincore(pages: Int) throws -> ScaleRun {
        var (world, task, area) = try filled(pages: pages)
        let rounds = 200_000 / pages
        world.start([TaskOperation](repeating: .mincore(area[0], pages: pages), count: rounds), in: task)
        return ScaleRun(machine: world.machine, count: rounds * pages) {
            finish(&$0, [task]) != nil && $0.report(of: task).value == pages ? pages : nil
        }
    }

    static func moving(pages: Int) throws -> ScaleRun {
        var (world, task, area) = try filled(pages: pages)
        let rounds = 100_000 / pages
        let other = base + 1 << 20
        world.start(
            (0..<rounds).flatMap { _ in
                [
                    TaskOperation.mremap(area[0], pages: pages, newPages: pages, .fixed(other)),
                    .mremap(other, pages: pages, newPages: pages, .fixed(area[0])),
                ]
            }, in: task)
        let map = world.map(of: task)
        return ScaleRun(machine: world.machine, count: 2 * rounds * pages) {
            finish(&$0, [task]) != nil && $0.rss(of: map).anonymous == pages ? pages : nil
        }
    }

    static func pressing(pages: Int, ofFile: Bool) throws -> ScaleRun {
        var world = try world(disk: .latency(nanoseconds: 1_000)) {
            $0.frameLimit = pages / 10
            $0.swapReadaheadPages = 1
        }
        let task = world.task()
        var request = MapRequest(pages: pages, access: .readWrite, placement: .fixed(base))
        if ofFile {
            request.file = try world.file(pages: pages)
        } else {
            try world.addSwap(pages: 2 * pages, held: false, isRotational: false)
        }
        let area = try world.map(request, in: task)
        var touches = Zipf(pages: pages)
        func operations(_ count: Int) -> [TaskOperation] {
            (0..<count).map { _ in ofFile ? .read(area, page: touches.next()) : .write(area, page: touches.next()) }
        }
        // First until memory is full and its pages are those that are used most.
        world.start(operations(2 * pages), in: task)
        guard world.run() == .finished else { throw WorldError.invalid("memory could not be filled") }
        let count = 500_000
        world.start(operations(count), in: task)
        return ScaleRun(machine: world.machine, count: count) { finish(&$0, [task]) }
    }
}

/// Pages in the order of a program that uses some much more often than others: the one in place *n* with a frequency like
/// 1/*n*, taken the same for all places between two powers of two.
private struct Zipf {
    private let bits: Int
    private var random = SplitMix64(seed: 6_1)

    /// - Parameter pages: A power of two.
    init(pages: Int) { bits = pages.trailingZeroBitCount }

    mutating func next() -> Int {
        let octave = Int.random(in: 0..<bits, using: &random)
        let place = Int.random(in: 1 << octave..<2 << octave, using: &random)
        return place &* 0x9E37_79B1 & (1 << bits - 1)  // so that those used most don't lie side by side
    }
}
