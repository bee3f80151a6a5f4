extension TaskWait: CustomStringConvertible {
    /// The wait, such as `folio lock, frame 3 (killable)`, `timer, 100 ns (interruptible)` or `none`.
    public var description: String {
        let what: String
        switch kind {
        case .none: return "none"
        case .folio: what = "folio \(isForFolioLock ? "lock" : "unlock"), \(frame)"
        case .writeback: what = "writeback, \(frame)"
        case .lock: what = "\(LockName(rawValue: UInt32(truncatingIfNeeded: value)))"
        case .timer where polled != nil: what = "\(messageText), \(value) ns"
        case .timer, .submission, .dirtyThrottle: what = "\(kind), \(value) ns"
        case .request: what = "\(RequestID(rawValue: value))"
        case .channel: what = "channel \(value)"
        case .memory: what = "memory"
        case .areaReaders: what = "area readers of map \(value)"
        case .userfault: what = "answer of \(UserfaultID(Int(value)))"
        case .userfaultEvent: what = "reader of an event of \(UserfaultID(Int(value)))"
        case .userfaultMessage: what = messageText
        case .spin: what = "in circles, answer of \(UserfaultID(Int(value)))"
        }
        return "\(what) (\(mode))"
    }

    private var messageText: String { "message of \(polled ?? .none)\(pollsOthers ? " or another" : "")" }
}

extension StopCondition: CustomStringConvertible {
    /// The condition, such as `idle`, `task 0 at munmap.tearDown` or `task 0 is asleep`.
    public var description: String {
        switch self {
        case .idle: "idle"
        case .time(let time): "at \(time) ns"
        case .stage(let task, let stage, let type): "\(task) at \(stage)" + (type.map { " of \($0)" } ?? "")
        case .asleep(let task): "\(task) is asleep"
        case .done(let task): "\(task) is done"
        case .event: "at an event"
        case .predicate: "when a predicate holds"
        }
    }
}

extension StopReason: CustomStringConvertible {
    /// The kind, the next stage, the tasks that wait for each other, the last events of a run that reached its limit,
    /// and the broken laws. The first broken law is shown with what led to it, the others on one line each.
    public var description: String {
        var lines = [kind.rawValue]
        if let nextTask {
            lines[0] += names.applied(to: ": \(nextTask) is at \(nextStage.map { "\($0)" } ?? "no stage")")
        }
        let chain = WaitLink.longestPath(in: waits).map(\.description)
        let oneLine = chain.joined(separator: " <- ")
        if oneLine.count <= FieldText.width {
            lines += chain.isEmpty ? [] : [oneLine]
        } else {
            let room = violations.isEmpty ? ScreenText.height - 1 : 5
            lines += FieldText.lines(chain.enumerated().map { $0 == 0 ? $1 : "<- \($1)" }, atMost: room, of: "tasks")
        }
        if !lastEvents.isEmpty, violations.isEmpty {
            lines.append("the last events:")
            lines += lastEvents.suffix(ScreenText.height - lines.count).map { "    " + $0 }
        }
        if let first = violations.first {
            let others = FieldText.lines(violations.dropFirst().map(\.summary), atMost: 4, of: "broken laws")
            lines += first.lines(atMost: ScreenText.height - lines.count - others.count) + others
        }
        return lines.map { FieldText.cut($0) }.joined(separator: "\n")
    }
}
