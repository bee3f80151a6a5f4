extension TaskOperation: CustomStringConvertible {
    /// The operation in the kernel's words: `read page 0x10`, `munmap 4 pages from page 0x10`,
    /// `pread page 9 of file 0`.
    public var description: String {
        memoryText ?? fileText ?? processText
    }

    /// The text for accesses, and for calls on the task's own memory.
    private var memoryText: String? {
        switch self {
        case .touch(let access, let page, let pages, let stride):
            "\(access) \(FieldText.pages(pages, from: page))" + (stride == 1 ? "" : ", \(stride) apart")
        case .jump(let page, let offset): "jump to byte \(offset) of \(page)"
        case .kernelTouch(let access, let page, let mode): "\(access) \(page) in the kernel (\(mode))"
        case .mmap(let request): "mmap \(request)"
        case .munmap(let page, let pages): "munmap \(FieldText.pages(pages, from: page))"
        case .mprotect(let page, let pages, let access):
            "mprotect \(FieldText.pages(pages, from: page)) to \(access)"
        case .mprotectWithKey(let page, let pages, let access, let key):
            "pkey_mprotect \(FieldText.pages(pages, from: page)) to \(access), key \(key)"
        case .madvise(let page, let pages, let advice): "madvise(\(advice)) \(FieldText.pages(pages, from: page))"
        case .mremap(let page, let pages, let newPages, let target):
            "mremap \(FieldText.pages(pages, from: page)) to \(FieldText.count(newPages, "page")), \(target)"
        case .mlock(let page, let pages): "mlock \(FieldText.pages(pages, from: page))"
        case .mlock2(let page, let pages, let flags): "mlock2(\(flags)) \(FieldText.pages(pages, from: page))"
        case .munlock(let page, let pages): "munlock \(FieldText.pages(pages, from: page))"
        case .mlockAll(let flags): "mlockall(\(flags))"
        case .munlockAll: "munlockall"
        case .brk(let pages): "brk by \(FieldText.count(pages, "page"))"
        case .mincore(let page, let pages): "mincore \(FieldText.pages(pages, from: page))"
        case .msync(let page, let pages): "msync \(FieldText.pages(pages, from: page))"
        case .getUserPages(let page, let pages, let flags):
            "get_user_pages(\(flags)) \(FieldText.pages(pages, from: page))"
        case .pinUserPages(let page, let pages, let flags):
            "pin_user_pages(\(flags)) \(FieldText.pages(pages, from: page))"
        case .unpin(let id, let makesDirty): "unpin \(id)" + (makesDirty ? ", making it dirty" : "")
        case .faultIn(let request): "fault in, \(request)"
        default: nil
        }
    }

    /// The text for calls on files.
    private var fileText: String? {
        switch self {
        case .read(let file, let index, let pages, let memory):
            "pread \(FieldText.pages(pages, from: index, of: file))" + (memory.map { " into \($0)" } ?? "")
        case .directRead(let file, let index, let pages, let memory):
            "pread(O_DIRECT) \(FieldText.pages(pages, from: index, of: file)) into \(memory)"
        case .write(let file, let index, let pages, let memory):
            "pwrite \(FieldText.pages(pages, from: index, of: file))" + (memory.map { " from \($0)" } ?? "")
        case .truncate(let file, let size): "truncate \(file) to \(size)"
        case .fsync(let file): "fsync \(file)"
        case .dropCache(let file): "fadvise(DONTNEED) \(file)"
        case .readAhead(let file, let index, let pages):
            "fadvise(WILLNEED) \(FieldText.pages(pages, from: index, of: file))"
        case .adviseFile(let file, let advice): "fadvise(\(advice)) \(file)"
        case .punchHole(let file, let index, let pages):
            "punch a hole, \(FieldText.pages(pages, from: index, of: file))"
        default: nil
        }
    }

    /// The text for calls on processes, and for operations that only take time.
    private var processText: String {
        switch self {
        case .fork: "fork"
        case .exit: "exit"
        case .exitGroup: "exit the process"
        case .readProcMaps(let map): "read /proc/PID/maps of \(map)"
        case .readRemoteMemory(let map, let page, let pages):
            "process_vm_readv \(FieldText.pages(pages, from: page)) of \(map)"
        case .readProcMem(let map, let page, let pages):
            "read /proc/PID/mem of \(map), \(FieldText.pages(pages, from: page))"
        case .writeProcMem(let map, let page, let pages):
            "write /proc/PID/mem of \(map), \(FieldText.pages(pages, from: page))"
        case .userfaultfd(let features, let opening):
            "userfaultfd" + (features.isEmpty ? "" : ", \(features)") + (opening.isEmpty ? "" : ", \(opening)")
        case .userfault(let descriptor, let call): "\(descriptor): \(call)"
        case .kill(let task, let signal): "kill \(task) with \(signal)"
        case .sleep(let nanoseconds): "sleep \(nanoseconds) ns"
        case .compute(let nanoseconds): "compute \(nanoseconds) ns"
        case .setArchWords(let words): "set arch words \(words)"
        case .swapOff(let area): "swapoff area \(area)"
        default: "operation"
        }
    }
}

extension MapRequest: CustomStringConvertible {
    /// The request, such as `4 anonymous pages, read|write` or `page 9 of file 0, read|shared, fixed at page 0x10`.
    public var description: String {
        let what: String
        if file != .none {
            what = FieldText.pages(pages, from: offset, of: file)
        } else if operations != 0 {
            what = "\(FieldText.count(pages, "page")) of handler \(operations)"
        } else {
            what = pages == 1 ? "1 anonymous page" : "\(pages) anonymous pages"
        }
        var parts = [what, "\(VMAFlags(self))"]
        if placement != .anywhere { parts.append("\(placement)") }
        if populate { parts.append("populate") }
        return parts.joined(separator: ", ")
    }
}

extension MapRequest.Placement: CustomStringConvertible {
    /// The placement, such as `anywhere` or `fixed at page 0x10`.
    public var description: String {
        switch self {
        case .anywhere: "anywhere"
        case .hint(let page): "hint \(page)"
        case .fixed(let page): "fixed at \(page)"
        case .fixedNoReplace(let page): "fixed at \(page) if free"
        }
    }
}

extension RemapTarget: CustomStringConvertible {
    /// The target, such as `in place` or `fixed at page 0x10`.
    public var description: String {
        switch self {
        case .inPlace: "in place"
        case .mayMove: "may move"
        case .fixed(let page): "fixed at \(page)"
        case .leaving: "elsewhere, leaving the old area"
        }
    }
}

extension FaultRequest: CustomStringConvertible {
    /// The request, such as `fixup: write page 0x10 of map 0`.
    public var description: String {
        "\(caller): \(access) \(FieldText.pages(pages, from: page))" + (map == .none ? "" : " of \(map)")
    }
}
