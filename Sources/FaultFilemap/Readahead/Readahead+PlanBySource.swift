import FaultCore

/// The plan of what to read, with separate rules for missing and for marked pages: `page_cache_sync_ra()` and
/// `page_cache_async_ra()` (mm/readahead.c, Linux 6.12).
extension Readahead {
    /// Plans the readahead for a missing page. The rules are in order, and the first one that applies decides.
    ///
    /// The place where the next window was expected does not matter; only the position of read(2) and the pages cached
    /// before it do.
    static func planForMissing(
        _ file: FileID, at index: PageIndex, requested: Int, _ machine: inout Machine
    ) -> ReadaheadWindow? {
        var state = machine[readaheadOf: file]
        let maximum = mostPages(state, requested, machine)
        let previous = previousPage(state, machine)
        if index == 0 || requested > maximum || index.rawValue &- previous <= 1 {
            state.start = index
            state.size = ReadaheadState.initial(requested, maximum)
            state.asyncSize = state.size > requested ? state.size - requested : state.size / 2
        } else {
            var history = pagesBefore(file, index, looking: maximum, machine)
            guard history > requested else {
                // A small random read does not change the state.
                return ReadaheadWindow(index, requested, lookahead: 0, ofFileWith: machine.pages(of: file))
            }
            if history >= index.value { history *= 2 }
            state.start = index
            state.size = min(mistaken(.readaheadHistoryOf612Unused) ? requested : history + requested, maximum)
            state.asyncSize = 1
        }
        machine[readaheadOf: file] = state
        return state.window(ofFileWith: machine.pages(of: file))
    }

    /// Plans the readahead for a marked page: the next window of its stream, or a window after the cached pages.
    static func planForMarked(
        _ file: FileID, at index: PageIndex, requested: Int, _ machine: inout Machine
    ) -> ReadaheadWindow? {
        var state = machine[readaheadOf: file]
        let maximum = mostPages(state, requested, machine)
        if index == state.start + (state.size - state.asyncSize) {
            state.start = state.start + state.size
            state.size = max(state.size, ReadaheadState.next(state.size, maximum))
        } else {
            // A mark of another stream, or one that moved at the end of the file.
            let missing = firstMissing(file, after: index, looking: maximum, machine)
            guard missing - index <= maximum else { return nil }
            state.start = missing
            state.size = ReadaheadState.next(missing - index + requested, maximum)
        }
        state.asyncSize = state.size
        machine[readaheadOf: file] = state
        return state.window(ofFileWith: machine.pages(of: file))
    }
}
