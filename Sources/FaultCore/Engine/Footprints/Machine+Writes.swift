/// What a stage writes. The setter of each kind of shared state notes it, while that is switched on.
extension Machine {
    /// Whether writes are noted. While they are, nothing is done at once, because shortcuts note nothing.
    package var notesWrites: Bool {
        get { recorder.notesWrites }
        set {
            recorder.notesWrites = newValue
            if newValue { recorder.usesShortcuts = false }
        }
    }

    /// Returns what has been written since the last call.
    package mutating func takeWrites() -> Footprint {
        defer { recorder.writes = .nothing }
        return recorder.writes
    }

    /// Notes that a part of the machine changes.
    @inline(__always)
    package mutating func noteWrite(_ location: @autoclosure () -> StateLocation) {
        if recorder.notesWrites { recorder.note(location()) }
    }

    /// Notes that a page changes. It must be called before the change, while other tasks may still find the page.
    @inline(__always)
    mutating func noteWrite(to frame: FrameNumber) {
        if recorder.notesWrites { noteChange(of: frame) }
    }

    @inline(never)
    private mutating func noteChange(of frame: FrameNumber) { recorder.note(location(of: frame)) }

    /// Notes that another task changes what can be observed of a task.
    @inline(__always)
    mutating func noteWrite(toOther task: TaskID) {
        if recorder.notesWrites, task != scheduler.current { recorder.note(.task(task)) }
    }

    /// Notes that the number of dirty pages changes, if there is a limit.
    @inline(__always)
    mutating func noteDirtyCount() {
        if recorder.notesWrites, settings.dirtyLimitPages != .max { recorder.note(.dirtyPages) }
    }

    /// Notes what a task changes when it falls asleep: itself, and the list of sleepers.
    @inline(never)
    mutating func noteParking(of task: TaskID, _ wait: TaskWait) {
        recorder.note(.task(task))
        switch wait.kind {
        case .none, .folio, .writeback, .lock, .submission: break  // the page and the lock note it themselves
        case .timer: notePolling(of: task, wait)
        case .request:
            if let request = scheduler.requests.request(RequestID(rawValue: wait.value)) {
                recorder.note(.device(request.device))
            }
        case .dirtyThrottle: recorder.note(.dirtyPages)
        case .channel: recorder.note(.channel(wait.value))
        case .memory: recorder.note(.memory)
        case .areaReaders: recorder.note(.areaLocks(MapID(Int(wait.value))))
        case .userfaultMessage: notePolling(of: task, wait)
        case .userfault, .userfaultEvent, .spin: recorder.note(.userfault(UserfaultID(Int(wait.value))))
        }
    }

    private mutating func notePolling(of task: TaskID, _ wait: TaskWait) {
        guard let descriptor = wait.polled else { return }
        recorder.note(.userfault(descriptor))
        guard wait.pollsOthers else { return }
        for other in userfaultDescriptors(of: tasks[task.index].map) { recorder.note(.userfault(other)) }
    }

    /// Where a page can be found.
    func location(of frame: FrameNumber) -> StateLocation {
        let state = frames[frame]
        return state.flags.contains(.cached)
            ? .cachedPage(FileID(Int(state.owner)), PageIndex(Int(state.index))) : .page(frame)
    }
}

extension Recorder {
    @inline(never)
    mutating func note(_ location: StateLocation) { writes.insert(location) }
}
