/// Which waits for locks a fatal signal ends.
public enum LockWaits: UInt8, KernelRule {
    /// Those of system calls and of faults (commit c2508ec5a58d, Linux 6.5 and the stable series of 6.1).
    case killable
    /// Those of system calls (commit dc0ef0df7b6a, Linux 4.7).
    case killableInCalls
    /// None.
    case uninterruptible
}

/// Under which lock a stack grows.
public enum StackGrowth: UInt8, KernelRule {
    /// The mmap lock is taken for writing, and then downgraded (commit c2508ec5a58d, Linux 6.5 and the stable series of 6.1).
    case underWriteLock
    /// The mmap lock for reading is enough, so that areas move under it.
    case underReadLock
}

/// What keeps a stack from what is below it.
public enum StackGuard: UInt8, KernelRule {
    /// A gap of many pages, which growth must leave (commit 1be7107fbe18, Linux 4.12).
    case gap
    /// One page: the lowest page of a stack can be had only if the stack can grow by another, else `SIGBUS` (commit
    /// 320b2b8de126, Linux 2.6.36).
    case page
}

/// Whether a program may touch its stack far below its stack pointer.
public enum StackPointerTest: UInt8, KernelRule {
    /// It may (Linux 5.2 has no such test; the commit of 4.20 was not looked up).
    case absent
    /// More than 64 KiB and 32 words below is no access to the stack.
    case refuses
}

/// How a fault that is tried again takes the mmap lock.
public enum RetryLock: UInt8, KernelRule {
    /// As the first time: it tries, and asks the exception table before it waits (commit c2508ec5a58d, Linux 6.5 and the
    /// stable series of 6.1).
    case triesFirst
    /// It waits at once: `retry:` stands behind the try.
    case waits
}

/// What becomes of an access that the processor refuses the kernel, whatever the map says: user memory that it has not
/// opened to itself, or a program's code.
public enum KernelViolation: UInt8, KernelRule {
    /// The kernel dies (commits ca247283781d and 03c81ea33316, Linux 5.12).
    case dies
    /// Unopened memory is a bad area, for which a fixup may run; a fetch of a program's code is handled as any.
    case isBadArea
}

/// What `OOM` becomes for an access of the kernel.
public enum KernelOutOfMemory: UInt8, KernelRule {
    /// The exception table ends it (Linux 2.6.39).
    case runsFixup
    /// It is replayed, as a program's.
    case isReplayed
}

/// Who releases the fault lock after an error.
public enum ErrorUnlock: UInt8, KernelRule {
    /// The entry, before it looks at the error (commit 7fb08eca4527, Linux 3.19).
    case entry
    /// Whoever handles the error, in the end (`mm_fault_error()`).
    case errorHandler
}
