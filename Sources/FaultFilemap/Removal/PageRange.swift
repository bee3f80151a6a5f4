import FaultCore

/// The pages that a call on a file is about, inclusive.
struct PageRange: Equatable, FieldList {
    /// The first page.
    var first: PageIndex
    /// The last page; the last that a file can have, for all behind the first.
    var last: PageIndex

    /// Names so many pages from `first` on, all behind it for `nil`.
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
