/// How an operation ended, if it has ended.
public struct OperationOutcome: Equatable, BitwiseCopyable, Sendable {
    /// Whether it has ended.
    public package(set) var isDone: Bool = false
    /// What the call returned: pages, a page number, an ID, or the error.
    public package(set) var result = CallResult.done
    /// How many bytes read(2) or write(2) moved: what the call returns to its program. Fewer than a whole page are of the last
    /// page of a file that ends within it.
    public package(set) var bytes: Int = 0
    /// The signal that ended it, if one did.
    public package(set) var signal: TaskSignal?
    /// Whether the kernel died in it: an oops.
    public package(set) var oops: Bool = false
    /// The content stamp of the page that was touched or read last.
    public package(set) var stamp: UInt32 = 0
    /// Whether a fault has dropped the mmap lock that the call held, so that its critical section was broken: `*locked`
    /// of `get_user_pages()` is 0, `*unlocked` of `fixup_user_fault()` is true. False for exceptions, which hold no
    /// lock.
    public package(set) var lockWasLost: Bool = false
    /// How many pages a call on a ``UserfaultID`` has filled, even if it stopped there and failed with `EAGAIN`.
    public package(set) var filledPages: UInt32 = 0
    /// The first message that a read from a ``UserfaultID`` has got.
    public package(set) var message: UserfaultMessage?

    /// An outcome of an operation that has not ended.
    package init() {}

    /// What the call returned to its program: ``result``'s number, or the negative errno.
    public var value: Int64 { result.returned }

    /// The error, if the call failed.
    public var errno: Errno? { result.errno }
}
