/// The access that the processor could not do, which causes a fault. Built by the core, read by a ``FaultEntry``.
@frozen
public struct FaultException: BitwiseCopyable, Sendable {
    /// The kinds of access.
    public enum Access: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// A load.
        case read
        /// A store.
        case write
        /// An instruction fetch.
        case execute
    }

    /// The context in which the access was made.
    public enum Mode: UInt8, BitwiseCopyable, Sendable {
        /// By the program itself.
        case user
        /// By the kernel, at an instruction with an exception-table entry: a user copy that may sleep.
        case kernelWithFixup
        /// By the kernel with page faults disabled: an atomic copy.
        case kernelAtomic
        /// By the kernel, at an instruction without an exception-table entry.
        case kernelWithoutFixup
        /// By the kernel, at an instruction with an exception-table entry, but without first enabling its access to
        /// user memory, where a processor requires that.
        case kernelUnopened
    }

    /// The kind of access.
    public var access: Access
    /// The context.
    public var mode: Mode
    /// Whether the processor found a translation that refuses the access, rather than none.
    public var translationPresent: Bool
    /// Whether the page's protection key refuses the access.
    public var keyRefuses = false
    /// Whether the translation was found to be damaged.
    public var entryIsDamaged = false
    /// Where in the page the access was, in bytes; known only for a jump.
    public var offset: UInt16 = 0

    /// Makes an exception.
    @inlinable
    public init(_ access: Access, _ mode: Mode, translationPresent: Bool) {
        self.access = access
        self.mode = mode
        self.translationPresent = translationPresent
    }
}
