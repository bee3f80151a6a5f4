/// What backs an area: the seam at which file systems, tmpfs, and your own handlers plug in. Models `struct
/// vm_operations_struct`.
///
/// A conforming type is plain data: it is the same in every fork of a machine. What it must remember lives in the
/// machine: from stage to stage in its ``Frame``, beyond the fault in the state of the area, its
/// ``VMOperationTable/AreaState``.
///
/// A handler is a state machine with stages and a frame of its own:
///
///     struct SlowMemory: VMOperations {
///         enum Stage: UInt8, RoutineStage { case ask, arrived }
///         var name: StaticName { StaticName("slow memory") }
///
///         func fault(
///             _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
///             _ machine: inout Machine
///         ) -> Step<Stage, FaultResult> {
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
/// It begins at the stage with the raw value 0; each call does one stage and answers what comes next. A stage is
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
    /// Done with a page: put it into ``VMFault/folio`` by ``Machine/give(_:to:)`` and answer
    /// ``FaultResult/locked`` if it is locked, 0 if not. Before a sleep that should not keep other threads out, call
    /// ``Machine/dropFaultLock(of:for:)``; from then on the area must not be looked at, and the answer must be
    /// ``FaultResult/retry``. ``LockContract`` is enforced on the answer.
    ///
    /// - Parameters:
    ///   - stage: The stage to do.
    ///   - frame: What it has kept from its stages before; it may change it.
    ///   - resumed: How it came to this stage: what it called before has answered, or a signal has ended its sleep.
    ///   - fault: The fault.
    ///   - machine: The machine.
    func fault(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult>

    /// Is told that a shared page becomes writable: `->page_mkwrite`. ``VMFault/folio`` is referenced and unlocked.
    ///
    /// The flags are ``FaultFlags/write`` and ``FaultFlags/mkwrite`` alone, so the fault lock can't be dropped. Done:
    /// answer ``FaultResult/locked`` with the folio locked, 0 to have the core lock it, ``FaultResult/noPage`` if the
    /// page is gone, or an error.
    func pageMkwrite(
        _ stage: MkwriteStage, _ frame: inout MkwriteFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<MkwriteStage, FaultResult>

    /// What of the state that tasks share a stage of ``fault(_:_:_:_:_:)`` may read or write: everything, if the
    /// handler does not tell. An exploration can leave out orders of stages that do not touch the same.
    func faultReads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint

    /// The same of a stage of ``pageMkwrite(_:_:_:_:_:)``.
    func mkwriteReads(_ stage: MkwriteStage, _ frame: MkwriteFrame, _ view: StageView) -> Footprint

    /// The sleeping locks that ``fault(_:_:_:_:_:)`` has taken and not released when a stage is next; none, if it does
    /// not tell. The fault lock is not the handler's.
    func faultHolds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings

    /// The same of ``pageMkwrite(_:_:_:_:_:)``.
    func mkwriteHolds(_ stage: MkwriteStage, _ frame: MkwriteFrame, _ view: StageView) -> Holdings
}

/// What the engine asks of a handler of areas. Conform to ``VMOperations`` instead, which answers all but the name.
public protocol VMOperationTable: BitwiseCopyable, Sendable {
    /// What it remembers of an area, at most 8 bytes: see ``Machine/areaState(of:as:)``.
    associatedtype AreaState: PluginState = NoState

    /// The name in traces and reports.
    var name: StaticName { get }

    /// Which of the operations there are beside `->fault`.
    var provides: VMOperationSet { get }

    /// Maps what is ready of the pages `first` to `last` around a read fault: `->map_pages`. It never sleeps.
    ///
    /// - Returns: ``FaultResult/noPage`` if the faulting page is mapped now, else 0.
    func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult

    /// The frame that a call begins with.
    func beginning(of call: HandlerCall, in model: KernelModel) -> CallFrame

    /// Does one stage of a call.
    func step(
        _ call: HandlerCall, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ answer: inout StageAnswer
    ) -> StageAnswer.Kind

    /// Shows the fields of a call's frame.
    func visit<Visitor: FieldVisitor>(
        _ call: HandlerCall, _ activation: Activation, in model: KernelModel, _ visitor: inout Visitor)

    /// Shows the fields of a call's frame to a hash.
    func hash(_ call: HandlerCall, _ activation: Activation, in model: KernelModel, into hash: inout FieldHash)

    /// The name of a stage; `nil` if there is no such stage.
    func stageName(_ stage: UInt8, of call: HandlerCall, in model: KernelModel) -> String?

    /// What the stage of a call that is next may read or write.
    func reads(_ call: HandlerCall, _ activation: Activation, _ view: StageView) -> Footprint

    /// What the call has charge of when that stage is next.
    func holds(_ call: HandlerCall, _ activation: Activation, _ view: StageView) -> Holdings

    /// What ``mapPages(_:from:through:_:)`` may read or write of the state that tasks share; everything, if the handler
    /// does not tell.
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
    /// Where it begins and ends.
    case whole
}

extension VMOperations {
    /// The frame's default values.
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
        _ answer: inout StageAnswer
    ) -> StageAnswer.Kind {
        switch call {
        case .fault:
            activation.run(of: Self.self, &answer) { (stage: Stage, frame: inout Frame, resumed) in
                self.fault(stage, &frame, resumed, &fault, &machine)
            }
        case .pageMkwrite:
            activation.run(of: Self.self, &answer) { (stage: MkwriteStage, frame: inout MkwriteFrame, resumed) in
                self.pageMkwrite(stage, &frame, resumed, &fault, &machine)
            }
        }
    }

    /// As the frame lists them.
    @inlinable
    public func visit<Visitor: FieldVisitor>(
        _ call: HandlerCall, _ activation: Activation, in model: KernelModel, _ visitor: inout Visitor
    ) {
        switch call {
        case .fault: activation.bytes.frame(Frame.self).visit(&visitor)
        case .pageMkwrite: activation.bytes.frame(MkwriteFrame.self).visit(&visitor)
        }
    }

    /// As the frame lists them.
    @inlinable
    public func hash(_ call: HandlerCall, _ activation: Activation, in model: KernelModel, into hash: inout FieldHash) {
        visit(call, activation, in: model, &hash)
    }

    /// The name of the enum's case.
    @inlinable
    public func stageName(_ stage: UInt8, of call: HandlerCall, in model: KernelModel) -> String? {
        switch call {
        case .fault: Stage(rawValue: stage).map { "\($0)" }
        case .pageMkwrite: MkwriteStage(rawValue: stage).map { "\($0)" }
        }
    }

    /// Everything.
    public func faultReads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint { .everything }

    /// Everything.
    public func mkwriteReads(_ stage: MkwriteStage, _ frame: MkwriteFrame, _ view: StageView) -> Footprint {
        .everything
    }

    /// Nothing.
    public func faultHolds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings { .nothing }

    /// Nothing.
    public func mkwriteHolds(_ stage: MkwriteStage, _ frame: MkwriteFrame, _ view: StageView) -> Holdings { .nothing }

    /// Asks the handler's own function for the stage.
    public func reads(_ call: HandlerCall, _ activation: Activation, _ view: StageView) -> Footprint {
        switch call {
        case .fault: faultReads(activation.stage(), activation.bytes.frame(Frame.self), view)
        case .pageMkwrite: mkwriteReads(activation.stage(), activation.bytes.frame(MkwriteFrame.self), view)
        }
    }

    /// Asks the handler's own function for the stage.
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
    /// `->map_pages` always maps the page of the fault if it is in the page cache, uptodate, unlocked, sound and
    /// without readahead mark. Then a read of such a page may be handled at once.
    @inlinable
    public static var mapsReadyPages: Self { Self(rawValue: 4) }
    /// ``VMOperations/fault(_:_:_:_:_:)`` waits for what a program does, and may drop the fault lock whenever
    /// ``FaultFlags/allowRetry`` is given, also after another attempt has: its fault may be tried again any number of times,
    /// as those of `handle_userfault()` are.
    @inlinable
    public static var dropsWhenTried: Self { Self(rawValue: 8) }
}

extension VMOperationTable {
    /// None.
    public var provides: VMOperationSet { [] }

    /// Maps nothing.
    public func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult { [] }

    /// Everything.
    public func mapPagesReads(from first: PageIndex, through last: PageIndex, _ view: StageView) -> Footprint {
        .everything
    }
}

extension VMOperations where MkwriteStage == OnlyStage, MkwriteFrame == EmptyFrame {
    /// Lets the core lock the page.
    public func pageMkwrite(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> { .done([]) }
}
