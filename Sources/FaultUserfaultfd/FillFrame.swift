import FaultCore

/// What a fill keeps from stage to stage.
struct FillFrame: RoutineFrame {
    /// What the pages are filled with.
    enum Kind: UInt8, BitwiseCopyable {
        /// The contents of other pages.
        case copy
        /// Zeroes.
        case zeropage
        /// The pages of the page cache.
        case `continue`
        /// A memory error.
        case poison
    }

    /// Where the contents of a copied page come from.
    enum Content: UInt8, BitwiseCopyable {
        /// A buffer that is always present.
        case buffer
        /// Memory of the caller.
        case memory
        /// Memory of the caller, which was read without the lock.
        case prepared
    }

    /// The first page.
    let page: PageNumber
    /// How many pages.
    let pages: Int
    /// The first page of the source, if the content comes from memory.
    private let sourceStart: PageNumber
    private var filled: UInt32 = 0
    /// The descriptor.
    let descriptor: UserfaultID
    /// Keeps the memory alive.
    var use = MapUse.none
    /// The page of the cache to map, with a reference; known in `folioLocked`.
    var folio = FrameNumber.none
    /// The contents of the next page, if they were read without the lock.
    private(set) var stamp: UInt32 = 0
    /// What the pages are filled with.
    let kind: Kind
    /// The options of the call.
    let options: UserfaultFillOptions
    /// Where the contents come from.
    private(set) var content: Content
    /// Why the call stopped; known in `dropped`.
    var error: Errno?

    init(
        _ kind: Kind, _ page: PageNumber, pages: Int, from source: PageNumber? = nil,
        _ options: UserfaultFillOptions, on descriptor: UserfaultID
    ) {
        self.kind = kind
        self.page = page
        self.pages = pages
        self.options = options
        self.descriptor = descriptor
        sourceStart = source ?? PageNumber(0)
        content = source == nil ? .buffer : .memory
    }

    /// How many pages are filled.
    var done: Int {
        get { Int(filled) }
        set { filled = UInt32(truncatingIfNeeded: newValue) }
    }

    /// The first page of the source; `nil` if the contents do not come from memory.
    var source: PageNumber? { content == .buffer ? nil : sourceStart }

    /// The source page of the next page.
    var nextSource: PageNumber? { source.map { $0 + done } }

    /// Stores the contents of the next page.
    mutating func prepare(_ stamp: UInt32) {
        self.stamp = stamp
        content = .prepared
    }

    /// Discards the stored contents after their use.
    mutating func forgetContent() {
        stamp = 0
        if content == .prepared { content = .memory }
    }

    func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("page", page)
        visitor.visit("pages", pages)
        visitor.visit("sourceStart", sourceStart)
        visitor.visit("filled", Int(filled))
        visitor.visit("descriptor", descriptor)
        visitor.visit("use", use)
        visitor.visit("folio", folio)
        visitor.visit("stamp", word: UInt64(stamp))
        visitor.visit("kind", kind)
        visitor.visit("options", options)
        visitor.visit("content", content)
        visitor.visit("error", error)
    }
}
