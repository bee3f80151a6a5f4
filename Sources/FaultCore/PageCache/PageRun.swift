/// An inclusive run of pages of a file.
public struct PageRun: Equatable, BitwiseCopyable, Sendable {
    /// Its first page.
    public var first: Int
    /// Its last page.
    public var last: Int

    /// Makes a run.
    ///
    /// - Precondition: `first` is at most `last`.
    public init(_ first: Int, _ last: Int) {
        guard first <= last else { misuse("PageRun: the first page is \(first), and the last is \(last)") }
        self.first = first
        self.last = last
    }

    /// The parts of the run that are not in another run.
    func without(_ other: PageRun) -> [PageRun] {
        var rest: [PageRun] = []
        if first < other.first { rest.append(PageRun(first, min(last, other.first - 1))) }
        if last > other.last { rest.append(PageRun(max(first, other.last + 1), last)) }
        return rest
    }

    /// Whether the runs have a page in common.
    func overlaps(_ other: PageRun) -> Bool { first <= other.last && other.first <= last }
}

extension [PageRun] {
    /// Whether one of the runs, which are sorted and apart, has the page.
    package func covers(_ page: Int) -> Bool {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].last < page { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].first <= page
    }
}
