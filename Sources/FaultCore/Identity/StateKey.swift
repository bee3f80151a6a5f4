/// The key that identifies a state: a hash of everything that the future, a law or an observation may read. It contains
/// neither the clock nor the run queue, which a driver of the machine chooses (``Machine/drive()``).
package struct StateKey: BitwiseCopyable, Equatable, Sendable {
    /// The sum over the tasks of the hash of each task by itself.
    package var tasks: UInt64 = 0
    /// The sum over the tasks of the hash of what they name that is stored elsewhere.
    package var links: UInt64 = 0
    /// The sum over the locations of the hash of what belongs to no task; see ``Machine/sharedHash``.
    package var shared: UInt64 = 0

    /// A key of no parts.
    package init() {}

    /// A key of these parts.
    @inlinable
    package init(tasks: UInt64, links: UInt64, shared: UInt64) {
        self.tasks = tasks
        self.links = links
        self.shared = shared
    }

    /// The key as one word.
    @inlinable
    package var word: UInt64 { Mixing.mix(Mixing.mix(tasks, links), shared) }

    /// The parts of a key. An exploration uses all; a test leaves one out, to show that it is needed.
    package struct Parts: OptionSet, BitwiseCopyable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Areas, page tables, page caches and frames.
        package static var memory: Self { Self(rawValue: 1) }
        /// Tasks, locks, files, devices.
        package static var running: Self { Self(rawValue: 2) }
        /// How the last operations of tasks ended.
        package static var outcomes: Self { Self(rawValue: 4) }
        /// What tasks have counted: faults, attempts and their results.
        package static var counts: Self { Self(rawValue: 32) }
        /// What tasks have counted, and how their last operations ended.
        package static var facts: Self { [.outcomes, .counts] }
        /// What the laws about events remember.
        package static var laws: Self { Self(rawValue: 8) }
        /// Counters of locks, which only differ by the order in which tasks came.
        package static var lockCounters: Self { Self(rawValue: 16) }

        /// What every exploration needs.
        package static var all: Self { [.memory, .running, .facts, .laws] }
    }
}

extension Machine {
    /// A number that identifies a state. It does not depend on the time or on the path that led to the state. Two
    /// states that differ in what can be observed, including counters of locks, have the same number with a probability
    /// of 2^-64.
    public var stateKey: UInt64 {
        var copy = self
        var own: [UInt64] = []
        return copy.stateKey(of: StateKey.Parts.all.union(.lockCounters), keepsDigests: false, &own).word
    }

    /// The key. It contains neither the clock nor the run queue: the explorer chooses which task runs, and when.
    ///
    /// - Parameters:
    ///   - keepsDigests: Whether tasks that have not changed are not hashed again. If so, after the last
    ///     ``TaskTable/forgetDigests()`` all keys of a machine, and of the machine that it was forked from, must be
    ///     computed with the same parts.
    ///   - own: Set to the hash of each task by itself: what the task adds to ``StateKey/tasks``.
    package mutating func stateKey(
        of parts: StateKey.Parts, keepsDigests: Bool, _ own: inout [UInt64]
    ) -> StateKey {
        own.removeAll(keepingCapacity: true)
        if !keepsDigests { tasks.forgetDigests() }
        var key = StateKey()
        if !parts.isDisjoint(with: [.running, .facts, .lockCounters]) {
            addDigests(of: parts)
            for index in tasks.indices {
                let digest = tasks[index].digest
                let word = Mixing.mix(digest.value, UInt64(truncatingIfNeeded: index))
                own.append(word)
                key.tasks &+= word
                if digest.readsMemory { key.links &+= links(ofTask: index) }
            }
        }
        if parts.contains(.running) { key.shared &+= sharedHash }
        if parts.contains(.memory) { key.shared &+= structuralHash }
        if parts.contains(.laws), recorder.isChecking {
            var hash = HashSink()
            addLawMemory(to: &hash, counts: parts.contains(.counts))
            key.shared &+= hash.value
        }
        return key
    }

    /// Hashes the tasks that have changed since they were hashed last.
    ///
    /// - Parameter parts: The parts of the keys that follow; see ``stateKey(of:keepsDigests:_:)``.
    package mutating func updateDigests(of parts: StateKey.Parts) {
        if !parts.isDisjoint(with: [.running, .facts, .lockCounters]) { addDigests(of: parts) }
    }

    func links(ofTask index: Int) -> UInt64 {
        var hash = HashSink()
        hash.add(index)
        addMemory(ofTask: index, to: &hash)
        return hash.value
    }

    private mutating func addDigests(of parts: StateKey.Parts) {
        for index in tasks.indices where !tasks[index].digest.isCurrent {
            tasks.setDigest(of: index, digest(ofTask: index, parts))
        }
    }

    private func digest(ofTask index: Int, _ parts: StateKey.Parts) -> TaskDigest {
        var hash = HashSink()
        if parts.contains(.running) { addTask(index, to: &hash, isTimed: false) }
        if !parts.isDisjoint(with: .facts) { addFacts(ofTask: index, parts, to: &hash) }
        if parts.contains(.lockCounters) { addLockCounters(ofTask: index, to: &hash) }
        return TaskDigest(
            value: hash.value, readsMemory: parts.contains(.running) && readsMemory(index), isCurrent: true)
    }

    /// Adds fault counts, attempts, results and outcomes.
    private func addFacts(ofTask index: Int, _ parts: StateKey.Parts, to hash: inout HashSink) {
        if parts.contains(.counts) {
            Self.add(tasks[index].counters, to: &hash)
            if tasks[index].hasOperation { Self.add(tasks[index].countersAtStart, to: &hash) }
        }
        if parts.contains(.outcomes) { addOutcome(ofTask: index, to: &hash) }
        guard parts.contains(.counts) else { return }
        var sum: UInt64 = 0
        for result in tasks[index].results {
            sum &+= Mixing.mix(UInt64(result.result.rawValue), UInt64(truncatingIfNeeded: result.count))
        }
        hash.add(sum)
    }

    private func addOutcome(ofTask index: Int, to hash: inout HashSink) {
        hash.add(UInt64(bitPattern: tasks[index].outcome.value))
        hash.add(
            UInt64(tasks[index].outcome.stamp) | (tasks[index].outcome.isDone ? 1 << 32 : 0)
                | (tasks[index].outcome.oops ? 1 << 33 : 0) | (tasks[index].outcome.lockWasLost ? 1 << 34 : 0))
        // Whole pages follow from the value.
        if tasks[index].outcome.bytes & Int(geometry.pageSize - 1) != 0 { hash.add(tasks[index].outcome.bytes) }
        if !mistaken(.keyForgetsSignals) { hash.add(tasks[index].outcome.signal.map { 1 + $0.word } ?? 0) }
        addOutcomeDetails(ofTask: index, to: &hash)
    }

    /// Adds details that few outcomes have. Only reports show them; no later stage reads them.
    private func addOutcomeDetails(ofTask index: Int, to hash: inout HashSink) {
        let outcome = tasks[index].outcome
        let messages = tasks[index].userfaultMessages
        let errno = tasks[index].errnoWhenKilled
        hash.add(
            UInt64(outcome.filledPages) | (outcome.message == nil ? 0 : 1 << 32)
                | (tasks[index].signalDetail == nil ? 0 : 1 << 33) | (errno == nil ? 0 : 1 << 34)
                | UInt64(messages.count) << 40)
        if let message = outcome.message, !mistaken(.keyForgetsMessages) { hash.add(message) }
        for message in messages { hash.add(message) }
        if let errno { hash.add(errno.rawValue) }
        guard let detail = tasks[index].signalDetail else { return }
        hash.add(detail.page)
        hash.add(UInt64(detail.code) | UInt64(detail.trap) << 32 | UInt64(detail.protectionKey) << 40)
    }

    private static func add(_ counters: TaskCounters, to hash: inout HashSink) {
        guard counters.exceptions | counters.attempts | counters.pgmajfault | counters.handledSignals != 0 else {
            return hash.add(UInt64.max)  // no fault, nothing counted for one
        }
        hash.add(pair(counters.minorFaults, counters.majorFaults))
        hash.add(pair(counters.exceptions, counters.attempts))
        hash.add(pair(counters.pgmajfault, counters.handledSignals))
        if !mistaken(.keyForgetsAreaAttempts) { hash.add(pair(counters.areaLockAttempts, counters.pgfault)) }
    }

    /// Two counts as one word. If they are too large for that, their hash, which collides with a probability of 2^-64.
    static func pair(_ a: Int, _ b: Int) -> UInt64 {
        guard let low = UInt32(exactly: a), let high = UInt32(exactly: b) else {
            return Mixing.mix(UInt64(bitPattern: Int64(a)), UInt64(bitPattern: Int64(b)))
        }
        return UInt64(low) | UInt64(high) << 32
    }

    private func addLockCounters(ofTask index: Int, to hash: inout HashSink) {
        let counters = tasks[index].counters
        hash.add(Self.pair(counters.mmapReadLocks, counters.mmapWriteLocks))
        hash.add(Self.pair(counters.mmapTrylockFailures, counters.kernelExceptions))
        hash.add(counters.pageCopies)
        if counters.userfaults > 0 { hash.add(Self.pair(counters.userfaults, counters.areaLockUserfaults)) }
    }

    /// Adds what the checker remembers, without numbers that only say how long it has checked. Of such numbers, the
    /// checker uses only whether another task has interfered since.
    ///
    /// - Parameter counts: Whether exceptions with different numbers of attempts differ.
    private func addLawMemory(to hash: inout HashSink, counts: Bool) {
        let memory = recorder.memory
        let counted = events.pgfault &- memory.pgfault
        if counts || model.pgfaultCounting == .everyAttempt { hash.add(counted &- memory.attempts) }
        if counts || model.pgfaultCounting != .everyAttempt { hash.add(counted &- memory.finishedAttempts) }
        for (index, exception) in memory.exceptionOf.enumerated() where exception.isUnderWay || exception.endedWell {
            let isUndisturbed = exception.interference == memory.interference
            hash.add(index)
            hash.add(exception.page)
            hash.add(exception.access)
            hash.add(Self.pair(counts ? exception.attempts : min(exception.attempts, 3), exception.counted))
            hash.add(exception.expectedCounts)
            hash.add(UInt64(exception.result.rawValue) | UInt64(exception.drops) << 32)
            hash.add(
                (exception.isUnderWay ? 1 : 0) | (exception.wasTried ? 2 : 0) | (exception.hadAreaLock ? 4 : 0)
                    | (exception.endedWell ? 8 : 0) | (isUndisturbed ? 16 : 0)
                    | (exception.neverWaits ? 32 : 0) | (exception.mayFaultAgain ? 64 : 0)
                    | (exception.dropsFreely ? 128 : 0) | (exception.isUnderWay && exception.lookedAgain ? 256 : 0)
                    | (exception.isRefusedOnceMapped ? 512 : 0)
                    as UInt64)
            guard isUndisturbed, exception.isUnderWay else { continue }
            hash.add(exception.structure)
            hash.add(exception.nodes)
            let map = tasks[index].map
            hash.add(map == .none || exception.areas == maps[map.index].areas.sequence)
        }
        for (index, attempt) in memory.attemptOf.enumerated() where attempt.isUnderWay {
            hash.add(index)
            hash.add(tasks[index].counters.pgmajfault &- attempt.majorEvents)
            hash.add(
                (attempt.isSpurious ? 1 : 0) | (attempt.interference == memory.interference ? 2 : 0)
                    | (attempt.dropsFreely ? 4 : 0) as UInt64)
        }
        for arrival in memory.arrivals {
            hash.add(UInt64(arrival.lock.rawValue) | UInt64(arrival.mode.rawValue) << 32)
            hash.add(arrival.task)
        }
        hash.add(UInt64(memory.batch.rawValue))
        hash.add(memory.downgrading)
        // A broken law may leave nothing behind but its report.
        if !violations.isEmpty { hash.add(violations.count) }
    }
}
