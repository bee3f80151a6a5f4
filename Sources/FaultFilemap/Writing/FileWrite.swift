import FaultCore

/// `write_begin` of ext4 (fs/ext4/inode.c, Linux 6.1), for a whole page: the page is locked, and has a block.
///
/// Nothing is read, because the copy covers the whole page. It waits for a page that is being read or is locked, but
/// not for one under writeback. The caller holds the inode lock.
enum FileWrite: Routine {
    enum Stage: UInt8, RoutineStage {
        case find
        case locked
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
            guard index.rawValue < UInt64(Machine.mostPagesOfFile) else { return .failed(.fileTooBig) }
            // A new size is also a change of the inode. It is a separate change if the change of the times was already
            // committed.
            if index.value >= machine.pages(of: file), let wait = Journal.change(file, &machine) {
                return .sleep(wait, then: .find)
            }
            if let folio = machine.cachedFolio(at: index, of: file) {
                machine.addToBatch(folio, of: task)
                return .call(machine.locking(folio), then: .locked)
            }
            if machine.mustReclaim(for: task) { return .call(machine.reclaiming, then: .find) }
            // Nothing is read, but the new contents must not depend on whether the page was cached.
            let old = FileIO.contentOnDevice(file, index, machine)
            guard
                let folio = machine.addToCache(
                    of: file, at: index, flags: [], stamp: old, point: .cachePage, for: task, isToBeWritten: true)
            else {
                return .failed(.noMemory)
            }
            machine.addToBatch(folio, of: task)
            _ = machine.tryLock(folio, by: task)
            return .next(.locked)

        case .locked:
            let folio = machine.folioBatch(of: task)[0]
            guard machine.cachedFolio(at: index, of: file) == folio else {
                machine.unlock(folio)
                machine.cutBatch(of: task, to: 0)
                return .next(.find)
            }
            if !machine.flags(of: folio).contains(.uptodate) {
                // They must not depend either on whether it is cached but not uptodate, as after a failed read.
                machine.setStamp(of: folio, FileIO.contentOnDevice(file, index, machine))
            }
            if FileIO.hasBlock(file, index, machine) { return .done }
            guard !machine.allocationFails(.block, for: task) else {
                return giveUp(folio, at: index, of: file, task, &machine)
            }
            FileIO.addBlock(file, index, &machine)
            return .done
        }
    }

    /// Gives up, because there is no block. A page beyond the end of the file, which no other task can use, is removed
    /// again.
    private static func giveUp(
        _ folio: FrameNumber, at index: PageIndex, of file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        if index.value >= machine.pages(of: file) { machine.removeFromCache(folio) }
        machine.unlock(folio)
        machine.cutBatch(of: task, to: 0)
        return .failed(.noSpace)
    }
}

/// `shmem_write_begin()` (mm/shmem.c, Linux 6.1): locks the page of tmpfs, and makes it if it is missing and the file
/// system has room. The caller holds the inode lock.
enum ShmemWrite: Routine {
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
            guard index.rawValue < UInt64(Machine.mostPagesOfFile) else { return .failed(.fileTooBig) }
            if let folio = machine.cachedFolio(at: index, of: file) {
                machine.addToBatch(folio, of: task)
                return .call(machine.locking(folio), then: .locked)
            }
            if machine.swapSlot(of: file, at: index) != nil || machine.isLost(index, of: file) {
                return .call(machine.calling(.swapIn(index), on: file), then: .swappedIn)
            }
            guard ShmemFault.hasRoom(machine) else { return .failed(.noSpace) }
            if machine.mustReclaim(for: task) { return .call(machine.reclaiming, then: .find) }
            guard
                let folio = machine.addToCache(
                    of: file, at: index, flags: [.shmem, .referenced], point: .shmemPage, for: task)
            else { return .failed(.noMemory) }
            machine.addToBatch(folio, of: task)
            _ = machine.tryLock(folio, by: task)
            return .done

        case .locked:
            let folio = machine.folioBatch(of: task)[0]
            if machine.cachedFolio(at: index, of: file) == folio {
                machine.markAccessed(folio)
                return .done
            }
            machine.unlock(folio)
            machine.cutBatch(of: task, to: 0)
            return .next(.find)

        case .swappedIn:
            switch resumed.result(FileResult.self) {
            case .pages:
                machine.markAccessed(machine.folioBatch(of: task)[0])
                return .done
            case .done, .ready: return .next(.find)
            case .failed(let errno): return .failed(errno)
            }
        }
    }
}

/// The frame of a call on one page of a file.
struct FilePageFrame: RoutineFrame {
    /// The page.
    let page: PageIndex
    /// The file.
    let file: FileID

    func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("page", page)
        visitor.visit("file", file)
    }
}

// MARK: - What they read

extension FileWrite {
    static func reads(_ stage: Stage, _ frame: FilePageFrame, _ view: StageView) -> Footprint {
        let page = view.batch.union(view.cached(frame.page, of: frame.file), [.file(frame.file)])
        switch stage {
        case .find: return page.union(Journal.reads(of: frame.file, view))
        case .locked: return page
        }
    }
}

extension ShmemWrite {
    static func reads(_ stage: Stage, _ frame: FilePageFrame, _ view: StageView) -> Footprint {
        guard view.machine.settings.tmpfsPages == .max else { return .everything }  // counts all of tmpfs
        return view.batch.union(view.cached(frame.page, of: frame.file), [.file(frame.file)])
    }
}
