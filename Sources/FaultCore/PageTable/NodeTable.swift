/// The nodes of page tables by number: the first 64 in one array, the others in groups of 64.
///
/// A change of a copy copies the references to the nodes of one group and the references to the groups, but not the
/// references to all nodes. Small machines, which an explorer copies at every step, have the first array alone.
struct NodeTable: Sendable {
    private var near: [[UInt64]] = []
    private var far: [[[UInt64]]] = []
    /// How many nodes there are.
    private(set) var count = 0

    private static let shift = 6
    private static let mask = 63
    /// How many nodes lie in the first array, and in each group.
    static let groupSize = 64

    /// An entry of a node.
    ///
    /// It does not yield: an accessor that yields in two places is not inlined, and costs more than the access.
    @inline(__always)
    subscript(node: Int, slot: Int) -> UInt64 {
        get {
            node < Self.groupSize ? near[node][slot] : far[node >> Self.shift &- 1][node & Self.mask][slot]
        }
        set {
            if node < Self.groupSize {
                near[node][slot] = newValue
            } else {
                far[node >> Self.shift &- 1][node & Self.mask][slot] = newValue
            }
        }
    }

    /// The entries of a node.
    @inline(__always)
    subscript(node: Int) -> [UInt64] {
        node < Self.groupSize ? near[node] : far[node >> Self.shift &- 1][node & Self.mask]
    }

    /// Takes the entries of a node out of the table, so that they can be changed in place and put back: nothing else
    /// refers to them meanwhile.
    @inline(__always)
    mutating func take(_ node: Int) -> [UInt64] {
        var entries: [UInt64] = []
        exchange(node, &entries)
        return entries
    }

    /// Puts the entries of a node back.
    @inline(__always)
    mutating func put(_ entries: consuming [UInt64], back node: Int) {
        var entries = entries
        exchange(node, &entries)
    }

    @inline(__always)
    private mutating func exchange(_ node: Int, _ entries: inout [UInt64]) {
        if node < Self.groupSize {
            swap(&near[node], &entries)
        } else {
            swap(&far[node >> Self.shift &- 1][node & Self.mask], &entries)
        }
    }

    /// Adds a node at the end.
    mutating func append(_ node: [UInt64]) {
        if count < Self.groupSize {
            near.append(node)
        } else {
            if count & Self.mask == 0 { far.append([]) }
            far[far.count - 1].append(node)
        }
        count += 1
    }

    /// Calls `body` with each node that is new, or whose storage is another than in an `earlier` table, by number. Groups that
    /// both tables share are passed over.
    func forEachChange(since earlier: NodeTable, _ body: (Int) -> Void) {
        Self.compare(near, earlier.near, from: 0, body)
        for group in far.indices {
            let before = group < earlier.far.count ? earlier.far[group] : []
            Self.compare(far[group], before, from: (group + 1) << Self.shift, body)
        }
    }

    private static func compare(
        _ nodes: [[UInt64]], _ before: [[UInt64]], from first: Int, _ body: (Int) -> Void
    ) {
        if nodes.sharesStorage(with: before) { return }
        for place in nodes.indices
        where place >= before.count || !nodes[place].sharesStorage(with: before[place]) {
            body(first + place)
        }
    }
}
