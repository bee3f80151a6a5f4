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

    /// Whether the task uses `other`, the memory map of another process, from `mmget()` to `mmput()`.
    func looksInto(_ other: MapID) -> Bool {
        switch operation {
        case .readRemoteMemory(other, _, _), .readProcMem(other, _, _), .readProcMaps(other): break
        default: return false
        }
        guard let call = stack.first(where: { $0.routine == .remoteRead || $0.routine == .readProcMaps }) else {
            return false
        }
        if let end = stack.last, end.routine == .exit { return end.stage.rawValue <= ExitRoutine.Stage.drop.rawValue }
        let dropped =
            call.routine == .remoteRead
            ? RemoteReadRoutine.Stage.dropped.rawValue : ReadProcMapsRoutine.Stage.dropped.rawValue
        return call.stage.rawValue > 0 && call.stage.rawValue < dropped
    }

    /// Whether the task has left `other`, its own map or that of a child it could not make, and not counted itself out yet.
    func isLettingGo(of other: MapID) -> Bool {
        guard let end = stack.last, end.routine == .exit, end.words.0 == UInt64(other.index) else { return false }
        let isBeforeDrop = end.stage.rawValue < ExitRoutine.Stage.drop.rawValue
        if end.stage.rawValue > ExitRoutine.Stage.drop.rawValue { return false }
        return stack.contains { $0.routine == .fork } || (map == .none && !isBeforeDrop && stack.count == 1)
    }
}
