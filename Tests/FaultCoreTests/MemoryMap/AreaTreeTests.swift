import FaultCore
import Testing

@Suite("The areas of a memory map", .timeLimit(.minutes(60)))
struct AreaTreeTests {
    // MARK: Against a sorted array

    @Test(
        "thousands of random changes leave what a sorted array would hold",
        arguments: [
            RandomRun(seed: 1, lowest: 0, pages: 40_000, steps: 12_000),
            RandomRun(seed: 2, lowest: (1 << 52) - 40_000, pages: 40_000, steps: 12_000),
            RandomRun(seed: 3, lowest: 16, pages: 1_000, steps: 4_000),
            RandomRun(seed: 4, lowest: 1 << 34, pages: 1 << 36, steps: 6_000),
        ])
    func randomChanges(_ run: RandomRun) throws {
        var random = SplitMix64(seed: run.seed)
        var tree = AreaTree()
        var model = AreaModel()
        for step in 0..<run.steps {
            // Three parts of growth, one of decline: leaves are divided, refilled and joined.
            let growing = step * 4 % run.steps < run.steps / 4 * 3
            let page = PageNumber(run.lowest + random.below(run.pages))
            let sequence = tree.sequence
            switch random.below(10) {
            case 0..<(growing ? 7 : 1):
                guard let area = model.freeArea(at: page, longest: 1 + random.below(12), &random) else { break }
                guard area.end.rawValue <= run.lowest + run.pages else { break }
                let position = tree.insert(area)
                model.insert(area)
                #expect(tree[position] == area)
                #expect(tree.sequence == sequence &+ 1)
            case 8:
                guard let index = model.index(endingAfter: page) else { break }
                let area = model.resized(index, within: run.lowest..<(run.lowest + run.pages), &random)
                let position = try #require(tree.firstPosition(endingAfter: page))
                tree.replace(at: position, with: area)
                #expect(tree.sequence == (model.areas[index].hasBounds(of: area) ? sequence : sequence &+ 1))
                model.areas[index] = area
                #expect(tree[position] == area)
            case 9:
                guard let position = tree.firstPosition(endingAfter: page) else { break }
                let index = try #require(model.index(endingAfter: page))
                tree[position].anonVMA = UInt32(step)
                model.areas[index].anonVMA = UInt32(step)
                #expect(tree.sequence == sequence)
            default:
                guard let index = model.index(endingAfter: page) else { break }
                let next = tree.remove(at: try #require(tree.firstPosition(endingAfter: page)))
                model.areas.remove(at: index)
                #expect(next.map { tree[$0] } == (index < model.areas.count ? model.areas[index] : nil))
                #expect(tree.sequence == sequence &+ 1)
            }
            #expect(tree.count == model.areas.count)
            try expectSameAnswers(&tree, model, run, &random)
            if step % 97 == 0 || step == run.steps - 1 { try expectSameAreas(tree, model) }
        }
    }

    /// Compares a search, the neighbours, a gap and a walk at random places.
    private func expectSameAnswers(
        _ tree: inout AreaTree, _ model: AreaModel, _ run: RandomRun, _ random: inout SplitMix64
    ) throws {
        let page = PageNumber(run.lowest + random.below(run.pages))
        let index = model.index(endingAfter: page)
        let position = tree.firstPosition(endingAfter: page)
        #expect(position.map { tree[$0] } == index.map { model.areas[$0] })
        #expect(tree.firstPosition(nearLastChange: page) == position)
        if let position, let index {
            let below = tree.position(before: position)
            #expect(below.map { tree[$0] } == (index > 0 ? model.areas[index - 1] : nil))
            let above = tree.position(after: position)
            #expect(above.map { tree[$0] } == (index + 1 < model.areas.count ? model.areas[index + 1] : nil))
        }

        let other = PageNumber(run.lowest + random.below(run.pages))
        let walked = min(page, other)..<max(page, other)
        let all = PageNumber(run.lowest)..<PageNumber(run.lowest + run.pages)
        let range = random.below(2) == 0 ? all : walked
        let pages = 1 + Int(random.below(random.below(8) == 0 ? 1 << 30 : 40))
        let guardPages = Int(random.below(4) * 3)
        let gap = tree.highestGap(pages: pages, in: range, guardPages: guardPages)
        #expect(
            gap
                == model.highestGap(pages: pages, in: range, guardPages: guardPages),
            "a gap of \(pages) pages in \(range), guard \(guardPages)")

        guard random.below(16) == 0 else { return }
        var areas: [VMA] = []
        tree.forEach(in: walked) { areas.append($0) }
        #expect(areas == model.areas.filter { $0.start < walked.upperBound && $0.end > walked.lowerBound })
    }

    /// Compares the trees as wholes, and looks into the bookkeeping.
    private func expectSameAreas(_ tree: AreaTree, _ model: AreaModel) throws {
        #expect(tree.brokenInvariant == nil)
        #expect(Array(tree.areas) == model.areas)
        for page in model.areas.flatMap({ [$0.start, $0.end, PageNumber($0.start.rawValue &- 1)] }) {
            #expect(tree.firstPosition(nearLastChange: page) == tree.firstPosition(endingAfter: page))
        }
        #expect(tree.first == model.areas.first)
        #expect(tree.last == model.areas.last)
        #expect(tree.isEmpty == model.areas.isEmpty)
        var backwards: [VMA] = []
        var next = tree.lastPosition
        while let position = next {
            backwards.append(tree[position])
            next = tree.position(before: position)
        }
        #expect(backwards.elementsEqual(model.areas.reversed()))
    }

    // MARK: Copies

    @Test("a copy and its original change independently")
    func copiesAreIndependent() {
        var original = AreaTree()
        for number in 0..<1_000 { original.insert(area(UInt64(number) * 10, pages: 4)) }
        let areas = Array(original.areas)
        var copy = original
        #expect(copy == original)

        copy.insert(area(5_005, pages: 2))
        #expect(Array(original.areas) == areas)
        #expect(original.brokenInvariant == nil)

        let changed = Array(copy.areas)
        for number in stride(from: 0, to: 1_000, by: 3) {
            guard let position = original.firstPosition(endingAfter: PageNumber(UInt64(number) * 10)) else {
                Issue.record("area \(number) is gone")
                return
            }
            if number % 2 == 0 {
                original.remove(at: position)
            } else {
                original[position].flags = [.read]
            }
        }
        #expect(Array(copy.areas) == changed)
        #expect(copy.count == 1_001 && original.count == 1_000 - 167)
        #expect(copy != original)
        #expect(copy.brokenInvariant == nil && original.brokenInvariant == nil)
    }

    @Test("trees of the same areas are equal, whatever their history")
    func equalityIgnoresHistory() {
        var ascending = AreaTree()
        var descending = AreaTree()
        for number in 0..<500 {
            ascending.insert(area(UInt64(number) * 4, pages: 3))
            descending.insert(area(UInt64(499 - number) * 4, pages: 3))
        }
        #expect(ascending == descending)
        if let last = descending.lastPosition { descending.remove(at: last) }
        #expect(ascending != descending)
    }

    // MARK: Gaps

    @Test("an empty map gives the top of the range, or nothing if the range is too short")
    func gapOfAnEmptyMap() {
        var tree = AreaTree()
        let range = PageNumber(16)..<PageNumber(100)
        let places = [10, 84, 85, .max].map { tree.highestGap(pages: $0, in: range, guardPages: 256) }
        #expect(places == [PageNumber(90), PageNumber(16), nil, nil])
    }

    @Test(
        "a stack keeps its guard gap free, even from above the range",
        arguments: [
            GuardCase("a stack inside of the range", stack: 500, high: 1_000, below: 0, pages: 10, place: 990),
            GuardCase("only the room below the stack", stack: 990, high: 1_000, below: 0, pages: 10, place: 724),
            GuardCase("a stack above the range", stack: 1_100, high: 1_000, below: 0, pages: 10, place: 834),
            GuardCase("a guard gap that ends at an area", stack: 990, high: 1_000, below: 700, pages: 10, place: 724),
            GuardCase("a guard gap filled by an area", stack: 990, high: 1_000, below: 980, pages: 10, place: 970),
            GuardCase("a guard gap larger than all below", stack: 200, high: 210, below: 0, pages: 10, place: nil),
        ])
    func guardGap(_ example: GuardCase) {
        var tree = AreaTree()
        tree.insert(area(example.stack, pages: 10, flags: [.read, .write, .growsDown]))
        if example.below > 0 { tree.insert(area(example.below, pages: 10)) }
        let range = PageNumber(16)..<PageNumber(example.high)
        let place = tree.highestGap(pages: example.pages, in: range, guardPages: 256)
        #expect(place == example.place.map { PageNumber($0) })
    }

    // MARK: Size

    @Test("as many areas as Linux allows, mapped from the top down, then unmapped")
    func mapCountLimit() throws {
        let limit = 65_530
        let range = PageNumber(16)..<PageNumber(1 << 35)
        var tree = AreaTree()
        for number in 0..<limit {
            // Two pages wanted, one taken: areas do not adjoin.
            let gap = tree.highestGap(pages: 2, in: range, guardPages: 256)
            let place = try #require(gap)
            if number % 4096 == 0 { #expect(place == range.upperBound - 2 * (number + 1)) }
            tree.insert(VMA(start: place, end: place + 1, startIndex: 0, flags: .read))
        }
        #expect(tree.count == limit)
        #expect(tree.brokenInvariant == nil)
        var random = SplitMix64(seed: 5)
        for _ in 0..<4_096 {
            let number = Int(random.below(UInt64(limit)))
            let page = range.upperBound - 2 * (number + 1)
            let position = try #require(tree.firstPosition(endingAfter: page))
            #expect(tree[position].start == page)
            let next = tree.firstPosition(endingAfter: page + 1)
            #expect(next == tree.position(after: position))
        }
        var next = tree.firstPosition
        while let position = next { next = tree.remove(at: position) }
        #expect(tree.isEmpty && tree == AreaTree())
    }

    @Test("overlapping areas are refused")
    func overlap() async {
        await #expect(processExitsWith: .failure) {
            var tree = AreaTree()
            tree.insert(VMA(start: PageNumber(10), end: PageNumber(20), startIndex: 0, flags: .read))
            tree.insert(VMA(start: PageNumber(19), end: PageNumber(21), startIndex: 0, flags: .read))
        }
    }
}

// MARK: - Examples and random runs

/// A stack of ten pages, perhaps an area of ten pages below it, and where a mapping goes.
struct GuardCase: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let stack: UInt64
    let high: UInt64
    let below: UInt64
    let pages: Int
    let place: UInt64?

    init(_ name: String, stack: UInt64, high: UInt64, below: UInt64, pages: Int, place: UInt64?) {
        testDescription = name
        self.stack = stack
        self.high = high
        self.below = below
        self.pages = pages
        self.place = place
    }
}

/// A number of random changes among `pages` pages from `lowest` on.
struct RandomRun: CustomTestStringConvertible, Sendable {
    let seed: UInt64
    let lowest: UInt64
    let pages: UInt64
    let steps: Int

    var testDescription: String { "seed \(seed): \(steps) steps among \(pages) pages from \(lowest)" }
}

/// The areas as a sorted array, with every question answered by looking at all of them.
struct AreaModel {
    var areas: [VMA] = []

    func index(endingAfter page: PageNumber) -> Int? { areas.firstIndex { $0.end > page } }

    mutating func insert(_ area: VMA) {
        areas.insert(area, at: areas.firstIndex { $0.start > area.start } ?? areas.count)
    }

    /// An area of up to `longest` pages from `page` on, if that is free. Some grow down.
    func freeArea(at page: PageNumber, longest: UInt64, _ random: inout SplitMix64) -> VMA? {
        let next = index(endingAfter: page).map { areas[$0].start }
        let end = min(page + Int(longest), next ?? PageNumber(.max))
        guard page < end else { return nil }
        let flags: VMAFlags = random.below(6) == 0 ? [.read, .growsDown] : .read
        return VMA(start: page, end: end, startIndex: 0, flags: flags)
    }

    /// The area number `index` with other bounds, which may reach up to its neighbours.
    func resized(_ index: Int, within range: Range<UInt64>, _ random: inout SplitMix64) -> VMA {
        var area = areas[index]
        let lowest = index > 0 ? areas[index - 1].end : PageNumber(range.lowerBound)
        let highest = index + 1 < areas.count ? areas[index + 1].start : PageNumber(range.upperBound)
        switch random.below(4) {
        case 0: area.start = max(lowest, area.start - Int(min(random.below(6), area.start.rawValue)))
        case 1: area.end = min(highest, area.end + Int(random.below(6)))
        case 2: area.start = area.start + Int(random.below(UInt64(area.pages)))
        default: area.end = area.end - Int(random.below(UInt64(area.pages)))
        }
        return area
    }

    func highestGap(pages: Int, in range: Range<PageNumber>, guardPages: Int) -> PageNumber? {
        var ceiling = range.upperBound
        for area in areas.reversed() {
            let floor = max(area.end, range.lowerBound)
            if min(ceiling, range.upperBound) - floor >= pages { return min(ceiling, range.upperBound) - pages }
            let kept = area.flags.contains(.growsDown) ? min(UInt64(guardPages), area.start.rawValue) : 0
            ceiling = area.start - Int(kept)
        }
        ceiling = min(ceiling, range.upperBound)
        return ceiling - range.lowerBound >= pages ? ceiling - pages : nil
    }
}

extension VMA {
    /// Whether two areas have the same pages.
    func hasBounds(of other: VMA) -> Bool { start == other.start && end == other.end }
}

/// An area of `pages` pages from the page number `start` on.
private func area(_ start: UInt64, pages: Int, flags: VMAFlags = [.read, .write]) -> VMA {
    VMA(start: PageNumber(start), end: PageNumber(start) + pages, startIndex: 0, flags: flags)
}
