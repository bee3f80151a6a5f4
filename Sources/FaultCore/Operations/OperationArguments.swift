/// The checks of a call's numbers that the kernel makes before it does anything else, and the limits of what one call
/// moves.
///
/// A program passes addresses, lengths and positions in bytes, in 64-bit registers. Here they are pages, so a number
/// may be one that no register could hold. It then counts as the nearest number that a register can hold.
struct ArgumentRules {
    /// How many low bits of an address in bytes are the offset in the page.
    let pageShift: UInt64
    /// The first page that a program can't have.
    let userLimit: PageNumber

    /// The error with which a call fails at once, whatever memory and files look like; `nil` if it continues.
    @inline(__always)
    func refusal(of operation: TaskOperation) -> Errno? {
        switch operation {
        case .read(_, let first, let pages, let memory), .write(_, let first, let pages, let memory):
            transferRefusal(first, pages, memory)
        case .directRead(_, let first, let pages, let memory):
            transferRefusal(first, pages, memory)
        case .truncate(_, let size):
            // do_sys_ftruncate(): a negative length, or one that no loff_t holds.
            size.bytes(pageShift: pageShift) == nil ? .invalid : nil
        case .punchHole(_, let first, let pages):
            holeRefusal(first, pages)
        case .readAhead(_, _, let pages):
            pages < 0 ? .invalid : nil  // generic_fadvise()
        case .readRemoteMemory(_, _, let pages):
            pages < 0 ? .invalid : nil  // iovec_from_user()
        case .readProcMem(_, let page, let pages), .writeProcMem(_, let page, let pages):
            pages < 0 ? .invalid : pages > 0 && wraps(page, pages) ? .overflow : nil  // rw_verify_area()
        case .getUserPages(_, _, let flags):
            flags.contains([.get, .pin]) || flags.contains(.longTerm) && !flags.contains(.pin)
                ? .invalid : nil  // WARN_ON_ONCE() in pin_user_pages*() and get_user_pages*()
        case .pinUserPages(let page, let pages, let flags):
            pinRefusal(page, pages, flags)
        default: nil
        }
    }

    /// The operation with the numbers that its call uses.
    @inline(__always)
    func adjusted(_ operation: TaskOperation) -> TaskOperation {
        switch operation {
        case .read(let file, let first, let pages, let memory) where pages > mostMoved:
            .read(file, first, pages: mostMoved, into: memory)
        case .write(let file, let first, let pages, let memory) where pages > mostMoved:
            .write(file, first, pages: mostMoved, from: memory)
        case .directRead(let file, let first, let pages, let memory) where pages > mostMoved:
            .directRead(file, first, pages: mostMoved, into: memory)
        case .readRemoteMemory(let map, let page, let pages) where pages > mostMoved:
            .readRemoteMemory(map, page, pages: mostMoved)
        case .readProcMem(let map, let page, let pages) where pages > mostMoved:
            .readProcMem(map, page, pages: mostMoved)
        case .writeProcMem(let map, let page, let pages) where pages > mostMoved:
            .writeProcMem(map, page, pages: mostMoved)
        case .getUserPages(let page, let pages, let flags) where pages < 0:
            .getUserPages(page, pages: .max, flags)  // nr_pages is unsigned
        default: operation
        }
    }

    /// Whether `pages` pages from `page` on reach past the last possible address: `start + len < start`. A negative
    /// length counts as a huge one.
    func wraps(_ page: PageNumber, _ pages: Int) -> Bool {
        let last = UInt64.max >> pageShift
        return pages < 0 || page.rawValue > last || UInt64(pages) > last - page.rawValue
    }

    /// How many pages of a file, or of memory, a 63-bit position can count.
    private var positions: UInt64 { 1 << (63 - pageShift) }

    /// How much one call moves at most: `MAX_RW_COUNT`.
    private var mostMoved: Int { Int(Int32.max) >> Int(pageShift) }

    /// `ksys_pread64()`, `vfs_read()` and `rw_verify_area()` (fs/read_write.c): checks the position, the buffer, and
    /// the end.
    private func transferRefusal(_ first: PageIndex, _ pages: Int, _ memory: PageNumber?) -> Errno? {
        if first.rawValue >= positions { return .invalid }
        // access_ok()
        if let memory, pages < 0 || memory > userLimit || pages > userLimit - memory { return .badAddress }
        return pages < 0 || UInt64(pages) >= positions - first.rawValue ? .invalid : nil
    }

    /// `pin_user_pages_fast()`, and its callers, all of which ask for at least one page: `io_pin_pages()`
    /// (io_uring/rsrc.c).
    private func pinRefusal(_ page: PageNumber, _ pages: Int, _ flags: GUPFlags) -> Errno? {
        if flags.contains(.get), !flags.isDisjoint(with: [.pin, .longTerm]) { return .invalid }
        if pages <= 0 { return .invalid }
        return page > userLimit || pages > userLimit - page ? .badAddress : nil  // access_ok()
    }

    /// `vfs_fallocate()` (fs/open.c).
    private func holeRefusal(_ first: PageIndex, _ pages: Int) -> Errno? {
        if first.rawValue >= positions || pages <= 0 { return .invalid }
        let most = UInt64(Machine.mostPagesOfFile)
        return first.rawValue > most || UInt64(pages) > most - first.rawValue ? .fileTooBig : nil
    }
}

extension Machine {
    /// The rules by which the calls of this machine check their numbers.
    @inline(__always)
    var argumentRules: ArgumentRules {
        ArgumentRules(pageShift: UInt64(geometry.pageShift), userLimit: geometry.userLimit)
    }

    /// Ends the process if an operation names something that the machine does not have, or has an impossible number.
    /// That is a negative number of pages, or a byte outside of its page.
    package func require(_ operation: TaskOperation) {
        switch operation {
        case .touch(_, _, let pages, _):
            guard pages >= 0 else { misuse("TaskOperation.touch: a program touches 0 pages or more, not \(pages)") }
        case .jump(_, let offset):
            guard UInt64(offset) < UInt64(geometry.pageSize) else {
                misuse("TaskOperation.jump: a page has the bytes 0 to \(geometry.pageSize - 1), not \(offset)")
            }
        case .faultIn(let request):
            guard request.pages >= 0 else {
                misuse("TaskOperation.faultIn: a caller wants 0 pages or more, not \(request.pages)")
            }
            if request.map != .none { _ = index(of: request.map, "TaskOperation.faultIn") }
        case .mmap(let request):
            if request.file != .none { _ = index(of: request.file, "TaskOperation.mmap") }
            guard Int(request.operations) <= configuration.vmOperations.count else {
                misuse(
                    "TaskOperation.mmap: there is no handler \(request.operations) in this world, which has "
                        + "\(configuration.vmOperations.count): take the number that register(_:) gave")
            }
        case .read(let file, _, _, _): _ = index(of: file, "TaskOperation.read")
        case .directRead(let file, _, _, _): _ = index(of: file, "TaskOperation.directRead")
        case .write(let file, _, _, _): _ = index(of: file, "TaskOperation.write")
        case .truncate(let file, _): _ = index(of: file, "TaskOperation.truncate")
        case .fsync(let file): _ = index(of: file, "TaskOperation.fsync")
        case .dropCache(let file): _ = index(of: file, "TaskOperation.dropCache")
        case .readAhead(let file, _, _): _ = index(of: file, "TaskOperation.readAhead")
        case .adviseFile(let file, _): _ = index(of: file, "TaskOperation.adviseFile")
        case .punchHole(let file, _, _): _ = index(of: file, "TaskOperation.punchHole")
        case .readProcMaps(let map): _ = index(of: map, "TaskOperation.readProcMaps")
        case .readRemoteMemory(let map, _, _): _ = index(of: map, "TaskOperation.readRemoteMemory")
        case .readProcMem(let map, _, _): _ = index(of: map, "TaskOperation.readProcMem")
        case .writeProcMem(let map, _, _): _ = index(of: map, "TaskOperation.writeProcMem")
        case .unpin(let id, _): _ = index(of: id.task, "TaskOperation.unpin")
        case .userfault(let descriptor, _): _ = index(of: descriptor, "TaskOperation.userfault")
        case .kill(let task, let signal):
            _ = index(of: task, "TaskOperation.kill")
            switch signal {
            case .kill, .user1: break
            case .segv, .bus: misuse("TaskOperation.kill: \(signal) comes from a fault, and can't be sent")
            }
        case .kernelTouch, .munmap, .mprotect, .mprotectWithKey, .setArchWords, .madvise, .mremap, .mlock,
            .mlock2, .munlock, .mlockAll, .munlockAll, .brk, .mincore, .msync, .fork, .exit, .exitGroup,
            .getUserPages, .sleep,
            .compute, .swapOff, .pinUserPages, .userfaultfd:
            break
        }
    }
}
