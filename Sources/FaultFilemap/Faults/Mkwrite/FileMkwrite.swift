import FaultCore

/// `ext4_page_mkwrite()` with `block_page_mkwrite()` (fs/ext4/inode.c, fs/buffer.c, Linux 6.1): prepares a page of a
/// shared mapping for the first store.
///
/// The folio is referenced and unlocked. The fault lock is held throughout, also while `setTimes` waits for the
/// journal. The invalidate lock is held from `invalidateTaken` on. There is no wait for writeback, because the device
/// needs no stable pages.
enum FileMkwrite: Routine {
    enum Stage: UInt8, RoutineStage {
        case setTimes
        case invalidateTaken
        case folioLocked
    }

    static func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .setTimes:
            if let wait = Journal.change(fault.file, &machine) { return .sleep(wait, then: .setTimes) }
            return .call(machine.taking(.invalidate(fault.file), .read), then: .invalidateTaken)

        case .invalidateTaken:
            fault.invalidateLocked = true
            return .call(machine.locking(fault.folio), then: .folioLocked)

        case .folioLocked:
            let result = prepare(fault, &machine)
            FileFault.releaseInvalidateLock(of: &fault, &machine)
            return .done(result)
        }
    }

    /// Reserves a block and dirties the page, which stays locked; or unlocks the page and returns the reason.
    static func prepare(_ fault: VMFault, _ machine: inout Machine) -> FaultResult {
        guard machine.cachedFolio(at: fault.index, of: fault.file) == fault.folio,
            fault.index.value < machine.pages(of: fault.file)
        else {
            machine.unlock(fault.folio)  // truncated: the access is replayed, and finds out
            return .noPage
        }
        if !FileIO.hasBlock(fault.file, fault.index, machine) {
            if machine.allocationFails(.block, for: fault.task) {
                machine.unlock(fault.folio)
                return .sigbus
            }
            FileIO.addBlock(fault.file, fault.index, &machine)
        }
        _ = machine.markDirty(fault.folio, by: fault.task)
        return .locked
    }
}

// MARK: - What it reads and holds

extension FileMkwrite {
    static func reads(_ stage: Stage, _ frame: EmptyFrame, _ view: StageView) -> Footprint {
        switch stage {
        case .setTimes: Journal.reads(of: view.fault.file, view)
        case .invalidateTaken: []
        case .folioLocked: FileFault.ending(view)
        }
    }

    static func holds(_ stage: Stage, _ frame: EmptyFrame, _ view: StageView) -> Holdings {
        .lock(.invalidate(view.fault.file), .read, if: stage == .invalidateTaken || view.fault.invalidateLocked)
    }
}
