package import FaultCore

/// Files of tmpfs, and the files behind shared anonymous memory (mm/shmem.c, Linux 6.1): their pages exist only in
/// memory, so nothing is read ahead, written back, or dropped.
package struct ShmemFileOperations: FileOperationTable {
    /// The state of a file: the hole that is being punched, `inode->i_private`.
    package typealias InodeState = PunchedHole

    /// Makes the operations; they have no settings.
    package init() {}

    /// Its name.
    package var name: StaticName { StaticName("shmem") }

    /// There is no device.
    package func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {}
}

extension ShmemFileOperations {
    /// The frame of the call's routine.
    package func beginning(of call: FileCall, on file: FileID) -> CallFrame {
        switch call {
        case .read(let page, _): CallFrame(FilePageFrame(page: page, file: file))
        case .write(let page): CallFrame(FilePageFrame(page: page, file: file))
        case .truncate(let size): CallFrame(Truncation.Frame(size: size, file: file))
        case .punchHole(let first, let pages): CallFrame(PunchHole.Frame(first: first, pages: pages, file: file))
        case .removePages(let first, let pages): CallFrame(PageRemoval.Frame(first, pages: pages, of: file))
        case .swapIn(let page): CallFrame(ShmemSwapIn.Frame(page: page, file: file))
        case .sync, .writeback, .writeAndWait, .writeBegin, .dropCache, .willNeed, .readahead, .readDirect:
            CallFrame(EmptyFrame())
        }
    }

    /// The name of a stage; a call without a wait has none.
    package func stageName(_ stage: UInt8, of call: FileCall.Kind) -> String? {
        switch call {
        case .sync, .writeback, .writeAndWait, .writeBegin, .dropCache, .willNeed, .readahead, .readDirect: nil
        case .read, .write, .truncate, .punchHole, .removePages, .swapIn: routineStageName(stage, of: call)
        }
    }
}

extension ShmemFileOperations: RoutineRegistry {
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
        case .read: User.use(ShmemRead.self, &first, &second, &third, &fourth)
        case .write: User.use(ShmemWrite.self, &first, &second, &third, &fourth)
        case .truncate: User.use(Truncation.self, &first, &second, &third, &fourth)
        case .punchHole: User.use(PunchHole.self, &first, &second, &third, &fourth)
        case .removePages: User.use(PageRemoval.self, &first, &second, &third, &fourth)
        case .swapIn: User.use(ShmemSwapIn.self, &first, &second, &third, &fourth)
        case .sync, .writeback, .writeAndWait, .writeBegin, .dropCache, .willNeed, .readahead:
            User.use(NothingToDo.self, &first, &second, &third, &fourth)
        case .readDirect: User.use(DirectReadRefusal.self, &first, &second, &third, &fourth)
        }
    }
}

/// A call that has no meaning for files without a device.
private enum NothingToDo: Routine {
    static func step(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FileResult> { .done }

    static func reads(_ stage: OnlyStage, _ frame: EmptyFrame, _ view: StageView) -> Footprint { [] }
}

/// `open(2)` refuses `O_DIRECT`.
private enum DirectReadRefusal: Routine {
    static func step(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FileResult> { .failed(.invalid) }

    static func reads(_ stage: OnlyStage, _ frame: EmptyFrame, _ view: StageView) -> Footprint { [] }
}
