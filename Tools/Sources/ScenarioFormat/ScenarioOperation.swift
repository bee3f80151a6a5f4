/// One operation of a scenario: a case for every `op` of the format.
///
/// Ids are the strings of the scenario. Files, areas, and threads with children have separate ids. Pages are numbered
/// from 0 inside their file or area.
public enum ScenarioOperation: Equatable, Sendable {
    /// `file`: makes a file and fills its page cache.
    case file(NewFile)
    /// `mmap`: maps a new area.
    case mmap(NewArea)
    /// `munmap` of a part of an area.
    case munmap(AreaPart)
    /// `mlock` of a part of an area.
    case mlock(AreaPart)
    /// `mlock2` of a part of an area: its pages are locked immediately, or when they are faulted in.
    case mlock2(AreaPart, onFault: Bool)
    /// `munlock` of a part of an area.
    case munlock(AreaPart)
    /// `mprotect`: gives a part of an area another protection.
    case mprotect(AreaPart, Protection)
    /// `madvise` on a part of an area.
    case madvise(AreaPart, Advice)
    /// `mremap`: makes an area longer or shorter, in place or at a new address.
    case mremap(Remapping)
    /// `read`: reads one byte of each of some pages.
    case read(Touches)
    /// `write`: writes one byte of each of some pages.
    case write(Touches)
    /// `exec`: jumps to each of some pages.
    case exec(Touches)
    /// `pread` of a part of a file.
    case pread(FilePart)
    /// `pwrite` of a part of a file.
    case pwrite(FilePart)
    /// `copy_in`: one read(2) from a file into a mapped area, through the page cache or direct.
    case copyIn(FileCopy, direct: Bool)
    /// `copy_out`: one write(2) to a file from a mapped area.
    case copyOut(FileCopy)
    /// `truncate`: ftruncate of a file to `pages` pages.
    case truncate(file: String, pages: Int)
    /// `evict`: fsync, then drops a file's clean unmapped pages.
    case evict(file: String)
    /// `fsync` of a file.
    case fsync(file: String)
    /// `punch`: fallocate(PUNCH_HOLE, KEEP_SIZE) on a part of a file.
    case punch(FilePart)
    /// `fork`: makes a child with a copy of the address space.
    case fork(id: String)
    /// `exit`: ends the process of the line.
    case exit
    /// `kill`: touches a page, and gets SIGKILL while that touch waits for the device.
    case kill(area: String, page: Int, touch: KillingTouch)
    /// `thread`: makes a new thread in the process of the line.
    case thread(id: String)
    /// `hold`: from now on the device finishes no reads, no writes, or (nil) neither.
    case hold(Device, only: Transfer?)
    /// `release`: the device finishes all held requests.
    case release(Device)
    /// `wait`: reports the state of the last started operation of the line's thread.
    case wait
    /// `signal`: sends a signal to a thread; nil is the first thread of the first process.
    case signal(SentSignal, to: String?)
    /// `maps`: reads the /proc/PID/maps of the process of `of`; nil is the first process.
    case maps(of: String?)
    /// `mem_read`: a pread(2) of the /proc/PID/mem of the process of `of`; nil is the first process.
    case memRead(AreaPart, of: String?)
    /// `vm_read`: process_vm_readv of the process of `of`; nil is the first process.
    case vmRead(AreaPart, of: String?)
    /// `brk`: moves the end of the heap by `pages` pages, down if negative.
    case brk(pages: Int)
    /// `mincore` on a part of an area.
    case mincore(AreaPart)
    /// `msync` with MS_SYNC on a part of an area.
    case msync(AreaPart)
    /// `bad`: from now on reading and writing these blocks fails.
    case bad(Blocks)
    /// `mend`: these blocks, or (nil) all, work again.
    case mend(Blocks?)
    /// `swapoff` of the swap device.
    case swapoff
    /// `limit`: from now on the processes may use `pages` pages.
    case limit(pages: Int)
    /// `reclaim`: reclaims `pages` pages of the processes.
    case reclaim(pages: Int)
    /// `uffd`: makes a userfaultfd descriptor for the memory of the line's process.
    case uffd(NewDescriptor)
    /// `uffd_register`: from now on faults of these kinds in a part of an area go to the descriptor.
    case uffdRegister(HandledPart, RegisterModes)
    /// `uffd_unregister`: faults in a part of an area no longer go to a descriptor.
    case uffdUnregister(HandledPart)
    /// `uffd_wake`: wakes the threads that wait for pages of a part of an area.
    case uffdWake(HandledPart)
    /// `uffd_copy`: fills pages with copies of a buffer that is always present (nil), or of pages of the process that
    /// copies.
    case uffdCopy(HandledPart, from: AreaPage?, FillModes)
    /// `uffd_zeropage`: fills pages with zeroes.
    case uffdZeroPage(HandledPart, FillModes)
    /// `uffd_poison`: poisons pages.
    case uffdPoison(HandledPart, FillModes)
    /// `uffd_continue`: maps pages that are in the page cache.
    case uffdContinue(HandledPart, FillModes)
    /// `uffd_wp`: write-protects pages, or lifts the protection.
    case uffdWriteProtect(HandledPart, FillModes)
    /// `uffd_move`: fills pages by moving others of the same process there.
    case uffdMove(HandledPart, from: AreaPage, FillModes)
    /// `uffd_read`: one read(2) of messages.
    case uffdRead(MessageRead)
    /// `uffd_close`: closes a descriptor in the line's process.
    case uffdClose(descriptor: String)

    /// The names of operations in the format, in the order in which its errors list them.
    enum Name: String, CaseIterable {
        case file, mmap, munmap, mlock, munlock, mprotect, madvise, mremap, read, write, exec, pread, pwrite
        case copyIn = "copy_in"
        case copyOut = "copy_out"
        case truncate, evict, fsync, punch, fork, exit, kill, thread, hold, release, wait, signal, maps, swapoff
        case limit, reclaim
        case memRead = "mem_read"
        case vmRead = "vm_read"
        case brk, mincore, msync, mlock2, bad, mend, uffd
        case uffdRegister = "uffd_register"
        case uffdUnregister = "uffd_unregister"
        case uffdWake = "uffd_wake"
        case uffdCopy = "uffd_copy"
        case uffdZeroPage = "uffd_zeropage"
        case uffdPoison = "uffd_poison"
        case uffdContinue = "uffd_continue"
        case uffdWriteProtect = "uffd_wp"
        case uffdMove = "uffd_move"
        case uffdRead = "uffd_read"
        case uffdClose = "uffd_close"
    }

    /// The `op` of the operation, as the format spells it.
    public var name: String { kind.rawValue }

    /// The kind of the operation.
    private var kind: Name {
        switch self {
        case .file: .file
        case .mmap: .mmap
        case .munmap: .munmap
        case .mlock: .mlock
        case .munlock: .munlock
        case .mprotect: .mprotect
        case .madvise: .madvise
        case .mremap: .mremap
        case .read: .read
        case .write: .write
        case .exec: .exec
        case .pread: .pread
        case .pwrite: .pwrite
        case .copyIn: .copyIn
        case .copyOut: .copyOut
        case .truncate: .truncate
        case .evict: .evict
        case .fsync: .fsync
        case .punch: .punch
        case .fork: .fork
        case .exit: .exit
        case .kill: .kill
        case .thread: .thread
        case .hold: .hold
        case .release: .release
        case .wait: .wait
        case .signal: .signal
        case .maps: .maps
        case .memRead: .memRead
        case .vmRead: .vmRead
        case .brk: .brk
        case .mincore: .mincore
        case .msync: .msync
        case .swapoff: .swapoff
        case .limit: .limit
        case .reclaim: .reclaim
        case .mlock2: .mlock2
        case .bad: .bad
        case .mend: .mend
        case .uffd: .uffd
        case .uffdRegister: .uffdRegister
        case .uffdUnregister: .uffdUnregister
        case .uffdWake: .uffdWake
        case .uffdCopy: .uffdCopy
        case .uffdZeroPage: .uffdZeroPage
        case .uffdPoison: .uffdPoison
        case .uffdContinue: .uffdContinue
        case .uffdWriteProtect: .uffdWriteProtect
        case .uffdMove: .uffdMove
        case .uffdRead: .uffdRead
        case .uffdClose: .uffdClose
        }
    }

    /// The descriptor that it works on; nil if it works on none, and for `uffd`, which makes one.
    public var descriptor: String? {
        switch self {
        case .uffdRegister(let handled, _), .uffdUnregister(let handled), .uffdWake(let handled),
            .uffdCopy(let handled, from: _, _), .uffdZeroPage(let handled, _), .uffdPoison(let handled, _),
            .uffdContinue(let handled, _), .uffdWriteProtect(let handled, _), .uffdMove(let handled, from: _, _):
            handled.descriptor
        case .uffdRead(let read): read.descriptor
        case .uffdClose(let id): id
        default: nil
        }
    }

    /// Whether a line may have `start` with this operation.
    public var canStart: Bool {
        switch self {
        case .file, .thread, .hold, .release, .wait, .signal, .bad, .mend: false
        default: true
        }
    }
}
