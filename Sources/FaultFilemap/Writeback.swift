import FaultCore

/// Writing dirty pages to the device: `ext4_sync_file()` and `ext4_writepages()` (fs/ext4, Linux 6.1).
///
///     findDirty ─▶ locked ─▶ findDirty ... ─▶ submit ─▶ submitted ─▶ findDirty
///         └── none left ─▶ awaitWritten ─▶ commit
///
/// One after the other dirty pages are locked, made clean and read-only in the shared areas that map them, put under
/// writeback, and unlocked; each run of neighbours is then handed to the device. (The kernel keeps those locked that have
/// no block yet, until it has allocated an extent for them. Here they have one since they were dirtied.) A sync waits for pages that are locked or already
/// under writeback, and in the end for all writes in its range. Background writeback passes over such pages, and waits
/// for nothing. tmpfs pages are never written. Last a sync, and nothing else, waits for the journal.
///
/// Locks: none but page locks.
enum Writeback {
    enum Stage: UInt8, RoutineStage {
        case findDirty
        case locked
        case submit
        case submitted
        case awaitWritten
        case commit
    }

    /// The call's option is ``FileCall/sync``, ``FileCall/writeAndWait`` or ``FileCall/writeback``. Its words: `words.0`
    /// is the first page, `words.1` how many, 0 for all behind; `words.2` is the next page to look at, `words.3` how
    /// many pages before it are ready for the next submission, `words.4` the next page to wait for.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let file = FileID(Int(call.owner))
        let waits = call.option != FileCall.writeback.rawValue
        let range = PageRange(call)
        switch stage {
        case .findDirty:
            var rest = range
            rest.first = max(range.first, PageIndex(rawValue: call.words.2))
            guard let (index, folio) = firstDirty(of: file, in: rest, machine) else {
                if call.words.3 > 0 { return .next(.submit) }
                return waits ? .next(.awaitWritten) : .done
            }
            if call.words.3 > 0, index.rawValue != call.words.2 { return .next(.submit) }
            machine.hold(folio, for: task, in: .call)
            call.frame = folio
            if waits {
                call.words.2 = index.rawValue
                return .call(machine.locking(folio), then: .locked)
            }
            call.words.2 = index.rawValue
            let isFree = !machine.flags(of: folio).contains(.writeback) && machine.tryLock(folio, by: task)
            if isFree { return .next(.locked) }
            release(&call, task, &machine)
            return passOver(&call)

        case .locked:
            let folio = call.frame
            let isThere = machine.cachedFolio(at: PageIndex(rawValue: call.words.2), of: file) == folio
            guard isThere, machine.flags(of: folio).contains(.dirty) else {
                machine.unlock(folio)
                release(&call, task, &machine)
                return passOver(&call)
            }
            if machine.flags(of: folio).contains(.writeback) { return .sleep(.folioWriteback(folio), then: .locked) }
            let index = PageIndex(rawValue: call.words.2)
            machine.writeProtect(folio)
            machine.clearDirty(folio)
            machine.startWriteback(folio)
            machine.setStoredStamp(of: file, at: index, machine.stamp(of: folio))
            machine.unlock(folio)
            release(&call, task, &machine)  // its writeback keeps it in the cache from now on
            call.words.2 += 1
            call.words.3 += 1
            return .next(.findDirty)

        case .submit:
            submit(call, file, task, &machine)
            call.words.3 = 0
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .submitted) }
            return .next(.submitted)

        case .submitted:
            return .next(.findDirty)

        case .awaitWritten:
            var next = max(range.first, PageIndex(rawValue: call.words.4))
            while let (index, folio) = machine.firstCached(of: file, from: next), index <= range.last {
                call.words.4 = index.rawValue
                if machine.flags(of: folio).contains(.writeback) {
                    return .sleep(.folioWriteback(folio), then: .awaitWritten)
                }
                next = index + 1
            }
            return call.option == FileCall.sync.rawValue ? .next(.commit) : .done

        case .commit:
            if let wait = Journal.sync(file, by: task, &machine) { return .sleep(wait, then: .commit) }
            return .done
        }
    }

    /// The first page in a range that is cached and dirty.
    static func firstDirty(
        of file: FileID, in range: PageRange, _ machine: Machine
    ) -> (PageIndex, FrameNumber)? {
        var next = range.first
        while let (index, folio) = machine.firstCached(of: file, from: next), index <= range.last {
            if machine.flags(of: folio).contains(.dirty) { return (index, folio) }
            next = index + 1
        }
        return nil
    }

    /// Ends a write: its pages are no longer under writeback.
    static func finish(_ request: IORequest, _ machine: inout Machine) {
        for offset in 0..<request.pages {
            guard let folio = machine.cachedFolio(at: request.index + offset, of: request.file),
                machine.flags(of: folio).contains(.writeback)
            else { continue }
            machine.endWriteback(folio)
        }
    }

    /// Lets go of the reference to a page.
    private static func release(_ call: inout Activation, _ task: TaskID, _ machine: inout Machine) {
        machine.unhold(call.frame, for: task, in: .call)
        call.frame = .none
    }

    /// Goes on behind a page that is not written; it ends the run before it.
    private static func passOver(_ call: inout Activation) -> OldStep<Stage> {
        if call.words.3 > 0 { return .next(.submit) }
        call.words.2 += 1
        return .next(.findDirty)
    }

    /// Hands the run before `words.2`, which is under writeback, to the device.
    private static func submit(_ call: Activation, _ file: FileID, _ task: TaskID, _ machine: inout Machine) {
        let pages = Int(call.words.3)
        let first = PageIndex(rawValue: call.words.2) - pages
        let largest = max(1, machine.settings.largestRequestPages)
        for done in stride(from: 0, to: pages, by: largest) {
            machine.submit(
                IORequest(
                    .write, on: machine.device(of: file), file: file, index: first + done,
                    pages: min(largest, pages - done), by: task))
        }
    }
}
