package import FaultCore

/// Reads of a file's pages from its device, and which pages have blocks there.
///
/// Models `ext4_mpage_readpages()` and the end of its bios (fs/ext4/readpage.c, Linux 6.1).
package enum FileIO {
    // MARK: Reading

    /// Reads one page: `read_folio`. The folio is in the cache and locked by `task`; the end of the read unlocks it.
    ///
    /// A hole is zeroed, uptodate and unlocked at once. Ask ``Machine/takeSubmissionWait()`` afterwards.
    package static func readPage(
        _ folio: FrameNumber, of file: FileID, at index: PageIndex, by task: TaskID, _ machine: inout Machine
    ) {
        machine.setFlags(of: folio, removing: .error)
        guard hasBlock(file, index, machine) else {
            machine.endRead(folio, stamp: 0)
            return
        }
        machine.beginRead(folio)
        submitRead(of: file, at: index, pages: 1, by: task, &machine)
    }

    /// Submits the read of a run of pages, all of which are locked for it, in requests that the device accepts.
    static func submitRead(
        of file: FileID, at index: PageIndex, pages: Int, isReadahead: Bool = false, by task: TaskID,
        _ machine: inout Machine
    ) {
        let device = machine.device(of: file)
        let largest = max(1, machine.settings.largestRequestPages)
        var done = 0
        while done < pages {
            let count = min(largest, pages - done)
            machine.submit(
                IORequest(
                    .read, on: device, file: file, index: index + done, pages: count, isReadahead: isReadahead, by: task
                ))
            done += count
        }
    }

    /// Ends a read: its pages get their contents, become uptodate and are unlocked. Pages in `failed` (all of them if
    /// one was bad) are only unlocked. Ext4 keeps no error on a page; the next task that needs it reads it again.
    package static func finishRead(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {
        for offset in 0..<request.pages {
            let index = request.index + offset
            guard let folio = machine.cachedFolio(at: index, of: request.file),
                machine.flags(of: folio).contains(.underRead)
            else { continue }
            let isBad = failed.contains { $0.first <= index.value && index.value <= $0.last }
            machine.endRead(folio, stamp: isBad ? nil : machine.storedStamp(of: request.file, at: index))
        }
    }

    // MARK: Content

    /// The stamp of a page when its file is made; never 0 for a page with a block.
    package static func initialStamp(_ file: FileID, _ index: PageIndex) -> UInt32 {
        Machine.initialStamp(of: file, at: index)
    }

    /// The stamp that a read of the page would return: that of the device, or 0 for a hole.
    package static func contentOnDevice(_ file: FileID, _ index: PageIndex, _ machine: Machine) -> UInt32 {
        hasBlock(file, index, machine) ? machine.storedStamp(of: file, at: index) : 0
    }

    // MARK: Blocks

    /// Whether the page has a block on the device; if not, it is a hole.
    package static func hasBlock(_ file: FileID, _ index: PageIndex, _ machine: Machine) -> Bool {
        machine[blocksOf: file].covers(index.value)
    }

    /// Gives a hole a block, which reads as zeroes until it is written.
    ///
    /// The caller has already asked ``Machine/allocationFails(_:for:)`` at ``AllocationPoint/block``.
    package static func addBlock(_ file: FileID, _ index: PageIndex, _ machine: inout Machine) {
        let page = index.value
        var runs = machine[blocksOf: file]
        guard !runs.covers(page) else { return }
        let next = runs.firstIndex { $0.first > page } ?? runs.count
        let joinsBefore = next > 0 && runs[next - 1].last == page - 1
        let joinsBehind = next < runs.count && runs[next].first == page + 1
        switch (joinsBefore, joinsBehind) {
        case (true, true):
            runs[next - 1].last = runs[next].last
            runs.remove(at: next)
        case (true, false): runs[next - 1].last = page
        case (false, true): runs[next].first = page
        case (false, false): runs.insert(PageRun(page, page), at: next)
        }
        machine[blocksOf: file] = runs
        machine.setStoredStamp(of: file, at: index, 0)
    }

    /// Frees the blocks of the pages in `range`, which become holes.
    package static func freeBlocks(_ file: FileID, in range: Range<PageIndex>, _ machine: inout Machine) {
        let first = range.lowerBound.value
        let end = range.upperBound.value
        guard first < end else { return }
        var runs: [PageRun] = []
        for run in machine[blocksOf: file] {
            if run.first < first { runs.append(PageRun(run.first, min(run.last, first - 1))) }
            if run.last >= end { runs.append(PageRun(max(run.first, end), run.last)) }
        }
        machine[blocksOf: file] = runs
        machine.forgetStamps(of: file, in: range)
    }
}
