import Testing

@testable import FaultCore

@Suite("Which areas map a page", .timeLimit(.minutes(60)))
struct AreaIndexTests {
    /// A map of areas that map pieces of four files, or private memory, some of it moved.
    private static func map(areas count: Int, seed: UInt64) -> MemoryMap {
        var random = SplitMix64(seed: seed)
        var map = MemoryMap(
            id: MapID(0), root: 1, heapStart: PageNumber(0), heapEnd: PageNumber(0), mmapBase: PageNumber(0))
        var page = PageNumber(16)
        for _ in 0..<count {
            let pages = 1 + random.below(9)
            var area = VMA(start: page, end: page + pages, startIndex: PageIndex(rawValue: page.rawValue), flags: .read)
            switch random.below(4) {
            case 0: area.file = FileID(random.below(4))
            case 1: area.startIndex = PageIndex(random.below(400))
            case 2: area.startIndex = PageIndex((1 << 32) - random.below(12))
            default: break
            }
            if area.file != .none { area.startIndex = PageIndex(random.below(40)) }
            map.insert(area)
            page = page + (pages + random.below(3))
        }
        return map
    }

    private static func indexed(_ map: MemoryMap) -> AreaIndex {
        var index = AreaIndex()
        index.learn(map)
        return index
    }

    @Test(
        "The index finds the areas of a file that a walk finds, in the same order",
        arguments: 1...5 as ClosedRange<UInt64>)
    func ofFile(seed: UInt64) {
        let map = Self.map(areas: 200, seed: seed)
        let index = Self.indexed(map)
        for file in 0..<4 {
            for first in 0..<50 {
                let (low, high) = (PageIndex(first), PageIndex(first + first % 3))
                let walked = map.areas.areas.filter {
                    $0.file == FileID(file) && $0.startIndex <= high && low < $0.startIndex + $0.pages
                }
                let found = index.areas(of: map.id, mapping: FileID(file), from: low, through: high)
                #expect(found.map { map.areas[$0].start } == walked.map(\.start))
            }
        }
    }

    @Test(
        "The index finds the areas that have the page of a linear index, and those that reach beyond its 32 bits",
        arguments: 1...5 as ClosedRange<UInt64>)
    func ofLinearIndex(seed: UInt64) {
        let map = Self.map(areas: 200, seed: seed)
        let index = Self.indexed(map)
        let areas = Array(map.areas.areas)
        for page in Array(stride(from: 0, to: 1_300, by: 7)) + Array((1 << 32) - 12..<(1 << 32)) {
            let walked = areas.filter { area in
                let low = UInt32(truncatingIfNeeded: area.startIndex.rawValue)
                return Int(UInt32(page) &- low) < area.pages || Int(low) + area.pages > 1 << 32
            }
            #expect(index.areas(of: map.id, at: UInt32(page)).map { map.areas[$0].start } == walked.map(\.start))
        }
    }

    @Test("What the index knows of a map is over when its areas change, and when one maps something else")
    func isOver() {
        var map = Self.map(areas: 100, seed: 1)
        let index = Self.indexed(map)
        #expect(index.knows(map))
        let position = map.areas.firstPosition!
        let area = map.areas[position]
        var same = area
        same.flags = [.read, .write]
        map.replace(area, at: position, with: same)
        #expect(index.knows(map))
        var other = same
        other.file = FileID(3)
        map.replace(same, at: position, with: other)
        #expect(!index.knows(map))
    }
}
