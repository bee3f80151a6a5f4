import FaultCore

/// `shmem_swapin_folio()` (mm/shmem.c, Linux 6.1): swaps in a page of tmpfs.
///
///     find ─▶ [a sleep ─▶] lock ─▶ locked ─▶ the page, locked, in the task's batch
///
/// It sleeps uninterruptibly, with all locks of the caller held: for the read, for the page lock, and for the write if
/// reclaim is still writing the page. Readahead is by slot. It ends with ``FileResult/done`` if the page is no longer
/// there; then the caller looks again.
enum ShmemSwapIn: Routine {
    enum Stage: UInt8, RoutineStage {
        case find
        case lock
        case locked
    }

    struct Frame: RoutineFrame {
        /// The page.
        let page: PageIndex
        /// The page in the swap cache, referenced, from `lock` on.
        var folio = FrameNumber.none
        /// Its slot, from `lock` on.
        var slot = 0
        /// The file.
        let file: FileID

        init(page: PageIndex, file: FileID) {
            self.page = page
            self.file = file
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("folio", folio)
            visitor.visit("slot", slot)
            visitor.visit("file", file)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let task = machine.currentTask
        switch stage {
        case .find:
            guard let slot = machine.swapSlot(of: frame.file, at: frame.page) else {
                return machine.isLost(frame.page, of: frame.file) ? .failed(.inputOutput) : .done
            }
            frame.slot = slot
            if let folio = machine.swapCachedFolio(of: slot) {
                machine.noteSwapCacheHit(folio)
                hold(folio, &frame, task, &machine)
                return .next(.lock)
            }
            if machine.mustReclaim(for: task) { return .call(machine.reclaiming, then: .find) }
            let (folio, wait) = machine.readSwappedPage(slot, by: task)
            guard let folio else { return .failed(.noMemory) }
            hold(folio, &frame, task, &machine)
            return wait.map { .sleep($0, then: .lock) } ?? .next(.lock)

        case .lock:
            return .call(machine.locking(frame.folio), then: .locked)

        case .locked:
            let folio = frame.folio
            let isThere =
                mistaken(.tmpfsSwapUncompared)
                || machine.swapCachedFolio(of: frame.slot) == folio
                    && machine.swapSlot(of: frame.file, at: frame.page) == frame.slot
            let flags = machine.flags(of: folio)
            if isThere, flags.contains(.uptodate), flags.contains(.writeback) {
                return .sleep(.folioWriteback(folio), then: .locked)
            }
            frame.folio = .none
            guard isThere, flags.contains(.uptodate) else {
                if isThere { machine.loseSwapped(folio, of: frame.file, at: frame.page) }
                machine.unlock(folio)
                machine.unhold(folio, for: task, in: .call)
                return isThere ? .failed(.inputOutput) : .done
            }
            machine.moveFromSwap(folio, to: frame.file, at: frame.page)
            machine.addToBatch(folio, of: task)
            machine.unhold(folio, for: task, in: .call)
            return .done(.pages(1))
        }
    }

    private static func hold(
        _ folio: FrameNumber, _ frame: inout Frame, _ task: TaskID, _ machine: inout Machine
    ) {
        machine.hold(folio, for: task, in: .call)
        frame.folio = folio
    }

    /// Removes the locked page of a swap-in from the batch. The caller must have its own reference.
    static func takeFromBatch(of task: TaskID, _ machine: inout Machine) {
        machine.cutBatch(of: task, to: machine.folioBatch(of: task).count - 1)
    }

    /// The page that a swap-in has put into the batch.
    static func folio(of task: TaskID, _ machine: Machine) -> FrameNumber { machine.folioBatch(of: task).last ?? .none }
}

// MARK: - What it reads

extension ShmemSwapIn {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .find, .locked: return .everything
        case .lock: return []
        }
    }
}
