import FaultCore

/// Writing dirty pages to the device: `ext4_sync_file()` and `ext4_writepages()` (fs/ext4, Linux 6.1).
///
///     findDirty ─▶ locked ─▶ findDirty ... ─▶ submit ─▶ submitted ─▶ findDirty
///         └── none left ─▶ awaitWritten ─▶ commit
///
/// Each dirty page is locked, made clean and read-only in the shared areas that map it, put under writeback, and
/// unlocked. Each run of neighbours is then submitted to the device. (The kernel keeps pages without a block locked
/// until it has allocated an extent for them. Here they get a block when they become dirty.) A sync waits for pages
/// that are locked or already under writeback, and at the end for all writes in its range. Background writeback skips
/// such pages, and waits for nothing. Tmpfs pages are never written. At the very end a sync, and only a sync, waits for
/// the journal. A failed write is reported once, to the next task that waits; its pages are clean.
///
/// Locks: none but page locks.
enum Writeback: Routine {
    enum Stage: UInt8, RoutineStage {
        case findDirty
        case locked
        case submit
        case submitted
        case awaitWritten
        case commit
    }

    struct Frame: RoutineFrame {
        /// How far it goes.
        enum Purpose: UInt8 {
            /// It waits for nothing.
            case background
            /// It waits for the pages.
            case pages
            /// It waits for the inode too.
            case inode
        }

        /// The remaining pages; the first is the next to check.
        var rest: PageRange
        /// How many pages before the next one are ready for submission.
        var run = 0
        /// The next page to wait for.
        var awaited: PageIndex
        /// The page that is being locked or written, with a reference; otherwise none.
        var folio: FrameNumber = .none
        /// The file.
        let file: FileID
        /// How far it goes.
        let purpose: Purpose

        init(_ purpose: Purpose, _ range: PageRange, of file: FileID) {
            rest = range
            awaited = range.first
            self.file = file
            self.purpose = purpose
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("rest", rest)
            visitor.visit("run", run)
            visitor.visit("awaited", awaited)
            visitor.visit("folio", folio)
            visitor.visit("file", file)
            visitor.visit("purpose", purpose)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let task = machine.currentTask
        let file = frame.file
        let waits = frame.purpose != .background
        switch stage {
        case .findDirty:
            guard let (index, folio) = firstDirty(of: file, in: frame.rest, machine) else {
                if frame.run > 0 { return .next(.submit) }
                return waits ? .next(.awaitWritten) : .done
            }
            if frame.run > 0, index != frame.rest.first { return .next(.submit) }
            machine.hold(folio, for: task, in: .call)
            frame.folio = folio
            frame.rest.first = index
            if waits { return .call(machine.locking(folio), then: .locked) }
            let isFree = !machine.flags(of: folio).contains(.writeback) && machine.tryLock(folio, by: task)
            if isFree { return .next(.locked) }
            release(&frame, task, &machine)
            return passOver(&frame)

        case .locked:
            let folio = frame.folio
            let isThere = machine.cachedFolio(at: frame.rest.first, of: file) == folio
            guard isThere, machine.flags(of: folio).contains(.dirty) || mistaken(.cleanPageWritten) else {
                machine.unlock(folio)
                release(&frame, task, &machine)
                return passOver(&frame)
            }
            if machine.flags(of: folio).contains(.writeback) { return .sleep(.folioWriteback(folio), then: .locked) }
            let index = frame.rest.first
            if !mistaken(.writebackLeavesWritable) { machine.writeProtect(folio) }
            machine.clearDirty(folio)
            machine.startWriteback(folio)
            if !machine.isBroken(index, of: file) {
                machine.setStoredStamp(of: file, at: index, machine.stamp(of: folio))
            }
            machine.unlock(folio)
            release(&frame, task, &machine)  // from now on its writeback keeps it in the cache
            frame.rest.first = index + 1
            frame.run += 1
            return .next(.findDirty)

        case .submit:
            submit(frame, task, &machine)
            frame.run = 0
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .submitted) }
            return .next(.submitted)

        case .submitted:
            return .next(.findDirty)

        case .awaitWritten:
            var next = frame.awaited
            while let (index, folio) = machine.firstCached(of: file, from: next), index <= frame.rest.last {
                frame.awaited = index
                if machine.flags(of: folio).contains(.writeback), !mistaken(.syncWaitsForNothing) {
                    return .sleep(.folioWriteback(folio), then: .awaitWritten)
                }
                next = index + 1
            }
            switch frame.purpose {
            case .inode: return machine.tellOpenFile(of: file) ? .failed(.inputOutput) : .next(.commit)
            case .pages: return machine.tellMapping(of: file) ? .failed(.inputOutput) : .done
            case .background: return .done
            }

        case .commit:
            if let wait = Journal.sync(file, by: task, &machine) { return .sleep(wait, then: .commit) }
            return machine.tellOpenFile(of: file) ? .failed(.inputOutput) : .done
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

    /// Whether a file has a dirty page that background writeback would not skip now.
    static func hasWritablePage(_ file: FileID, _ machine: Machine) -> Bool {
        var next: PageIndex = 0
        while let (index, folio) = machine.firstCached(of: file, from: next) {
            let flags = machine.flags(of: folio)
            if flags.contains(.dirty), flags.isDisjoint(with: [.locked, .writeback]) { return true }
            next = index + 1
        }
        return false
    }

    /// Ends a write: its pages are no longer under writeback. If it failed, they are clean anyway, and the next sync of
    /// the file reports the error: `ext4_finish_bio()`.
    static func finish(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {
        if !failed.isEmpty, !mistaken(.writeErrorUntold) { machine.noteWriteError(of: request.file) }
        for offset in 0..<request.pages {
            let index = request.index + offset
            guard let folio = machine.cachedFolio(at: index, of: request.file),
                machine.flags(of: folio).contains(.writeback)
            else { continue }
            let flags = machine.flags(of: folio)
            // The block was bad when the write began, and is good now.
            if failed.isEmpty, !flags.contains(.dirty), FileIO.hasBlock(request.file, index, machine) {
                machine.setStoredStamp(of: request.file, at: index, machine.stamp(of: folio))
            }
            if !failed.isEmpty {
                machine.setFlags(of: folio, adding: .unsaved)
            } else if flags.contains(.unsaved) {
                machine.setFlags(of: folio, removing: .unsaved)
            }
            machine.endWriteback(folio)
        }
    }

    /// Releases the reference to a page.
    private static func release(_ frame: inout Frame, _ task: TaskID, _ machine: inout Machine) {
        machine.unhold(frame.folio, for: task, in: .call)
        frame.folio = .none
    }

    /// Skips a page that is not written. It ends the run before it.
    private static func passOver(_ frame: inout Frame) -> RoutineStep<Stage, FileResult> {
        if frame.run > 0 { return .next(.submit) }
        frame.rest.first = frame.rest.first + 1
        return .next(.findDirty)
    }

    /// Submits the run before the next page. The pages of the run are under writeback.
    private static func submit(_ frame: Frame, _ task: TaskID, _ machine: inout Machine) {
        let file = frame.file
        let pages = frame.run
        let first = frame.rest.first - pages
        let largest = max(1, machine.settings.largestRequestPages)
        for done in stride(from: 0, to: pages, by: largest) {
            machine.submit(
                IORequest(
                    .write, on: machine.device(of: file), file: file, index: first + done,
                    pages: min(largest, pages - done), by: task))
        }
    }
}

// MARK: - What it reads

extension Writeback {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let file = frame.file
        switch stage {
        case .findDirty: return view.cache(of: file)
        case .awaitWritten: return view.cache(of: file).union([.file(file)])
        case .locked: return view.mappings(of: file).union([.file(file)], view.page(frame.folio))
        case .submit: return view.submitting(of: file).union(view.cache(of: file))
        case .submitted: return []
        case .commit: return Journal.reads(of: file, view).union(view.submitting(of: file), [.file(file)])
        }
    }
}
