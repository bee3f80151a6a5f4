public import FaultCore

/// Mappings of files of a file system that writes every page anew, as btrfs does: `btrfs_file_vm_ops`. Before a page may be
/// written to, space for it must be reserved, which may take long.
public struct BtrfsVMOperations: VMOperations {
    /// Makes the operations; they have no state.
    public init() {}

    /// Its name.
    public var name: StaticName { StaticName("btrfs") }

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

    /// `btrfs_page_mkwrite()`.
    public func pageMkwrite(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> {
        RetryingMkwrite.step(RetryingMkwrite.Stage(rawValue: call.stage.rawValue)!, &call, &fault, &machine).erased
    }

    /// The name of a stage.
    public func stageName(_ stage: UInt8, ofMkwrite: Bool, in model: KernelModel) -> String? {
        ofMkwrite
            ? RetryingMkwrite.Stage(rawValue: stage).map { "\($0)" } : FileFault.stageName(stage, in: model)
    }
}

extension Filemap {
    /// Makes a file on a btrfs-like file system: all its pages have been written to the device, none is cached.
    ///
    /// Apart from `page_mkwrite` it is read and written as an ext4 file without a journal.
    ///
    /// - Parameter vmOperations: The number of a registered ``BtrfsVMOperations``, see
    ///   ``FaultCore/Machine/register(_:)``.
    /// - Precondition: `pages` is 0 to 2^24.
    public static func makeBtrfsFile(
        pages: Int, on device: DeviceID, vmOperations: UInt16, _ machine: inout Machine
    ) -> FileID {
        machine.addFile(
            pages: pages, operations: ext4, vmOperations: Int(vmOperations), device: device,
            traits: [.writeback, .pageMkwrite, .copyOnWrite], blocks: pages > 0 ? [PageRun(0, pages - 1)] : [])
    }
}
