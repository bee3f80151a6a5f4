public import FaultCore

/// `fallocate(2)` with `FALLOC_FL_PUNCH_HOLE`: `ext4_punch_hole()`, and its part of `shmem_fallocate()` (Linux 6.1).
///
/// The size stays. Unlike truncation it leaves private copies mapped. Whether ext4 first writes what is dirty in the
/// range, and waits for it, is ``HolePunching``.
enum PunchHole {
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

    /// The call's words: `words.0` is the first page, `words.1` how many.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let file = FileID(Int(call.owner))
        let isShmem = machine.traits(of: file).contains(.shmem)
        let range = PageRange(call)
        switch stage {
        case .enter:
            guard Int64(bitPattern: call.words.1) > 0 else { return .failed(.invalid) }
            guard !isShmem, machine.model.holePunching == .writesFirst else { return .next(.lockInode) }
            return .call(machine.taking(.inode(file), .write), then: .convertInline)

        case .convertInline:
            // ext4_fallocate() looks for inline data under the lock, and gives it back.
            machine.unlock(.inode(file), by: task)
            return .next(.writeDirty)

        case .writeDirty:
            guard Writeback.firstDirty(of: file, in: PageRange.whole, machine) != nil else { return .next(.lockInode) }
            return .call(part(.writeAndWait, call), then: .lockInode)

        case .lockInode:
            return .call(machine.taking(.inode(file), .write), then: .checkSize)

        case .checkSize:
            if isShmem {
                machine.setState(
                    PunchedHole(first: range.first, end: range.last + 1), of: file, of: ShmemFileOperations.self)
                return .next(.unmap)
            }
            if machine.model.holePunching == .locksFirst { return .next(.setTimes) }
            guard range.first.value < machine.pages(of: file) else {
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
            if !isShmem, range.first.value >= machine.pages(of: file) {
                machine.unlock(.invalidate(file), by: task)
                machine.unlock(.inode(file), by: task)
                return .done
            }
            machine.unmapFile(file, from: range.first, through: range.last, evenCopies: false, by: task)
            return .next(.removePages)

        case .removePages:
            return .call(part(.removePages, call), then: .freeBlocks)

        case .freeBlocks:
            if isShmem {
                machine.setState(PunchedHole(), of: file, of: ShmemFileOperations.self)
                machine.wake(channel: channel(of: file))
            } else {
                if let wait = Journal.change(file, &machine) { return .sleep(wait, then: .freeBlocks) }
                FileIO.freeBlocks(file, in: range.first..<range.last + 1, &machine)
                machine.unlock(.invalidate(file), by: task)
            }
            machine.unlock(.inode(file), by: task)
            return .done
        }
    }

    /// A step of the call that is a call of its own, on the same pages.
    private static func part(_ option: FileCall, _ call: Activation) -> Call {
        Call(
            .fileCall, option: option.rawValue, owner: call.owner, first: call.words.0, second: call.words.1)
    }

    // MARK: Faults on a hole of tmpfs

    /// Whether this page of a tmpfs file is in a hole that is being punched: `inode->i_private`.
    static func isPunching(_ file: FileID, _ index: PageIndex, _ machine: Machine) -> Bool {
        machine.isFile(file, of: ShmemFileOperations.self)
            && machine.state(of: file, of: ShmemFileOperations.self).contains(index)
    }

    /// Until the hole has been punched.
    static func end(of file: FileID) -> Wait { .channel(channel(of: file)) }

    private static func channel(of file: FileID) -> UInt64 { 1 << 48 | UInt64(file.index) }
}

/// The hole of a tmpfs file that is being punched: `struct shmem_falloc` (mm/shmem.c).
public struct PunchedHole: Equatable, PluginState {
    /// Its first page.
    public var first: PageIndex
    /// The page behind it: `first` if there is no hole.
    public var end: PageIndex

    /// A hole.
    public init(first: PageIndex, end: PageIndex) {
        self.first = first
        self.end = end
    }

    /// No hole.
    public init() { self.init(first: 0, end: 0) }

    /// Whether a page lies in it.
    public func contains(_ index: PageIndex) -> Bool { first <= index && index < end }

    /// Shows the fields.
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("first", first)
        visitor.visit("end", end)
    }
}
