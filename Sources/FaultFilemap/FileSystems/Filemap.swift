public import FaultCore

/// What a machine with files is put together from.
public enum Filemap {
    /// The handlers of mappings, in the order of their numbers: ``fileVMOperations`` and ``shmemVMOperations``.
    public static var vmOperations: [any VMOperationTable] {
        [FileVMOperations(fileSystem: .ext4), ShmemVMOperations()]
    }

    /// The number of the handler of ext4's mappings, as `MachineConfiguration.vmOperations` counts.
    public static var fileVMOperations: Int { 1 }

    /// The number of the handler of tmpfs's mappings, as `MachineConfiguration.vmOperations` counts.
    public static var shmemVMOperations: Int { 2 }

    /// `filemap_map_pages()` (mm/filemap.c, Linux 6.1): maps what is ready, and counts each ready page as a hit against
    /// the misses that would turn read-around off; up to Linux 4.7 each that it maps.
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
