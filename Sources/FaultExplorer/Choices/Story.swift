public import FaultCore

extension Machine {
    /// A schedule as a story, with a numbered line for each choice. The line names the task and its stage, or the
    /// request that is finished. Then it says what happened: locks and pages that are taken, released or waited for,
    /// results, signals, and, if it is known, the rule of the kernel model that decided it.
    ///
    /// Call it on the machine that was explored. The lines end at a choice that is not possible.
    public func story(of schedule: [Choice], injections: [Injection] = []) -> [String] {
        var machine = self
        machine.usesShortcuts = false
        machine.isTracing = true
        _ = machine.takeTrace()
        var lines: [String] = []
        for choice in schedule {
            var line = "\(lines.count + 1). \(machine.line(for: choice, injections))"
            guard machine.perform(choice, injections) else { break }
            let actor = machine.actor(of: choice)
            let parts = StoryTeller(machine, teller: actor).parts(of: machine.takeTrace())
            if !parts.isEmpty { line += ": " + parts.joined(separator: ", ") }
            lines.append(machine.named(line, for: actor == .none ? nil : actor))
        }
        return lines
    }

    private func actor(of choice: Choice) -> TaskID {
        switch choice {
        case .step(let task), .run(let task), .expire(let task): task
        case .finish, .inject: .none
        }
    }

    private func line(for choice: Choice, _ injections: [Injection]) -> String {
        switch choice {
        case .step(let task), .run(let task):
            let stage = taskIndices.contains(task.index) ? backtrace(of: task).last : nil
            return "\(task) \(stage.map(\.description) ?? "does nothing")"
        case .finish(let name):
            guard let place = place(of: name) else { return "a device finishes \(name)" }
            let request = requestsUnderWay[place]
            let pages =
                request.file == .none
                ? FieldText.count(request.pages, "page")
                : FieldText.pages(request.pages, from: request.index, of: request.file)
            return "\(request.device) finishes the \(request.kind) of \(pages) for \(request.task)"
        case .expire(let task): return "the timer of \(task) expires"
        case .inject(let number):
            return injections.indices.contains(number) ? "from outside: \(injections[number].event)" : "\(choice)"
        }
    }
}

/// Describes in words what happened in a stage.
struct StoryTeller {
    private let machine: Machine
    private let teller: TaskID

    /// - Parameter teller: The task whose stage it was. Events of other tasks are told with their names.
    init(_ machine: Machine, teller: TaskID) {
        self.machine = machine
        self.teller = teller
    }

    /// What happened, and at the end what the task sleeps for.
    func parts(of events: [TraceEvent]) -> [String] {
        var parts: [String] = []
        for (place, event) in events.enumerated() {
            guard var text = words(for: event, nextIsWaking: wakes(events[(place + 1)...])) else { continue }
            if event.task != teller, event.task != .none { text = "\(event.task) \(text)" }
            if parts.last != text { parts.append(text) }
        }
        return parts
    }

    private func wakes(_ events: ArraySlice<TraceEvent>) -> Bool {
        guard let next = events.first(where: { $0.kind != .violation }) else { return false }
        return next.kind == .woken || next.kind == .lockTaken
    }

    private func words(for event: TraceEvent, nextIsWaking: Bool) -> String? {
        switch event.detail {
        case .stage, .ioCompleted, .lockQueued: nil
        case .operationStarted: "begins \(machine.report(of: event.task).operation)"
        case .operationEnded(let value):
            value < 0
                ? "ends with \(Errno(rawValue: Int32(truncatingIfNeeded: -value)).map { "\($0)" } ?? "\(value)")"
                : "ends"
        case .exception(let page, let access): "page fault at \(page), \(access)"
        case .attemptStarted(let page, let flags): "attempt at \(page) with \(flags)"
        case .attemptEnded(_, let result): "the attempt returns \(result)" + rule(for: result)
        case .accounted(_, let isMajor): "counts as \(isMajor ? "major" : "minor")" + rule("retryAccounting")
        case .faultLockDropped: "drops the fault lock" + rule("lockDroppingWaits")
        case .lockTaken(let lock, let mode): "takes \(lock) (\(mode))"
        case .lockReleased(let lock, let mode):
            "releases \(lock) (\(mode))" + (nextIsWaking ? rule("lockHandover") : "")
        case .lockDowngraded(let lock): "turns \(lock) into a read lock" + rule("unmapDowngrade")
        case .folioLocked(let file, let index): "locks \(page(index, file))"
        case .folioUnlocked(let file, let index): "unlocks \(page(index, file))"
        case .ioSubmitted(let file, let index): "submits a request for \(page(index, file))"
        case .slept: sleep(of: event.task)
        case .woken: "is woken"
        case .signalSent: "gets a signal"
        case .signalForced: "gets a signal for its fault"
        case .allocationFailed(let point): "an allocation of \(point) fails"
        case .violation(let law): "breaks law \(law.number), \(law)"
        case .areaLockTaken(let page): "takes the lock of the area at \(page)" + rule("areaLocks")
        case .areaLockReleased(let page): "releases the lock of the area at \(page)"
        }
    }

    private func page(_ index: PageIndex, _ file: FileID) -> String {
        file == .none ? "a page of no file" : "page \(index) of \(file)"
    }

    /// What a task waits for now, and behind which task.
    private func sleep(of task: TaskID) -> String {
        guard let link = machine.waitLinks.first(where: { $0.task == task }) else { return "sleeps" }
        let text = link.description
        let name = "\(task) "
        return text.hasPrefix(name) ? String(text.dropFirst(name.count)) : text
    }

    private func rule(for result: FaultResult) -> String {
        result.contains(.completed) ? rule("throttledSharedWrite") : ""
    }

    /// The case of a rule that this kernel has.
    private func rule(_ name: String) -> String {
        guard let rule = KernelModel.rules.first(where: { $0.name == name }) else { return "" }
        return " [rule \(name): \(rule.caseName(in: machine.model))]"
    }
}
