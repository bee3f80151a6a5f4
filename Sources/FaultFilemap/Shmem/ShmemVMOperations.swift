import FaultCore

/// Mappings of tmpfs files and of shared anonymous memory: `shmem_vm_ops`, with `shmem_fault()` and
/// `filemap_map_pages()` of Linux 6.1.
///
/// There is no `page_mkwrite` and no writeback, so a shared writable mapping gets writable entries even for reads.
struct ShmemVMOperations: VMOperations {
    /// Its name.
    var name: StaticName { StaticName("shmem") }

    /// It has only fault-around.
    var provides: VMOperationSet { [.mapPages, .mapsReadyPages] }

    /// `shmem_fault()`.
    @inline(__always)
    func fault(
        _ stage: ShmemFault.Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<ShmemFault.Stage, FaultResult> { ShmemFault.step(stage, &frame, resumed, &fault, &machine) }

    /// `filemap_map_pages()`.
    func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult { Filemap.mapPages(fault, from: first, through: last, &machine) }

    func faultReads(_ stage: ShmemFault.Stage, _ frame: EmptyFrame, _ view: StageView) -> Footprint {
        ShmemFault.reads(stage, frame, view)
    }

    func mapPagesReads(from first: PageIndex, through last: PageIndex, _ view: StageView) -> Footprint {
        view.mappingReadyPages(from: first, through: last)
    }
}
