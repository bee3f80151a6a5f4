package import FaultCore

/// The file operations of ext4 in Linux 6.1: reads with readahead, writeback, and a journal of changed inodes.
package struct Ext4FileOperations: FileOperationTable {
    /// The state of a file: where its inode is in the journal.
    package typealias InodeState = JournaledInode

    /// Makes the operations; they have no settings.
    package init() {}

    /// Its name.
    package var name: StaticName { StaticName("ext4") }

    /// Reads bring what was written back last, and zeroes for holes.
    package func savedStamp(of file: FileID, at index: PageIndex, _ machine: Machine) -> UInt32? {
        FileIO.contentOnDevice(file, index, machine)
    }

    /// Ends a bio: pages become uptodate, or are no longer under writeback; inodes are committed.
    package func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {
        switch request.kind {
        case .read: FileIO.finishRead(request, failed: failed, &machine)
        case .write: Writeback.finish(request, failed: failed, &machine)
        case .commit: Journal.finish(request, &machine)
        case .direct: break
        }
    }
}

extension Ext4FileOperations {
    /// The frame of the call's routine.
    package func beginning(of call: FileCall, on file: FileID) -> CallFrame {
        switch call {
        case .read(let first, let pages): CallFrame(FileRead.Frame(first: first, pages: pages, file: file))
        case .write(let page): CallFrame(FilePageFrame(page: page, file: file))
        case .writeBegin: CallFrame(WriteBegin.Frame(file: file))
        case .readDirect(let first, let pages, let memory):
            CallFrame(DirectRead.Frame(first, pages: pages, into: memory, of: file))
        case .truncate(let size): CallFrame(Truncation.Frame(size: size, file: file))
        case .sync(let first, let pages):
            CallFrame(Writeback.Frame(.inode, PageRange(first, pages: pages), of: file))
        case .writeAndWait(let first, let pages):
            CallFrame(Writeback.Frame(.pages, PageRange(first, pages: pages), of: file))
        case .writeback: CallFrame(Writeback.Frame(.background, PageRange.whole, of: file))
        case .dropCache: CallFrame(DropCache.Frame(file: file))
        case .willNeed(let first, let pages): CallFrame(WillNeed.Frame(first: first, pages: pages, file: file))
        case .punchHole(let first, let pages): CallFrame(PunchHole.Frame(first: first, pages: pages, file: file))
        case .removePages(let first, let pages): CallFrame(PageRemoval.Frame(first, pages: pages, of: file))
        case .swapIn: CallFrame(EmptyFrame())
        case .readahead(let start, let pages, let lookahead):
            CallFrame(
                WindowRead.Frame(ReadaheadWindow(start: start, pages: pages, lookahead: lookahead), of: file))
        }
    }
}

extension Ext4FileOperations: RoutineRegistry {
    @usableFromInline
    package typealias Key = FileCall.Kind

    /// The routine of a call.
    @inline(__always)
    @usableFromInline
    package func route<User: RoutineUser>(
        _ call: FileCall.Kind, to _: User.Type, _ first: inout User.First, _ second: inout User.Second,
        _ third: inout User.Third, _ fourth: inout User.Fourth
    ) -> User.Answer {
        switch call {
        case .read: User.use(FileRead.self, &first, &second, &third, &fourth)
        case .write: User.use(FileWrite.self, &first, &second, &third, &fourth)
        case .writeBegin: User.use(WriteBegin.self, &first, &second, &third, &fourth)
        case .readDirect: User.use(DirectRead.self, &first, &second, &third, &fourth)
        case .truncate: User.use(Truncation.self, &first, &second, &third, &fourth)
        case .sync, .writeAndWait, .writeback: User.use(Writeback.self, &first, &second, &third, &fourth)
        case .dropCache: User.use(DropCache.self, &first, &second, &third, &fourth)
        case .willNeed: User.use(WillNeed.self, &first, &second, &third, &fourth)
        case .punchHole: User.use(PunchHole.self, &first, &second, &third, &fourth)
        case .removePages: User.use(PageRemoval.self, &first, &second, &third, &fourth)
        case .swapIn: User.use(NothingSwapped.self, &first, &second, &third, &fourth)
        case .readahead: User.use(WindowRead.self, &first, &second, &third, &fourth)
        }
    }
}

/// Pages of files on a disk are never swapped out.
private enum NothingSwapped: Routine {
    static func step(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FileResult> { .done }

    static func reads(_ stage: OnlyStage, _ frame: EmptyFrame, _ view: StageView) -> Footprint { [] }
}
