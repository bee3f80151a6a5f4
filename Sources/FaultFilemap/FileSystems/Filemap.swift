public import FaultCore

/// The file systems and handlers that make up a machine with files.
public enum Filemap {
    /// The handlers of mappings, in the order of their numbers: ``fileVMOperations`` and ``shmemVMOperations``.
    public static var vmOperations: [any VMOperationTable] {
        [FileVMOperations(fileSystem: .ext4), ShmemVMOperations()]
    }

    /// The number of the handler of ext4's mappings, as `MachineConfiguration.vmOperations` counts.
    public static var fileVMOperations: Int { 1 }

    /// The number of the handler of tmpfs's mappings, as `MachineConfiguration.vmOperations` counts.
    public static var shmemVMOperations: Int { 2 }

    /// `filemap_map_pages()` (mm/filemap.c, Linux 6.1): maps the pages that are ready. Each ready page counts as a hit,
    /// which offsets one of the misses that turn read-around off; up to Linux 4.7 only each page that it maps.
    static func mapPages(
        _ fault: VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult {
        let isSelective = machine.model.aroundHits == .notRefaulting
        let refaulting = isSelective ? machine.refaultingPages(of: fault.file, from: first, through: last) : 0
        let (visited, mapped, served) = machine.mapReadyPages(fault, from: first, through: last)
        let hits = machine.model.faultAround == .mapPagesUncounted ? mapped : max(0, visited - refaulting)
        machine.noteHits(hits, of: fault.file)
        return served ? .noPage : []
    }
}
