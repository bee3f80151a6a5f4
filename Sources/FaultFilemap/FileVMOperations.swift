public import FaultCore

/// A routine that a handler of this module runs: `->fault` or `->page_mkwrite` of some kernel.
protocol HandlerRoutine {
    associatedtype Stage: RoutineStage
    associatedtype Frame: HandlerFrame

    /// Does one stage.
    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> Step<Stage, FaultResult>
}

/// Mappings of a file on a device, as ext4 has them: `ext4_file_vm_ops`, with the `filemap_fault()` and the
/// `ext4_page_mkwrite()` of the machine's kernel, and `filemap_map_pages()`.
struct FileVMOperations<Fault: HandlerRoutine, Mkwrite: HandlerRoutine>: VMOperations {
    /// Its name: `filemap`, or the file system's.
    let name: StaticName

    var provides: VMOperationSet { [.mapPages, .mapsReadyPages, .pageMkwrite] }

    @inline(__always)
    func fault(
        _ stage: Fault.Stage, _ frame: inout Fault.Frame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> Step<Fault.Stage, FaultResult> { Fault.step(stage, &frame, resumed, &fault, &machine) }

    func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult { Filemap.mapPages(fault, from: first, through: last, &machine) }

    @inline(__always)
    func pageMkwrite(
        _ stage: Mkwrite.Stage, _ frame: inout Mkwrite.Frame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> Step<Mkwrite.Stage, FaultResult> { Mkwrite.step(stage, &frame, resumed, &fault, &machine) }
}

extension Filemap {
    /// The handler of ext4's mappings under a kernel.
    static func ext4Mappings(in model: KernelModel) -> any VMOperations {
        switch model.mkwriteProtocol {
        case .keepsLock, .handlerRetries: mappings(StaticName("filemap"), FileMkwrite.self, in: model)
        case .helperRetries, .fileSystemKnows: mappings(StaticName("filemap"), RetryingMkwrite.self, in: model)
        }
    }

    /// The handler of btrfs's mappings under a kernel: `btrfs_file_vm_ops`. Before a page may be written to, space for it
    /// must be reserved, which may take long.
    public static func btrfsMappings(in model: KernelModel) -> any VMOperations {
        mappings(StaticName("btrfs"), RetryingMkwrite.self, in: model)
    }

    /// A handler with the `filemap_fault()` that the kernel model names.
    private static func mappings<Mkwrite: HandlerRoutine>(
        _ name: StaticName, _: Mkwrite.Type, in model: KernelModel
    ) -> any VMOperations {
        switch model.fileFault {
        case .waitsToTheEnd: FileVMOperations<FileFault, Mkwrite>(name: name)
        case .waitsForUnlock: FileVMOperations<FileFault2_6_37, Mkwrite>(name: name)
        case .fillsAround: FileVMOperations<FileFaultAround2014, Mkwrite>(name: name)
        case .goesOnIfUnchanged: FileVMOperations<FileFaultSequence2006, Mkwrite>(name: name)
        case .leavesAfterSubmission: FileVMOperations<FileFault2018, Mkwrite>(name: name)
        }
    }
}
