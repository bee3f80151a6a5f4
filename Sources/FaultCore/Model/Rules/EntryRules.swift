extension KernelModel {
    /// Which waits for locks end when the task is killed.
    public enum LockWaits: UInt8, KernelRule {
        /// Waits of system calls, and waits of faults for the mmap lock (commit c2508ec5a58d, Linux 6.5, and the stable
        /// series of 6.1).
        case killable
        /// Waits of system calls (commit dc0ef0df7b6a, Linux 4.7).
        case killableInCalls
        /// None (until commit dc0ef0df7b6a, Linux 4.7).
        case uninterruptible
    }

    /// Under which lock a stack grows.
    public enum StackGrowth: UInt8, KernelRule {
        /// The mmap lock for writing, which is then downgraded (commit c2508ec5a58d, Linux 6.5, and the stable series
        /// of 6.1).
        case underWriteLock
        /// The mmap lock for reading, so that an area changes while others read (until commit c2508ec5a58d, Linux 6.5).
        case underReadLock
    }

    /// What lies between a stack and the area below it.
    public enum StackGuard: UInt8, KernelRule {
        /// A gap of many pages, into which the stack can't grow (commit 1be7107fbe18, Linux 4.12).
        case gap
        /// One page. A fault on the lowest page of a stack first makes the stack grow by a page, and is `SIGBUS` if it
        /// can't (commit 320b2b8de126, Linux 2.6.36, until commit 1be7107fbe18, Linux 4.12).
        case page
    }

    /// Whether a program may touch its stack far below its stack pointer.
    public enum StackPointerTest: UInt8, KernelRule {
        /// It may: the sources of Linux 5.0 have no test, those of 4.20 have one.
        case absent
        /// Not more than 64 KiB and 32 words below it: `do_user_addr_fault()` up to Linux 4.20.
        case refuses
    }

    /// How a fault that is tried again takes the mmap lock.
    public enum RetryLock: UInt8, KernelRule {
        /// As the first time: it tries, and if that fails, it searches the exception table before it waits (commit
        /// c2508ec5a58d, Linux 6.5, and the stable series of 6.1).
        case triesFirst
        /// It waits at once: the label `retry:` stands after the try (until commit c2508ec5a58d, Linux 6.5).
        case waits
    }

    /// What happens if the kernel makes an access that the processor never allows, even if the page is mapped. That is
    /// an access to user memory that was not enabled first, or a fetch of a program's instructions.
    public enum KernelViolation: UInt8, KernelRule {
        /// The kernel dies in an oops (commits ca247283781d and 03c81ea33316, Linux 5.12).
        case dies
        /// User memory that was not enabled is a bad area, and the exception table may end the access. A fetch of a
        /// program's instructions is handled like any other fault (until commits ca247283781d and 03c81ea33316, Linux
        /// 5.12).
        case isBadArea
    }

    /// What `OOM` means for an access of the kernel.
    public enum KernelOutOfMemory: UInt8, KernelRule {
        /// The exception table ends it (Vagin, "mm: handle mm_fault_error in kernel space", March 2011, Linux 2.6.39).
        case runsFixup
        /// The access is repeated, like a program's (until Vagin's "mm: handle mm_fault_error in kernel space", Linux
        /// 2.6.39).
        case isReplayed
    }

    /// Which code releases the fault lock after an error.
    public enum ErrorUnlock: UInt8, KernelRule {
        /// The entry, before it looks at the error (commit 7fb08eca4527, Linux 3.19).
        case entry
        /// The function that handles the error, at its end: `mm_fault_error()` (until commit 7fb08eca4527, Linux 3.19).
        case errorHandler
    }
}
