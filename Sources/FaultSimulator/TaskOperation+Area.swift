/// Operations on an ``Area``, so that a test does not have to pass page numbers and lengths.
extension TaskOperation {
    /// Reads one byte of each of `pages` pages of `area`, from its page `page` on.
    public static func read(_ area: Area, page: Int = 0, pages: Int = 1, stride: Int = 1) -> Self {
        .read(area[page], pages: pages, stride: stride)
    }

    /// Writes one byte of each of `pages` pages of `area`, from its page `page` on.
    public static func write(_ area: Area, page: Int = 0, pages: Int = 1, stride: Int = 1) -> Self {
        .write(area[page], pages: pages, stride: stride)
    }

    /// Jumps to each of `pages` pages of `area`, from its page `page` on.
    public static func execute(_ area: Area, page: Int = 0, pages: Int = 1, stride: Int = 1) -> Self {
        .execute(area[page], pages: pages, stride: stride)
    }

    /// Unmaps `area`, or `pages` pages of it from its page `page` on: `munmap(2)`.
    public static func munmap(_ area: Area, page: Int = 0, pages: Int? = nil) -> Self {
        .munmap(area[page], pages: pages ?? area.pages &- page)
    }

    /// Protects `area`, or `pages` pages of it from its page `page` on: `mprotect(2)`.
    public static func mprotect(_ area: Area, _ access: Protection, page: Int = 0, pages: Int? = nil) -> Self {
        .mprotect(area[page], pages: pages ?? area.pages &- page, access)
    }

    /// Gives advice about `area`, or `pages` pages of it from its page `page` on: `madvise(2)`.
    public static func madvise(_ area: Area, _ advice: Advice, page: Int = 0, pages: Int? = nil) -> Self {
        .madvise(area[page], pages: pages ?? area.pages &- page, advice)
    }

    /// Locks `area`, or `pages` pages of it from its page `page` on, into memory: `mlock(2)`.
    public static func mlock(_ area: Area, page: Int = 0, pages: Int? = nil) -> Self {
        .mlock(area[page], pages: pages ?? area.pages &- page)
    }

    /// Locks `area`, or `pages` pages of it from its page `page` on, into memory, with `flags`: `mlock2(2)`.
    public static func mlock2(_ area: Area, _ flags: LockFlags, page: Int = 0, pages: Int? = nil) -> Self {
        .mlock2(area[page], pages: pages ?? area.pages &- page, flags)
    }

    /// Reads from a file into `area`: one `pread(2)` whose copy faults on the area.
    public static func read(_ file: FileID, page: Int = 0, pages: Int = 1, into area: Area, at areaPage: Int = 0)
        -> Self
    {
        .read(file, PageIndex(page), pages: pages, into: area[areaPage])
    }

    /// Reads from a file into a buffer that never faults: `pread(2)`.
    public static func read(_ file: FileID, page: Int = 0, pages: Int = 1) -> Self {
        .read(file, PageIndex(page), pages: pages, into: nil)
    }

    /// Reads from a file into `area` without the page cache: one `pread(2)` of a file opened with `O_DIRECT`.
    public static func directRead(
        _ file: FileID, page: Int = 0, pages: Int = 1, into area: Area, at areaPage: Int = 0
    ) -> Self {
        .directRead(file, PageIndex(page), pages: pages, into: area[areaPage])
    }

    /// Writes to a file from a buffer that never faults: `pwrite(2)`.
    public static func write(_ file: FileID, page: Int = 0, pages: Int = 1) -> Self {
        .write(file, PageIndex(page), pages: pages, from: nil)
    }

    /// Writes to a file from `area`: one `pwrite(2)` whose copy faults on the area.
    public static func write(_ file: FileID, page: Int = 0, pages: Int = 1, from area: Area, at areaPage: Int = 0)
        -> Self
    {
        .write(file, PageIndex(page), pages: pages, from: area[areaPage])
    }

    /// Protects `area`, or `pages` pages of it from its page `page` on, and gives them a protection key:
    /// `pkey_mprotect(2)`.
    public static func mprotectWithKey(
        _ area: Area, _ access: Protection, key: UInt8, page: Int = 0, pages: Int? = nil
    ) -> Self {
        .mprotectWithKey(area[page], pages: pages ?? area.pages &- page, access, key: key)
    }

    /// Unlocks `area`, or `pages` pages of it from its page `page` on: `munlock(2)`.
    public static func munlock(_ area: Area, page: Int = 0, pages: Int? = nil) -> Self {
        .munlock(area[page], pages: pages ?? area.pages &- page)
    }

    /// Counts the resident pages of `area`, or of `pages` pages of it from its page `page` on: `mincore(2)`.
    public static func mincore(_ area: Area, page: Int = 0, pages: Int? = nil) -> Self {
        .mincore(area[page], pages: pages ?? area.pages &- page)
    }

    /// Writes `area`, or `pages` pages of it from its page `page` on, to its file: `msync(2)` with `MS_SYNC`.
    public static func msync(_ area: Area, page: Int = 0, pages: Int? = nil) -> Self {
        .msync(area[page], pages: pages ?? area.pages &- page)
    }

    /// Moves `area`, grows or shrinks it: `mremap(2)`. The outcome's value is its first page afterwards.
    public static func mremap(_ area: Area, newPages: Int, _ target: RemapTarget = .mayMove) -> Self {
        .mremap(area.start, pages: area.pages, newPages: newPages, target)
    }

    /// Looks up the pages of `area`, or `pages` pages of it from its page `page` on, for a device or the kernel:
    /// `get_user_pages()`.
    public static func getUserPages(_ area: Area, _ flags: GUPFlags = [], page: Int = 0, pages: Int? = nil) -> Self {
        .getUserPages(area[page], pages: pages ?? area.pages &- page, flags)
    }

    /// One access by the kernel to page `page` of `area`, as in a user copy.
    public static func kernelTouch(
        _ access: FaultException.Access, _ area: Area, page: Int = 0, _ mode: FaultException.Mode = .kernelWithFixup
    ) -> Self {
        .kernelTouch(access, area[page], mode)
    }

    /// Faults in page `page` of `area` without an exception, in the way of the kernel function that `caller` names.
    public static func faultIn(
        _ caller: FaultCaller, _ access: FaultException.Access, _ area: Area, page: Int = 0, pages: Int = 1
    ) -> Self {
        .faultIn(FaultRequest(caller, access, area[page], pages: pages))
    }

    /// Reads the list of areas of the process that `area` was mapped in: one read of `/proc/PID/maps`.
    public static func readProcMaps(of area: Area) -> Self { .readProcMaps(area.map) }

    /// Reads `area`, or `pages` pages of it from its page `page` on, out of another process: `process_vm_readv(2)`.
    public static func readRemoteMemory(_ area: Area, page: Int = 0, pages: Int? = nil) -> Self {
        .readRemoteMemory(area.map, area[page], pages: pages ?? area.pages &- page)
    }

    /// Reads `area`, or `pages` pages of it from its page `page` on, through `/proc/PID/mem` of its process.
    public static func readProcMem(_ area: Area, page: Int = 0, pages: Int? = nil) -> Self {
        .readProcMem(area.map, area[page], pages: pages ?? area.pages &- page)
    }

    /// Writes to `area`, or to `pages` pages of it from its page `page` on, through `/proc/PID/mem` of its process, as
    /// a debugger does. Private memory is written even if its protection forbids it.
    public static func writeProcMem(_ area: Area, page: Int = 0, pages: Int? = nil) -> Self {
        .writeProcMem(area.map, area[page], pages: pages ?? area.pages &- page)
    }
}
