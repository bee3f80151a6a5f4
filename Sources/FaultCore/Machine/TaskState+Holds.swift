/// What the calls that a task has under way keep alive, as the checker counts it.
extension TaskState {
    /// How many pins the task has on a file: its fault's, and those of calls that wait for the file without the mmap lock.
    func pins(on file: FileID) -> Int {
        var pins = fault.lockDropped && fault.file == file ? 1 : 0
        for call in stack {
            if call.routine == .madvise, call.stage.rawValue == MadviseRoutine.Stage.readAhead.rawValue {
                pins += call.words.4 == UInt64(file.index) ? 1 : 0
            } else if call.routine == .msync, call.stage.rawValue == MsyncRoutine.Stage.synced.rawValue {
                pins += call.words.3 == UInt64(file.index + 1) ? 1 : 0
            }
        }
        return pins
    }

    /// Whether the task has left its map `old` to exit, and has yet to end its use of it.
    func isLeaving(_ old: MapID) -> Bool {
        stack.contains {
            $0.routine == .exit && $0.option == 0 && $0.stage.rawValue == ExitRoutine.Stage.drop.rawValue
                && $0.words.0 == UInt64(old.index)
        }
    }

    /// Whether the task uses `other`, the memory map of another process, from `mmget()` to `mmput()`.
    func looksInto(_ other: MapID) -> Bool {
        switch operation {
        case .readRemoteMemory(other, _, _), .readProcMem(other, _, _), .readProcMaps(other): break
        case .faultIn(let request) where request.map == other: break
        default: return false
        }
        let routines: [RoutineNumber] = [.remoteRead, .readProcMaps, .faultCaller]
        guard let call = stack.first(where: { routines.contains($0.routine) }) else { return false }
        if let end = stack.last(where: { $0.routine == .exit }) {
            return end.stage.rawValue <= ExitRoutine.Stage.drop.rawValue
        }
        let dropped =
            switch call.routine {
            case .remoteRead: RemoteReadRoutine.Stage.dropped.rawValue
            case .faultCaller: FaultCallerRoutine.Stage.dropped.rawValue
            default: ReadProcMapsRoutine.Stage.dropped.rawValue
            }
        return call.stage.rawValue > 0 && call.stage.rawValue != dropped
    }

    /// Whether the task lets go of `child`, the map of a child that it could not make, and has yet to end its use of it.
    func isAbandoning(_ child: MapID) -> Bool {
        guard let end = stack.last, end.routine == .exit, end.words.0 == UInt64(child.index) else { return false }
        return end.stage.rawValue <= ExitRoutine.Stage.drop.rawValue && stack.contains { $0.routine == .fork }
    }
}
