/// An architecture's way into the fault path: from the exception to ``FaultFlags``, the retry loop, and the handling of
/// the result. Models `do_page_fault()` of one architecture.
///
/// It runs as a routine of the faulting task. ``VMFault/exception``, ``VMFault/page``, ``VMFault/task`` and
/// ``VMFault/map`` are set when it begins. It takes and releases the mmap lock itself
/// (``Machine/takingForFault(_:_:)``), and calls the core by ``Machine/handleMMFault()``. Its result is an
/// ``EntryOutcome``.
public protocol FaultEntry: BitwiseCopyable, Sendable {
    /// The stages of a fault; the one with the raw value 0 is the first.
    associatedtype Stage: RoutineStage
    /// What it keeps from stage to stage, besides the ``VMFault``.
    associatedtype Frame: HandlerFrame = EmptyFrame

    /// The name in traces and reports.
    var name: StaticName { get }

    /// The shape of the address space.
    var geometry: PageGeometry { get }

    /// How often a user copy tries the page at which it fails before it reports what is left.
    ///
    /// Some architectures try twice: the tail of their copy routine begins again at the byte that failed.
    func userCopyAttempts(in model: KernelModel) -> Int

    /// How many protection keys there are, 0 to 16; 0 if the processor knows none.
    var protectionKeys: Int { get }

    /// The ``ArchWords`` of a new process.
    var initialArchWords: ArchWords { get }

    /// Whether a task with these words may not access a page with this key, by the test of the processor and of
    /// `arch_vma_access_permitted()`. Called only if ``ArchWords/first`` is not 0.
    func keyRefuses(_ key: UInt8, _ access: FaultException.Access, _ words: ArchWords) -> Bool

    /// Whether the processor refuses the kernel an access to user memory, whatever the page tables say.
    func refusesKernel(_ access: FaultException.Access, _ mode: FaultException.Mode) -> Bool

    /// Whether a program may access a page beyond user memory, because the kernel maps it for all programs.
    func mapsForPrograms(_ page: PageNumber, _ access: FaultException.Access) -> Bool

    /// Does one stage of a fault.
    ///
    /// - Parameters:
    ///   - stage: The stage to do.
    ///   - frame: What the stages before have kept; this stage may change it.
    ///   - resumed: How it came to this stage: what it called has returned, or a signal has ended its sleep.
    ///   - fault: The fault.
    ///   - machine: The machine.
    func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome>

    /// The accesses of which an area must allow one, so that the core may do a program's fault without this entry's
    /// stages.
    ///
    /// The fault is on a page without a translation, the mmap lock is free, and an area covers the page. The entry
    /// returns accesses only if nothing in it can then stand in the way of the fault. The core does such faults at
    /// once, and must leave exactly what the stages would have left.
    ///
    /// Called only while costs are zero and nothing is watched.
    ///
    /// - Returns: The accesses; empty if all faults must go through the stages.
    func uncontendedAccess(_ access: FaultException.Access) -> Protection

    /// The state shared by tasks that a stage may read or write; by default, everything. An exploration can leave out
    /// orders of stages that do not touch the same state.
    func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint

    /// The sleeping locks that the entry is responsible for when a stage is next; by default, the fault lock.
    func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings

    // What the engine calls. Do not implement these: their default implementations follow from the above.

    /// The frame with which a fault begins.
    var beginning: CallFrame { get }

    /// Does one stage.
    func step(
        _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine, _ payload: inout StepPayload
    ) -> StepPayload.Kind

    /// Shows the fields of a frame.
    func visit<Visitor: FieldVisitor>(_ activation: Activation, _ visitor: inout Visitor)

    /// Shows the fields of a frame to a hash.
    func hash(_ activation: Activation, into hash: inout FieldHash)

    /// The name of a stage; `nil` if there is no such stage.
    func stageName(_ stage: UInt8) -> String?

    /// What the next stage may read or write.
    func reads(_ activation: Activation, _ view: StageView) -> Footprint

    /// The locks that the entry is responsible for when that stage is next.
    func holds(_ activation: Activation, _ view: StageView) -> Holdings
}

extension FaultEntry {
    /// Takes the frame's default values.
    @inlinable
    public var beginning: CallFrame { CallFrame(Frame()) }

    /// Calls the entry's own function for the stage.
    @inlinable
    public func step(
        _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine, _ payload: inout StepPayload
    ) -> StepPayload.Kind {
        activation.run(of: Self.self, &payload) { (stage: Stage, frame: inout Frame, resumed) in
            self.step(stage, &frame, resumed, &fault, &machine)
        }
    }

    /// Shows the fields as the frame lists them.
    @inlinable
    public func visit<Visitor: FieldVisitor>(_ activation: Activation, _ visitor: inout Visitor) {
        activation.bytes.frame(Frame.self).visit(&visitor)
    }

    /// Shows the fields as the frame lists them.
    @inlinable
    public func hash(_ activation: Activation, into hash: inout FieldHash) { visit(activation, &hash) }

    /// Returns the name of the enum's case.
    @inlinable
    public func stageName(_ stage: UInt8) -> String? { Stage(rawValue: stage).map { "\($0)" } }

    /// Calls the entry's own function for the stage.
    public func reads(_ activation: Activation, _ view: StageView) -> Footprint {
        reads(activation.stage(), activation.bytes.frame(Frame.self), view)
    }

    /// Calls the entry's own function for the stage.
    public func holds(_ activation: Activation, _ view: StageView) -> Holdings {
        holds(activation.stage(), activation.bytes.frame(Frame.self), view)
    }
}

extension FaultEntry {
    /// By default, everything.
    public func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint { .everything }

    /// By default, the mmap lock, if that is the fault lock.
    public func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings { view.heldFaultLock }

    /// By default, once.
    public func userCopyAttempts(in model: KernelModel) -> Int { 1 }

    /// By default, none.
    public var protectionKeys: Int { 0 }

    /// By default, nothing is restricted.
    public var initialArchWords: ArchWords { ArchWords() }

    /// By default, refuses nothing.
    public func keyRefuses(_ key: UInt8, _ access: FaultException.Access, _ words: ArchWords) -> Bool { false }

    /// By default, refuses nothing.
    public func refusesKernel(_ access: FaultException.Access, _ mode: FaultException.Mode) -> Bool { false }

    /// By default, no page.
    public func mapsForPrograms(_ page: PageNumber, _ access: FaultException.Access) -> Bool { false }

    /// By default, none: leaves everything to the stages.
    public func uncontendedAccess(_ access: FaultException.Access) -> Protection { [] }
}

/// How an exception ended.
public enum EntryOutcome: Equatable, RoutineResult {
    /// Returned to the instruction, which is tried again.
    case replay
    /// A signal was forced on the task: ``Machine/forceSignal(_:on:_:)``.
    case signal
    /// The exception table had a fixup: the access failed, the copy returns short.
    case fixup
    /// The kernel died: an oops.
    case oops
    /// The task is about to die of a signal that was pending.
    case killed
    /// The kernel has done the work of the code that the program jumped to, and has returned to the program. The number
    /// says which code it was, and becomes the operation's value.
    case emulated(Int)

    /// The outcome as ``Resumption/entry(_:)``.
    @inlinable
    public var resumption: Resumption { .entry(self) }

    /// The outcome with which a caller was resumed.
    @inlinable
    public init(_ resumption: Resumption) {
        guard case .entry(let outcome) = resumption else { mismatch(resumption, "an entry's outcome") }
        self = outcome
    }
}
