public import FaultCore

/// The way of a page fault through an ``Architecture``: its `do_page_fault()`, by the data of its row.
///
///     var world = try World(.linux6_1, entry: ArchFaultEntry(.riscv))
///
/// The stages are in `ArchFaultEntry+Stages.swift`, what an access and a refusal become in
/// `ArchFaultEntry+Decisions.swift`, what only s390, sparc64, powerpc and um do in `ArchFaultEntry+Tails.swift`.
///
/// Differs: the kernel's own page tables are not modelled; a processor reads what it may access in any way; access bits are
/// set by hardware everywhere; loads that may not fault, unaligned ones, and protection keys don't exist. A signal's details
/// name the page alone.
public struct ArchFaultEntry: FaultEntry {
    /// The row of data.
    public var architecture: Architecture

    /// Makes an entry. It has no state.
    public init(_ architecture: Architecture) { self.architecture = architecture }

    /// The architecture's.
    public var name: StaticName { architecture.name }

    /// The architecture's.
    public var geometry: PageGeometry { architecture.geometry }
}
