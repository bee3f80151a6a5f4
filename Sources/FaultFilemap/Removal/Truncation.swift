import FaultCore

/// `ftruncate(2)`: `ext4_setattr()` with `ext4_truncate()`, and `shmem_setattr()` (Linux 6.1).
///
/// The size is set first, so that faults can bring back only pages that will be removed again. Then the range is
/// unmapped in every area, including private copies, its pages are removed, and it is unmapped again because of copies
/// that were made meanwhile. Ext4 holds the invalidate lock throughout, also when a file grows; it frees the blocks
/// last. Each of its changes of the inode may wait for the journal.
///
/// If the new end is within a page, that page stays, and its bytes past the end are zeroed. Ext4 reads the page first if it
/// is not cached, and leaves it dirty (`ext4_block_truncate_page()`).
enum Truncation: Routine {
    enum Stage: UInt8, RoutineStage {
        case lockInode
        case lockInvalidate
        case setSize
        case unmap
        case removePages
        case unmapCopies
        case freeBlocks
        case setTimes
        // ext4_block_truncate_page(), within freeBlocks
        case bringLastPage
        case awaitLastPage
        case lastPageRead
        case lastPageLocked
        case cutBlocks
    }

    struct Frame: RoutineFrame {
        /// The new size.
        let size: FileSize
        /// The old one in bytes, from `unmap` on.
        var oldBytes = 0
        /// The file.
        let file: FileID
        /// The page that the file now ends in, referenced, while it is zeroed.
        var folio: FrameNumber = .none
        /// Whether this call has read that page, so that it is not zeroed yet.
        var hasRead = false

        init(size: FileSize, file: FileID) {
            self.size = size
            self.file = file
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("size", size)
            visitor.visit("oldBytes", oldBytes)
            visitor.visit("file", file)
            visitor.visit("folio", folio)
            visitor.visit("hasRead", hasRead)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let task = machine.currentTask
        let file = frame.file
        let isShmem = machine.traits(of: file).contains(.shmem)
        // The first page that goes.
        let size = PageIndex(machine.pages(in: frame.size))
        switch stage {
        case .lockInode:
            return .call(machine.taking(.inode(file), .write), then: .lockInvalidate)

        case .lockInvalidate:
            guard size.rawValue <= UInt64(Machine.mostPagesOfFile) else {  // inode_newsize_ok()
                machine.unlock(.inode(file), by: task)
                return .failed(.fileTooBig)
            }
            if isShmem { return .next(.setSize) }
            return .call(machine.taking(.invalidate(file), .write), then: .setSize)

        case .setSize:
            if machine.bytes(of: file) != bytes(frame, machine), let wait = Journal.change(file, &machine) {
                return .sleep(wait, then: .setSize)
            }
            frame.oldBytes = machine.bytes(of: file)
            machine.setSize(of: file, frame.size)
            return .next(.unmap)

        case .unmap:
            guard bytes(frame, machine) <= frame.oldBytes else { return .next(.freeBlocks) }
            machine.unmapFile(
                file, from: size, through: PageRange.end, evenCopies: !mistaken(.cutLeavesCopies), by: task)
            return .next(.removePages)

        case .removePages:
            return .call(machine.calling(.removePages(size, pages: nil), on: file), then: .unmapCopies)

        case .unmapCopies:
            if mistaken(.cutUnmapsOnce) { return .next(.freeBlocks) }
            machine.unmapFile(
                file, from: size, through: PageRange.end, evenCopies: !mistaken(.cutLeavesCopies), by: task)
            return .next(.freeBlocks)

        case .freeBlocks:
            guard !isShmem else { return .next(.setTimes) }
            if bytes(frame, machine) <= frame.oldBytes {
                if let wait = Journal.change(file, &machine) { return .sleep(wait, then: .freeBlocks) }
                if machine.endsWithinPage(file) { return .next(.bringLastPage) }
            }
            return cutBlocks(size, of: file, task, &machine)

        case .bringLastPage:
            return bringLastPage(PageIndex(size.value - 1), &frame, task, &machine)

        case .awaitLastPage:
            return .sleep(.folioUnlock(frame.folio), then: .lastPageRead)

        case .lastPageRead:
            return .call(machine.locking(frame.folio), then: .lastPageLocked)

        case .lastPageLocked:
            zeroLastPage(PageIndex(size.value - 1), &frame, task, &machine)
            return .next(.cutBlocks)

        case .cutBlocks:
            return cutBlocks(size, of: file, task, &machine)

        case .setTimes:
            if let wait = Journal.change(file, &machine) { return .sleep(wait, then: .setTimes) }
            machine.unlock(.inode(file), by: task)
            return .done
        }
    }

    /// The new size in bytes.
    private static func bytes(_ frame: Frame, _ machine: Machine) -> Int {
        frame.size.bytes(pageShift: UInt64(machine.geometry.pageShift)) ?? .max
    }

    private static func cutBlocks(
        _ size: PageIndex, of file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        FileIO.freeBlocks(file, in: size..<max(size, PageRange.end), &machine)
        machine.unlock(.invalidate(file), by: task)
        return .next(.setTimes)
    }

    // MARK: The page that the file ends in

    /// Locks the page, or reads it if it is not cached. A hole has nothing to zero. The kernel reads while it holds the page
    /// lock; here the end of the read unlocks the page, and it is locked again. If there is no memory for the page, the call
    /// goes on without it.
    private static func bringLastPage(
        _ index: PageIndex, _ frame: inout Frame, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let file = frame.file
        guard FileIO.hasBlock(file, index, machine) else { return .next(.cutBlocks) }
        if let folio = machine.cachedFolio(at: index, of: file) {
            machine.hold(folio, for: task, in: .call)
            frame.folio = folio
            return .call(machine.locking(folio), then: .lastPageLocked)
        }
        if machine.mustReclaim(for: task) { return .call(machine.reclaiming, then: .bringLastPage) }
        guard let folio = machine.addToCache(of: file, at: index, flags: [], point: .cachePage, for: task) else {
            return .next(.cutBlocks)
        }
        machine.hold(folio, for: task, in: .call)
        frame.folio = folio
        frame.hasRead = true
        _ = machine.tryLock(folio, by: task)
        FileIO.readPage(folio, of: file, at: index, by: task, &machine)
        if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .awaitLastPage) }
        return .next(.awaitLastPage)
    }

    /// Zeroes the bytes past the end if this call has read the page; otherwise ``PageRemoval`` has zeroed them. A page that
    /// could not be read stays as it is. Unlocks and releases the page.
    private static func zeroLastPage(
        _ index: PageIndex, _ frame: inout Frame, _ task: TaskID, _ machine: inout Machine
    ) {
        let folio = frame.folio
        if machine.cachedFolio(at: index, of: frame.file) == folio, machine.flags(of: folio).contains(.uptodate) {
            if frame.hasRead {
                let bytes = machine.bytes(of: index, of: frame.file)
                machine.setStamp(of: folio, Machine.stamp(of: machine.stamp(of: folio), cutTo: bytes))
            }
            machine.markDirtyByWrite(folio, by: task)
        }
        machine.unlock(folio)
        machine.unhold(folio, for: task, in: .call)
        frame.folio = .none
    }
}

// MARK: - What it reads and holds

extension Truncation {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let file = frame.file
        switch stage {
        case .lockInode, .removePages: return []
        case .lockInvalidate: return view.releasing(.inode(file))
        case .setSize: return Journal.reads(of: file, view).union([.file(file)])
        case .unmap, .unmapCopies: return view.mappings(of: file)
        case .freeBlocks, .cutBlocks:
            return Journal.reads(of: file, view).union([.file(file)], view.releasing(.invalidate(file)))
        case .bringLastPage:
            return view.cache(of: file).union([.file(file)], view.submitting(of: file))
        case .awaitLastPage, .lastPageRead: return []
        case .lastPageLocked: return view.cache(of: file).union([.file(file)], view.page(frame.folio))
        case .setTimes: return Journal.reads(of: file, view).union(view.releasing(.inode(file)))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        let inode = Holdings.lock(.inode(frame.file), .write)
        let isShmem = view.machine.traits(of: frame.file).contains(.shmem)
        switch stage {
        case .lockInode: return .nothing
        case .lockInvalidate, .setTimes: return inode
        case .setSize, .unmap, .removePages, .unmapCopies, .freeBlocks, .bringLastPage, .awaitLastPage, .lastPageRead,
            .lastPageLocked, .cutBlocks:
            return inode.and(.lock(.invalidate(frame.file), .write, if: !isShmem))
        }
    }
}
