public import FaultCore

/// Files of tmpfs, and the files behind shared anonymous memory (mm/shmem.c, Linux 6.1): their pages live in memory
/// alone, so that nothing is read ahead, written back, or dropped.
public struct ShmemFileOperations: FileOperations {
    /// What it remembers of a file: the hole that is being punched, `inode->i_private`.
    public typealias InodeState = PunchedHole

    /// Makes the operations; they have no settings.
    public init() {}

    /// Its name.
    public var name: StaticName { StaticName("shmem") }

    /// Does one stage of a call.
    public func step(_ call: inout Activation, _ machine: inout Machine) -> OldStep<HandlerStage> {
        let stage = call.stage.rawValue
        guard let option = FileCall(rawValue: call.option) else { return .failed(.invalid) }
        switch option {
        case .read: return ShmemRead.step(ShmemRead.Stage(rawValue: stage)!, &call, &machine).erased
        case .write: return ShmemWrite.step(ShmemWrite.Stage(rawValue: stage)!, &call, &machine).erased
        case .truncate: return Truncation.step(Truncation.Stage(rawValue: stage)!, &call, &machine).erased
        case .punchHole: return PunchHole.step(PunchHole.Stage(rawValue: stage)!, &call, &machine).erased
        case .removePages: return PageRemoval.step(PageRemoval.Stage(rawValue: stage)!, &call, &machine).erased
        case .sync, .writeback, .writeAndWait, .writeBegin, .dropCache, .willNeed: return .done
        case .readDirect: return .failed(.invalid)  // open(2) refuses O_DIRECT
        }
    }

    /// There is no device.
    public func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {}

    /// The name of a stage.
    public func stageName(_ stage: UInt8, of call: FileCall) -> String? {
        switch call {
        case .read: ShmemRead.Stage(rawValue: stage).map { "\($0)" }
        case .write: ShmemWrite.Stage(rawValue: stage).map { "\($0)" }
        case .truncate: Truncation.Stage(rawValue: stage).map { "\($0)" }
        case .punchHole: PunchHole.Stage(rawValue: stage).map { "\($0)" }
        case .removePages: PageRemoval.Stage(rawValue: stage).map { "\($0)" }
        case .sync, .writeback, .writeAndWait, .writeBegin, .dropCache, .willNeed, .readDirect: nil
        }
    }
}
