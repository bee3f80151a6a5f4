/// Whether the caller or the callee releases the fault lock after an attempt, by the bits of its result.
///
/// The kernel's rule (the comment above `__folio_lock_or_retry()` in mm/filemap.c, and every caller of
/// `handle_mm_fault()`), Linux 6.0 and later:
///
/// | result                    | flags had `RETRY_NOWAIT` | lock on return |
/// |---------------------------|--------------------------|----------------|
/// | any bit of `ERROR`        | –                        | held           |
/// | `RETRY`                   | no                       | released       |
/// | `RETRY`                   | yes                      | held           |
/// | `COMPLETED`               | no; yes is not allowed   | released       |
/// | everything else           | –                        | held           |
///
/// Under an area lock it is the same from Linux 6.6 on. In 6.4 and 6.5 nothing drops that lock, and the caller
/// releases it after every result, `RETRY` included (``KernelModel/AreaLockRelease``).
///
/// The table is enforced on the return of every ``VMOperations`` handler and of the whole attempt. A result that breaks
/// it is a ``Violation``, never a trap.
public enum LockContract {
    /// What a row of the table says about the fault lock.
    public enum LockState: String, BitwiseCopyable, Sendable {
        /// The caller still holds the lock, and releases it.
        case held
        /// The callee has released it; the area must not be looked at again.
        case released
    }

    /// One row: the bits that select it and the state of the lock.
    public struct Row: Sendable {
        /// The row applies if the result has any of these bits; an empty set applies always.
        public let bits: FaultResult
        /// The row applies if ``FaultFlags/retryNoWait`` was given (`true`), was not (`false`), or in both cases
        /// (`nil`).
        public let noWait: Bool?
        /// What the lock must be.
        public let lock: LockState
    }

    /// The rows. The first that applies decides.
    public static let table: [Row] = [
        Row(bits: .error, noWait: nil, lock: .held),
        Row(bits: .retry, noWait: true, lock: .held),
        Row(bits: [.retry, .completed], noWait: nil, lock: .released),
        Row(bits: [], noWait: nil, lock: .held),
    ]

    /// What the fault lock must be after an attempt with `flags` that returned `result`.
    @inlinable
    package static func lockState(
        after result: FaultResult, flags: FaultFlags, areaLock: KernelModel.AreaLockRelease = .byCallee
    ) -> LockState {
        if result.isError || (areaLock == .byCaller && flags.contains(.vmaLock)) { return .held }
        if result.contains(.retry) { return flags.contains(.retryNoWait) ? .held : .released }
        return result.contains(.completed) ? .released : .held
    }

    /// Why `result` is not allowed with `flags`; `nil` if it is.
    package static func complaint(about result: FaultResult, flags: FaultFlags) -> String? {
        if result.isError, !result.isDisjoint(with: [.retry, .completed]) {
            return "an error bit together with RETRY or COMPLETED"
        }
        if result.contains(.retry), result.contains(.completed) { return "COMPLETED together with RETRY" }
        if result.contains(.completed), flags.contains(.retryNoWait) { return "COMPLETED under RETRY_NOWAIT" }
        return nil
    }
}
