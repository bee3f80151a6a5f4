import FaultSimulator

/// What a user sees of a run, as digests: nothing in them knows how the engine numbers its stages or stores its state.
struct CorpusObservation {
    /// What is digested by itself, so that a change says what it has changed.
    enum Part: Int, CaseIterable {
        /// Outcomes of operations, attempts and their results, signals and their details.
        case reports
        /// Counters of tasks and machine, lock statistics, the clock.
        case counters
        /// Why runs stopped: wait chains and broken laws.
        case waits
        /// Areas, resident pages, present entries, the page cache.
        case memory
        /// All events but stages, in order, with their times and details.
        case events
        /// The names of the stages that ran, in order.
        case stages
        /// Everything except events, stages and attempts, of the run that was not watched.
        case unwatched
    }

    let isWatched: Bool
    private var digests = [WordDigest](repeating: WordDigest(), count: Part.allCases.count)
    private(set) var stageNames: [String: Int] = [:]

    init(isWatched: Bool) { self.isWatched = isWatched }

    /// The digest of a part.
    subscript(part: Part) -> UInt64 { digests[part.rawValue].value }

    /// The part of this run's observation that a run which is not watched has, too.
    private(set) var plain = WordDigest()

    private mutating func add(_ word: UInt64, _ part: Part) {
        if isWatched { digests[part.rawValue].add(word) }
    }

    /// Adds what can be told unwatched.
    private mutating func addPlain(_ word: UInt64, _ part: Part) {
        digests[isWatched ? part.rawValue : Part.unwatched.rawValue].add(word)
        plain.add(word)
    }

    private mutating func addPlain(_ number: Int, _ part: Part) { addPlain(UInt64(bitPattern: Int64(number)), part) }

    // MARK: After a run

    /// Adds what can be seen of a machine that has stopped.
    mutating func add(_ reason: StopReason, _ machine: Machine) {
        for violation in reason.violations { add(WordDigest.text("\(violation.law) \(violation.message)"), .waits) }
        addPlain(WordDigest.text(WaitLink.chain(of: reason.waits)), .waits)
        for number in 0..<machine.taskCount { add(TaskID(number), machine) }
        for number in 0..<machine.mapCount { add(MapID(number), machine) }
        for number in 0..<machine.fileCount {
            let file = FileID(number)
            addPlain(machine.pages(of: file), .memory)
            for run in machine.residentRuns(of: file) { add(run) }
        }
        add(machine.events)
        addPlain(machine.clock, .counters)
    }

    private mutating func add(_ task: TaskID, _ machine: Machine) {
        let report = machine.report(of: task)
        let outcome = report.outcome
        addPlain(UInt64(bitPattern: outcome.value), .reports)
        addPlain(UInt64(outcome.stamp), .reports)
        let bits = [outcome.isDone, outcome.oops, outcome.lockWasLost, report.isGone, machine.isBusy(task)]
        addPlain(bits.reduce(0) { $0 << 1 | ($1 ? 1 : 0) }, .reports)
        addPlain(WordDigest.text(report.signal.map { "\($0)" } ?? ""), .reports)
        addPlain(WordDigest.text(report.errno.map { "\($0)" } ?? ""), .reports)
        if let detail = report.signalDetail {
            addPlain(detail.page.rawValue, .reports)
            addPlain(UInt64(detail.code) | UInt64(detail.trap) << 32 | UInt64(detail.protectionKey) << 40, .reports)
        }
        for attempt in report.attempts {
            add(attempt.page.rawValue, .reports)
            add(UInt64(attempt.flags.rawValue) | UInt64(attempt.result.rawValue) << 32, .reports)
            add(attempt.lockHeldAfter ? 1 : 0, .reports)
        }
        for result in report.results { add(UInt64(result.result.rawValue) | UInt64(result.count) << 32, .reports) }
        add(report.counters)
        add(machine.counters(of: task))
        let words = machine.archWords(of: task)
        addPlain(words.first, .memory)
        addPlain(words.second, .memory)
    }

    private mutating func add(_ counters: TaskCounters) {
        let all = [
            counters.minorFaults, counters.majorFaults, counters.exceptions, counters.kernelExceptions,
            counters.attempts, counters.areaLockAttempts, counters.mmapReadLocks, counters.mmapWriteLocks,
            counters.mmapTrylockFailures, counters.pgmajfault, counters.handledSignals,
        ]
        for count in all { addPlain(count, .counters) }
    }

    private mutating func add(_ events: MachineEvents) {
        let all = [
            events.pgfault, events.pgmajfault, events.pgreuse, events.pswpin, events.pswpout, events.allocstall,
            events.pgscan, events.pgsteal, events.pglazyfreed, events.workingsetRefaultAnonymous,
            events.workingsetRefaultFile, events.workingsetActivate, events.workingsetRestore, events.vmaLockSuccess,
            events.vmaLockAbort, events.vmaLockRetry, events.vmaLockMiss, events.oomKill,
        ]
        for count in all { addPlain(count, .counters) }
    }

    private mutating func add(_ map: MapID, _ machine: Machine) {
        let resident = machine.rss(of: map)
        for count in [resident.anonymous, resident.file, resident.shmem, resident.swapEntries] {
            addPlain(count, .memory)
        }
        for area in machine.areas(of: map) {
            addPlain(area.start.rawValue, .memory)
            addPlain(area.end.rawValue, .memory)
            addPlain(area.isAnonymous ? 1 : area.startIndex.rawValue &+ 2, .memory)
            addPlain(UInt64(area.flags.rawValue), .memory)
            addPlain(UInt64(bitPattern: Int64(area.file.rawValue)), .memory)
            let runs = machine.entryRuns(of: map, in: area.start..<area.end, numberedFrom: area.start)
            for list in [runs.present, runs.anonymous, runs.zero] {
                addPlain(list.count, .memory)
                for run in list { add(run) }
            }
        }
        let statistics = machine.lockStatistics(of: map)
        for durations in [
            statistics.readWaits, statistics.writeWaits, statistics.readHolds, statistics.writeHolds,
        ] {
            addPlain(durations.count, .counters)
            addPlain(durations.total, .counters)
            addPlain(durations.maximum, .counters)
        }
    }

    private mutating func add(_ run: ClosedRange<Int>) {
        addPlain(run.lowerBound, .memory)
        addPlain(run.upperBound, .memory)
    }

    // MARK: The trace

    /// Adds all events. A stage counts by the name that is printed, so what stands in the event is only a key here.
    mutating func addTrace(of machine: Machine) {
        guard isWatched else { return }
        var names: [UInt64: (text: UInt64, times: Int, name: String)] = [:]
        for event in machine.trace {
            guard event.kind == .stage else {
                add(event)
                continue
            }
            let key = event.a << 8 | event.b & 0xFF
            if names[key] == nil {
                let head = "\(event.time) \(event.task) \(event.kind) "
                let name = String(machine.text(of: event).dropFirst(head.count))
                names[key] = (WordDigest.text(Self.withoutNumber(name)), 0, name)
            }
            names[key]?.times += 1
            add(UInt64(UInt32(bitPattern: event.task.rawValue)), .stages)
            add(names[key]?.text ?? 0, .stages)
        }
        for entry in names.values { stageNames[entry.name, default: 0] += entry.times }
    }

    /// A stage without a name prints its number, which is the engine's own.
    private static func withoutNumber(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), name[dot...].dropFirst().allSatisfy(\.isNumber) else { return name }
        return name[...dot] + "unnamed"
    }

    private mutating func add(_ event: TraceEvent) {
        add(event.time, .events)
        add(UInt64(UInt32(bitPattern: event.task.rawValue)), .events)
        add(Self.kinds[Int(event.kind.rawValue)], .events)
        switch event.kind {
        // These print a name for the number, and only the name is promised.
        case .allocationFailed, .violation: add(WordDigest.text(event.description), .events)
        case .slept:
            add(Self.waits[Int(truncatingIfNeeded: event.a & 0xFF)], .events)
            add(event.b, .events)
        default:
            add(event.a, .events)
            add(event.b, .events)
        }
    }

    /// The names of the kinds of event, as digests.
    private static let kinds: [UInt64] = (0...UInt8.max).map { number in
        TraceEvent.Kind(rawValue: number).map { WordDigest.text("\($0)") } ?? 0
    }

    /// The names of the kinds of wait, as digests.
    private static let waits: [UInt64] = (0...UInt8.max).map { number in
        TaskWait.Kind(rawValue: number).map { WordDigest.text("\($0)") } ?? 0
    }
}

/// A digest of words, the same in every process: FNV-1a, a word at a time, with its high half folded in.
struct WordDigest {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x100_0000_01B3
        value ^= value >> 32
    }

    /// The digest of a text.
    static func text(_ text: String) -> UInt64 {
        var digest = WordDigest()
        for byte in text.utf8 { digest.add(UInt64(byte)) }
        return digest.value
    }

    /// Three characters of 18 bits of a digest.
    static func characters(of value: UInt64) -> String {
        let folded = value ^ value >> 18 ^ value >> 36 ^ value >> 54
        return String([12, 6, 0].map { alphabet[Int(folded >> UInt64($0) & 63)] })
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-")
}
