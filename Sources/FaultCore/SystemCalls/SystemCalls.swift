/// Which routine does which system call.
extension Machine {
    /// Does one stage of a routine that is no part of a fault.
    mutating func performSystemCall(
        _ call: inout Activation, _ fault: inout VMFault, _ task: TaskID
    ) -> OldStep<HandlerStage> {
        switch call.routine {
        case .pause: return PauseRoutine.step(&call, &self)
        case .mmap: return MmapRoutine.step(&call, &fault, &self)
        case .mprotect: return MprotectRoutine.step(&call, &fault, &self)
        case .mremap: return MremapRoutine.step(&call, &fault, &self)
        case .brk: return BrkRoutine.step(&call, &fault, &self)
        case .madvise: return MadviseRoutine.step(&call, &fault, &self)
        case .mlock: return MlockRoutine.step(&call, &fault, &self)
        case .mlockAll: return MlockAllRoutine.step(&call, &fault, &self)
        case .populate: return PopulateRoutine.step(&call, &fault, &self)
        case .getUserPages: return GetUserPagesRoutine.step(&call, &fault, &self)
        case .faultCaller: return FaultCallerRoutine.step(&call, &fault, &self)
        case .fork: return ForkRoutine.step(&call, &fault, &self)
        case .exit: return ExitRoutine.step(&call, &fault, &self)
        case .msync: return MsyncRoutine.step(&call, &fault, &self)
        case .mincore: return MincoreRoutine.step(&call, &fault, &self)
        case .readProcMaps: return ReadProcMapsRoutine.step(&call, &fault, &self)
        case .remoteRead: return RemoteReadRoutine.step(&call, &fault, &self)
        case .throttle: return ThrottleRoutine.step(&call, &fault, &self)
        case .reclaim: return ReclaimRoutine.step(&call, &self)
        case .munmap, .touch, .userAccess, .faultEntry, .pageFault, .handlerFault, .handlerMkwrite, .fileCall,
            .takeLock,
            .lockFolio, .fileTransfer, .fileCommand:
            misuse("\(call.routine) is the routine of no system call")
        }
    }
}

/// Sleeps, computes, sends a signal, sets the architecture's words, or refuses what a thread of the kernel can't do.
enum PauseRoutine {
    static func step(_ call: inout Activation, _ machine: inout Machine) -> OldStep<HandlerStage> {
        let task = machine.scheduler.current
        guard call.stage == .start else { return call.wasInterrupted ? .failed(.interrupted) : .done }
        switch call.option {
        case 0:
            return .sleep(.time(machine.clock &+ call.words.0), then: 1)
        case 1:
            machine.scheduler.extraCost &+= call.words.0
            return .done
        case 3:
            if case .setArchWords(let words) = machine.tasks[task.index].operation {
                machine.setArchWords(of: task, to: words)
            }
            return .done
        case 4:
            return .failed(.invalid)
        default:
            if case .kill(let target, let signal) = machine.tasks[task.index].operation {
                machine.send(signal, to: target)
            }
            return .done
        }
    }
}
