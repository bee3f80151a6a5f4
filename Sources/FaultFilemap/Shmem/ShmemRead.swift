import FaultCore

/// The look-up of `shmem_file_read_iter()` (mm/shmem.c, Linux 6.1): one page a round, without readahead. A hole reads
/// as zeroes and is not filled.
enum ShmemRead: Routine {
    enum Stage: UInt8, RoutineStage {
        case find
        case locked
        case swappedIn
    }

    static func step(
        _ stage: Stage, _ frame: inout FilePageFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let task = machine.currentTask
        let file = frame.file
        let index = frame.page
        switch stage {
        case .find:
            guard index.value < machine.pages(of: file) else { return ready(0) }
            guard let folio = machine.cachedFolio(at: index, of: file) else {
                if machine.swapSlot(of: file, at: index) != nil || machine.isLost(index, of: file) {
                    return .call(machine.calling(.swapIn(index), on: file), then: .swappedIn)
                }
                machine.addToBatch(.none, of: task)
                return ready(1)
            }
            machine.addToBatch(folio, of: task)
            return .call(machine.locking(folio), then: .locked)

        case .locked:
            let folio = machine.folioBatch(of: task)[0]
            let isThere = machine.cachedFolio(at: index, of: file) == folio
            machine.unlock(folio)
            guard isThere else {
                machine.cutBatch(of: task, to: 0)
                return .next(.find)
            }
            return ready(1)

        case .swappedIn:
            switch resumed.result(FileResult.self) {
            case .pages:
                machine.unlock(ShmemSwapIn.folio(of: task, machine))
                return ready(1)
            case .done, .ready: return .next(.find)
            case .failed(let errno): return .failed(errno)
            }
        }
    }

    private static func ready(_ count: Int) -> RoutineStep<Stage, FileResult> {
        .done(.ready(ReadyPages(count: count, reachesEnd: count == 0)))
    }
}

// MARK: - What it reads

extension ShmemRead {
    static func reads(_ stage: Stage, _ frame: FilePageFrame, _ view: StageView) -> Footprint {
        view.batch.union(view.cached(frame.page, of: frame.file), [.file(frame.file)])
    }
}
