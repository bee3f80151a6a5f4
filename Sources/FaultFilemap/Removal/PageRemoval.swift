import FaultCore

/// `truncate_inode_pages_range()` (mm/truncate.c, Linux 6.1): removes pages from the page cache, dirty or not.
///
/// First it removes all pages that are neither locked nor under writeback, batch by batch, without a wait. Then it
/// removes the rest one by one: lock, wait for writeback, unmap, remove, unlock. The first page of the range comes
/// before the last, and both come before those between.
///
/// If the file ends within the page before the range, that page comes in place of the first one. It stays in the cache, and
/// its bytes past the end of the file are zeroed (`truncate_inode_partial_folio()`). tmpfs reads it from swap first, if it
/// is swapped out (`shmem_get_partial_folio()`).
///
/// Locks: the caller prevents pages from coming back, with the size of the file and the inode lock, or with the
/// invalidate lock.
enum PageRemoval: Routine {
    enum Stage: UInt8, RoutineStage {
        case removeIdle
        case findFirst
        case findLast
        case findNext
        case locked
        case broughtBack
    }

    /// Where `locked` goes on.
    enum Phase: UInt8 {
        case first
        case last
        case between
        /// The page before the range stays, and is zeroed past the end of the file.
        case partial
    }

    struct Frame: RoutineFrame {
        /// The pages.
        let range: PageRange
        /// Whether the range has a last page; otherwise all pages from the first on are removed.
        let hasLast: Bool
        /// Where `locked` goes on.
        var phase: Phase = .first
        /// The page that is locked and referenced; none at the other stages.
        var folio: FrameNumber = .none
        /// The next page to check in the first pass.
        var next: PageIndex
        /// The file.
        let file: FileID

        init(_ first: PageIndex, pages: Int?, of file: FileID) {
            range = PageRange(first, pages: pages)
            hasLast = pages != nil
            next = first
            self.file = file
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("range", range)
            visitor.visit("hasLast", hasLast)
            visitor.visit("phase", phase)
            visitor.visit("folio", folio)
            visitor.visit("next", next)
            visitor.visit("file", file)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let task = machine.currentTask
        let file = frame.file
        let range = frame.range
        switch stage {
        case .removeIdle:
            machine.forgetShadows(of: file, from: range.first, through: range.last)
            if !mistaken(.cutKeepsSwapped) {
                machine.dropSwapEntries(of: file, from: range.first, through: range.last)
            }
            var next = frame.next
            var left = machine.folioBatchSize
            while left > 0, let (index, folio) = machine.firstCached(of: file, from: next), index <= range.last {
                next = index + 1
                guard !machine.flags(of: folio).contains(.writeback), machine.tryLock(folio, by: task) else { continue }
                machine.hold(folio, for: task, in: .call)
                remove(folio, task, &machine)
                left -= 1
            }
            frame.next = next
            return .next(left == 0 ? .removeIdle : .findFirst)

        case .findFirst:
            if !frame.hasLast, machine.endsWithinPage(file), machine.pages(of: file) == range.first.value {
                let last = PageIndex(range.first.value - 1)
                if let folio = machine.cachedFolio(at: last, of: file) {
                    return lock(folio, .partial, &frame, task, &machine)
                }
                guard machine.swapSlot(of: file, at: last) != nil else { return .next(.findLast) }
                return .call(machine.calling(.swapIn(last), on: file), then: .broughtBack)
            }
            guard let folio = machine.cachedFolio(at: range.first, of: file) else { return .next(.findLast) }
            return lock(folio, .first, &frame, task, &machine)

        case .broughtBack:
            switch resumed.result(FileResult.self) {
            case .failed: return .next(.findLast)
            case .done, .ready: return .next(.findFirst)
            case .pages: break
            }
            let folio = ShmemSwapIn.folio(of: task, machine)
            machine.hold(folio, for: task, in: .call)
            ShmemSwapIn.takeFromBatch(of: task, &machine)
            frame.folio = folio
            frame.phase = .partial
            return .next(.locked)

        case .findLast:
            guard frame.hasLast, let folio = machine.cachedFolio(at: range.last, of: file) else {
                return .next(.findNext)
            }
            return lock(folio, .last, &frame, task, &machine)

        case .findNext:
            guard let (index, folio) = machine.firstCached(of: file, from: range.first), index <= range.last else {
                machine.forgetShadows(of: file, from: range.first, through: range.last)
                if !mistaken(.cutKeepsSwapped) {
                    machine.dropSwapEntries(of: file, from: range.first, through: range.last)
                }
                return .done
            }
            return lock(folio, .between, &frame, task, &machine)

        case .locked:
            let folio = frame.folio
            if machine.flags(of: folio).contains(.writeback), !mistaken(.cutDuringWriteback) {
                return .sleep(.folioWriteback(folio), then: .locked)
            }
            frame.folio = .none
            switch frame.phase {
            case .partial:
                zeroTail(folio, of: file, task, &machine)
                return .next(.findLast)
            case .first:
                remove(folio, task, &machine)
                return .next(.findLast)
            case .last, .between:
                remove(folio, task, &machine)
                return .next(.findNext)
            }
        }
    }

    private static func lock(
        _ folio: FrameNumber, _ phase: Phase, _ frame: inout Frame, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        machine.hold(folio, for: task, in: .call)
        frame.folio = folio
        frame.phase = phase
        return .call(machine.locking(folio), then: .locked)
    }

    /// Zeroes the bytes of the last page past the end of the file. The page is locked and held; it is unlocked and released.
    /// On tmpfs the page becomes dirty, because no device has its content.
    private static func zeroTail(_ folio: FrameNumber, of file: FileID, _ task: TaskID, _ machine: inout Machine) {
        if let (owner, index) = machine.cachePosition(of: folio), owner == file,
            machine.flags(of: folio).contains(.uptodate)
        {
            machine.setStamp(
                of: folio, Machine.stamp(of: machine.stamp(of: folio), cutTo: machine.bytes(of: index, of: file)))
            if machine.flags(of: folio).contains(.shmem) { machine.markDirtyByWrite(folio, by: task) }
        }
        machine.unlock(folio)
        machine.unhold(folio, for: task, in: .call)
    }

    /// Unmaps a page that is locked and held, and removes it from its cache, unless another task has done so. Then
    /// unlocks the page and drops its reference.
    private static func remove(_ folio: FrameNumber, _ task: TaskID, _ machine: inout Machine) {
        if machine.cachePosition(of: folio) != nil {
            if !mistaken(.cutPageStaysMapped) { machine.unmapFolio(folio, by: task) }
            machine.removeFromCache(folio)
        }
        machine.unlock(folio)
        machine.unhold(folio, for: task, in: .call)
    }
}

// MARK: - What it reads

extension PageRemoval {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let file: Footprint = [.file(frame.file)]
        switch stage {
        case _ where view.machine.swappedPages(of: frame.file) > 0: return .everything
        case .broughtBack: return view.batch.union(file)
        case .removeIdle, .locked: return view.mappings(of: frame.file).union(file, view.page(frame.folio))
        case .findFirst, .findLast, .findNext: return view.cache(of: frame.file).union(file)
        }
    }
}
