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
    /// x86 tries twice up to 6.1: the tail of its copy routine begins at that very byte again.
    var userCopyAttempts: Int { get }

    /// Does one stage of a fault.
    func step(_ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine) -> Step<HandlerStage>

    /// Handles a whole fault at once if nothing on its way can sleep; otherwise changes nothing and answers `false`.
    ///
    /// Called only while costs are zero and nobody watches. It must leave exactly what the stages would have left.
    func handleUncontended(
        _ exception: FaultException, at page: PageNumber, in map: MapID, by task: TaskID, _ machine: inout Machine
    ) -> Bool
}

extension FaultEntry {
    /// Once.
    public var userCopyAttempts: Int { 1 }

    /// Leaves everything to the stages.
    public func handleUncontended(
        _ exception: FaultException, at page: PageNumber, in map: MapID, by task: TaskID, _ machine: inout Machine
    ) -> Bool { false }
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
}
