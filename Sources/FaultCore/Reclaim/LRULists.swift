/// The pages that reclaim looks at, in order of use: the lists of a `lruvec`. Kept only on a machine with a frame
/// limit.
///
/// A page enters at the head of a list; reclaim takes from the tail. The order is state.
struct LRULists: Sendable {
    /// The lists of a `lruvec`.
    enum List: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        case inactiveFile = 1
        case activeFile = 2
        case inactiveAnonymous = 3
        case activeAnonymous = 4
    }

    private struct Link: BitwiseCopyable {
        var towardsHead: UInt32 = 0
        var towardsTail: UInt32 = 0
        /// The list, 0 for none.
        var list: UInt8 = 0
    }

    private struct Ends: BitwiseCopyable {
        var head: UInt32 = 0
        var tail: UInt32 = 0
        var count = 0
    }

    private var links: [Link] = []
    private var ends = [Ends](repeating: Ends(), count: 5)
    /// How many pages were evicted or activated: `nonresident_age`. Only differences from it are state.
    var nonresidentAge: UInt64 = 0

    /// How many pages a list has.
    func count(_ list: List) -> Int { ends[Int(list.rawValue)].count }

    /// The page that has been in a list longest.
    func last(of list: List) -> FrameNumber { FrameNumber(rawValue: ends[Int(list.rawValue)].tail) }

    /// The pages of a list, from the head on.
    func pages(of list: List) -> [FrameNumber] {
        var pages: [FrameNumber] = []
        var next = ends[Int(list.rawValue)].head
        while next != 0 {
            pages.append(FrameNumber(rawValue: next))
            next = links[Int(next)].towardsTail
        }
        return pages
    }

    /// The page nearest to the tail of a list for which `isMeant` returns true.
    func last(of list: List, where isMeant: (FrameNumber) -> Bool) -> FrameNumber? {
        var next = ends[Int(list.rawValue)].tail
        while next != 0 {
            if isMeant(FrameNumber(rawValue: next)) { return FrameNumber(rawValue: next) }
            next = links[Int(next)].towardsHead
        }
        return nil
    }

    /// Moves a page, which may be in no list, to the head of a list.
    mutating func moveToHead(_ frame: FrameNumber, of list: List) {
        remove(frame)
        let at = Int(list.rawValue)
        links[frame.index] = Link(towardsHead: 0, towardsTail: ends[at].head, list: list.rawValue)
        if ends[at].head != 0 {
            links[Int(ends[at].head)].towardsHead = frame.rawValue
        } else {
            ends[at].tail = frame.rawValue
        }
        ends[at].head = frame.rawValue
        ends[at].count += 1
    }

    /// Moves a page, which may be in no list, to the tail of a list.
    mutating func moveToTail(_ frame: FrameNumber, of list: List) {
        remove(frame)
        let at = Int(list.rawValue)
        links[frame.index] = Link(towardsHead: ends[at].tail, towardsTail: 0, list: list.rawValue)
        if ends[at].tail != 0 {
            links[Int(ends[at].tail)].towardsTail = frame.rawValue
        } else {
            ends[at].head = frame.rawValue
        }
        ends[at].tail = frame.rawValue
        ends[at].count += 1
    }

    /// Removes a page from its list, if it is in one.
    mutating func remove(_ frame: FrameNumber) {
        while links.count <= frame.index { links.append(Link()) }
        let link = links[frame.index]
        guard link.list != 0 else { return }
        let at = Int(link.list)
        if link.towardsHead != 0 {
            links[Int(link.towardsHead)].towardsTail = link.towardsTail
        } else {
            ends[at].head = link.towardsTail
        }
        if link.towardsTail != 0 {
            links[Int(link.towardsTail)].towardsHead = link.towardsHead
        } else {
            ends[at].tail = link.towardsHead
        }
        ends[at].count -= 1
        links[frame.index] = Link()
    }
}
