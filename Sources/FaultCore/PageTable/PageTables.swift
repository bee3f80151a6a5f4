/// The page tables of all memory maps: an arena of nodes. Each node is copied only when two machines differ in it.
///
/// An entry of an upper level holds the number of the node below it, 0 for none. Node 0 is never used. A node has no
/// entries when it is freed, so a new node has none either.
struct PageTables: Sendable {
    private(set) var nodes = NodeTable()
    private(set) var freeNodes: [UInt32]
    private let bits: UInt64
    private let mask: UInt64
    private let topShift: UInt64

    /// Makes an arena for tables of this shape.
    init(_ geometry: PageGeometry) {
        freeNodes = []
        bits = UInt64(geometry.bitsPerLevel)
        mask = 1 << UInt64(geometry.bitsPerLevel) - 1
        topShift = UInt64(geometry.levels - 1) * UInt64(geometry.bitsPerLevel)
        nodes.append([])
    }

    /// How many nodes are in use.
    var nodesInUse: Int { nodes.count - 1 - freeNodes.count }

    /// Takes an empty node.
    mutating func allocate() -> UInt32 {
        if let node = freeNodes.popLast() { return node }
        nodes.append([UInt64](repeating: 0, count: Int(mask) + 1))
        return UInt32(nodes.count - 1)
    }

    /// Frees a node, whose entries must all be none.
    mutating func free(_ node: UInt32) {
        assert(nodes[Int(node)].allSatisfy { $0 == 0 }, "PageTables.free: the node must be empty")
        freeNodes.append(node)
    }

    /// The lowest table that covers `page` under `root`; 0 if there is none.
    @inline(__always)
    func leaf(_ root: UInt32, _ page: PageNumber) -> UInt32 {
        var node = UInt64(root)
        var shift = topShift
        while shift > 0, node != 0 {
            node = nodes[Int(node), Int((page.rawValue &>> shift) & mask)]
            shift &-= bits
        }
        return UInt32(truncatingIfNeeded: node)
    }

    /// The same table, for a walk that may begin where the last one ended.
    @inline(__always)
    func leaf(_ root: UInt32, _ page: PageNumber, _ cache: inout WalkCache) -> UInt32 {
        let span = page.rawValue &>> bits
        guard span != cache.leafSpan else { return cache.leaf }
        cache.leafSpan = span
        guard topShift > 0 else {
            cache.leaf = root
            return root
        }
        if span &>> bits != cache.upperSpan {
            cache.upperSpan = span &>> bits
            var node = UInt64(root)
            var shift = topShift
            while shift > bits, node != 0 {
                node = nodes[Int(node), Int((page.rawValue &>> shift) & mask)]
                shift &-= bits
            }
            cache.upper = UInt32(truncatingIfNeeded: node)
        }
        cache.leaf = cache.upper == 0 ? 0 : UInt32(truncatingIfNeeded: nodes[Int(cache.upper), Int(span & mask)])
        return cache.leaf
    }

    /// The tables on the way to `page`, from the root down, up to the last that exists.
    func path(_ root: UInt32, _ page: PageNumber) -> [UInt32] {
        var path: [UInt32] = []
        var node = UInt64(root)
        var shift = topShift
        while node != 0 {
            path.append(UInt32(truncatingIfNeeded: node))
            guard shift > 0 else { break }
            node = nodes[Int(node), Int((page.rawValue >> shift) & mask)]
            shift &-= bits
        }
        return path
    }

    /// The lowest table that covers `page`; if it is missing, it is made with all tables above it. Models
    /// `pte_alloc()`.
    mutating func makeLeaf(_ root: UInt32, _ page: PageNumber) -> UInt32 {
        var node = root
        var shift = topShift
        while shift > 0 {
            let slot = Int((page.rawValue >> shift) & mask)
            var next = UInt32(truncatingIfNeeded: nodes[Int(node), slot])
            if next == 0 {
                next = allocate()
                nodes[Int(node), slot] = UInt64(next)
            }
            node = next
            shift &-= bits
        }
        return node
    }

    /// The entry of `page` in its lowest table.
    @inline(__always)
    func entry(_ leaf: UInt32, _ page: PageNumber) -> PTE {
        PTE(rawValue: nodes[Int(leaf), Int(page.rawValue & mask)])
    }

    /// Replaces the entry of `page` in its lowest table.
    @inline(__always)
    mutating func setEntry(_ leaf: UInt32, _ page: PageNumber, _ entry: PTE) {
        nodes[Int(leaf), Int(page.rawValue & mask)] = entry.rawValue
    }

    /// The entries of one node, for runs over many entries.
    @inline(__always)
    subscript(node node: UInt32) -> [UInt64] {
        get { nodes[Int(node)] }
        _modify {
            var entries = nodes.take(Int(node))
            defer { nodes.put(entries, back: Int(node)) }
            yield &entries
        }
    }

    /// Calls `body` with each entry of a node that is not none, and its slot.
    @inline(__always)
    func forEachEntry(of node: UInt32, _ body: (Int, PTE) -> Void) {
        let entries = nodes[Int(node)]
        for slot in entries.indices where entries[slot] != 0 { body(slot, PTE(rawValue: entries[slot])) }
    }

    /// The nodes that are new, or whose storage differs from that in `earlier` tables. They include all nodes that have
    /// changed since the earlier tables were copied, and perhaps some that have not.
    func changedNodes(since earlier: PageTables) -> [UInt32] {
        var changed: [UInt32] = []
        nodes.forEachChange(since: earlier.nodes) { changed.append(UInt32($0)) }
        return changed
    }

    /// Calls `body` with each slot of a node whose entry differs from that in `earlier` tables, which have the node:
    /// the slot, the earlier entry, and this one.
    func forEachDifference(of node: UInt32, since earlier: PageTables, _ body: (Int, PTE, PTE) -> Void) {
        let (before, now) = (earlier.nodes[Int(node)], nodes[Int(node)])
        before.forEachDifference(to: now) { body($0, PTE(rawValue: before[$0]), PTE(rawValue: now[$0])) }
    }

    /// Whether a table below `root` can cover a page of `range`; exact for ranges that one entry of the root covers.
    @inline(__always)
    func mayHaveTables(_ root: UInt32, in range: Range<PageNumber>) -> Bool {
        guard !range.isEmpty else { return false }
        let first = range.lowerBound.rawValue >> topShift
        let last = (range.upperBound.rawValue - 1) >> topShift
        return first != last || topShift == 0 || nodes[Int(root), Int(first & mask)] != 0
    }

    /// Frees the tables that lie wholly in `range`, which must hold no entries. Calls `freed` for each lowest table.
    ///
    /// Models `free_pgtables()`: a table that also covers pages outside the range stays.
    mutating func freeTables(_ root: UInt32, in range: Range<PageNumber>, freed: (PageNumber) -> Void) {
        freeBelow(root, topShift, PageNumber(0), range, freed)
    }

    /// Frees the tables in `range` below `node`, whose first page is `base`.
    private mutating func freeBelow(
        _ node: UInt32, _ shift: UInt64, _ base: PageNumber, _ range: Range<PageNumber>, _ freed: (PageNumber) -> Void
    ) {
        guard shift > 0 else { return }
        let span = 1 << shift as UInt64
        let first = range.lowerBound.rawValue > base.rawValue ? (range.lowerBound.rawValue - base.rawValue) >> shift : 0
        let lastPage = range.upperBound.rawValue - 1
        guard lastPage >= base.rawValue else { return }
        let last = min((lastPage - base.rawValue) >> shift, mask)
        guard first <= last else { return }
        for slot in Int(first)...Int(last) {
            let child = UInt32(truncatingIfNeeded: nodes[Int(node), slot])
            guard child != 0 else { continue }
            let childBase = PageNumber(base.rawValue + UInt64(slot) * span)
            freeBelow(child, shift - bits, childBase, range, freed)
            let whole = range.lowerBound <= childBase && PageNumber(childBase.rawValue + span) <= range.upperBound
            if whole {
                nodes[Int(node), slot] = 0
                if shift == bits { freed(childBase) }
                free(child)
            }
        }
    }

    /// Calls `body` with each lowest table that has pages in `range`, its first page and node, in address order.
    func forEachLeaf(_ root: UInt32, in range: Range<PageNumber>, _ body: (PageNumber, UInt32) -> Void) {
        guard range.lowerBound < range.upperBound, root != 0 else { return }
        walk(root, topShift, 0, range, body)
    }

    /// The first result of `body` that is not `nil`, over the lowest tables with pages in `range`, in address order.
    func firstInLeaves<Answer>(
        _ root: UInt32, in range: Range<PageNumber>, _ body: (PageNumber, UInt32) -> Answer?
    ) -> Answer? {
        guard range.lowerBound < range.upperBound, root != 0 else { return nil }
        return firstBelow(root, topShift, 0, range, body)
    }

    private func firstBelow<Answer>(
        _ node: UInt32, _ shift: UInt64, _ base: UInt64, _ range: Range<PageNumber>,
        _ body: (PageNumber, UInt32) -> Answer?
    ) -> Answer? {
        guard shift > 0 else { return body(PageNumber(base), node) }
        let low = range.lowerBound.rawValue
        let first = low > base ? (low - base) >> shift : 0
        let last = min((range.upperBound.rawValue - 1 - base) >> shift, mask)
        guard first <= last else { return nil }
        for slot in Int(first)...Int(last) {
            let child = UInt32(truncatingIfNeeded: nodes[Int(node), slot])
            guard child != 0 else { continue }
            let found = firstBelow(child, shift - bits, base + UInt64(slot) << shift, range, body)
            if let found { return found }
        }
        return nil
    }

    private func walk(
        _ node: UInt32, _ shift: UInt64, _ base: UInt64, _ range: Range<PageNumber>,
        _ body: (PageNumber, UInt32) -> Void
    ) {
        guard shift > 0 else { return body(PageNumber(base), node) }
        let low = range.lowerBound.rawValue
        let first = low > base ? (low - base) >> shift : 0
        let last = min((range.upperBound.rawValue - 1 - base) >> shift, mask)
        guard first <= last else { return }
        for slot in Int(first)...Int(last) {
            let child = UInt32(truncatingIfNeeded: nodes[Int(node), slot])
            if child != 0 { walk(child, shift - bits, base + UInt64(slot) << shift, range, body) }
        }
    }
}

/// The two lowest tables that the last walk of a map has passed, so that a walk to a nearby page need not begin at the
/// root. Valid until a table of the map is made or freed.
struct WalkCache: BitwiseCopyable {
    /// The leading bits that the numbers of all pages of the lowest table share.
    fileprivate var leafSpan: UInt64 = .max
    /// The lowest table; 0 if there is none.
    fileprivate var leaf: UInt32 = 0
    fileprivate var upper: UInt32 = 0
    /// The same for the table above it.
    fileprivate var upperSpan: UInt64 = .max

    /// Whether the last walk has found a table.
    var hasLeaf: Bool { leaf != 0 }
}
