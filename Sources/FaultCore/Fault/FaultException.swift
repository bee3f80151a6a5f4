/// What makes a fault: the access that the processor could not do. Built by the core, read by a ``FaultEntry``.
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

    /// In what context the access was made.
    public enum Mode: UInt8, BitwiseCopyable, Sendable {
        /// By the program itself.
        case user
        /// By the kernel, at an instruction with an exception-table entry: a user copy that may sleep.
        case kernelWithFixup
        /// By the kernel with page faults disabled: an atomic copy.
        case kernelAtomic
        /// By the kernel, at an instruction without an exception-table entry.
        case kernelWithoutFixup
        /// By the kernel, at an instruction with an exception-table entry, but without having opened user memory to
        /// itself first, where a processor wants that.
        case kernelUnopened
    }

    /// What was tried.
    public var access: Access
    /// In what context.
    public var mode: Mode
    /// Whether the processor found a translation that refuses the access, instead of none.
    public var translationPresent: Bool
    /// Whether it was the page's protection key that refuses.
    public var keyRefuses = false
    /// Whether the translation was found to be damaged.
    public var entryIsDamaged = false
    /// Where in the page the access was, in bytes; known of a jump alone.
    public var offset: UInt16 = 0

    /// Makes an exception.
    @inlinable
    public init(_ access: Access, _ mode: Mode, translationPresent: Bool) {
        self.access = access
        self.mode = mode
        self.translationPresent = translationPresent
    }
}
