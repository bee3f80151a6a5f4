/// What backs an area: the seam at which file systems, tmpfs, and your own handlers plug in. Models `struct
/// vm_operations_struct`.
///
/// A conforming type is plain data: it is the same in every fork of a machine. What it must remember is kept in the
/// machine: from stage to stage in its ``Frame``, beyond the fault in the state of the area, its
/// ``VMOperationTable/AreaState``.
///
/// A handler is a state machine with stages and a frame of its own:
///
///     struct SlowMemory: VMOperations {
///         enum Stage: UInt8, RoutineStage { case ask, arrived }
///         var name: StaticName { "slow memory" }
///
///         func fault(
///             _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
///             _ machine: inout Machine
///         ) -> RoutineStep<Stage, FaultResult> {
///             switch stage {
///             case .ask:
///                 machine.dropFaultLock(of: &fault, for: .handler)
///                 return .sleep(.time(machine.clock + 1000, .killable), then: .arrived)
///             case .arrived:
///                 if fault.lockDropped { return .done(.retry) }
///                 return .done(machine.giveNewPage(stamp: 1, to: &fault) ? [] : .oom)
///             }
///         }
///     }
///
/// It begins at the stage with the raw value 0. Each call does one stage and returns what comes next. A stage is
/// atomic: other tasks run only between stages, and while the handler sleeps.
public protocol VMOperations: VMOperationTable {
    /// The stages of ``fault(_:_:_:_:_:)``.
    associatedtype Stage: RoutineStage
    /// What it keeps from stage to stage.
    associatedtype Frame: HandlerFrame = EmptyFrame
    /// The stages of ``pageMkwrite(_:_:_:_:_:)``.
    associatedtype MkwriteStage: RoutineStage = OnlyStage
    /// What it keeps from stage to stage.
    associatedtype MkwriteFrame: HandlerFrame = EmptyFrame

    /// Finds the page of a fault: `->fault`.
    ///
    /// To end with a page, put it into ``VMFault/folio`` by ``Machine/give(_:to:)`` and return ``FaultResult/locked``
    /// if it is locked, 0 if not. Before a sleep that should not keep other threads out, call
    /// ``Machine/dropFaultLock(of:for:)``. From then on the area must not be looked at, and the result must be
    /// ``FaultResult/retry``. ``LockContract`` is enforced on the result.
    ///
    /// - Parameters:
    ///   - stage: The stage to do.
    ///   - frame: What the stages before have kept; this stage may change it.
    ///   - resumed: How it came to this stage: what it called has returned, or a signal has ended its sleep.
    ///   - fault: The fault.
    ///   - machine: The machine.
    func fault(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult>

    /// Prepares a shared page for becoming writable: `->page_mkwrite`. ``VMFault/folio`` is referenced and unlocked.
    ///
    /// The only flags are ``FaultFlags/write`` and ``FaultFlags/mkwrite``, so the fault lock can't be dropped. In the
    /// end, return ``FaultResult/locked`` with the folio locked, 0 to have the core lock it, ``FaultResult/noPage`` if
    /// the page is gone, or an error.
    func pageMkwrite(
        _ stage: MkwriteStage, _ frame: inout MkwriteFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<MkwriteStage, FaultResult>

    /// The state shared by tasks that a stage of ``fault(_:_:_:_:_:)`` may read or write; by default, everything. An
    /// exploration can leave out orders of stages that do not touch the same state.
    func faultReads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint

    /// The same for a stage of ``pageMkwrite(_:_:_:_:_:)``.
    func mkwriteReads(_ stage: MkwriteStage, _ frame: MkwriteFrame, _ view: StageView) -> Footprint

    /// The sleeping locks that ``fault(_:_:_:_:_:)`` has taken and not released when a stage is next; by default, none.
    /// The fault lock does not belong to the handler.
    func faultHolds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings

    /// The same for ``pageMkwrite(_:_:_:_:_:)``.
    func mkwriteHolds(_ stage: MkwriteStage, _ frame: MkwriteFrame, _ view: StageView) -> Holdings
}

/// What the engine calls of a handler. Conform to ``VMOperations`` instead, which implements all but the name.
public protocol VMOperationTable: BitwiseCopyable, Sendable {
    /// What it remembers of an area, at most 8 bytes: see ``Machine/areaState(of:as:)``.
    associatedtype AreaState: PluginState = NoState

    /// The name in traces and reports.
    var name: StaticName { get }

    /// Which operations it has besides `->fault`.
    var provides: VMOperationSet { get }

    /// Maps the ready pages from `first` to `last` around a read fault: `->map_pages`. It never sleeps.
    ///
    /// - Returns: ``FaultResult/noPage`` if the faulting page is mapped now, else 0.
    func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult

    /// The frame with which a call begins.
    func beginning(of call: HandlerCall, in model: KernelModel) -> CallFrame

    /// Does one stage of a call.
    func step(
        _ call: HandlerCall, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ payload: inout StepPayload
    ) -> StepPayload.Kind

    /// Shows the fields of a call's frame.
    func visit<Visitor: FieldVisitor>(
        _ call: HandlerCall, _ activation: Activation, in model: KernelModel, _ visitor: inout Visitor)

    /// Shows the fields of a call's frame to a hash.
    func hash(_ call: HandlerCall, _ activation: Activation, in model: KernelModel, into hash: inout FieldHash)

    /// The name of a stage; `nil` if there is no such stage.
    func stageName(_ stage: UInt8, of call: HandlerCall, in model: KernelModel) -> String?

    /// What the next stage of a call may read or write.
    func reads(_ call: HandlerCall, _ activation: Activation, _ view: StageView) -> Footprint

    /// The locks that the call is responsible for when that stage is next.
    func holds(_ call: HandlerCall, _ activation: Activation, _ view: StageView) -> Holdings

    /// The state shared by tasks that ``mapPages(_:from:through:_:)`` may read or write; by default, everything.
    func mapPagesReads(from first: PageIndex, through last: PageIndex, _ view: StageView) -> Footprint
}

/// The calls of ``VMOperations`` that may sleep.
public enum HandlerCall: UInt8, BitwiseCopyable, Sendable {
    /// ``VMOperations/fault(_:_:_:_:_:)``.
    case fault
    /// ``VMOperations/pageMkwrite(_:_:_:_:_:)``.
    case pageMkwrite
}

/// The frame of a handler, which begins with its default values.
public protocol HandlerFrame: RoutineFrame {
    /// The frame at the first stage.
    init()
}

extension EmptyFrame: HandlerFrame {}

/// The stage of a routine that has only one.
public enum OnlyStage: UInt8, RoutineStage {
    /// The only stage.
    case whole
}

extension VMOperations {
    /// Takes the frame's default values.
    @inlinable
    public func beginning(of call: HandlerCall, in model: KernelModel) -> CallFrame {
        switch call {
        case .fault: CallFrame(Frame())
        case .pageMkwrite: CallFrame(MkwriteFrame())
        }
    }

    /// Calls the handler's own function for the stage.
    @inlinable
    public func step(
        _ call: HandlerCall, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ payload: inout StepPayload
    ) -> StepPayload.Kind {
        switch call {
        case .fault:
            activation.run(of: Self.self, &payload) { (stage: Stage, frame: inout Frame, resumed) in
                self.fault(stage, &frame, resumed, &fault, &machine)
            }
        case .pageMkwrite:
            activation.run(of: Self.self, &payload) { (stage: MkwriteStage, frame: inout MkwriteFrame, resumed) in
                self.pageMkwrite(stage, &frame, resumed, &fault, &machine)
            }
        }
    }

    /// Shows the fields as the frame lists them.
    @inlinable
    public func visit<Visitor: FieldVisitor>(
        _ call: HandlerCall, _ activation: Activation, in model: KernelModel, _ visitor: inout Visitor
    ) {
        switch call {
        case .fault: activation.bytes.frame(Frame.self).visit(&visitor)
        case .pageMkwrite: activation.bytes.frame(MkwriteFrame.self).visit(&visitor)
        }
    }

    /// Shows the fields as the frame lists them.
    @inlinable
    public func hash(_ call: HandlerCall, _ activation: Activation, in model: KernelModel, into hash: inout FieldHash) {
        visit(call, activation, in: model, &hash)
    }

    /// Returns the name of the enum's case.
    @inlinable
    public func stageName(_ stage: UInt8, of call: HandlerCall, in model: KernelModel) -> String? {
        switch call {
        case .fault: Stage(rawValue: stage).map { "\($0)" }
        case .pageMkwrite: MkwriteStage(rawValue: stage).map { "\($0)" }
        }
    }

    /// By default, everything.
    public func faultReads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint { .everything }

    /// By default, everything.
    public func mkwriteReads(_ stage: MkwriteStage, _ frame: MkwriteFrame, _ view: StageView) -> Footprint {
        .everything
    }

    /// By default, none.
    public func faultHolds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings { .nothing }

    /// By default, none.
    public func mkwriteHolds(_ stage: MkwriteStage, _ frame: MkwriteFrame, _ view: StageView) -> Holdings { .nothing }

    /// Calls the handler's own function for the stage.
    public func reads(_ call: HandlerCall, _ activation: Activation, _ view: StageView) -> Footprint {
        switch call {
        case .fault: faultReads(activation.stage(), activation.bytes.frame(Frame.self), view)
        case .pageMkwrite: mkwriteReads(activation.stage(), activation.bytes.frame(MkwriteFrame.self), view)
        }
    }

    /// Calls the handler's own function for the stage.
    public func holds(_ call: HandlerCall, _ activation: Activation, _ view: StageView) -> Holdings {
        switch call {
        case .fault: faultHolds(activation.stage(), activation.bytes.frame(Frame.self), view)
        case .pageMkwrite: mkwriteHolds(activation.stage(), activation.bytes.frame(MkwriteFrame.self), view)
        }
    }
}

/// Which optional operations a ``VMOperations`` has.
@frozen
public struct VMOperationSet: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt8

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `->map_pages`.
    @inlinable
    public static var mapPages: Self { Self(rawValue: 1) }
    /// `->page_mkwrite`.
    @inlinable
    public static var pageMkwrite: Self { Self(rawValue: 2) }
    /// `->map_pages` always maps the page of the fault if it is in the page cache, uptodate, unlocked, without a memory
    /// error and without the readahead mark. Then a read of such a page may be handled at once.
    @inlinable
    public static var mapsReadyPages: Self { Self(rawValue: 4) }
    /// ``VMOperations/fault(_:_:_:_:_:)`` waits for what a program does. It may drop the fault lock whenever
    /// ``FaultFlags/allowRetry`` is given, even after another attempt has dropped it. So its fault may be tried again
    /// any number of times, like those of `handle_userfault()`.
    @inlinable
    public static var dropsWhenTried: Self { Self(rawValue: 8) }
}

extension VMOperationTable {
    /// By default, none.
    public var provides: VMOperationSet { [] }

    /// By default, maps nothing.
    public func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult { [] }

    /// By default, everything.
    public func mapPagesReads(from first: PageIndex, through last: PageIndex, _ view: StageView) -> Footprint {
        .everything
    }
}

extension VMOperations where MkwriteStage == OnlyStage, MkwriteFrame == EmptyFrame {
    /// By default, has the core lock the page.
    public func pageMkwrite(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> { .done([]) }
}
