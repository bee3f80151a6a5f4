/// The pages of a memory group in order of use: the lists of its `lruvec`, and what the kernel keeps of each page
/// besides flags.
///
/// A page enters at the head of a list; reclaim takes from the tail. The order is state. A page that is in no list was
/// taken out by reclaim, or is still in a processor's batch.
struct GroupPages: Sendable {
    /// A list of a `lruvec`: one of ``LRULists/List``, the pages that can't be reclaimed, or a generation.
    struct List: Equatable, BitwiseCopyable, Sendable {
        let rawValue: UInt8

        /// `LRU_UNEVICTABLE`.
        static var unevictable: Self { Self(rawValue: 5) }
        /// How many list numbers there are, including 0 for none.
        static var count: Int { 14 }

        init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The type of the pages of a generation; nil if this is another list.
        var generationType: PageType? { rawValue < 6 ? nil : PageType(rawValue: Int(rawValue) & 1) }

        /// The list of a type, active or inactive: `LRU_INACTIVE_ANON` and its siblings.
        init(_ type: PageType, isActive: Bool) {
            rawValue = (type == .file ? 1 : 3) + (isActive ? 1 : 0)
        }

        /// `lrugen->folios[generation][type]`.
        init(_ type: PageType, generation: Int) { rawValue = UInt8(6 + generation * 2 + type.rawValue) }
    }

    /// What is kept of a page.
    private struct Page: BitwiseCopyable {
        var towardsHead: UInt32 = 0
        var towardsTail: UInt32 = 0
        /// The list, 0 for none.
        var list: UInt8 = 0
        /// The generation in the page's flags, from 1; 0 for none. A promoted page is still in its old list.
        var generation: UInt8 = 0
        /// `LRU_REFS_MASK`: how often calls have used it, after the first two times.
        var uses: UInt8 = 0
        var marks: Marks = []
    }

    /// What a page is in its group.
    struct Marks: OptionSet, BitwiseCopyable, Sendable {
        var rawValue: UInt8
        /// It is charged: `folio_memcg()`.
        static var charged: Self { Self(rawValue: 1) }
        /// `PG_mlocked`.
        static var locked: Self { Self(rawValue: 2) }
        /// It is in the batch of pages to be added.
        static var added: Self { Self(rawValue: 4) }
        /// It was read from swap, and no entry has mapped it since: not yet `folio_test_anon()`.
        static var unmapped: Self { Self(rawValue: 8) }
    }

    private struct Ends: BitwiseCopyable {
        var head: UInt32 = 0
        var tail: UInt32 = 0
        var count = 0
    }

    private var pages: [Page] = []
    private var ends = [Ends](repeating: Ends(), count: List.count)

    /// How many pages a list has.
    func count(_ list: List) -> Int { ends[Int(list.rawValue)].count }

    /// The page that has been in a list longest; none if the list is empty.
    func last(of list: List) -> FrameNumber { FrameNumber(rawValue: ends[Int(list.rawValue)].tail) }

    /// The list that a page is in: `PG_lru`.
    func list(of frame: FrameNumber) -> List? {
        guard frame.index < pages.count, pages[frame.index].list != 0 else { return nil }
        return List(rawValue: pages[frame.index].list)
    }

    /// What a page is in the group.
    func marks(of frame: FrameNumber) -> Marks { frame.index < pages.count ? pages[frame.index].marks : [] }

    /// Whether a page is charged.
    func isCharged(_ frame: FrameNumber) -> Bool { marks(of: frame).contains(.charged) }

    /// The generation in a page's flags: `folio_lru_gen()`; nil for none.
    func generation(of frame: FrameNumber) -> Int? {
        guard frame.index < pages.count, pages[frame.index].generation != 0 else { return nil }
        return Int(pages[frame.index].generation) - 1
    }

    /// `LRU_REFS_MASK` of a page.
    func uses(of frame: FrameNumber) -> Int { frame.index < pages.count ? Int(pages[frame.index].uses) : 0 }

    /// The pages of a list, from the head on.
    func pages(of list: List) -> [FrameNumber] {
        var found: [FrameNumber] = []
        var next = ends[Int(list.rawValue)].head
        while next != 0 {
            found.append(FrameNumber(rawValue: next))
            next = pages[Int(next)].towardsTail
        }
        return found
    }

    private mutating func makeRoom(for frame: FrameNumber) {
        while pages.count <= frame.index { pages.append(Page()) }
    }

    /// Sets and clears marks of a page.
    mutating func mark(_ frame: FrameNumber, adding: Marks = [], removing: Marks = []) {
        makeRoom(for: frame)
        pages[frame.index].marks.subtract(removing)
        pages[frame.index].marks.formUnion(adding)
    }

    /// Sets the generation in a page's flags.
    mutating func setGeneration(of frame: FrameNumber, _ generation: Int?) {
        makeRoom(for: frame)
        pages[frame.index].generation = generation.map { UInt8($0 + 1) } ?? 0
    }

    /// Sets `LRU_REFS_MASK` of a page.
    mutating func setUses(of frame: FrameNumber, _ uses: Int) {
        makeRoom(for: frame)
        pages[frame.index].uses = UInt8(uses)
    }

    /// Forgets everything about a page that is free.
    mutating func forget(_ frame: FrameNumber) {
        guard frame.index < pages.count else { return }
        remove(frame)
        pages[frame.index] = Page()
    }

    /// Moves a page from its list to the head of a list.
    mutating func moveToHead(_ frame: FrameNumber, of list: List) {
        remove(frame)
        let at = Int(list.rawValue)
        pages[frame.index].towardsHead = 0
        pages[frame.index].towardsTail = ends[at].head
        pages[frame.index].list = list.rawValue
        if ends[at].head != 0 {
            pages[Int(ends[at].head)].towardsHead = frame.rawValue
        } else {
            ends[at].tail = frame.rawValue
        }
        ends[at].head = frame.rawValue
        ends[at].count += 1
    }

    /// Moves a page from its list to the tail of a list.
    mutating func moveToTail(_ frame: FrameNumber, of list: List) {
        remove(frame)
        let at = Int(list.rawValue)
        pages[frame.index].towardsHead = ends[at].tail
        pages[frame.index].towardsTail = 0
        pages[frame.index].list = list.rawValue
        if ends[at].tail != 0 {
            pages[Int(ends[at].tail)].towardsTail = frame.rawValue
        } else {
            ends[at].head = frame.rawValue
        }
        ends[at].tail = frame.rawValue
        ends[at].count += 1
    }

    /// Removes a page from its list, if it is in one.
    mutating func remove(_ frame: FrameNumber) {
        makeRoom(for: frame)
        let page = pages[frame.index]
        guard page.list != 0 else { return }
        let at = Int(page.list)
        if page.towardsHead != 0 {
            pages[Int(page.towardsHead)].towardsTail = page.towardsTail
        } else {
            ends[at].head = page.towardsTail
        }
        if page.towardsTail != 0 {
            pages[Int(page.towardsTail)].towardsHead = page.towardsHead
        } else {
            ends[at].tail = page.towardsHead
        }
        ends[at].count -= 1
        pages[frame.index].list = 0
        pages[frame.index].towardsHead = 0
        pages[frame.index].towardsTail = 0
    }
}

/// The types of page that reclaim distinguishes: `folio_is_file_lru()`.
enum PageType: Int, BitwiseCopyable, Sendable, CaseIterable {
    /// Private memory and tmpfs, which go to swap: `LRU_GEN_ANON`.
    case anonymous = 0
    /// Pages of files, and private pages given up by madvise(MADV_FREE): `LRU_GEN_FILE`.
    case file = 1

    /// The other type.
    var other: Self { self == .file ? .anonymous : .file }
}

extension FrameFlags {
    /// The type of the lists that a page belongs to.
    var pageType: PageType {
        isDisjoint(with: [.anonymous, .shmem]) || contains(.lazyFree) ? .file : .anonymous
    }
}

/// A count for each type of page.
struct ByType<Value: Equatable & Sendable>: Equatable, Sendable {
    var anonymous: Value
    var file: Value

    init(_ value: Value) {
        anonymous = value
        file = value
    }

    subscript(_ type: PageType) -> Value {
        get { type == .file ? file : anonymous }
        set {
            if type == .file { file = newValue } else { anonymous = newValue }
        }
    }
}

extension ByType: BitwiseCopyable where Value: BitwiseCopyable {}
