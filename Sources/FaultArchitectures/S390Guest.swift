public import FaultCore

/// What s390 keeps of a task that runs a guest: `thread.gmap_*` and `struct gmap` (arch/s390/mm/gmap.c), in the second
/// of the task's `ArchWords`.
///
/// The guest sees the task's memory at the task's addresses. Its segment table has entries of its own, which
/// `__gmap_link()` points to the page tables of the host; below them both share everything.
public struct S390Guest: Equatable, BitwiseCopyable, Sendable {
    /// Whether the task runs a guest: its accesses of memory are the guest's.
    public var isGuest: Bool
    /// Whether the guest hears of pages that are on their way (`gmap->pfault_enabled`), so that no fault of it waits.
    public var hasPseudoFaults: Bool
    /// Whether there is such a page, and the host has yet to see to it (`thread.gmap_pfault`).
    public var pseudoFaultIsPending: Bool
    /// The segment whose table was linked last; `nil` if none was. A segment is what one table of entries covers.
    public var linkedSegment: UInt32?

    /// A guest, nothing of which is linked.
    public init(hasPseudoFaults: Bool = false) {
        isGuest = true
        self.hasPseudoFaults = hasPseudoFaults
        pseudoFaultIsPending = false
        linkedSegment = nil
    }

    /// What the words of a task say.
    public init(_ words: ArchWords) {
        isGuest = words.second & 1 != 0
        hasPseudoFaults = words.second & 2 != 0
        pseudoFaultIsPending = words.second & 4 != 0
        let link = UInt32(truncatingIfNeeded: words.second >> 32)
        linkedSegment = link == 0 ? nil : link - 1
    }

    /// The words that say this: for `TaskOperation.setArchWords(_:)` and `Machine.setArchWords(of:to:)`.
    public var words: ArchWords {
        let bits: UInt64 = (isGuest ? 1 : 0) | (hasPseudoFaults ? 2 : 0) | (pseudoFaultIsPending ? 4 : 0)
        return ArchWords(second: bits | UInt64(linkedSegment.map { $0 + 1 } ?? 0) << 32)
    }

    /// `__gmap_link()`: points the guest's segment to the host's page table. The mmap lock must be held: the walk has
    /// nothing else that keeps the table.
    ///
    /// Differs: a table that is gone is an error; the kernel has a `VM_BUG_ON()` there.
    ///
    /// - Returns: Whether there was a table to link.
    static func link(_ fault: VMFault, _ machine: inout Machine) -> Bool {
        machine.assertMmapLocked(fault, "__gmap_link() walks the page tables")
        let geometry = machine.geometry
        guard machine.tablesOnWalk(to: fault.page, in: fault.map).count == Int(geometry.levels) else { return false }
        var guest = S390Guest(machine.archWords(of: fault.task))
        guest.linkedSegment = UInt32(truncatingIfNeeded: fault.page.rawValue >> UInt64(geometry.bitsPerLevel))
        machine.setArchWords(of: fault.task, to: guest.words)
        return true
    }
}
