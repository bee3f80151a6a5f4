public import FaultCore

/// Files of a file system on a device, as ext4 does it in Linux 6.1: read through readahead, written back, with a journal
/// of changed inodes.
public struct Ext4FileOperations: FileOperations {
    /// What it remembers of a file: where its inode is with the journal.
    public typealias InodeState = JournaledInode

    /// Makes the operations; they have no settings.
    public init() {}

    /// Its name.
    public var name: StaticName { StaticName("ext4") }

    /// Does one stage of a call.
    public func step(_ call: inout Activation, _ machine: inout Machine) -> OldStep<HandlerStage> {
        let stage = call.stage.rawValue
        guard let option = FileCall(rawValue: call.option) else { return .failed(.invalid) }
        switch option {
        case .read: return FileRead.step(FileRead.Stage(rawValue: stage)!, &call, &machine).erased
        case .write: return FileWrite.step(FileWrite.Stage(rawValue: stage)!, &call, &machine).erased
        case .truncate: return Truncation.step(Truncation.Stage(rawValue: stage)!, &call, &machine).erased
        case .sync, .writeback, .writeAndWait:
            return Writeback.step(Writeback.Stage(rawValue: stage)!, &call, &machine).erased
        case .writeBegin: return WriteBegin.step(WriteBegin.Stage(rawValue: stage)!, &call, &machine).erased
        case .readDirect: return DirectRead.step(DirectRead.Stage(rawValue: stage)!, &call, &machine).erased
        case .dropCache: return DropCache.step(DropCache.Stage(rawValue: stage)!, &call, &machine).erased
        case .willNeed: return WillNeed.step(WillNeed.Stage(rawValue: stage)!, &call, &machine).erased
        case .punchHole: return PunchHole.step(PunchHole.Stage(rawValue: stage)!, &call, &machine).erased
        case .removePages: return PageRemoval.step(PageRemoval.Stage(rawValue: stage)!, &call, &machine).erased
        }
    }

    /// The end of a bio: pages become uptodate, or are no longer under writeback; inodes are committed.
    public func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {
        switch request.kind {
        case .read: FileIO.finishRead(request, failed: failed, &machine)
        case .write: Writeback.finish(request, &machine)
        case .commit: Journal.finish(request, &machine)
        case .direct: break
        }
    }

    /// The name of a stage.
    public func stageName(_ stage: UInt8, of call: FileCall) -> String? {
        switch call {
        case .read: FileRead.Stage(rawValue: stage).map { "\($0)" }
        case .write: FileWrite.Stage(rawValue: stage).map { "\($0)" }
        case .truncate: Truncation.Stage(rawValue: stage).map { "\($0)" }
        case .writeBegin: WriteBegin.Stage(rawValue: stage).map { "\($0)" }
        case .readDirect: DirectRead.Stage(rawValue: stage).map { "\($0)" }
        case .dropCache: DropCache.Stage(rawValue: stage).map { "\($0)" }
        case .willNeed: WillNeed.Stage(rawValue: stage).map { "\($0)" }
        case .punchHole: PunchHole.Stage(rawValue: stage).map { "\($0)" }
        case .removePages: PageRemoval.Stage(rawValue: stage).map { "\($0)" }
        case .sync, .writeback, .writeAndWait: Writeback.Stage(rawValue: stage).map { "\($0)" }
        }
    }
}
