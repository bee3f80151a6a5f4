package import FaultCore

/// `fallocate(2)` with `FALLOC_FL_PUNCH_HOLE`: `ext4_punch_hole()`, and its part of `shmem_fallocate()` (Linux 6.1).
///
/// The size does not change. Unlike truncation it leaves private copies mapped. ``KernelModel/HolePunching`` says
/// whether ext4 first writes the dirty pages of the range, and waits for them.
enum PunchHole: Routine {
    enum Stage: UInt8, RoutineStage {
        case enter
        case convertInline
        case writeDirty
        case lockInode
        case checkSize
        case setTimes
        case lockInvalidate
        case unmap
        case removePages
        case freeBlocks
    }

    struct Frame: RoutineFrame {
        /// The first page.
        let first: PageIndex
        /// How many pages.
        let pages: Int
        /// The file.
        let file: FileID

        /// The pages, of which there is at least one.
        var range: PageRange { PageRange(first, pages: pages) }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("first", first)
            visitor.visit("pages", pages)
            visitor.visit("file", file)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let task = machine.currentTask
        let file = frame.file
        let isShmem = machine.traits(of: file).contains(.shmem)
        switch stage {
        case .enter:
            guard frame.pages > 0 else { return .failed(.invalid) }
            guard !isShmem, machine.model.holePunching == .writesFirst else { return .next(.lockInode) }
            return .call(machine.taking(.inode(file), .write), then: .convertInline)

        case .convertInline:
            // ext4_fallocate() checks for inline data under the lock, and releases it.
            machine.unlock(.inode(file), by: task)
            return .next(.writeDirty)

        case .writeDirty:
            guard Writeback.firstDirty(of: file, in: PageRange.whole, machine) != nil else { return .next(.lockInode) }
            return .call(machine.calling(.writeAndWait(frame.first, pages: frame.pages), on: file), then: .lockInode)

        case .lockInode:
            if let errno = resumed.errno { return .failed(errno) }
            return .call(machine.taking(.inode(file), .write), then: .checkSize)

        case .checkSize:
            if isShmem {
                machine.setState(
                    PunchedHole(first: frame.range.first, end: frame.range.last + 1), of: file,
                    of: ShmemFileOperations.self)
                return .next(.unmap)
            }
            if machine.model.holePunching == .locksFirst { return .next(.setTimes) }
            guard frame.range.first.value < machine.pages(of: file) else {
                machine.unlock(.inode(file), by: task)
                return .done
            }
            return .next(.setTimes)

        case .setTimes:
            if let wait = Journal.change(file, &machine) { return .sleep(wait, then: .setTimes) }
            return .next(.lockInvalidate)

        case .lockInvalidate:
            return .call(machine.taking(.invalidate(file), .write), then: .unmap)

        case .unmap:
            if !isShmem, frame.range.first.value >= machine.pages(of: file) {
                machine.unlock(.invalidate(file), by: task)
                machine.unlock(.inode(file), by: task)
                return .done
            }
            machine.unmapFile(
                file, from: frame.range.first, through: frame.range.last,
                evenCopies: mistaken(.punchTakesCopies), by: task)
            return .next(.removePages)

        case .removePages:
            return .call(machine.calling(.removePages(frame.first, pages: frame.pages), on: file), then: .freeBlocks)

        case .freeBlocks:
            if isShmem {
                machine.setState(PunchedHole(), of: file, of: ShmemFileOperations.self)
                if !mistaken(.punchWakesNobody) { machine.wake(channel: channel(of: file)) }
            } else {
                if let wait = Journal.change(file, &machine) { return .sleep(wait, then: .freeBlocks) }
                FileIO.freeBlocks(file, in: frame.range.first..<frame.range.last + 1, &machine)
                machine.unlock(.invalidate(file), by: task)
            }
            machine.unlock(.inode(file), by: task)
            return .done
        }
    }

    // MARK: Faults on a hole of tmpfs

    /// Whether this page of a tmpfs file is in a hole that is being punched: `inode->i_private`.
    static func isPunching(_ file: FileID, _ index: PageIndex, _ machine: Machine) -> Bool {
        machine.isFile(file, of: ShmemFileOperations.self)
            && machine.state(of: file, of: ShmemFileOperations.self).contains(index)
    }

    /// The wait until the hole has been punched.
    static func end(of file: FileID) -> TaskWait { .channel(channel(of: file)) }

    static func channel(of file: FileID) -> UInt64 { 1 << 48 | UInt64(file.index) }
}

// MARK: - What it reads and holds

extension PunchHole {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let file = frame.file
        let inode = view.releasing(.inode(file))
        switch stage {
        case .enter, .lockInode, .lockInvalidate, .removePages: return []
        case .convertInline: return inode
        case .writeDirty: return view.cache(of: file)
        case .checkSize: return inode.union([.file(file)])
        case .setTimes: return Journal.reads(of: file, view)
        case .unmap: return inode.union([.file(file)], view.releasing(.invalidate(file)), view.mappings(of: file))
        case .freeBlocks:
            return inode.union(
                [.file(file), .channel(channel(of: file))], view.releasing(.invalidate(file)),
                view.sleepers { $0.kind == .channel && $0.value == channel(of: file) },
                Journal.reads(of: file, view))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        let inode = Holdings.lock(.inode(frame.file), .write)
        let isShmem = view.machine.traits(of: frame.file).contains(.shmem)
        switch stage {
        case .enter, .writeDirty, .lockInode: return .nothing
        case .convertInline, .checkSize, .setTimes, .lockInvalidate: return inode
        case .unmap, .removePages, .freeBlocks:
            return inode.and(.lock(.invalidate(frame.file), .write, if: !isShmem))
        }
    }
}

/// The hole of a tmpfs file that is being punched: `struct shmem_falloc` (mm/shmem.c).
package struct PunchedHole: Equatable, PluginState {
    /// Its first page.
    package var first: PageIndex
    /// The page after it; `first` if there is no hole.
    package var end: PageIndex

    /// A hole.
    package init(first: PageIndex, end: PageIndex) {
        self.first = first
        self.end = end
    }

    /// No hole.
    package init() { self.init(first: 0, end: 0) }

    /// Whether a page lies in it.
    package func contains(_ index: PageIndex) -> Bool { first <= index && index < end }

    /// Shows the fields.
    package func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("first", first)
        visitor.visit("end", end)
    }
}
