import Testing

@testable import FaultCore

@Suite("Page tables", .timeLimit(.minutes(60)))
struct PageTablesTests {
    private static func tables(levels: Int) -> (tables: PageTables, root: UInt32) {
        var tables = PageTables(
            PageGeometry(
                pageShift: 12, levels: UInt8(levels), bitsPerLevel: 3,
                userLimit: PageNumber(UInt64(1) << UInt64(3 * levels))))
        let root = tables.allocate()
        return (tables, root)
    }

    private static func entry(_ number: UInt32) -> PTE { PTE(FrameNumber(rawValue: number), .present) }

    @Test("a page without a table has no entry, and its table is made with all tables above it, once")
    func making() {
        var (tables, root) = Self.tables(levels: 3)
        #expect(tables.leaf(root, PageNumber(100)) == 0 && tables.nodesInUse == 1)
        let leaf = tables.makeLeaf(root, PageNumber(100))
        #expect(tables.nodesInUse == 3 && tables.leaf(root, PageNumber(100)) == leaf)
        #expect(tables.makeLeaf(root, PageNumber(103)) == leaf && tables.nodesInUse == 3, "the same table of 8 pages")
        #expect(tables.makeLeaf(root, PageNumber(104)) != leaf && tables.nodesInUse == 4)
        #expect(tables.path(root, PageNumber(100)).count == 3 && tables.path(root, PageNumber(500)) == [root])
    }

    @Test(
        "it has the entries that were set, however deep it is, and a walk that remembers finds the same",
        arguments: 1...4)
    func likeADictionary(levels: Int) {
        var (tables, root) = Self.tables(levels: levels)
        var random = SplitMix64(seed: UInt64(levels))
        var model: [PageNumber: PTE] = [:]
        var cache = WalkCache()
        let pages = UInt64(1) << UInt64(3 * levels)
        for step in 0..<500 {
            let page = PageNumber(random.below(pages))
            let leaf = tables.makeLeaf(root, page)
            let entry = random.below(4) == 0 ? PTE.none : Self.entry(UInt32(step) + 1)
            tables.setEntry(leaf, page, entry)
            model[page] = entry
        }
        for page in (0..<pages).map({ PageNumber($0) }) {
            let leaf = tables.leaf(root, page)
            #expect((leaf == 0 ? PTE.none : tables.entry(leaf, page)) == model[page] ?? .none)
            #expect(tables.leaf(root, page, &cache) == leaf)
        }
        var found: [PageNumber: PTE] = [:]
        tables.forEachLeaf(root, in: PageNumber(0)..<PageNumber(pages)) { base, leaf in
            tables.forEachEntry(of: leaf) { found[base + $0] = $1 }
        }
        #expect(found == model.filter { $0.value != .none })
    }

    @Test("freeing a range frees the tables that lie wholly in it, and a freed table is used again, empty")
    func freeing() {
        var (tables, root) = Self.tables(levels: 3)
        for page in [0, 8, 64, 72, 128] as [UInt64] { _ = tables.makeLeaf(root, PageNumber(page)) }
        #expect(tables.nodesInUse == 1 + 3 + 5)
        var freed: [PageNumber] = []
        tables.freeTables(root, in: PageNumber(4)..<PageNumber(128)) { freed.append($0) }
        #expect(freed == [PageNumber(8), PageNumber(64), PageNumber(72)])
        #expect(tables.leaf(root, PageNumber(0)) != 0, "it has pages outside of the range")
        #expect(tables.leaf(root, PageNumber(128)) != 0 && tables.leaf(root, PageNumber(64)) == 0)
        #expect(tables.nodesInUse == 1 + 2 + 2)
        let nodes = tables.nodes.count
        let leaf = tables.makeLeaf(root, PageNumber(64))
        #expect(tables.nodes.count == nodes && tables.entry(leaf, PageNumber(64)) == .none)
    }

    @Test("a copy keeps its entries when the original changes, and the changed tables are found")
    func copies() {
        var (tables, root) = Self.tables(levels: 2)
        let leaf = tables.makeLeaf(root, PageNumber(3))
        tables.setEntry(leaf, PageNumber(3), Self.entry(1))
        let before = tables
        tables.setEntry(leaf, PageNumber(3), Self.entry(2))
        #expect(before.entry(leaf, PageNumber(3)) == Self.entry(1))
        #expect(tables.changedNodes(since: before).contains(leaf))
        var differences: [(Int, PTE, PTE)] = []
        tables.forEachDifference(of: leaf, since: before) { differences.append(($0, $1, $2)) }
        #expect(differences.map(\.0) == [3])
        #expect(differences.first.map { $0.1 == Self.entry(1) && $0.2 == Self.entry(2) } == true)
    }
}
