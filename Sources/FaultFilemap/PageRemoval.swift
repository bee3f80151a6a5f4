import FaultCore

/// `truncate_inode_pages_range()` (mm/truncate.c, Linux 6.1): takes pages out of the page cache, dirty or not.
///
/// First everything that is neither locked nor under writeback goes, batch by batch, without a wait. Then the rest, one
/// by one: lock, wait for writeback, unmap, remove, unlock; the first page of the range before the last, and both before
/// those between.
///
/// Locks: the caller keeps pages from coming back: by the size of the file and the inode lock, by the invalidate lock.
enum PageRemoval {
    enum Stage: UInt8, RoutineStage {
        case removeIdle
        case findFirst
        case findLast
        case findNext
        case locked
    }

    /// Where `locked` goes on.
    private enum Phase: UInt64 {
        case first
        case last
        case between
    }

    /// The call's words: `words.0` is the first page, `words.1` how many, 0 for all behind, `words.2` the next page to
    /// look at, `words.3` the phase.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let file = FileID(Int(call.owner))
        let range = PageRange(call)
        switch stage {
        case .removeIdle:
            machine.forgetShadows(of: file, from: range.first, through: range.last)
            var next = max(range.first, PageIndex(rawValue: call.words.2))
            var left = Machine.folioBatchSize
            while left > 0, let (index, folio) = machine.firstCached(of: file, from: next), index <= range.last {
                next = index + 1
                guard !machine.flags(of: folio).contains(.writeback), machine.tryLock(folio, by: task) else { continue }
                machine.hold(folio, for: task, in: .call)
                remove(folio, task, &machine)
                left -= 1
            }
            call.words.2 = next.rawValue
            return .next(left == 0 ? .removeIdle : .findFirst)

        case .findFirst:
            guard let folio = machine.cachedFolio(at: range.first, of: file) else { return .next(.findLast) }
            return lock(folio, .first, &call, task, &machine)

        case .findLast:
            guard call.words.1 > 0, let folio = machine.cachedFolio(at: range.last, of: file) else {
                return .next(.findNext)
            }
            return lock(folio, .last, &call, task, &machine)

        case .findNext:
            guard let (index, folio) = machine.firstCached(of: file, from: range.first), index <= range.last else {
                machine.forgetShadows(of: file, from: range.first, through: range.last)
                return .done
            }
            return lock(folio, .between, &call, task, &machine)

        case .locked:
            let folio = call.frame
            if machine.flags(of: folio).contains(.writeback) { return .sleep(.folioWriteback(folio), then: .locked) }
            remove(folio, task, &machine)
            call.frame = .none
            switch Phase(rawValue: call.words.3) ?? .between {
            case .first: return .next(.findLast)
            case .last, .between: return .next(.findNext)
            }
        }
    }

    private static func lock(
        _ folio: FrameNumber, _ phase: Phase, _ call: inout Activation, _ task: TaskID, _ machine: inout Machine
    ) -> OldStep<Stage> {
        machine.hold(folio, for: task, in: .call)
        call.frame = folio
        call.words.3 = phase.rawValue
        return .call(machine.locking(folio), then: .locked)
    }

    /// Unmaps and removes a page that is locked and held, if nobody did, and lets go of it.
    private static func remove(_ folio: FrameNumber, _ task: TaskID, _ machine: inout Machine) {
        if machine.cachePosition(of: folio) != nil {
            machine.unmapFolio(folio, by: task)
            machine.removeFromCache(folio)
        }
        machine.unlock(folio)
        machine.unhold(folio, for: task, in: .call)
    }
}

/// The pages that a call on a file is about, inclusive.
struct PageRange: BitwiseCopyable, Sendable {
    /// The first page.
    var first: PageIndex
    /// The last page; the last that a file can have, for all behind the first.
    var last: PageIndex

    /// Reads `words.0` as the first page and `words.1` as their number, 0 for all behind.
    init(_ call: Activation) {
        first = PageIndex(rawValue: call.words.0)
        last = call.words.1 > 0 ? first + (Int(call.words.1) - 1) : Self.end
    }

    private init(first: PageIndex, last: PageIndex) {
        self.first = first
        self.last = last
    }

    /// All pages of a file.
    static var whole: PageRange { PageRange(first: 0, last: end) }

    /// The last page that a file can have.
    static var end: PageIndex { PageIndex(Int(UInt32.max)) }
}
