/// The locks that a routine is responsible for.
public struct Holdings: Equatable, Sendable {
    /// The sleeping locks that the routine has taken, and has to release or to pass on.
    public var locks: [HeldLock]

    /// Nothing, or some locks.
    public init(_ locks: [HeldLock] = []) { self.locks = locks }

    /// Nothing.
    public static var nothing: Self { Self() }

    /// One lock.
    public static func lock(_ lock: LockName, _ mode: LockMode) -> Self { Self([HeldLock(lock, mode)]) }

    /// One lock, if it is held.
    public static func lock(_ lock: LockName, _ mode: LockMode, if isHeld: Bool) -> Self {
        isHeld ? .lock(lock, mode) : .nothing
    }

    /// This and others together.
    public func and(_ other: Holdings) -> Holdings { Holdings(locks + other.locks) }
}
