/// The observation of one operation, by a real kernel or by the simulator: the `saw` of a line.
///
/// A field is nil if it does not apply, if it could not be determined reliably, or if it is none and the format then
/// leaves it out.
public struct Saw: Equatable, Sendable {
    /// `state`: the state of the operation that is started here, or that `wait` asks for.
    public var state: State?
    /// `for`: what the waiting thread sleeps for.
    public var waitsFor: WaitReason?
    /// `area`: the area of the fault whose answer it waits for.
    public var area: String?
    /// `page`: the page in its file that it sleeps for, if it is a page; with `area` the page in that area.
    public var page: Int?
    /// `reason`: why that fault went to a descriptor.
    public var reason: UserfaultReason?
    /// `slot`: the swap slot of the page that it sleeps for, if that is in the swap cache.
    public var slot: Int?
    /// `holds.mmap`: how the waiting thread holds the mmap lock of the process that its operation works on.
    public var holds: LockHold?
    /// `minflt`: growth of the task's minor fault count.
    public var minflt: Int?
    /// `majflt`: growth of the task's major fault count.
    public var majflt: Int?
    /// `faults`: page-fault exceptions.
    public var faults: Int?
    /// `kernel_faults`: how many of `faults` were in kernel mode; nil for none.
    public var kernelFaults: Int?
    /// `attempts`: runs of `handle_mm_fault()`.
    public var attempts: Int?
    /// `vma_lock.attempts`: how many of `attempts` ran under the area lock; not recorded for a kernel without
    /// such locks.
    public var vmaLockAttempts: Int?
    /// `vma_lock.userfaults`: how many of those called `handle_userfault()`; present if `userfaults` is.
    public var vmaLockUserfaults: Int?
    /// `returns`: `attempts` by their result, such as `MAJOR|RETRY`, `0`; nil for none.
    public var returns: [String: Int]?
    /// `userfaults`: how many of `attempts` called `handle_userfault()`; nil for none.
    public var userfaults: Int?
    /// `mmap_lock`: how often the mmap lock was taken.
    public var mmapLock: LockCounts?
    /// `trylock_failed`: trylocks of the mmap lock that failed before a wait for it; nil for none.
    public var trylockFailed: Int?
    /// `handled`: how often the handler of SIGUSR1 ran; nil for never.
    public var handled: Int?
    /// `signal`: the signal that a touch raised; nil for none.
    public var signal: TouchSignal?
    /// `errno`: the error of a system call, by name; nil if it did not fail.
    public var errno: String?
    /// `copied`: pages that were moved, if fewer than asked for.
    public var copied: Int?
    /// `messages`: the messages of `uffd_read`, in order.
    public var messages: [Message]?
    /// `rss`: change of the resident pages.
    public var rss: ResidentCounts?
    /// `others`: the other threads whose operation still waits, by id; nil for none.
    public var others: [String: WaitingThread]?
    /// `finished`: the other threads whose operation ended during this one; nil for none.
    public var finished: [String]?
    /// `gone`: the threads that ended during this one, by id; nil for none.
    public var gone: [String: GoneThread]?
    /// `present`: the pages of each area that have a present page-table entry.
    public var present: [String: [ClosedRange<Int>]]?
    /// `anon`: the pages that map an anonymous page. Areas without any, and the field without any area, are left out.
    public var anon: [String: [ClosedRange<Int>]]?
    /// `zero`: the pages that map the zero page, in the same form.
    public var zero: [String: [ClosedRange<Int>]]?
    /// `wp`: the pages of each area whose entry has the write-protect bit, in the same way.
    public var writeProtected: [String: [ClosedRange<Int>]]?
    /// `poison`: the pages whose entry is a poison marker, in the same form.
    public var poisoned: [String: [ClosedRange<Int>]]?
    /// `swapped`: the pages of each area whose entry is a swap entry, in the same way.
    public var swapped: [String: [ClosedRange<Int>]]?
    /// `slots`: the slots of those pages.
    public var slots: [String: [SlotRun]]?
    /// `file_swapped`: the pages of each tmpfs file that hold data and are in no cache.
    public var fileSwapped: [String: [ClosedRange<Int>]]?
    /// `incore`: the pages that `mincore` says are in memory.
    public var inCore: [ClosedRange<Int>]?
    /// `swap`: what was swapped; nil for nothing.
    public var swap: SwapCounts?
    /// `reclaim`: what was reclaimed; nil for nothing.
    public var reclaim: ReclaimCounts?
    /// `child`: the memory of the child that `fork` made.
    public var child: Child?
    /// `died_while_reading`: whether the killed process was gone before its read had finished.
    public var diedWhileReading: Bool?
    /// `resident`: the pages of each file in the page cache.
    public var resident: [String: [ClosedRange<Int>]]?
    /// `queue`: the faults of each descriptor that has any; nil for none.
    public var queue: [String: QueueCounts]?
    /// `copies`: how often a write fault copied the page that it found; nil for never.
    public var copies: Int?
    /// `varies`: the fields that varied, each with the values that were seen: a `Saw` with only that field, or an empty
    /// one if the field was missing.
    public var varies: [SawField: [Saw]]?

    /// Nothing seen.
    public init() {}

    /// How many runs of pages were seen, of all areas and files.
    public var runs: Int {
        var runs = inCore?.count ?? 0
        for pages in [present, anon, zero, writeProtected, poisoned, swapped, fileSwapped, resident] {
            runs += pages?.values.reduce(0) { $0 + 1 + $1.count } ?? 0
        }
        return runs + (slots?.values.reduce(0) { $0 + 1 + $1.count } ?? 0)
    }
}

/// The fields of a `saw`, by the names that they have in a recording, in the order in which they are written.
public enum SawField: String, CaseIterable, Sendable {
    /// `Saw.state`.
    case state
    /// `Saw.waitsFor`.
    case `for`
    /// `Saw.area`.
    case area
    /// `Saw.page`.
    case page
    /// `Saw.reason`.
    case reason
    /// `Saw.slot`.
    case slot
    /// `Saw.holds`.
    case holds
    /// `Saw.minflt`.
    case minflt
    /// `Saw.majflt`.
    case majflt
    /// `Saw.faults`.
    case faults
    /// `Saw.kernelFaults`.
    case kernelFaults = "kernel_faults"
    /// `Saw.attempts`.
    case attempts
    /// `Saw.vmaLockAttempts` and `Saw.vmaLockUserfaults`.
    case vmaLock = "vma_lock"
    /// `Saw.returns`.
    case returns
    /// `Saw.userfaults`.
    case userfaults
    /// `Saw.mmapLock`.
    case mmapLock = "mmap_lock"
    /// `Saw.trylockFailed`.
    case trylockFailed = "trylock_failed"
    /// `Saw.handled`.
    case handled
    /// `Saw.signal`.
    case signal
    /// `Saw.errno`.
    case errno
    /// `Saw.copied`.
    case copied
    /// `Saw.messages`.
    case messages
    /// `Saw.rss`.
    case rss
    /// `Saw.others`.
    case others
    /// `Saw.finished`.
    case finished
    /// `Saw.gone`.
    case gone
    /// `Saw.present`.
    case present
    /// `Saw.anon`.
    case anon
    /// `Saw.zero`.
    case zero
    /// `Saw.writeProtected`.
    case wp
    /// `Saw.poisoned`.
    case poison
    /// `Saw.swapped`.
    case swapped
    /// `Saw.slots`.
    case slots
    /// `Saw.fileSwapped`.
    case fileSwapped = "file_swapped"
    /// `Saw.inCore`.
    case inCore = "incore"
    /// `Saw.swap`.
    case swap
    /// `Saw.reclaim`.
    case reclaim
    /// `Saw.child`.
    case child
    /// `Saw.diedWhileReading`.
    case diedWhileReading = "died_while_reading"
    /// `Saw.resident`.
    case resident
    /// `Saw.queue`.
    case queue
    /// `Saw.copies`.
    case copies
    /// `Saw.varies`.
    case varies
}
