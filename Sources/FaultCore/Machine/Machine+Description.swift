// What a failing test prints of a machine: less than a screen, the state that tests ask about. `differences(from:)`
// says what differs between two.

extension Machine: CustomStringConvertible, CustomReflectable {
    /// The machine on at most 23 lines: tasks with what they do or wait for, areas as in `/proc/PID/maps`, locks that
    /// are held or wanted, pins, requests under way, files with their resident pages.
    ///
    /// Parts that are too long are cut, and their last line says how much is left out; ``areas(of:)``,
    /// ``residentRuns(of:)``, ``lockView(_:)`` and ``backtrace(of:)`` give it all.
    public var description: String {
        var head = "\(model) at \(clock) ns: \(FieldText.count(frames.inUse, "page")) in use"
        if dirtyPages > 0 { head += ", \(dirtyPages) dirty or under writeback" }
        if let memoryGroup { head += ", memory group: \(memoryGroup)" }
        if swap.slotsInUse > 0 { head += ", \(swap.slotsInUse) of \(swap.total) swap slots in use" }
        var screen = ScreenText(head)
        screen.add(recorder.violations.map(\.summary), atLeast: 2, of: "broken laws")
        screen.add(tasksByActivity.prefix(ScreenText.height).map { line(of: $0) }, atLeast: 6, of: "tasks", tasks.count)
        let maps = maps.filter { $0.users > 0 || !$0.areas.isEmpty }
        let count = maps.reduce(0) { $0 + 1 + $1.areas.count }
        screen.add(lines(of: maps), atLeast: 6, of: "lines of maps", count)
        screen.add(lockLines, atLeast: 3, of: "locks")
        screen.add(
            pins.pins.prefix(ScreenText.height).map { line(of: $0) }, atLeast: 2, of: "pins", pins.pins.count)
        screen.add(scheduler.requests.map { names.applied(to: $0.description) }, atLeast: 3, of: "requests")
        screen.add(
            files.indices.prefix(ScreenText.height).map { line(of: FileID($0)) }, atLeast: 2, of: "files", files.count)
        return screen.text
    }

    /// How many objects of each kind there are, so that a debugger or a test shows no more.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "model": "\(model)", "clock": clock, "tasks": tasks.count, "maps": maps.count, "files": files.count,
            ], displayStyle: .struct)
    }

    // MARK: Tasks

    /// The tasks, those with an operation under way first.
    private var tasksByActivity: [TaskState] { tasks.filter(\.hasOperation) + tasks.filter { !$0.hasOperation } }

    private func line(of task: TaskState) -> String {
        let text: String
        switch task.status {
        case .exited: text = "has ended" + (task.outcome.signal.map { ", by \($0)" } ?? "")
        case .idle:
            text =
                task.outcome.isDone ? "idle; last \(self.text(of: task.operation, by: task)): \(task.outcome)" : "idle"
        case .runnable: text = "\(self.text(of: task.operation, by: task)); can run\(place(of: task))"
        case .sleeping:
            let waiting = "\(link(of: task).waiting), since \(task.sleepingSince) ns"
            text = "\(self.text(of: task.operation, by: task)); \(waiting)\(place(of: task))"
        }
        return "\(names.title(of: task.id)): \(names(for: task).applied(to: text))"
    }

    /// The next stage of the innermost routine.
    private func place(of task: TaskState) -> String { task.stack.last.map { ", at \(name(of: StageKey($0)))" } ?? "" }

    /// An operation, with the page of the file that backs an access.
    private func text(of operation: TaskOperation, by task: TaskState) -> String {
        guard case .touch(_, let page, _, _) = operation, task.map != .none,
            let area = area(containing: page, in: task.map), area.file != .none
        else { return operation.description }
        return "\(operation) (page \(area.fileIndex(of: page)) of \(area.file))"
    }

    // MARK: Maps

    /// A line for each map, and one for each of its areas; only the first lines if there are many.
    private func lines(of maps: [MemoryMap]) -> [String] {
        var lines: [String] = []
        for map in maps {
            if lines.count >= ScreenText.height { return lines }
            let users = tasks.filter { $0.map == map.id }.map(\.id.description)
            lines.append(names.applied(to: "\(map.id) of \(FieldText.list(users, atMost: 4)): \(map.rss)"))
            for area in map.areas.areas {
                if lines.count >= ScreenText.height { return lines }
                let runs = entryRuns(of: map.id, in: area.start..<area.end, numberedFrom: area.start)
                let name = name(of: area.start, in: map.id).map { ", \($0)" } ?? ""
                lines.append(
                    names.applied(to: "  \(area)") + name
                        + (runs.present.isEmpty ? "" : ", present \(FieldText.runs(runs.present))"))
            }
        }
        return lines
    }

    // MARK: Locks

    /// The locks that are held or wanted.
    private var lockLines: [String] {
        var lines: [String] = []
        func add(_ lock: LockName) {
            let semaphore = semaphore(lock)
            if !semaphore.mayBeTaken { lines.append("\(lock): \(lockView(lock).text)") }
        }
        for map in maps {
            add(.mmap(map.id))
            for reader in map.areaLocks.readers {
                let awaited = reader.isAwaited ? "; a writer waiting" : ""
                lines.append("lock of the area at \(reader.area) of \(map.id): read by \(reader.task)\(awaited)")
            }
            for mark in map.areaLocks.marks {
                lines.append("locks of the areas from \(mark.lowerBound) to \(mark.upperBound) of \(map.id): written")
            }
        }
        for number in files.indices {
            add(.inode(FileID(number)))
            add(.invalidate(FileID(number)))
        }
        for lock in scheduler.pageLocks {
            let page = cachePosition(of: lock.folio).map { "page \($1) of \($0)" } ?? "\(lock.folio)"
            lines.append("\(page): locked by \(lock.task)")
        }
        return lines.map { names.applied(to: $0) }
    }

    // MARK: Pins and files

    private func line(of pin: PagePin) -> String {
        names.applied(to: "\(pin)") + (hasExited(pin.id.task) ? "; its task has ended" : "")
    }

    private func line(of file: FileID) -> String {
        let runs = residentRuns(of: file)
        var line =
            "\(names.title(of: file)): \(FieldText.count(pages(of: file), "page")), resident \(FieldText.runs(runs))"
        let unread = cachedPages(of: file) - runs.reduce(0) { $0 + $1.count }
        if unread > 0 { line += ", \(unread) cached without their data" }
        return line
    }
}
