public import FaultCore

/// The translation storage buffer of sparc64 (`tsb_grow()`, arch/sparc/mm/tsb.c), whose size follows the rss. It is the
/// second of the task's `ArchWords`.
///
/// Differs from the kernel: it belongs to the task, not to its memory map, and there are no buffers for huge pages.
public struct Sparc64Buffer: Equatable, BitwiseCopyable, Sendable {
    /// How often it has doubled, beginning with one page; at most 7, which is one MiB.
    public var doublings: Int

    /// Reads the state from the words of a task.
    public init(_ words: ArchWords) { doublings = Int(words.second & 7) }

    /// How many resident pages it serves: three quarters of the number of its entries, of 16 bytes each. The largest
    /// buffer serves any number of pages (`tsb_size_to_rss_limit()`).
    public var residentLimit: Int {
        let entries = (8192 / 16) << doublings
        return doublings == 7 ? .max : entries - entries / 4
    }

    /// The check after `lock_released:`. The rss is read without the mmap lock, so it may have changed when the buffer
    /// has grown; the next fault checks again.
    static func grow(for fault: VMFault, _ machine: inout Machine) {
        let words = machine.archWords(of: fault.task)
        var buffer = Sparc64Buffer(words)
        let resident = machine.rss(of: fault.map)
        while resident.anonymous + resident.file + resident.shmem > buffer.residentLimit { buffer.doublings += 1 }
        guard buffer != Sparc64Buffer(words) else { return }
        machine.setArchWords(of: fault.task, to: ArchWords(first: words.first, second: UInt64(buffer.doublings)))
    }
}

/// The page-ins that powerpc counts for its hypervisor (`cmo_account_page_fault()`, arch/powerpc/mm/fault.c):
/// exceptions in which an attempt returned `MAJOR`. The count is the second of the task's `ArchWords`.
public enum PowerPCPageIns {
    /// How many page-ins of a task have been counted.
    public static func counted(for task: TaskID, _ machine: Machine) -> Int { Int(machine.archWords(of: task).second) }

    static func count(_ task: TaskID, _ machine: inout Machine) {
        var words = machine.archWords(of: task)
        words.second += 1
        machine.setArchWords(of: task, to: words)
    }
}
