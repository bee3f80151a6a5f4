public import FaultCore

/// The differences of one architecture's page-fault entry, as data: a row of the table in `Architecture+Table.swift`.
///
/// All entries have the same shape: take the mmap lock, find the area, check whether it allows the access, call
/// `handle_mm_fault()`, test its result. The differences are the values of this type. ``ArchFaultEntry`` is the code.
public struct Architecture: Equatable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// How the mmap lock is taken and the area found.
    public enum LookUp: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// `lock_mm_and_find_vma()` (mm/memory.c): a trylock; if it fails, an access without an exception-table entry
        /// gives up, and any other waits killably. A stack grows under the write lock.
        case lockAndFind
        /// A trylock and the exception table, then an uninterruptible wait; `find_vma()`; `expand_stack()`.
        case trylock
        /// An uninterruptible wait without a trylock; `find_vma()`; `expand_stack()`.
        case lock
    }

    /// A test of the result of `handle_mm_fault()`.
    public enum Check: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// `fault_signal_pending()`: the attempt was abandoned, and a signal has to be handled first.
        case signal = 1
        /// `VM_FAULT_COMPLETED`: the fault is done and the lock was released.
        case completed
        /// `VM_FAULT_ERROR`.
        case error
        /// `VM_FAULT_RETRY`.
        case retry
    }

    /// What an entry does before it returns from a fault that ended without error.
    public enum Tail: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// It only releases the lock.
        case none
        /// powerpc: counts page-ins for the hypervisor, without the lock.
        case accounting
        /// sparc64: grows the translation storage buffer with the rss, which it reads without the lock.
        case translationBuffer
        /// s390: links the page table into the guest's, under the lock.
        case guestTable
        /// um: checks the page table entry, under the lock, and handles the fault again as long as there is none.
        case presentLoop
    }

    /// What an entry does after `COMPLETED`.
    public enum Completion: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// Returns.
        case returns
        /// Goes on to the ``Tail``, without the lock.
        case runsTail
        /// Takes the lock again for the ``Tail``, if there is something to do in it.
        case locksForTail
        /// Does not know `COMPLETED`: it treats the result as success, and releases the lock that is no longer held.
        /// All entries up to Linux 5.19 are like this; there the fault path returns `RETRY` instead.
        case unknown
    }

    /// The name.
    public var name: StaticName
    /// The kernel function, and its file.
    public var source: StaticName
    /// The shape of the address space.
    public var geometry: PageGeometry
    /// How the lock is taken.
    public var lookUp: LookUp
    /// The tests of the result, in order.
    public var checks: CheckOrder
    /// What happens after `COMPLETED`.
    public var completion: Completion
    /// What happens at the end.
    public var tail: Tail
    /// Flags of which one is enough to allow a load.
    public var loadNeeds: VMAFlags
    /// Whether a fetch needs `VMAFlags.execute`; otherwise it counts as a load, unless a translation refuses it.
    public var checksFetch: Bool
    /// Whether the core is told about a fetch, with `FaultFlags.instruction`.
    public var marksFetch: Bool
    /// Whether the flags of a store are *assigned*, so that it loses those of `FaultFlags.default`: it can neither be
    /// retried nor completed.
    public var storeLosesFlags: Bool
    /// Whether `RETRY` counts only with `FaultFlags.allowRetry`.
    public var retriesIfAllowed: Bool
    /// Whether an ordinary signal ends the retries of a program's access; if not, only a fatal one does.
    public var heedsSignals: Bool
    /// Whether faults of programs are tried under an area lock first, in kernels whose areas have one.
    public var triesAreaLock: Bool
    /// A remark.
    public var remark: StaticName

    /// Makes a row. The default of each value is what most architectures do.
    public init(
        _ name: StaticString, _ source: StaticString, _ geometry: PageGeometry, lookUp: LookUp = .lockAndFind,
        checks: CheckOrder = [.signal, .completed, .error, .retry], completion: Completion = .returns,
        tail: Tail = .none, loadNeeds: VMAFlags, checksFetch: Bool = true, marksFetch: Bool = false,
        storeLosesFlags: Bool = false, retriesIfAllowed: Bool = false, heedsSignals: Bool = true,
        triesAreaLock: Bool = false, remark: StaticString = ""
    ) {
        self.name = StaticName(name)
        self.source = StaticName(source)
        self.geometry = geometry
        self.lookUp = lookUp
        self.checks = checks
        self.completion = completion
        self.tail = tail
        self.loadNeeds = loadNeeds
        self.checksFetch = checksFetch
        self.marksFetch = marksFetch
        self.storeLosesFlags = storeLosesFlags
        self.retriesIfAllowed = retriesIfAllowed
        self.heedsSignals = heedsSignals
        self.triesAreaLock = triesAreaLock
        self.remark = StaticName(remark)
    }

    /// The name.
    public var description: String { name.description }

    /// Up to five tests in an order.
    public struct CheckOrder: Equatable, BitwiseCopyable, Sendable, ExpressibleByArrayLiteral {
        private var bits: UInt32 = 0

        /// Puts tests in an order.
        ///
        /// - Precondition: At most five.
        public init(arrayLiteral checks: Check...) {
            guard checks.count <= 5 else { misuse("Architecture.CheckOrder: at most five tests, not \(checks.count)") }
            for check in checks.reversed() { bits = bits << 4 | UInt32(check.rawValue) }
        }

        /// The test at a position; `nil` after the last.
        package subscript(position: Int) -> Check? {
            position < 8 ? Check(rawValue: UInt8(bits >> UInt32(4 * position) & 0xF)) : nil
        }

        /// The tests, in order.
        public var all: [Check] { (0..<5).compactMap { self[$0] } }
    }
}
