/// Which routine does which system call.
extension Machine {
    /// Does one stage of a routine that is no part of a fault.
    mutating func performSystemCall(
        _ call: inout Activation, _ fault: inout VMFault, _ task: TaskID
    ) -> OldStep<HandlerStage> {
        switch call.routine {
        case .madvise: return MadviseRoutine.step(&call, &fault, &self)
        case .populate: return PopulateRoutine.step(&call, &fault, &self)
        case .getUserPages: return GetUserPagesRoutine.step(&call, &fault, &self)
        case .faultCaller: return FaultCallerRoutine.step(&call, &fault, &self)
        case .remoteRead: return RemoteReadRoutine.step(&call, &fault, &self)
        case .fileTransfer: return FileTransferRoutine.step(&call, &fault, &self)
        case .fileCommand: return FileCommandRoutine.step(&call, &fault, &self)
        case .throttle: return ThrottleRoutine.step(&call, &fault, &self)
        case .reclaim: return ReclaimRoutine.step(&call, &self)
        case .mmap, .munmap, .mprotect, .mremap, .brk, .mlock, .mlockAll, .fork, .exit, .msync, .mincore, .readProcMaps,
            .pause:
            misuse("\(call.routine) is typed")
        case .touch, .userAccess, .faultEntry, .pageFault, .handlerFault, .handlerMkwrite, .fileCall, .takeLock,
            .lockFolio:
            misuse("\(call.routine) is the routine of no system call")
        }
    }
}
