/// A set of page numbers of a file or of an area, written and printed as a list of pages and runs.
///
///     #expect(world.present(in: area) == [0...3, 9])
///     #expect(world.resident(of: file) == [])
public struct PageSet: Equatable, Sendable {
    /// The pages, ascending.
    public let pages: [Int]
    /// The number of pages of the file or area; 0 if it is not known. It is ignored when sets are compared.
    public let whole: Int

    /// A set of these pages, out of `whole`.
    public init(_ pages: [Int], of whole: Int = 0) {
        var last: Int?
        self.pages = pages.sorted().filter { page in
            defer { last = page }
            return page != last
        }
        self.whole = whole
    }

    /// How many pages.
    public var count: Int { pages.count }

    /// Whether there is none.
    public var isEmpty: Bool { pages.isEmpty }

    /// The lowest page, if there is one.
    public var first: Int? { pages.first }

    /// The highest page, if there is one.
    public var last: Int? { pages.last }

    /// Whether `page` is one of them.
    public func contains(_ page: Int) -> Bool { pages.contains(page) }

    /// Whether two sets have the same pages.
    public static func == (a: Self, b: Self) -> Bool { a.pages == b.pages }
}

extension PageSet: ExpressibleByArrayLiteral {
    /// A page, or a run of pages, in the literal of a ``PageSet``.
    public struct Run: Equatable, BitwiseCopyable, Sendable, ExpressibleByIntegerLiteral {
        /// The first page.
        public let first: Int
        /// The last page.
        public let last: Int

        /// One page.
        public init(integerLiteral page: Int) { (first, last) = (page, page) }

        private init(_ first: Int, _ last: Int) {
            guard first <= last else { misuse("PageSet: the first page is \(first), and the last is \(last)") }
            let (length, overflow) = last.subtractingReportingOverflow(first)
            guard !overflow, length < 1 << 24 else {
                misuse("PageSet: the run \(first)...\(last) is longer than a file; it may have 2^24 pages")
            }
            (self.first, self.last) = (first, last)
        }

        /// The run from one page through another.
        ///
        /// - Precondition: The second is not smaller.
        public static func ... (first: Self, last: Self) -> Self { Self(first.first, last.last) }
    }

    /// A set of pages and runs.
    public init(arrayLiteral runs: Run...) { self.init(runs.flatMap { Array($0.first...$0.last) }) }
}

extension PageSet: CustomStringConvertible {
    /// Such as `0-3, 9 of 64`; `none of 64`.
    public var description: String {
        var runs: [ClosedRange<Int>] = []
        for page in pages {
            if let last = runs.last, last.upperBound + 1 == page {
                runs[runs.count - 1] = last.lowerBound...page
            } else {
                runs.append(page...page)
            }
        }
        let shown = runs.prefix(12).map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        let text = runs.isEmpty ? "none" : shown.joined(separator: ", ") + (runs.count > 12 ? ", ..." : "")
        return whole > 0 ? "\(text) of \(whole)" : text
    }
}

extension PageSet.Run: CustomStringConvertible {
    /// Such as `0-3`, or `9`.
    public var description: String { first == last ? "\(first)" : "\(first)-\(last)" }
}
