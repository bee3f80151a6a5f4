/// Operations as words, for the fingerprint and the canonical form.
extension Operation {
    /// Gives `sink` the operation: a number for its kind, then what it is about.
    func add<Sink: StateSink>(to sink: inout Sink) {
        switch self {
        case .touch(let access, let page, let pages, let stride):
            sink.add(1 | UInt64(access.rawValue) << 8)
            sink.add(page)
            sink.add(pages)
            sink.add(stride)
        case .kernelTouch(let access, let page, let mode):
            sink.add(2 | UInt64(access.rawValue) << 8 | UInt64(mode.rawValue) << 16)
            sink.add(page)
        case .mmap(let request): request.add(to: &sink)
        case .munmap(let page, let pages): Self.range(4, page, pages, &sink)
        case .mprotect(let page, let pages, let flags): Self.range(5 | UInt64(flags.rawValue) << 8, page, pages, &sink)
        case .madvise(let page, let pages, let advice): Self.range(6 | UInt64(advice.rawValue) << 8, page, pages, &sink)
        case .mremap(let page, let pages, let newPages, let target):
            Self.range(7, page, pages, &sink)
            sink.add(newPages)
            switch target {
            case .inPlace: sink.add(0 as UInt64)
            case .mayMove: sink.add(1 as UInt64)
            case .fixed(let page):
                sink.add(2 as UInt64)
                sink.add(page)
            }
        case .mlock(let page, let pages): Self.range(8, page, pages, &sink)
        case .munlock(let page, let pages): Self.range(9, page, pages, &sink)
        case .brk(let pages):
            sink.add(10 as UInt64)
            sink.add(pages)
        case .mincore(let page, let pages): Self.range(11, page, pages, &sink)
        case .msync(let page, let pages): Self.range(12, page, pages, &sink)
        case .fork: sink.add(13 as UInt64)
        case .exit: sink.add(14 as UInt64)
        case .read(let file, let index, let pages, let into):
            Self.transfer(15, file, index, pages, into, &sink)
        case .write(let file, let index, let pages, let from):
            Self.transfer(16, file, index, pages, from, &sink)
        case .directRead(let file, let index, let pages, let into): Self.transfer(33, file, index, pages, into, &sink)
        case .truncate(let file, let pages):
            sink.add(17 as UInt64)
            sink.add(file)
            sink.add(pages)
        case .fsync(let file):
            sink.add(18 as UInt64)
            sink.add(file)
        case .dropCache(let file):
            sink.add(19 as UInt64)
            sink.add(file)
        case .punchHole(let file, let index, let pages): Self.transfer(20, file, index, pages, nil, &sink)
        case .getUserPages(let page, let pages, let flags):
            Self.range(21 | UInt64(flags.rawValue) << 8, page, pages, &sink)
        case .readProcMaps(let map):
            sink.add(22 as UInt64)
            sink.add(map)
        case .readRemoteMemory(let map, let page, let pages):
            Self.range(23, page, pages, &sink)
            sink.add(map)
        case .readProcMem(let map, let page, let pages):
            Self.range(24, page, pages, &sink)
            sink.add(map)
        case .kill(let task, let signal):
            sink.add(25 | signal.word << 8)
            sink.add(task)
        case .sleep(let nanoseconds):
            sink.add(26 as UInt64)
            sink.add(nanoseconds)
        case .compute(let nanoseconds):
            sink.add(27 as UInt64)
            sink.add(nanoseconds)
        case .jump(let page, let offset):
            sink.add(28 | UInt64(offset) << 8)
            sink.add(page)
        case .mprotectWithKey(let page, let pages, let flags, let key):
            Self.range(29 | UInt64(flags.rawValue) << 8 | UInt64(key) << 40, page, pages, &sink)
        case .setArchWords(let words):
            sink.add(30 as UInt64)
            sink.add(words.first)
            sink.add(words.second)
        case .mlockAll(let flags): sink.add(31 | UInt64(flags.rawValue) << 8)
        case .munlockAll: sink.add(32 as UInt64)
        case .faultIn(let request):
            Self.range(
                40 | UInt64(request.caller.rawValue) << 8 | UInt64(request.access.rawValue) << 16, request.page,
                request.pages, &sink)
            sink.add(request.map)
        }
    }

    private static func range<Sink: StateSink>(
        _ kind: UInt64, _ page: PageNumber, _ pages: Int, _ sink: inout Sink
    ) {
        sink.add(kind)
        sink.add(page)
        sink.add(pages)
    }

    private static func transfer<Sink: StateSink>(
        _ kind: UInt64, _ file: FileID, _ index: PageIndex, _ pages: Int, _ memory: PageNumber?, _ sink: inout Sink
    ) {
        sink.add(kind | (memory == nil ? 0 : 1 << 8))
        sink.add(file)
        sink.add(index)
        sink.add(pages)
        if let memory { sink.add(memory) }
    }
}

extension Operation {
    /// Whether it works on the task's own memory map, which a thread of the kernel has not.
    var needsMap: Bool {
        switch self {
        case .touch, .jump, .mmap, .munmap, .mprotect, .mprotectWithKey, .madvise, .mremap, .mlock, .munlock, .mlockAll,
            .munlockAll, .brk, .mincore, .msync, .fork, .getUserPages, .directRead:
            true
        case .read(_, _, _, let memory), .write(_, _, _, let memory): memory != nil
        case .faultIn(let request): request.map == .none
        case .kernelTouch, .setArchWords, .exit, .truncate, .fsync, .dropCache, .punchHole, .readProcMaps,
            .readRemoteMemory, .readProcMem, .kill, .sleep, .compute:
            false
        }
    }
}

extension MapRequest {
    fileprivate func add<Sink: StateSink>(to sink: inout Sink) {
        sink.add(3 | UInt64(operations) << 8 | (populate ? 1 << 24 : 0) | UInt64(flags.rawValue) << 32)
        sink.add(pages)
        sink.add(file)
        sink.add(offset)
        switch placement {
        case .anywhere: sink.add(0 as UInt64)
        case .hint(let page):
            sink.add(1 as UInt64)
            sink.add(page)
        case .fixed(let page):
            sink.add(2 as UInt64)
            sink.add(page)
        case .fixedNoReplace(let page):
            sink.add(3 as UInt64)
            sink.add(page)
        }
    }
}

extension Signal {
    /// A number for the signal and its code.
    var word: UInt64 {
        switch self {
        case .segv(let code): 1 | UInt64(code.rawValue) << 8
        case .bus(let code): 2 | UInt64(code.rawValue) << 8
        case .kill: 3
        case .user1: 4
        }
    }
}
