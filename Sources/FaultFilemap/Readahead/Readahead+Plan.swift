package import FaultCore

/// The plan of what to read: the heuristics of `ondemand_readahead()` (mm/readahead.c, Linux 6.1). Those of Linux 6.11
/// are in `Readahead+PlanBySource.swift`.
extension Readahead {
    /// Plans the readahead for a missing page: `page_cache_sync_ra()` without the reading.
    ///
    /// - Parameter requested: How many pages are needed from `index` on.
    package static func planSynchronous(
        _ file: FileID, at index: PageIndex, requested: Int, _ machine: inout Machine
    ) -> ReadaheadWindow? {
        guard machine[readaheadOf: file].maximum > 0 else {
            return ReadaheadWindow(index, 1, lookahead: 0, ofFileWith: machine.pages(of: file))
        }
        if machine.isReadRandomly(file) {
            let most = max(machine.settings.largestRequestPages, machine[readaheadOf: file].maximum)
            return ReadaheadWindow(
                index, min(requested, most), lookahead: 0, ofFileWith: machine.pages(of: file))
        }
        switch machine.model.readaheadPlanning {
        case .onDemand: return plan(file, at: index, isMarked: false, requested: requested, &machine)
        case .bySource: return planForMissing(file, at: index, requested: requested, &machine)
        }
    }

    /// Plans the readahead for a marked page: `page_cache_async_ra()` without the reading. The mark is cleared in any
    /// case, except under writeback, where the kernel's bit has another meaning.
    package static func planAsynchronous(
        _ file: FileID, marked folio: FrameNumber, at index: PageIndex, requested: Int, _ machine: inout Machine
    ) -> ReadaheadWindow? {
        guard machine[readaheadOf: file].maximum > 0 else { return nil }
        guard !machine.flags(of: folio).contains(.writeback) else { return nil }
        machine.setFlags(of: folio, removing: .readahead)
        switch machine.model.readaheadPlanning {
        case .onDemand: return plan(file, at: index, isMarked: true, requested: requested, &machine)
        case .bySource: return planForMarked(file, at: index, requested: requested, &machine)
        }
    }

    /// The read-around of a mapped miss: half a window before the page and half a window after it, with the mark in the
    /// last quarter. Models the end of `do_sync_mmap_readahead()`.
    static func planAround(_ file: FileID, at index: PageIndex, _ machine: inout Machine) -> ReadaheadWindow? {
        var state = machine[readaheadOf: file]
        state.start = PageIndex(max(0, index.value - state.maximum / 2 + (mistaken(.readAroundOneLater) ? 1 : 0)))
        state.size = state.maximum
        state.asyncSize = machine.model.mmapReadahead == .aroundMarked ? state.maximum / 4 : 0
        machine[readaheadOf: file] = state
        return state.window(ofFileWith: machine.pages(of: file))
    }

    /// The pages of a program's code from `index` up to `end`, the end of the area. Code is not read in order, so no
    /// page is marked.
    static func planCode(
        _ file: FileID, at index: PageIndex, end: PageIndex, _ machine: inout Machine
    ) -> ReadaheadWindow? {
        var state = machine[readaheadOf: file]
        state.start = index
        state.size = min(state.maximum, end - index)
        state.asyncSize = 0
        machine[readaheadOf: file] = state
        return state.window(ofFileWith: machine.pages(of: file))
    }

    /// `ondemand_readahead()`: its rules in order. The first one that applies decides.
    private static func plan(
        _ file: FileID, at index: PageIndex, isMarked: Bool, requested: Int, _ machine: inout Machine
    ) -> ReadaheadWindow? {
        var state = machine[readaheadOf: file]
        let maximum = mostPages(state, requested, machine)
        let previousPage = previousPage(state, machine)

        if index == 0 {
            state.begin(at: index, requested: requested, maximum: maximum)
        } else if index == state.start + (state.size - state.asyncSize) || index == state.start + state.size {
            // The read is where the next window was expected.
            state.start = state.start + state.size
            state.size = max(state.size, ReadaheadState.next(state.size, maximum))
            state.asyncSize = state.size
        } else if isMarked {
            // A mark of another stream, or one that moved at the end of the file.
            let missing = firstMissing(file, after: index, looking: maximum, machine)
            guard missing - index <= maximum else { return nil }
            state.start = missing
            state.size = ReadaheadState.next(missing - index + requested, maximum)
            state.asyncSize = state.size
        } else if requested > maximum || index.rawValue &- previousPage <= (mistaken(.nextPageIsNoStream) ? 0 : 1) {
            state.begin(at: index, requested: requested, maximum: maximum)
        } else {
            var history = pagesBefore(file, index, looking: maximum, machine)
            guard history > requested else {
                // A small random read does not change the state.
                return ReadaheadWindow(index, requested, lookahead: 0, ofFileWith: machine.pages(of: file))
            }
            if history >= index.value { history *= 2 }
            state.start = index
            state.size = min(history + requested, maximum)
            state.asyncSize = 1
        }
        state.mergeIfMarkedAtOnce(at: index, maximum: maximum)
        machine[readaheadOf: file] = state
        return state.window(ofFileWith: machine.pages(of: file))
    }

    /// How many pages a window may have: a large read(2) may go beyond what is set, up to the largest request of the
    /// device.
    static func mostPages(_ state: ReadaheadState, _ requested: Int, _ machine: Machine) -> Int {
        let largestRequest = machine.settings.largestRequestPages
        guard requested > state.maximum, largestRequest > state.maximum else { return state.maximum }
        return min(requested, largestRequest)
    }

    /// The page that read(2) has reached.
    static func previousPage(_ state: ReadaheadState, _ machine: Machine) -> UInt64 {
        UInt64(bitPattern: state.previousPosition) >> UInt64(machine.geometry.pageShift)
    }

    /// The first page after `index` that is not cached, looking at `count` pages. If all are cached, it is the last of
    /// them or the page after it, depending on ``KernelModel/MissingPageSearch``.
    ///
    /// Models `page_cache_next_miss()`.
    static func firstMissing(
        _ file: FileID, after index: PageIndex, looking count: Int, _ machine: Machine
    ) -> PageIndex {
        let most = machine.model.missingPageSearch == .endsPastLastPage ? count + 1 : count
        var offset = 1
        while offset < most, machine.cachedFolio(at: index + offset, of: file) != nil { offset += 1 }
        return index + offset
    }

    /// How many cached pages lie directly before `index`, looking at `count` pages; if all are cached, one less.
    ///
    /// Models `count_history_pages()` with `page_cache_prev_miss()`. Before page 0 nothing is cached.
    static func pagesBefore(
        _ file: FileID, _ index: PageIndex, looking count: Int, _ machine: Machine
    ) -> Int {
        var history = 0
        while history < count - 1, history < index.value, !mistaken(.readaheadHistoryForgotten),
            machine.cachedFolio(at: index - (history + 1), of: file) != nil
        {
            history += 1
        }
        return history
    }
}

extension ReadaheadState {
    /// Begins a new stream at `index`: `initial_readahead:`.
    mutating func begin(at index: PageIndex, requested: Int, maximum: Int) {
        start = index
        size = Self.initial(requested, maximum)
        asyncSize = size > requested ? size - requested - (mistaken(.markOneLater) ? 1 : 0) : size
    }

    /// Merges the next window into this one, if the page that is needed now would have this window's mark: `readit:`.
    mutating func mergeIfMarkedAtOnce(at index: PageIndex, maximum: Int) {
        guard index == start, size == asyncSize else { return }
        let more = Self.next(size, maximum)
        if size + more <= maximum {
            asyncSize = more
            size += more
        } else {
            size = maximum
            asyncSize = maximum >> 1
        }
    }

    /// The first window for a request: `get_init_ra_size()`.
    static func initial(_ requested: Int, _ maximum: Int) -> Int {
        var size = 1
        while size < requested { size *= 2 }
        if size <= maximum / 32 { return size * 4 }
        if size <= maximum / 4 { return size * 2 }
        return maximum
    }

    /// The window after one of `current` pages: `get_next_ra_size()`.
    static func next(_ current: Int, _ maximum: Int) -> Int {
        if current < maximum / 16 + (mistaken(.windowGrowsTooFast) ? 1 : 0) { return 4 * current }
        if current <= maximum / 2 { return 2 * current }
        return maximum
    }

    /// The window to read now. The state itself is never cut at the end of the file.
    func window(ofFileWith filePages: Int) -> ReadaheadWindow? {
        ReadaheadWindow(start, size, lookahead: asyncSize, ofFileWith: filePages)
    }
}
