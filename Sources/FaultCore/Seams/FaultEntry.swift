/// An architecture's way into the fault path: from the exception to ``FaultFlags``, the retry loop, and what becomes of
/// the result. Models `do_page_fault()` of one architecture.
///
/// It runs as a routine of the faulting task. ``VMFault/exception``, ``VMFault/page``, ``VMFault/task`` and
/// ``VMFault/map`` are set when it begins. It takes and releases the mmap lock itself
/// (``Machine/takingForFault(_:_:)``), and calls the core by ``Machine/handleMMFault()``. Its result is an
/// ``EntryOutcome``.
public protocol FaultEntry: BitwiseCopyable, Sendable {
    /// The stages of a fault; the one with the raw value 0 is the first.
    associatedtype Stage: RoutineStage
    /// What it keeps from stage to stage, beyond the ``VMFault``.
    associatedtype Frame: HandlerFrame = EmptyFrame

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

    /// Does one stage of a fault.
    ///
    /// - Parameters:
    ///   - stage: The stage to do.
    ///   - frame: What it has kept from its stages before; it may change it.
    ///   - resumed: How it came to this stage: what it called before has answered, or a signal has ended its
    ///     sleep.
    ///   - fault: The fault.
    ///   - machine: The machine.
    func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome>

    /// Whether nothing in this entry can stand in the way of a program's fault on a page without a translation, if the
    /// mmap lock is free and an area covers the page: the core then does such faults at once, without this entry's
    /// stages, and must leave exactly what they would have left.
    ///
    /// Asked only while costs are zero and nobody watches.
    ///
    /// - Returns: Of which the area must allow one; nothing if all faults must go through the stages.
    func uncontendedAccess(_ access: FaultException.Access) -> Protection

    /// What of the state that tasks share a stage may read or write: everything, if the entry does not tell. An
    /// exploration can leave out orders of stages that do not touch the same.
    func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint

    /// The sleeping locks that the entry has charge of when a stage is next: the fault lock, if it does not tell.
    func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings

    // What the engine asks. Do not implement these: they follow from the above.

    /// The frame that a fault begins with.
    var beginning: CallFrame { get }

    /// Does one stage.
    func step(
        _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine, _ answer: inout StageAnswer
    ) -> StageAnswer.Kind

    /// Shows the fields of a frame.
    func visit<Visitor: FieldVisitor>(_ activation: Activation, _ visitor: inout Visitor)

    /// Shows the fields of a frame to a hash.
    func hash(_ activation: Activation, into hash: inout FieldHash)

    /// The name of a stage; `nil` if there is no such stage.
    func stageName(_ stage: UInt8) -> String?

    /// What the stage that is next may read or write.
    func reads(_ activation: Activation, _ view: StageView) -> Footprint

    /// What the entry has charge of when that stage is next.
    func holds(_ activation: Activation, _ view: StageView) -> Holdings
}

extension FaultEntry {
    /// The frame's default values.
    @inlinable
    public var beginning: CallFrame { CallFrame(Frame()) }

    /// Calls the entry's own function for the stage.
    @inlinable
    public func step(
        _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine, _ answer: inout StageAnswer
    ) -> StageAnswer.Kind {
        activation.run(of: Self.self, &answer) { (stage: Stage, frame: inout Frame, resumed) in
            self.step(stage, &frame, resumed, &fault, &machine)
        }
    }

    /// As the frame lists them.
    @inlinable
    public func visit<Visitor: FieldVisitor>(_ activation: Activation, _ visitor: inout Visitor) {
        activation.bytes.frame(Frame.self).visit(&visitor)
    }

    /// As the frame lists them.
    @inlinable
    public func hash(_ activation: Activation, into hash: inout FieldHash) { visit(activation, &hash) }

    /// The name of the enum's case.
    @inlinable
    public func stageName(_ stage: UInt8) -> String? { Stage(rawValue: stage).map { "\($0)" } }

    /// Asks the entry's own function for the stage.
    public func reads(_ activation: Activation, _ view: StageView) -> Footprint {
        reads(activation.stage(), activation.bytes.frame(Frame.self), view)
    }

    /// Asks the entry's own function for the stage.
    public func holds(_ activation: Activation, _ view: StageView) -> Holdings {
        holds(activation.stage(), activation.bytes.frame(Frame.self), view)
    }
}

extension FaultEntry {
    /// Everything.
    public func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint { .everything }

    /// The mmap lock, if that is the fault lock.
    public func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings { view.heldFaultLock }

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
    public func uncontendedAccess(_ access: FaultException.Access) -> Protection { [] }
}

/// What became of an exception.
public enum EntryOutcome: Equatable, RoutineResult {
    /// Back to the instruction, which is tried again.
    case replay
    /// A signal was forced on the task: ``Machine/forceSignal(_:on:_:)``.
    case signal
    /// The exception table had a fixup: the access failed, the copy returns short.
    case fixup
    /// The kernel died of it.
    case oops
    /// The task is about to die of a signal that was pending.
    case killed
    /// The kernel has done what the program jumped to, and returned to where it came from. The number says what it was,
    /// and becomes the operation's value.
    case emulated(Int)

    /// As ``Resumption/entry(_:)``.
    @inlinable
    public var resumption: Resumption { .entry(self) }

    /// What a caller was told.
    @inlinable
    public init(_ resumption: Resumption) {
        guard case .entry(let outcome) = resumption else { mismatch(resumption, "an entry's outcome") }
        self = outcome
    }
}
