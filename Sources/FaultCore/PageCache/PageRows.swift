/// What a file remembers of one of its pages.
protocol PageRow: Equatable, BitwiseCopyable, Sendable {
    /// The page.
    var page: UInt32 { get }
}

/// What a file remembers of some of its pages: a row for each, in the order of pages.
///
/// The rows are in pieces of 512 pages, like ``PageCache``, so that adding or removing a row moves few others.
struct PageRows<Row: PageRow>: Sequence, Equatable, Sendable, ExpressibleByArrayLiteral {
    /// The rows of 512 pages each, in order.
    private var pieces: [[Row]] = []
    /// How many rows there are.
    private(set) var count = 0

    init() {}

    init(arrayLiteral rows: Row...) {
        for row in rows { set(row) }
    }

    /// Whether there are no rows.
    var isEmpty: Bool { count == 0 }

    /// The row of a page.
    subscript(page: UInt32) -> Row? {
        let piece = Int(page >> 9)
        guard piece < pieces.count else { return nil }
        let place = Self.place(of: page, in: pieces[piece])
        return place < pieces[piece].count && pieces[piece][place].page == page ? pieces[piece][place] : nil
    }

    /// Adds a row, or replaces the row of its page.
    mutating func set(_ row: Row) {
        let piece = Int(row.page >> 9)
        while pieces.count <= piece { pieces.append([]) }
        let place = Self.place(of: row.page, in: pieces[piece])
        if place < pieces[piece].count, pieces[piece][place].page == row.page {
            pieces[piece][place] = row
        } else {
            pieces[piece].insert(row, at: place)
            count += 1
        }
    }

    /// Removes and returns the row of a page.
    @discardableResult
    mutating func remove(_ page: UInt32) -> Row? {
        guard let row = self[page] else { return nil }
        let piece = Int(page >> 9)
        pieces[piece].remove(at: Self.place(of: page, in: pieces[piece]))
        count -= 1
        return row
    }

    /// Removes the rows of the pages `first` to `last`.
    mutating func removeAll(from first: UInt64, through last: UInt64) {
        guard first <= last, first >> 9 < pieces.count else { return }
        for piece in Int(first >> 9)...Int(Swift.min(last >> 9, UInt64(pieces.count - 1))) where !pieces[piece].isEmpty
        {
            let before = pieces[piece].count
            pieces[piece].removeAll { first <= UInt64($0.page) && UInt64($0.page) <= last }
            count -= before - pieces[piece].count
        }
    }

    /// Whether both have the same rows.
    static func == (a: Self, b: Self) -> Bool { a.count == b.count && a.elementsEqual(b) }

    /// Iterates over the rows by page.
    func makeIterator() -> FlattenSequence<[[Row]]>.Iterator { pieces.joined().makeIterator() }

    /// The index of the first row at or after `page`.
    private static func place(of page: UInt32, in rows: [Row]) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].page < page { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
