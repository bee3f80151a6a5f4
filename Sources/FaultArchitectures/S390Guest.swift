public import FaultCore

/// The state of an s390 task that runs a guest: `thread.gmap_*` and `struct gmap` (arch/s390/mm/gmap.c), in the second
/// of the task's `ArchWords`.
///
/// The guest sees the task's memory at the task's addresses. It has its own segment table, whose entries
/// `__gmap_link()` points to the page tables of the host. Below the segment table both share everything.
public struct S390Guest: Equatable, BitwiseCopyable, Sendable {
    /// Whether the task runs a guest, so that its memory accesses are those of the guest.
    public var isGuest: Bool
    /// Whether the guest is notified of pages that are being read (`gmap->pfault_enabled`), so that its faults do not
    /// wait.
    public var hasPseudoFaults: Bool
    /// Whether there is such a page that the host still has to read (`thread.gmap_pfault`).
    public var pseudoFaultIsPending: Bool
    /// The segment whose table was linked last; `nil` if none was. A segment is what one table of entries covers.
    public var linkedSegment: UInt32?

    /// Makes a guest without a linked segment.
    public init(hasPseudoFaults: Bool = false) {
        isGuest = true
        self.hasPseudoFaults = hasPseudoFaults
        pseudoFaultIsPending = false
        linkedSegment = nil
    }

    /// Reads the state from the words of a task.
    public init(_ words: ArchWords) {
        isGuest = words.second & 1 != 0
        hasPseudoFaults = words.second & 2 != 0
        pseudoFaultIsPending = words.second & 4 != 0
        let link = UInt32(truncatingIfNeeded: words.second >> 32)
        linkedSegment = link == 0 ? nil : link - 1
    }

    /// The state as words, for `TaskOperation.setArchWords(_:)` and `Machine.setArchWords(of:to:)`.
    public var words: ArchWords {
        let bits: UInt64 = (isGuest ? 1 : 0) | (hasPseudoFaults ? 2 : 0) | (pseudoFaultIsPending ? 4 : 0)
        return ArchWords(second: bits | UInt64(linkedSegment.map { $0 + 1 } ?? 0) << 32)
    }

    /// `__gmap_link()`: points the guest's segment to the host's page table. The mmap lock must be held, because
    /// nothing else keeps the table from being freed during the walk.
    ///
    /// Differs from the kernel: a missing table is an error; the kernel has a `VM_BUG_ON()` there.
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
