/// What a file remembers of one of its pages.
protocol PageRow: Equatable, BitwiseCopyable, Sendable {
    /// The page.
    var page: UInt32 { get }
}

/// What a file remembers of some of its pages, a row each, by page: in pieces of 512 pages like ``PageCache``, so that a
/// row that comes or goes moves few others.
struct PageRows<Row: PageRow>: Sequence, Equatable, Sendable, ExpressibleByArrayLiteral {
    /// The rows of 512 pages each, in order.
    private var pieces: [[Row]] = []
    /// How many rows there are.
    private(set) var count = 0

    init() {}

    init(arrayLiteral rows: Row...) {
        for row in rows { set(row) }
    }

    /// Whether there are none.
    var isEmpty: Bool { count == 0 }

    /// The row of a page.
    subscript(page: UInt32) -> Row? {
        let piece = Int(page >> 9)
        guard piece < pieces.count else { return nil }
        let place = Self.place(of: page, in: pieces[piece])
        return place < pieces[piece].count && pieces[piece][place].page == page ? pieces[piece][place] : nil
    }

    /// Puts a row in, in place of the one of its page if there is one.
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

    /// Takes the row of a page out, and answers it.
    @discardableResult
    mutating func remove(_ page: UInt32) -> Row? {
        guard let row = self[page] else { return nil }
        let piece = Int(page >> 9)
        pieces[piece].remove(at: Self.place(of: page, in: pieces[piece]))
        count -= 1
        return row
    }

    /// Takes the rows of the pages `first` to `last` out.
    mutating func removeAll(from first: UInt64, through last: UInt64) {
        guard first <= last, first >> 9 < pieces.count else { return }
        for piece in Int(first >> 9)...Int(Swift.min(last >> 9, UInt64(pieces.count - 1))) where !pieces[piece].isEmpty
        {
            let before = pieces[piece].count
            pieces[piece].removeAll { first <= UInt64($0.page) && UInt64($0.page) <= last }
            count -= before - pieces[piece].count
        }
    }

    /// Whether they have the same rows.
    static func == (a: Self, b: Self) -> Bool { a.count == b.count && a.elementsEqual(b) }

    /// Goes through the rows by page.
    func makeIterator() -> FlattenSequence<[[Row]]>.Iterator { pieces.joined().makeIterator() }

    /// Where the first row at or behind `page` is.
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
