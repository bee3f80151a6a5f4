/// The code of userfaultfd(2), for a ``MachineConfiguration``: `Userfaultfd.code` of `FaultUserfaultfd`.
public struct UserfaultCode: Sendable, CustomStringConvertible {
    package let operations: any UserfaultOperations

    package init(_ operations: some UserfaultOperations) { self.operations = operations }

    /// The name in traces and reports.
    public var description: String { "\(operations.name)" }
}

/// The handler of faults in user space: the seam at which userfaultfd(2) plugs in.
///
/// The state, descriptors with their queues, belongs to the machine; the code that works on it is here. A routine is a
/// state machine with stages and a frame, like the calls of a file system.
package protocol UserfaultOperations: BitwiseCopyable, Sendable {
    /// The name in traces and reports.
    var name: StaticName { get }

    /// The frame with which a routine begins.
    ///
    /// - Parameters:
    ///   - routine: The routine.
    ///   - request: What was asked of a descriptor; `nil` for routines that no program asks for.
    func beginning(of routine: UserfaultRoutine, for request: UserfaultRequest?) -> CallFrame

    /// Does one stage of a routine.
    func step(
        _ routine: UserfaultRoutine, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ payload: inout StepPayload
    ) -> StepPayload.Kind

    /// Shows the fields of a routine's frame.
    func visit<Visitor: FieldVisitor>(_ routine: UserfaultRoutine, _ activation: Activation, _ visitor: inout Visitor)

    /// Shows the fields of a routine's frame to a hash.
    func hash(_ routine: UserfaultRoutine, _ activation: Activation, into hash: inout FieldHash)

    /// The name of a stage; `nil` if there is no such stage.
    func stageName(_ stage: UInt8, of routine: UserfaultRoutine) -> String?

    /// What the next stage of a routine may read or write.
    func reads(_ routine: UserfaultRoutine, _ activation: Activation, _ view: StageView) -> Footprint

    /// The locks that the routine is responsible for when that stage is next.
    func holds(_ routine: UserfaultRoutine, _ activation: Activation, _ view: StageView) -> Holdings
}

/// The routines of ``UserfaultOperations``.
@usableFromInline
package enum UserfaultRoutine: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// `handle_userfault()`: a fault is handed over, and waits. It returns a ``FaultResult``.
    case handleMissing
    /// The same, for a store to a protected page.
    case handleWriteProtect
    /// The same, for a page that is only in the page cache.
    case handleMinor
    /// The task waits until the events that it has caused are read. It returns a ``Completion``.
    case tellEvents
    /// The process of the map in the task's fault has ended: its descriptors are closed. It returns a ``Completion``.
    case closeAll
    /// `UFFDIO_REGISTER`. This and the following routines return a ``CallResult``.
    case register
    /// `UFFDIO_UNREGISTER`.
    case unregister
    /// `UFFDIO_WAKE`.
    case wake
    /// `UFFDIO_COPY`, `UFFDIO_ZEROPAGE`, `UFFDIO_CONTINUE`, `UFFDIO_POISON`.
    case fill
    /// `UFFDIO_MOVE`.
    case move
    /// `UFFDIO_WRITEPROTECT`.
    case writeProtect
    /// `read(2)`.
    case read
    /// `close(2)`.
    case close
    /// `poll(2)`.
    case poll

    /// The routine that does a call.
    init(_ call: UserfaultCall) {
        self =
            switch call {
            case .register: .register
            case .unregister: .unregister
            case .wake: .wake
            case .copy, .zeropage, .continue, .poison: .fill
            case .move: .move
            case .writeProtect: .writeProtect
            case .read: .read
            case .close: .close
            case .poll, .pollAny: .poll
            }
    }
}

extension Machine {
    /// The call that hands a fault over: `handle_userfault()`. It returns a ``FaultResult``; after `RETRY` without
    /// ``FaultFlags/retryNoWait``, the fault lock is released.
    package func handingOver(_ reason: Userfault.Reason) -> RoutineCall {
        switch reason {
        case .missing: calling(.handleMissing)
        case .writeProtect: calling(.handleWriteProtect)
        case .minor: calling(.handleMinor)
        }
    }

    /// The call that runs a routine of the userfault handling.
    func calling(_ routine: UserfaultRoutine, for request: UserfaultRequest? = nil) -> RoutineCall {
        guard let operations = configuration.userfaults else {
            misuse("Machine: \(routine) is wanted, but the configuration has no user fault handling")
        }
        return RoutineCall(
            .userfaultRoutine, of: 0, selector: routine.rawValue, operations.beginning(of: routine, for: request).bytes)
    }
}

extension Activation {
    /// The routine of the userfault handling.
    var userfaultRoutine: UserfaultRoutine {
        guard let routine = UserfaultRoutine(rawValue: selector) else {
            misuse("no routine of the user fault handling has the number \(selector)")
        }
        return routine
    }
}
