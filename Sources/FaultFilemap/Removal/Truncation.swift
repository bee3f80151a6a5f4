import FaultCore

/// `ftruncate(2)`: `ext4_setattr()` with `ext4_truncate()`, and `shmem_setattr()` (Linux 6.1).
///
/// The size is set first, so that faults can bring back only pages that will be removed again. Then the range is
/// unmapped in every area, including private copies, its pages are removed, and it is unmapped again because of copies
/// that were made meanwhile. Ext4 holds the invalidate lock throughout, also when a file grows; it frees the blocks
/// last. Each of its changes of the inode may wait for the journal.
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
    }

    struct Frame: RoutineFrame {
        /// The new number of pages, which is also the first page to remove.
        let size: PageIndex
        /// The old one, from `unmap` on.
        var oldSize: PageIndex = 0
        /// The file.
        let file: FileID

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("size", size)
            visitor.visit("oldSize", oldSize)
            visitor.visit("file", file)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let task = machine.currentTask
        let file = frame.file
        let isShmem = machine.traits(of: file).contains(.shmem)
        let size = frame.size
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
            if machine.pages(of: file) != size.value, let wait = Journal.change(file, &machine) {
                return .sleep(wait, then: .setSize)
            }
            frame.oldSize = PageIndex(machine.pages(of: file))
            machine.setPages(of: file, size.value)
            return .next(.unmap)

        case .unmap:
            guard size <= frame.oldSize else { return .next(.freeBlocks) }
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
            if !isShmem {
                if size <= frame.oldSize, let wait = Journal.change(file, &machine) {
                    return .sleep(wait, then: .freeBlocks)
                }
                FileIO.freeBlocks(file, in: size..<max(size, PageRange.end), &machine)
                machine.unlock(.invalidate(file), by: task)
            }
            return .next(.setTimes)

        case .setTimes:
            if let wait = Journal.change(file, &machine) { return .sleep(wait, then: .setTimes) }
            machine.unlock(.inode(file), by: task)
            return .done
        }
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
        case .freeBlocks:
            return Journal.reads(of: file, view).union([.file(file)], view.releasing(.invalidate(file)))
        case .setTimes: return Journal.reads(of: file, view).union(view.releasing(.inode(file)))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        let inode = Holdings.lock(.inode(frame.file), .write)
        let isShmem = view.machine.traits(of: frame.file).contains(.shmem)
        switch stage {
        case .lockInode: return .nothing
        case .lockInvalidate, .setTimes: return inode
        case .setSize, .unmap, .removePages, .unmapCopies, .freeBlocks:
            return inode.and(.lock(.invalidate(frame.file), .write, if: !isShmem))
        }
    }
}
