import FaultCore

extension Timeline: CustomStringConvertible {
    /// The title, the size, and the longest wait with its chain.
    public var description: String {
        let length = axis == .time ? TimeText.duration(end.time - begin.time) : "no virtual time"
        let parts = [
            FieldText.count(rows.count, "row"), FieldText.count(spanCount, "span"),
            FieldText.count(waits.count, "wait"),
        ]
        var lines = ["\(title): \(length), \(parts.joined(separator: ", "))"]
        if let longest = longestWait {
            lines.append("the longest wait:")
            lines += chain(from: longest).prefix(8).map { "  " + FieldText.cut(text($0)) }
        }
        return lines.joined(separator: "\n")
    }

    /// A wait in words: `reader waits 10 ms for the mmap lock of map 0 (read), behind writer`.
    public func text(_ wait: Wait) -> String {
        let duration = axis == .time ? " \(TimeText.duration(wait.nanoseconds))" : ""
        var text = "\(names.text(wait.task)) waits\(duration) for \(names.text(wait.cause))"
        if wait.blocker != .none { text += ", behind \(names.text(wait.blocker))" }
        if let held = wait.mmapHeld { text += ", holding the mmap lock (\(held))" }
        if case .request(_, let device, let task) = wait.wakeUp, task != wait.task {
            text += ", read by \(names.text(task)) from \(names.text(device))"
        }
        return text
    }

    /// A span in words, without its row.
    public func text(_ span: Span, of subject: Row.Subject) -> String {
        let map: MapID =
            switch subject {
            case .task(let task): maps[task] ?? .none
            case .area(let map, _): map
            case .lock, .device: .none
            }
        return switch span.what {
        case .runs(let processor): processor < 0 ? "runs" : "runs on processor \(processor)"
        case .ready: "waits for a processor"
        case .sleeps(let wait): "sleeps for \(names.text(waits[wait].cause))"
        case .operation(let operation): names.text(operation, in: map)
        case .fault(let page, let access, let isMajor):
            "\(Self.count(isMajor)) (\(access)) at \(names.text(page, of: map))"
        case .attempt(let page, let flags, let result):
            "attempt at \(names.text(page, of: map)), \(flags): \(Self.text(result))"
        case .stage(let place): stages[place].description
        case .holds(let task, let mode): "\(names.text(task)) holds (\(mode))"
        case .waits(let task, let mode): "\(names.text(task)) waits (\(mode))"
        case .request(let request): names.text(request)
        }
    }

    static func count(_ isMajor: Bool?) -> String { isMajor.map { $0 ? "major fault" : "minor fault" } ?? "fault" }

    static func text(_ result: FaultResult?) -> String {
        guard let result else { return "under way" }
        return result == [] ? "0" : "\(result)"
    }
}

extension Timeline.Row: CustomStringConvertible {
    /// The name and the size.
    public var description: String {
        "\(name): \(FieldText.count(spans.count, "span")) in \(FieldText.count(lanes, "lane")), "
            + FieldText.count(marks.count, "mark")
    }
}

extension Timeline.Row.Subject: CustomStringConvertible {
    /// Such as `mmap lock of map 0`.
    public var description: String {
        switch self {
        case .task(let task): "\(task)"
        case .lock(let lock): "\(lock)"
        case .area(let map, let page): "lock of the area at \(page) of \(map)"
        case .device(let device): "\(device)"
        }
    }
}

extension Timeline.Span: CustomStringConvertible {
    /// Such as `task 0 holds (read) from 0 ns to 1.5 ms`.
    public var description: String {
        FieldText.cut(
            "\(what) from \(TimeText.duration(begin.time)) to \(TimeText.duration(end.time))"
                + (isOpen ? " and on" : ""))
    }
}

extension Timeline.Span.What: CustomStringConvertible {
    /// Such as `task 0 holds (read)`.
    public var description: String {
        switch self {
        case .runs(let processor): processor < 0 ? "runs" : "runs on processor \(processor)"
        case .ready: "waits for a processor"
        case .sleeps(let wait): "sleeps (wait \(wait))"
        case .operation(let operation): "\(operation)"
        case .fault(let page, let access, let isMajor): "\(Timeline.count(isMajor)) (\(access)) at \(page)"
        case .attempt(let page, let flags, let result): "attempt at \(page), \(flags): \(Timeline.text(result))"
        case .stage(let place): "stage \(place)"
        case .holds(let task, let mode): "\(task) holds (\(mode))"
        case .waits(let task, let mode): "\(task) waits (\(mode))"
        case .request(let request): "\(request)"
        }
    }
}

extension Timeline.Mark.What: CustomStringConvertible {
    /// Such as `counts as major: page 0x10`.
    public var description: String {
        switch self {
        case .dropsFaultLock: "drops the fault lock"
        case .counts(let page, let isMajor): "counts as \(isMajor ? "major" : "minor"): \(page)"
        case .signalSent: "a signal is sent"
        case .signalForced: "a signal is forced"
        case .allocationFails(let point): "an allocation fails: \(point)"
        case .violation(let law): "law \(law.number) is broken: \(law)"
        }
    }
}

extension Timeline.Mark: CustomStringConvertible {
    /// Such as `drops the fault lock at 1 ms (event 20)`.
    public var description: String { "\(what) at \(moment)" }
}

extension Timeline.Moment: CustomStringConvertible {
    /// Such as `1.5 ms (event 20)`.
    public var description: String { "\(TimeText.duration(time)) (event \(order))" }
}

extension Timeline.Counter: CustomStringConvertible {
    /// The name, and the value at the end.
    public var description: String { "\(name): \(points.last?.value ?? 0) at the end" }
}

extension TimelineNames: CustomStringConvertible {
    /// How many names there are.
    public var description: String { "\(FieldText.count(count, "name"))" }
}

extension Timeline.Wait: CustomStringConvertible {
    /// Such as `task 1 from 100 ns to 400 ns for the mmap lock of map 0 (write), behind task 0: woken by task 0`.
    public var description: String {
        let behind = behind == .none ? "" : ", behind \(behind)"
        return FieldText.cut("\(task) from \(begin.time) ns to \(end.time) ns for \(cause)\(behind): \(wakeUp)")
    }
}

extension Timeline.Wait.WakeUp: CustomStringConvertible {
    /// Such as `woken by task 0`.
    public var description: String {
        switch self {
        case .task(let task): "woken by \(task)"
        case .request(let request, let device, let task): "woken by \(request) of \(task) on \(device)"
        case .signal: "ended by a signal"
        case .time: "its timer expired"
        case .outside: "woken by the test"
        case .stillWaiting: "it lasts"
        }
    }
}

extension WaitAttribution: CustomStringConvertible {
    /// The table, with its longest 18 rows.
    public var description: String {
        guard !rows.isEmpty else { return "no task waited" }
        let lines = TimeText.table([Self.columns] + table.prefix(18), figures: 3).map { FieldText.cut($0) }
        return (lines + (rows.count > 18 ? ["and \(rows.count - 18) rows more"] : [])).joined(separator: "\n")
    }
}

extension WaitAttribution.Row: CustomStringConvertible {
    /// The cells with commas between them.
    public var description: String {
        FieldText.cut(cells.joined(separator: ", ") + ": \(times) times, \(nanoseconds) ns")
    }
}

extension WaitAttribution.Root: CustomStringConvertible {
    /// Such as `I/O of task 0 on device 0`.
    public var description: String { text(TimelineNames()) }
}

extension TimelinePicture: CustomStringConvertible {
    /// Its heading, and how many timelines it shows.
    public var description: String { "\(heading): \(FieldText.count(timelines.count, "timeline"))" }
}
