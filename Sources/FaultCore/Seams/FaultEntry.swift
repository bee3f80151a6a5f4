/// An architecture's way into the fault path: from the exception to ``FaultFlags``, the retry loop, and what becomes of
/// the result. Models `do_page_fault()` of one architecture.
///
/// It runs as a routine of the faulting task. ``VMFault/exception``, ``VMFault/page``, ``VMFault/task`` and
/// ``VMFault/map`` are set when it begins. It takes and releases the mmap lock itself (by calling
/// ``Routine/takeLock``), and calls the core by ``Machine/handleMMFault(_:)``. Its result is an ``EntryOutcome``.
public protocol FaultEntry: BitwiseCopyable, Sendable {
    /// The name in traces and reports.
    var name: StaticName { get }

    /// The shape of the address space.
    var geometry: PageGeometry { get }

    /// How often a user copy tries the page at which it fails before it reports what is left.
    ///
    /// Some try twice: the tail of their copy routine begins at that very byte again.
    func userCopyAttempts(in model: KernelModel) -> Int

    /// How many protection keys there are, 0 to 16; 0 if the processor knows none.
    var protectionKeys: Int { get }

    /// The ``ArchWords`` of a new process.
    var initialArchWords: ArchWords { get }

    /// Whether a task with these words may not access a page with this key, as the processor tests it and
    /// `arch_vma_access_permitted()`. Asked only if ``ArchWords/first`` is not 0.
    func keyRefuses(_ key: UInt8, _ access: FaultException.Access, _ words: ArchWords) -> Bool

    /// Whether the processor refuses the kernel an access to user memory, whatever the page tables say.
    func refusesKernel(_ access: FaultException.Access, _ mode: FaultException.Mode) -> Bool

    /// Whether a program may access a page beyond user memory, which the kernel has mapped for all.
    func mapsForPrograms(_ page: PageNumber, _ access: FaultException.Access) -> Bool

    /// The name of a stage, for traces; `nil` if it has none.
    func stageName(_ stage: UInt8) -> String?

    /// Does one stage of a fault.
    func step(_ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine) -> OldStep<HandlerStage>

    /// Whether nothing in this entry can stand in the way of a program's fault on a page without a translation, if the
    /// mmap lock is free and an area covers the page: the core then does such faults at once, without this entry's
    /// stages, and must leave exactly what they would have left.
    ///
    /// Asked only while costs are zero and nobody watches.
    ///
    /// - Returns: The flags of which the area must have one; none if all faults must go through the stages.
    func uncontendedAccess(_ access: FaultException.Access) -> VMAFlags
}

extension FaultEntry {
    /// No names.
    public func stageName(_ stage: UInt8) -> String? { nil }

    /// Once.
    public func userCopyAttempts(in model: KernelModel) -> Int { 1 }

    /// None.
    public var protectionKeys: Int { 0 }

    /// Nothing is restricted.
    public var initialArchWords: ArchWords { ArchWords() }

    /// Refuses nothing.
    public func keyRefuses(_ key: UInt8, _ access: FaultException.Access, _ words: ArchWords) -> Bool { false }

    /// Refuses nothing.
    public func refusesKernel(_ access: FaultException.Access, _ mode: FaultException.Mode) -> Bool { false }

    /// None.
    public func mapsForPrograms(_ page: PageNumber, _ access: FaultException.Access) -> Bool { false }

    /// None: leaves everything to the stages.
    public func uncontendedAccess(_ access: FaultException.Access) -> VMAFlags { [] }
}

/// What became of an exception.
public enum EntryOutcome: Int64, BitwiseCopyable, Sendable {
    /// Back to the instruction, which is tried again.
    case replay = 0
    /// A signal was forced on the task: ``Machine/forceSignal(_:on:)``.
    case signal = 1
    /// The exception table had a fixup: the access failed, the copy returns short.
    case fixup = 2
    /// The kernel died of it.
    case oops = 3
    /// The task is about to die of a signal that was pending.
    case killed = 4
    /// The kernel has done what the program jumped to, and returned to where it came from. The bits above the lowest 8
    /// say what it was; they become the operation's value.
    case emulated = 5

    /// The outcome that a ``FaultEntry`` returned; the bits above the lowest 8 are its own.
    init(returned: Int64) {
        guard let outcome = Self(rawValue: returned & 0xFF) else {
            misuse("FaultEntry.step: it has returned \(returned), which is no EntryOutcome")
        }
        self = outcome
    }
}
