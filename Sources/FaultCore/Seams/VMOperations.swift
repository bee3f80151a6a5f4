/// What backs an area: the seam at which file systems, tmpfs, and your own handlers plug in. Models
/// `struct vm_operations_struct`.
///
/// A conforming type is plain data: it is the same in every fork of a machine. What it must remember lives in words
/// that the machine keeps: those of the call, of the area, of the file.
///
/// A handler is a state machine. It begins at ``HandlerStage/start``; each call does one stage and answers what comes
/// next. A stage is atomic: other tasks run only between stages, and while the handler sleeps.
public protocol VMOperations: BitwiseCopyable, Sendable {
    /// The name in traces and reports.
    var name: StaticName { get }

    /// Which of the operations there are beside ``fault(_:_:_:)``.
    var provides: VMOperationSet { get }

    /// The name of a stage of ``fault(_:_:_:)`` or ``pageMkwrite(_:_:_:)``, for traces; `nil` if it has none.
    func stageName(_ stage: UInt8, ofMkwrite: Bool, in model: KernelModel) -> String?

    /// Finds the page of a fault: `->fault`.
    ///
    /// Done with a page: put it into ``VMFault/folio`` by ``Machine/give(_:to:)`` and answer
    /// ``FaultResult/locked`` if it is locked, 0 if not. Before a sleep that should not keep other threads out, call
    /// ``Machine/dropFaultLock(of:for:)``; from then on the area must not be looked at, and the answer must be
    /// ``FaultResult/retry``. ``LockContract`` is enforced on the answer.
    func fault(_ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine) -> Step<HandlerStage>

    /// Maps what is ready of the pages `first` to `last` around a read fault: `->map_pages`. It never sleeps.
    ///
    /// - Returns: ``FaultResult/noPage`` if the faulting page is mapped now, else 0.
    func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult

    /// Is told that a shared page becomes writable: `->page_mkwrite`. ``VMFault/folio`` is referenced and unlocked.
    ///
    /// The flags are ``FaultFlags/write`` and ``FaultFlags/mkwrite`` alone, so the fault lock can't be dropped. Done:
    /// answer ``FaultResult/locked`` with the folio locked, 0 to have the core lock it, ``FaultResult/noPage`` if the
    /// page is gone, or an error.
    func pageMkwrite(_ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine) -> Step<HandlerStage>
}

extension VMOperations {
    /// No names.
    public func stageName(_ stage: UInt8, ofMkwrite: Bool, in model: KernelModel) -> String? { nil }
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
}

extension VMOperations {
    /// None.
    public var provides: VMOperationSet { [] }

    /// Maps nothing.
    public func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult { [] }

    /// Lets the core lock the page.
    public func pageMkwrite(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { .done([]) }
}
