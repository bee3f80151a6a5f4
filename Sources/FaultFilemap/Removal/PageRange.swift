import FaultCore

/// The range of pages that a call on a file works on, inclusive.
struct PageRange: Equatable, FieldList {
    /// The first page.
    var first: PageIndex
    /// The last page; for an open range, the last page that a file can have.
    var last: PageIndex

    /// Makes a range of `pages` pages from `first` on; with `nil`, of all pages from `first` on.
    init(_ first: PageIndex, pages: Int?) {
        self.init(first: first, last: pages.map { first + ($0 - 1) } ?? Self.end)
    }

    private init(first: PageIndex, last: PageIndex) {
        self.first = first
        self.last = last
    }

    /// All pages of a file.
    static var whole: PageRange { PageRange(first: 0, last: end) }

    /// The last page that a file can have.
    static var end: PageIndex { PageIndex(Int(UInt32.max)) }

    func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("first", first)
        visitor.visit("last", last)
    }
}
