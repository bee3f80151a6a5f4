import FaultCore

/// `POSIX_FADV_DONTNEED`: `invalidate_mapping_pagevec()` (mm/truncate.c, Linux 6.1).
///
/// Drops each page that is clean, unlocked, not under writeback, and that nobody but the page cache refers to, so in
/// particular one that is not mapped. It waits for nothing. tmpfs has no device to read from again, and ignores it.
enum DropCache {
    enum Stage: UInt8, RoutineStage {
        case dropBatch
    }

    /// The call's words: `words.0` is the next page.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let file = FileID(Int(call.owner))
        switch stage {
        case .dropBatch:
            for _ in 0..<Machine.folioBatchSize {
                guard let (index, folio) = machine.firstCached(of: file, from: PageIndex(rawValue: call.words.0)) else {
                    return .done
                }
                call.words.0 = index.rawValue + 1
                let isIdle = machine.flags(of: folio).isDisjoint(with: [.locked, .dirty, .writeback])
                if isIdle, machine.references(of: folio) == 1 { machine.removeFromCache(folio) }
            }
            return .next(.dropBatch)
        }
    }
}

/// `POSIX_FADV_WILLNEED` and `MADV_WILLNEED`: starts reading, and waits for nothing but the invalidate lock.
enum WillNeed {
    enum Stage: UInt8, RoutineStage {
        case lock
        case read
        case unlock
    }

    /// The call's words: `words.0` is the first page, `words.1` how many, `words.2` how many the file has. Its size is
    /// looked at before the lock is taken, so behind a truncation pages are read that the file has no longer.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let file = FileID(Int(call.owner))
        switch stage {
        case .lock:
            call.words.2 = UInt64(machine.pages(of: file))
            guard call.words.0 < UInt64(machine.pages(of: file)) else { return .done }  // nothing to read: no lock
            return .call(machine.taking(.invalidate(file), .read), then: .read)

        case .read:
            let first = PageIndex(rawValue: call.words.0)
            let pages = Int(call.words.1)
            Readahead.force(file, ofPages: Int(call.words.2), at: first, pages: pages, by: task, &machine)
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .unlock) }
            return .next(.unlock)

        case .unlock:
            machine.unlock(.invalidate(file), by: task)
            return .done
        }
    }
}
