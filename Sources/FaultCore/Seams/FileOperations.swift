/// What a file system does: the seam for reading, writing, truncating and syncing files. Models `file_operations` with
/// `address_space_operations`.
///
/// A conforming type is plain data: it is the same in every fork of a machine. What it must remember is kept in the
/// machine: from stage to stage in its ``Frame``, beyond the call in the state of the file.
///
/// All calls are one state machine, which begins with its ``FileRequest``, the call and the file:
///
///     struct SlowFiles: FileOperations {
///         enum Stage: UInt8, RoutineStage { case begin, synced }
///         var name: StaticName { "slow files" }
///
///         func step(
///             _ stage: Stage, _ frame: inout FileRequest, _ resumed: Resumption, _ machine: inout Machine
///         ) -> RoutineStep<Stage, FileResult> {
///             switch (stage, frame.call) {
///             case (.begin, .sync): .sleep(.time(machine.clock + 1000, .killable), then: .synced)
///             case (.begin, .read): .done(.ready(ReadyPages(count: 0, reachesEnd: true)))
///             default: .done(.done)
///             }
///         }
///
///         func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {}
///     }
///
/// A call begins at the stage with the raw value 0. Each call of ``step(_:_:_:_:)`` does one stage and returns what
/// comes next. A stage is atomic: other tasks run only between stages, and while the file system sleeps.
public protocol FileOperations: FileOperationTable {
    /// The stages of ``step(_:_:_:_:)``.
    associatedtype Stage: RoutineStage
    /// What a call keeps from stage to stage.
    associatedtype Frame: FileFrame = FileRequest

    /// Does one stage of a call.
    ///
    /// - Parameters:
    ///   - stage: The stage to do.
    ///   - frame: What the stages before have kept; this stage may change it.
    ///   - resumed: How it came to this stage: what it called has returned, or a signal has ended its sleep.
    ///   - machine: The machine.
    /// - Returns: What comes next. The ``FileCall`` says what the call may end with.
    func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult>

    /// The state shared by tasks that a stage may read or write; by default, everything. An exploration can leave out
    /// orders of stages that do not touch the same state.
    func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint

    /// The sleeping locks that the call itself has taken and not released when a stage is next; by default, none.
    func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings
}

/// What the engine calls of a file system. Conform to ``FileOperations`` instead, which implements all but the name and
/// the end of requests.
public protocol FileOperationTable: BitwiseCopyable, Sendable {
    /// What it remembers of a file, at most 16 bytes: see `Machine.state(of:of:)`. Models what `i_private` leads to.
    associatedtype InodeState: PluginState = NoState

    /// The name in traces and reports.
    var name: StaticName { get }

    /// Handles the end of a device's request: pages become uptodate, or clean, and are unlocked.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - failed: The pages of the request that could not be read; empty if all went well.
    ///   - machine: The machine.
    func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine)

    /// The content stamp that a read of a page would bring now; `nil`, the default, if it is not known. The checker then
    /// sees that no store is lost.
    func savedStamp(of file: FileID, at index: PageIndex, _ machine: Machine) -> UInt32?

    /// The frame with which a call begins.
    func beginning(of call: FileCall, on file: FileID) -> CallFrame

    /// Does one stage of a call.
    func step(
        _ call: FileCall.Kind, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ payload: inout StepPayload
    ) -> StepPayload.Kind

    /// Shows the fields of a call's frame.
    func visit<Visitor: FieldVisitor>(_ call: FileCall.Kind, _ activation: Activation, _ visitor: inout Visitor)

    /// Shows the fields of a call's frame to a hash.
    func hash(_ call: FileCall.Kind, _ activation: Activation, into hash: inout FieldHash)

    /// The name of a stage; `nil` if there is no such stage, or it has no name.
    func stageName(_ stage: UInt8, of call: FileCall.Kind) -> String?

    /// What the next stage of a call may read or write.
    func reads(_ call: FileCall.Kind, _ activation: Activation, _ view: StageView) -> Footprint

    /// The locks that the call is responsible for when that stage is next.
    func holds(_ call: FileCall.Kind, _ activation: Activation, _ view: StageView) -> Holdings
}

/// The frame of a file system's call, which begins with the call and the file.
public protocol FileFrame: RoutineFrame {
    /// The frame at the first stage.
    init(_ call: FileCall, on file: FileID)
}

/// A call, and the file that it is about.
public struct FileRequest: Equatable, FileFrame {
    /// The call.
    public let call: FileCall
    /// The file.
    public let file: FileID

    /// Makes a request for `call` on `file`.
    @inlinable
    public init(_ call: FileCall, on file: FileID) {
        self.call = call
        self.file = file
    }

    /// Shows the fields.
    @inlinable
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("call", call)
        visitor.visit("file", file)
    }
}

extension FileOperationTable {
    /// What a read would bring is not known.
    @inlinable
    public func savedStamp(of file: FileID, at index: PageIndex, _ machine: Machine) -> UInt32? { nil }
}

extension FileOperations {
    /// Makes the frame from the call and the file.
    @inlinable
    public func beginning(of call: FileCall, on file: FileID) -> CallFrame { CallFrame(Frame(call, on: file)) }

    /// Calls the file system's own function for the stage.
    @inlinable
    public func step(
        _ call: FileCall.Kind, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ payload: inout StepPayload
    ) -> StepPayload.Kind {
        activation.run(of: Self.self, &payload) { (stage: Stage, frame: inout Frame, resumed) in
            self.step(stage, &frame, resumed, &machine)
        }
    }

    /// Shows the fields as the frame lists them.
    @inlinable
    public func visit<Visitor: FieldVisitor>(
        _ call: FileCall.Kind, _ activation: Activation, _ visitor: inout Visitor
    ) { activation.bytes.frame(Frame.self).visit(&visitor) }

    /// Shows the fields as the frame lists them.
    @inlinable
    public func hash(_ call: FileCall.Kind, _ activation: Activation, into hash: inout FieldHash) {
        visit(call, activation, &hash)
    }

    /// Returns the name of the enum's case.
    @inlinable
    public func stageName(_ stage: UInt8, of call: FileCall.Kind) -> String? {
        Stage(rawValue: stage).map { "\($0)" }
    }

    /// By default, everything.
    public func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint { .everything }

    /// By default, none.
    public func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings { .nothing }

    /// Calls the file system's own function for the stage.
    public func reads(_ call: FileCall.Kind, _ activation: Activation, _ view: StageView) -> Footprint {
        reads(activation.stage(), activation.bytes.frame(Frame.self), view)
    }

    /// Calls the file system's own function for the stage.
    public func holds(_ call: FileCall.Kind, _ activation: Activation, _ view: StageView) -> Holdings {
        holds(activation.stage(), activation.bytes.frame(Frame.self), view)
    }
}
