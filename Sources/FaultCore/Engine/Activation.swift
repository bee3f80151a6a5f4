/// One routine that a task has under way: its number, its next stage, and its frame. Plain data, so that it can be
/// copied.
///
/// A task has a stack of activations, the innermost last; it reads like a backtrace. Only the engine looks at an
/// activation: a routine gets its stage and its frame in their own types.
@frozen
public struct Activation: BitwiseCopyable, Sendable {
    /// The routine that runs.
    package internal(set) var routine: RoutineNumber
    /// The stage that runs next.
    @usableFromInline
    var stageNumber: UInt8
    /// The call that a plug-in does, if it has several.
    package internal(set) var selector: UInt8
    /// The number of the plug-in, if the routine belongs to one.
    @usableFromInline
    var plugIn: UInt16
    /// What that stage is resumed with.
    @usableFromInline
    var resumed: Resumption
    @usableFromInline
    var bytes: FrameBytes

    /// Starts a routine.
    @inline(__always)
    init(_ call: RoutineCall) {
        routine = call.routine
        stageNumber = 0
        selector = call.selector
        plugIn = call.plugIn
        resumed = .plain
        bytes = call.bytes
    }

    /// Does the next stage of the routine.
    ///
    /// - Parameter payload: Set to what comes with the step. What it had before is kept if nothing comes with it.
    @inlinable
    @inline(__always)
    package mutating func run<R: Routine>(
        _: R.Type, _ fault: inout VMFault, _ machine: inout Machine, _ payload: inout StepPayload
    ) -> StepPayload.Kind {
        run(of: R.self, &payload) { (stage: R.Stage, frame: inout R.Frame, resumed) in
            R.step(stage, &frame, resumed, &fault, &machine)
        }
    }

    /// Does the next stage of a routine that is plugged in.
    ///
    /// - Parameter owner: The owner of the routine, for the message about a stage that it does not have.
    @inlinable
    @inline(__always)
    mutating func run<Stage: RoutineStage, Frame: RoutineFrame, Result: RoutineResult>(
        of owner: Any.Type, _ payload: inout StepPayload,
        _ step: (Stage, inout Frame, Resumption) -> RoutineStep<Stage, Result>
    ) -> StepPayload.Kind {
        guard let stage = Stage(rawValue: stageNumber) else { noSuchStage(owner, stageNumber) }
        let resumed = resumed
        switch bytes.withFrame(Frame.self, { step(stage, &$0, resumed) }) {
        case .next(let next):
            stageNumber = next.rawValue
            self.resumed = .plain
            return .next
        case .call(let call, let next):
            stageNumber = next.rawValue
            self.resumed = .plain
            payload.call = call
            return .call
        case .sleep(let wait, let next):
            stageNumber = next.rawValue
            self.resumed = .plain
            payload.wait = wait
            return .sleep
        case .done(let result):
            payload.result = result.resumption
            return .done
        }
    }
}

@usableFromInline
@inline(never)
func noSuchStage(_ owner: Any.Type, _ number: UInt8) -> Never {
    misuse("\(owner) has no stage \(number)")
}

/// What comes with a ``RoutineStep`` when a registry has done a stage: the routine to call, the wait to sleep on, or the
/// result for the caller. The ``Kind`` that the registry returns says which.
///
/// A registry passes it on, and does not look inside.
@frozen
public struct StepPayload: BitwiseCopyable, Sendable {
    /// The kind of step that a stage has returned: the case of its ``RoutineStep``.
    @frozen
    public enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// The routine continues at its next stage. There is no payload.
        case next
        /// It calls the routine in the payload.
        case call
        /// It sleeps on the wait in the payload.
        case sleep
        /// It is done, with the result in the payload.
        case done
    }

    @usableFromInline
    var call: RoutineCall
    @usableFromInline
    var wait: TaskWait
    @usableFromInline
    var result: Resumption

    @inline(__always)
    init() {
        call = .none
        wait = .none
        result = .plain
    }
}
