public import FaultCore

/// Mappings of tmpfs files and of shared anonymous memory: `shmem_vm_ops`, with `shmem_fault()` and
/// `filemap_map_pages()` of Linux 6.1.
///
/// There is no `page_mkwrite`, and nothing is written back, so that a shared writable mapping gets writable entries even
/// for reads.
public struct ShmemVMOperations: VMOperations {
    /// Makes the operations; they have no state.
    public init() {}

    /// Its name.
    public var name: StaticName { StaticName("shmem") }

    /// Fault-around alone.
    public var provides: VMOperationSet { [.mapPages, .mapsReadyPages] }

    /// `shmem_fault()`.
    public func fault(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> {
        ShmemFault.step(ShmemFault.Stage(rawValue: call.stage.rawValue)!, &call, &fault, &machine).erased
    }

    /// `filemap_map_pages()`.
    public func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult { Filemap.mapPages(fault, from: first, through: last, &machine) }

    /// The name of a stage.
    public func stageName(_ stage: UInt8, ofMkwrite: Bool, in model: KernelModel) -> String? {
        ofMkwrite ? nil : ShmemFault.Stage(rawValue: stage).map { "\($0)" }
    }
}
