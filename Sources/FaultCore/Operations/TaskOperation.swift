/// One thing that a task does: a memory access, or a system call. Plain data.
///
/// Pages of memory are ``PageNumber``s, pages of files ``PageIndex``es; lengths are in pages.
public enum TaskOperation: Equatable, BitwiseCopyable, Sendable {
    /// Touches one byte of each of `pages` pages, `stride` pages apart, in user mode; stops at the first signal.
    case touch(FaultException.Access, PageNumber, pages: Int, stride: Int)
    /// Jumps to byte `offset` of a page, in user mode. If a ``FaultEntry`` did the work of the code there, its number
    /// is the outcome's value.
    case jump(PageNumber, offset: UInt16)
    /// One access by the kernel, as in a user copy.
    case kernelTouch(FaultException.Access, PageNumber, FaultException.Mode)
    /// `mmap(2)`. The outcome's value is the first page.
    case mmap(MapRequest)
    /// `munmap(2)`.
    case munmap(PageNumber, pages: Int)
    /// `mprotect(2)`.
    case mprotect(PageNumber, pages: Int, Protection)
    /// `pkey_mprotect(2)`.
    case mprotectWithKey(PageNumber, pages: Int, Protection, key: UInt8)
    /// Sets the task's ``ArchWords``, by an instruction that needs no kernel.
    case setArchWords(ArchWords)
    /// `madvise(2)`.
    case madvise(PageNumber, pages: Int, Advice)
    /// `mremap(2)`. The outcome's value is the first page.
    case mremap(PageNumber, pages: Int, newPages: Int, RemapTarget)
    /// `mlock(2)`.
    case mlock(PageNumber, pages: Int)
    /// `mlock2(2)`.
    case mlock2(PageNumber, pages: Int, LockFlags)
    /// `munlock(2)`.
    case munlock(PageNumber, pages: Int)
    /// `mlockall(2)`.
    case mlockAll(LockAllFlags)
    /// `munlockall(2)`.
    case munlockAll
    /// Moves the end of the heap by this many pages.
    case brk(Int)
    /// `mincore(2)`. The outcome's value is the number of resident pages.
    case mincore(PageNumber, pages: Int)
    /// `msync(2)` with `MS_SYNC`.
    case msync(PageNumber, pages: Int)
    /// `fork(2)`. The outcome's value is the child's ``TaskID``; the child has no operation.
    case fork
    /// `exit(2)`: the task ends, and its memory map with its last task.
    case exit
    /// `exit_group(2)`: the task ends, and SIGKILL is sent to all others of its process.
    case exitGroup
    /// `pread(2)`, into `into` if that is given, else into a buffer that is always present. The outcome's value is the
    /// number of pages read, a partial last one included; ``OperationOutcome/bytes`` is what the call returns.
    case read(FileID, PageIndex, pages: Int, into: PageNumber?)
    /// `pread(2)` of a file opened with `O_DIRECT`, into mapped memory. The outcome's value is the number of pages
    /// read, as for `read`.
    case directRead(FileID, PageIndex, pages: Int, into: PageNumber)
    /// `pwrite(2)`, from `from` if that is given, else from a buffer that is always present. The outcome's value is the
    /// number of pages written.
    case write(FileID, PageIndex, pages: Int, from: PageNumber?)
    /// `ftruncate(2)`.
    case truncate(FileID, to: FileSize)
    /// `fsync(2)`.
    case fsync(FileID)
    /// `posix_fadvise(2)` with `POSIX_FADV_DONTNEED` on the whole file: starts writing dirty pages, then drops clean
    /// unmapped pages.
    case dropCache(FileID)
    /// `posix_fadvise(2)` with `POSIX_FADV_WILLNEED`, or `readahead(2)`: starts reading those pages.
    case readAhead(FileID, PageIndex, pages: Int)
    /// `posix_fadvise(2)` with advice that only says how the file will be read.
    case adviseFile(FileID, FileAdvice)
    /// `fallocate(2)` with `FALLOC_FL_PUNCH_HOLE`.
    case punchHole(FileID, PageIndex, pages: Int)
    /// `get_user_pages()` on the task's own memory. With ``GUPFlags/get`` or ``GUPFlags/pin``, it holds the pages that
    /// it has found until it ends. Both flags together are refused.
    case getUserPages(PageNumber, pages: Int, GUPFlags)
    /// Holds pages of the task's own memory for longer than the call: `pin_user_pages_fast()`, or
    /// `get_user_pages_fast()` with ``GUPFlags/get``; ``GUPFlags/get`` and ``GUPFlags/pin`` together are refused.
    ///
    /// A ring's registered buffers (io_uring), RDMA and vfio take pins, and vmsplice takes references. Takes all pages,
    /// or none: `EFAULT`. The outcome's value is the ``PinID/number`` of the ``PagePin``. ``GUPFlags/longTerm`` is for
    /// pins that last as long as the program likes, as those of io_uring, RDMA and vfio do. With it, writable shared
    /// memory of files that track stores is `EFAULT` from Linux 6.5 on.
    case pinUserPages(PageNumber, pages: Int, GUPFlags)
    /// Gives back a pin of any task: `unpin_user_pages_dirty_lock()`, or `put_page()`. If `makesDirty`, the pages are
    /// made dirty first, as RDMA and vfio do with pages that devices may have written to.
    case unpin(PinID, makesDirty: Bool)
    /// Faults pages in as a caller of `handle_mm_fault()` that takes no exception, such as `fixup_user_fault()`. The
    /// outcome's value is the number of pages done; ``OperationOutcome/lockWasLost`` says whether the lock was dropped.
    case faultIn(FaultRequest)
    /// One read of `/proc/PID/maps` of the process that has this map. The outcome's value is the number of areas.
    case readProcMaps(MapID)
    /// `swapoff(2)` of a swap area, by its number in the order in which they were added.
    case swapOff(Int)
    /// `process_vm_readv(2)` of that process.
    case readRemoteMemory(MapID, PageNumber, pages: Int)
    /// A read of `/proc/PID/mem` of that process, whose faults may not drop the lock.
    case readProcMem(MapID, PageNumber, pages: Int)
    /// A write to `/proc/PID/mem` of that process, as a debugger does: past the protection of private memory (`FOLL_FORCE`). The
    /// outcome's value is the number of pages; ``OperationOutcome/stamp`` is that of the last one.
    case writeProcMem(MapID, PageNumber, pages: Int)
    /// `userfaultfd(2)`, with `UFFDIO_API` for just these features. The outcome's value is the number of the
    /// ``UserfaultID``.
    case userfaultfd(UserfaultFeatures, UserfaultOpening)
    /// A call on a userfaultfd.
    case userfault(UserfaultID, UserfaultCall)
    /// `kill(2)`.
    case kill(TaskID, TaskSignal)
    /// Sleeps for this many nanoseconds.
    case sleep(nanoseconds: UInt64)
    /// Keeps its processor busy for this many nanoseconds.
    case compute(nanoseconds: UInt64)

    /// `ftruncate(2)` to this many whole pages.
    @inlinable
    public static func truncate(_ file: FileID, pages: Int) -> Self { .truncate(file, to: .pages(pages)) }

    /// Reads one byte of each of `pages` pages from `page` on.
    @inlinable
    public static func read(_ page: PageNumber, pages: Int = 1, stride: Int = 1) -> Self {
        .touch(.read, page, pages: pages, stride: stride)
    }

    /// Writes one byte of each of `pages` pages from `page` on.
    @inlinable
    public static func write(_ page: PageNumber, pages: Int = 1, stride: Int = 1) -> Self {
        .touch(.write, page, pages: pages, stride: stride)
    }

    /// Jumps to each of `pages` pages from `page` on.
    @inlinable
    public static func execute(_ page: PageNumber, pages: Int = 1, stride: Int = 1) -> Self {
        .touch(.execute, page, pages: pages, stride: stride)
    }
}
