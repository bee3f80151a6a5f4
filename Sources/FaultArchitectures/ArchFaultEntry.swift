public import FaultCore

/// The page-fault entry of an ``Architecture``: its `do_page_fault()`, controlled by the data of its row.
///
///     var world = try World(.linux6_1, entry: ArchFaultEntry(.riscv))
///
/// The stages are in `ArchFaultEntry+Stages.swift`, the decisions in `ArchFaultEntry+Decisions.swift`, and the work
/// that only s390, sparc64, powerpc and um do in `ArchFaultEntry+Tails.swift`.
///
/// Differs from the kernel: the kernel's own page tables are not modelled. A processor can read each page that it may
/// access in any way. The hardware sets access bits on all architectures. Non-faulting loads, unaligned loads and
/// protection keys are not modelled. The details of a signal have only the page.
public struct ArchFaultEntry: FaultEntry {
    /// The row of data.
    public var architecture: Architecture

    /// Makes an entry. It has no state.
    public init(_ architecture: Architecture) { self.architecture = architecture }

    /// The architecture's name.
    public var name: StaticName { architecture.name }

    /// The architecture's geometry.
    public var geometry: PageGeometry { architecture.geometry }
}
