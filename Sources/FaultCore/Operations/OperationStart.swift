/// How an operation begins: the routine that does it, with the arguments.
struct OperationStart {
    enum Beginning {
        /// A routine of the core, with the arguments in its frame.
        case call(RoutineCall)
        /// ``PageCacheRoutine/transfer``.
        case transfer(TransferRequest)
    }

    let beginning: Beginning
    /// Whether it works on the task's own memory map.
    let needsOwnMap: Bool

    init<R: OperationRoutine>(_ routine: R.Type, _ frame: R.Frame) {
        beginning = .call(RoutineCall(routine, frame))
        needsOwnMap = R.needsOwnMap(frame)
    }

    init(_ request: TransferRequest) {
        beginning = .transfer(request)
        needsOwnMap = request.memory != nil
    }
}

extension TaskOperation {
    /// How the operation begins. Everything else that depends on the operation follows from this: whether it needs
    /// memory of its own, and its words in the canonical form.
    ///
    /// - Parameter map: The task's own memory map; none for a kernel thread.
    func start(in map: MapID) -> OperationStart {
        switch self {
        case .touch(let access, let page, let pages, let stride):
            OperationStart(
                TouchRoutine.self, TouchRoutine.Frame(page: page, left: pages, stride: stride, access: access))
        case .jump(let page, let offset):
            OperationStart(
                TouchRoutine.self, TouchRoutine.Frame(page: page, left: 1, stride: 0, offset: offset, access: .execute))
        case .kernelTouch(let access, let page, let mode):
            OperationStart(UserAccessRoutine.self, UserAccessRoutine.Frame(page: page, access: access, mode: mode))
        case .mmap(let request): OperationStart(MmapRoutine.self, MmapRoutine.Frame(request))
        case .munmap(let page, let pages):
            OperationStart(MunmapRoutine.self, MunmapRoutine.Frame(page: page, pages: pages))
        case .mprotect(let page, let pages, let access):
            OperationStart(MprotectRoutine.self, MprotectRoutine.Frame(page: page, pages: pages, access: access))
        case .mprotectWithKey(let page, let pages, let access, let key):
            OperationStart(
                MprotectRoutine.self, MprotectRoutine.Frame(page: page, pages: pages, access: access, key: key))
        case .setArchWords(let words): OperationStart(PauseRoutine.self, .setArchWords(words))
        case .madvise(let page, let pages, let advice):
            OperationStart(MadviseRoutine.self, MadviseRoutine.Frame(advice, from: page, pages: pages))
        case .mremap(let page, let oldPages, let newPages, let target):
            OperationStart(
                MremapRoutine.self,
                MremapRoutine.Frame(page: page, oldPages: oldPages, newPages: newPages, target: target))
        case .mlock(let page, let pages):
            OperationStart(MlockRoutine.self, MlockRoutine.Frame(page: page, pages: pages, request: .mlock))
        case .mlock2(let page, let pages, let flags):
            OperationStart(MlockRoutine.self, MlockRoutine.Frame(page: page, pages: pages, request: .mlock2(flags)))
        case .munlock(let page, let pages):
            OperationStart(MlockRoutine.self, MlockRoutine.Frame(page: page, pages: pages, request: .munlock))
        case .mlockAll(let flags): OperationStart(MlockAllRoutine.self, MlockAllRoutine.Frame(locks: flags))
        case .munlockAll: OperationStart(MlockAllRoutine.self, MlockAllRoutine.Frame(locks: nil))
        case .brk(let pages): OperationStart(BrkRoutine.self, BrkRoutine.Frame(pages: pages))
        case .mincore(let page, let pages):
            OperationStart(MincoreRoutine.self, MincoreRoutine.Frame(page: page, pages: pages))
        case .msync(let page, let pages):
            OperationStart(MsyncRoutine.self, MsyncRoutine.Frame(page: page, pages: pages))
        case .fork: OperationStart(ForkRoutine.self, ForkRoutine.Frame())
        case .exit: OperationStart(ExitRoutine.self, .ofTask)
        case .exitGroup: OperationStart(ExitRoutine.self, .ofGroup)
        case .read(let file, let first, let pages, let memory):
            OperationStart(TransferRequest(.read, file, first, pages: pages, memory: memory))
        case .directRead(let file, let first, let pages, let memory):
            OperationStart(
                FileCommandRoutine.self, FileRequest(.readDirect(first, pages: pages, into: memory), on: file))
        case .write(let file, let first, let pages, let memory):
            OperationStart(TransferRequest(.write, file, first, pages: pages, memory: memory))
        case .truncate(let file, let size):
            OperationStart(FileCommandRoutine.self, FileRequest(.truncate(to: size), on: file))
        case .fsync(let file): OperationStart(FileCommandRoutine.self, FileRequest(.sync(0, pages: nil), on: file))
        case .dropCache(let file): OperationStart(FileCommandRoutine.self, FileRequest(.dropCache, on: file))
        case .readAhead(let file, let first, let pages):
            OperationStart(FileCommandRoutine.self, FileRequest(.willNeed(first, pages: pages), on: file))
        case .adviseFile(let file, let advice): OperationStart(PauseRoutine.self, .adviseFile(file, advice))
        case .punchHole(let file, let first, let pages):
            OperationStart(FileCommandRoutine.self, FileRequest(.punchHole(first, pages: pages), on: file))
        case .getUserPages(let page, let pages, let flags) where !flags.isDisjoint(with: [.get, .pin]):
            OperationStart(
                PinUserPagesRoutine.self,
                PinUserPagesRoutine.Frame(
                    page: page, pages: pages, flags: flags.union(.touch).subtracting(.remote), isKept: false))
        case .pinUserPages(let page, let pages, let flags):
            OperationStart(
                PinUserPagesRoutine.self,
                PinUserPagesRoutine.Frame(
                    page: page, pages: pages,
                    flags: (flags.contains(.get) ? flags : flags.union(.pin)).subtracting(.remote),
                    isKept: true))
        case .unpin(let id, let makesDirty):
            OperationStart(UnpinRoutine.self, UnpinRoutine.Frame(id, makesDirty: makesDirty))
        case .getUserPages(let page, let pages, let flags):
            OperationStart(
                GetUserPagesRoutine.self,
                GetUserPagesRoutine.Frame(
                    page: page, left: pages, flags: flags.union(.touch).subtracting(.remote), map: map, mode: .unlocked)
            )
        case .faultIn(let request): OperationStart(FaultCallerRoutine.self, FaultCallerRoutine.Frame(request))
        case .swapOff(let area): OperationStart(SwapOffRoutine.self, SwapOffRoutine.Frame(area: area))
        case .readProcMaps(let map): OperationStart(ReadProcMapsRoutine.self, ReadProcMapsRoutine.Frame(map: map))
        case .readRemoteMemory(let map, let page, let pages):
            OperationStart(
                RemoteReadRoutine.self, RemoteReadRoutine.Frame(.processVMRead, of: map, from: page, pages: pages))
        case .readProcMem(let map, let page, let pages):
            OperationStart(RemoteReadRoutine.self, RemoteReadRoutine.Frame(.procMem, of: map, from: page, pages: pages))
        case .writeProcMem(let map, let page, let pages):
            OperationStart(
                RemoteReadRoutine.self, RemoteReadRoutine.Frame(.procMemWrite, of: map, from: page, pages: pages))
        case .userfaultfd(let features, let opening):
            OperationStart(UserfaultCallRoutine.self, .open(features, opening))
        case .userfault(let descriptor, let call):
            OperationStart(UserfaultCallRoutine.self, .call(UserfaultRequest(call, on: descriptor)))
        case .kill(let target, let signal): OperationStart(PauseRoutine.self, .kill(target, signal))
        case .sleep(let nanoseconds): OperationStart(PauseRoutine.self, .sleep(nanoseconds: nanoseconds))
        case .compute(let nanoseconds): OperationStart(PauseRoutine.self, .compute(nanoseconds: nanoseconds))
        }
    }

    /// Adds to `sink` the operation as words, none of which depends on a machine: what it begins with. Operations that
    /// begin alike go on alike.
    func add<Sink: StateSink>(to sink: inout Sink) {
        var fields = OwnFields(sink: sink)
        switch start(in: .none).beginning {
        case .call(let call):
            fields.sink.add(UInt64(call.routine.rawValue))
            Activation(call).visitFrame(&fields)
        case .transfer(let request):
            fields.sink.add(UInt64(RoutineNumber.fileTransfer.rawValue))
            request.visit(&fields)
        }
        sink = fields.sink
    }
}

extension Machine {
    /// The call with which a task begins an operation. Operations that need memory fail in a kernel thread, which has
    /// none. Operations with numbers that no memory and no file could have fail, too (``ArgumentRules``).
    ///
    /// - Precondition: The machine has everything that the operation names.
    func firstCall(of operation: TaskOperation, by task: TaskID) -> RoutineCall {
        require(operation)
        let map = tasks[task.index].map
        let rules = argumentRules
        let start = rules.adjusted(operation).start(in: map)
        if start.needsOwnMap && map == .none { return RoutineCall(PauseRoutine.self, .refuse) }
        if let errno = rules.refusal(of: operation) { return RoutineCall(PauseRoutine.self, .fail(errno)) }
        switch start.beginning {
        case .call(let call): return call
        case .transfer(let request): return calling(.transfer, for: request)
        }
    }
}
