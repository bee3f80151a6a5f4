/// The registry of the core's routines, by number. Plug-ins have registries of their own.
enum CoreRoutines {
    /// Calls `user` with the routine of that number; returns `nil` if the routine is plugged in.
    @discardableResult
    @inline(__always)
    static func route<User: RoutineUser>(
        _ number: RoutineNumber, to _: User.Type, _ first: inout User.First, _ second: inout User.Second,
        _ third: inout User.Third, _ fourth: inout User.Fourth
    ) -> User.Answer? {
        switch number {
        case .touch: User.use(TouchRoutine.self, &first, &second, &third, &fourth)
        case .userAccess: User.use(UserAccessRoutine.self, &first, &second, &third, &fourth)
        case .pageFault: User.use(PageFault.self, &first, &second, &third, &fourth)
        case .takeLock: User.use(LockRoutine.self, &first, &second, &third, &fourth)
        case .lockFolio: User.use(LockFolioRoutine.self, &first, &second, &third, &fourth)
        case .munmap: User.use(MunmapRoutine.self, &first, &second, &third, &fourth)
        case .getUserPages: User.use(GetUserPagesRoutine.self, &first, &second, &third, &fourth)
        case .populate: User.use(PopulateRoutine.self, &first, &second, &third, &fourth)
        case .madvise: User.use(MadviseRoutine.self, &first, &second, &third, &fourth)
        case .faultCaller: User.use(FaultCallerRoutine.self, &first, &second, &third, &fourth)
        case .remoteRead: User.use(RemoteReadRoutine.self, &first, &second, &third, &fourth)
        case .reclaim: User.use(ReclaimRoutine.self, &first, &second, &third, &fourth)
        case .charge: User.use(ChargeRoutine.self, &first, &second, &third, &fourth)
        case .fileCommand: User.use(FileCommandRoutine.self, &first, &second, &third, &fourth)
        case .mmap: User.use(MmapRoutine.self, &first, &second, &third, &fourth)
        case .mprotect: User.use(MprotectRoutine.self, &first, &second, &third, &fourth)
        case .mremap: User.use(MremapRoutine.self, &first, &second, &third, &fourth)
        case .mlock: User.use(MlockRoutine.self, &first, &second, &third, &fourth)
        case .mlockAll: User.use(MlockAllRoutine.self, &first, &second, &third, &fourth)
        case .brk: User.use(BrkRoutine.self, &first, &second, &third, &fourth)
        case .msync: User.use(MsyncRoutine.self, &first, &second, &third, &fourth)
        case .mincore: User.use(MincoreRoutine.self, &first, &second, &third, &fourth)
        case .fork: User.use(ForkRoutine.self, &first, &second, &third, &fourth)
        case .exit: User.use(ExitRoutine.self, &first, &second, &third, &fourth)
        case .readProcMaps: User.use(ReadProcMapsRoutine.self, &first, &second, &third, &fourth)
        case .userfaultCall: User.use(UserfaultCallRoutine.self, &first, &second, &third, &fourth)
        case .swapOff: User.use(SwapOffRoutine.self, &first, &second, &third, &fourth)
        case .pinUserPages: User.use(PinUserPagesRoutine.self, &first, &second, &third, &fourth)
        case .unpin: User.use(UnpinRoutine.self, &first, &second, &third, &fourth)
        case .pause: User.use(PauseRoutine.self, &first, &second, &third, &fourth)
        case .faultEntry, .handlerFault, .handlerMkwrite, .fileCall, .fileTransfer, .throttle, .userfaultRoutine: nil
        }
    }
}
