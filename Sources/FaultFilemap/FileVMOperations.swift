public import FaultCore

/// Mappings of a file on a device, as ext4 has them: `ext4_file_vm_ops`, with `filemap_fault()`,
/// `filemap_map_pages()` and `ext4_page_mkwrite()` of Linux 6.1.
public struct FileVMOperations: VMOperations {
    /// Makes the operations; they have no state.
    public init() {}

    /// Its name.
    public var name: StaticName { StaticName("filemap") }

    /// All there are.
    public var provides: VMOperationSet { [.mapPages, .mapsReadyPages, .pageMkwrite] }

    /// `filemap_fault()`.
    public func fault(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { FileFault.step(&call, &fault, &machine) }

    /// `filemap_map_pages()`.
    public func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult { Filemap.mapPages(fault, from: first, through: last, &machine) }

    /// `ext4_page_mkwrite()`.
    public func pageMkwrite(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> {
        let stage = call.stage.rawValue
        switch machine.model.mkwriteProtocol {
        case .keepsLock, .handlerRetries:
            return FileMkwrite.step(FileMkwrite.Stage(rawValue: stage)!, &call, &fault, &machine).erased
        case .helperRetries, .fileSystemKnows:
            return RetryingMkwrite.step(RetryingMkwrite.Stage(rawValue: stage)!, &call, &fault, &machine).erased
        }
    }

    /// The name of a stage.
    public func stageName(_ stage: UInt8, ofMkwrite: Bool, in model: KernelModel) -> String? {
        guard ofMkwrite else { return FileFault.stageName(stage, in: model) }
        return switch model.mkwriteProtocol {
        case .keepsLock, .handlerRetries: FileMkwrite.Stage(rawValue: stage).map { "\($0)" }
        case .helperRetries, .fileSystemKnows: RetryingMkwrite.Stage(rawValue: stage).map { "\($0)" }
        }
    }
}

/// `ext4_page_mkwrite()` with `block_page_mkwrite()` (fs/ext4/inode.c, fs/buffer.c, Linux 6.1): a page of a shared
/// mapping is about to become writable.
///
/// The folio is referenced and unlocked. The fault lock is held throughout, also while `setTimes` waits for the journal,
/// and so is the invalidate lock from `invalidateTaken` on. Nobody waits for writeback: the device needs no stable pages.
enum FileMkwrite {
    enum Stage: UInt8, BitwiseCopyable, Sendable {
        case setTimes
        case invalidateTaken
        case folioLocked
    }

    static func step(
        _ stage: Stage, _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<Stage> {
        switch stage {
        case .setTimes:
            if let wait = Journal.change(fault.file, &machine) { return .sleep(wait, then: .setTimes) }
            return .call(machine.taking(.invalidate(fault.file), .read), then: .invalidateTaken)

        case .invalidateTaken:
            fault.invalidateLocked = true
            return .call(machine.locking(fault.folio), then: .folioLocked)

        case .folioLocked:
            let result = prepare(fault, &machine)
            FileFault.releaseInvalidateLock(of: &fault, &machine)
            return .done(result)
        }
    }

    /// Reserves a block and dirties the page, which stays locked; or unlocks it, and says why not.
    static func prepare(_ fault: VMFault, _ machine: inout Machine) -> FaultResult {
        guard machine.cachedFolio(at: fault.index, of: fault.file) == fault.folio,
            fault.index.value < machine.pages(of: fault.file)
        else {
            machine.unlock(fault.folio)  // truncated: the access is replayed, and finds out
            return .noPage
        }
        if !FileIO.hasBlock(fault.file, fault.index, machine) {
            if machine.allocationFails(.block, for: fault.task) {
                machine.unlock(fault.folio)
                return .sigbus
            }
            FileIO.addBlock(fault.file, fault.index, &machine)
        }
        _ = machine.markDirty(fault.folio, by: fault.task)
        return .locked
    }
}
