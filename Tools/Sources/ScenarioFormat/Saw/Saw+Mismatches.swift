/// A field in which the simulator differs from the recording.
public struct Mismatch: Equatable, Sendable, CustomStringConvertible {
    /// The field of the saw, as the format spells it.
    public let field: String
    /// The recorded value as JSON, or `none`; for a list by id, only the ids that differ.
    public let recorded: String
    /// The simulated value, in the same form.
    public let simulated: String

    /// `field: recorded X, simulated Y`.
    public var description: String {
        oneLine("\(field): recorded \(recorded), simulated \(simulated)")
    }
}

extension Saw {
    /// Every field in which `simulated` is not what `recorded` says, in the order of `SawField`.
    ///
    /// A recorded field must be the same. A field that was not recorded is not compared, unless its absence means none
    /// in the format, and other fields show that it was observed (`meansNone(_:)`). A field that varied must have one
    /// of the recorded values.
    public static func mismatches(recorded: Saw, simulated: Saw) -> [Mismatch] {
        var result: [Mismatch] = []
        for field in SawField.allCases where field != .varies {
            if let alternatives = recorded.varies?[field] {
                if alternatives.contains(where: { $0.agrees(with: simulated, in: field) }) { continue }
                result.append(
                    Mismatch(
                        field: field.rawValue,
                        recorded: listed(alternatives.map { $0.json(of: field) ?? "none" }),
                        simulated: simulated.json(of: field) ?? "none"))
            } else if field == .state && recorded.state == nil {
                // An operation that is not only started always ended.
                guard recorded.saysCounts, let state = simulated.state, state != .done else { continue }
                result.append(Mismatch(field: "state", recorded: "\"done\"", simulated: jsonString(state.rawValue)))
            } else if recorded.has(field) || recorded.meansNone(field) {
                if recorded.agrees(with: simulated, in: field) { continue }
                let (left, right) = recorded.withoutEqualIDs(as: simulated, in: field)
                result.append(
                    Mismatch(
                        field: field.rawValue, recorded: left.json(of: field) ?? "none",
                        simulated: right.json(of: field) ?? "none"))
            }
        }
        return result
    }

    /// The recorded values of fields that varied which none of `simulated` has.
    public static func unseen(recorded: Saw, in simulated: [Saw]) -> [Mismatch] {
        var result: [Mismatch] = []
        for field in SawField.allCases {
            for alternative in recorded.varies?[field] ?? [] {
                if simulated.contains(where: { alternative.agrees(with: $0, in: field) }) { continue }
                var others: [String] = []
                for text in simulated.map({ $0.json(of: field) ?? "none" }) where !others.contains(text) {
                    others.append(text)
                }
                result.append(
                    Mismatch(
                        field: field.rawValue, recorded: alternative.json(of: field) ?? "none",
                        simulated: "in any order " + listed(others)))
            }
        }
        return result
    }

    /// Whether the saw has a value for `field`, or several.
    private func has(_ field: SawField) -> Bool {
        if varies?[field] != nil { return true }
        return switch field {
        case .state: state != nil
        case .for: waitsFor != nil
        case .area: area != nil
        case .page: page != nil
        case .reason: reason != nil
        case .slot: slot != nil
        case .holds: holds != nil
        case .minflt: minflt != nil
        case .majflt: majflt != nil
        case .faults: faults != nil
        case .kernelFaults: kernelFaults != nil
        case .attempts: attempts != nil
        case .vmaLock: vmaLockAttempts != nil
        case .returns: returns != nil
        case .userfaults: userfaults != nil
        case .mmapLock: mmapLock != nil
        case .trylockFailed: trylockFailed != nil
        case .handled: handled != nil
        case .signal: signal != nil
        case .errno: errno != nil
        case .copied: copied != nil
        case .messages: messages != nil
        case .rss: rss != nil
        case .others: others != nil
        case .finished: finished != nil
        case .gone: gone != nil
        case .present: present != nil
        case .anon: anon != nil
        case .zero: zero != nil
        case .wp: writeProtected != nil
        case .poison: poisoned != nil
        case .swapped: swapped != nil
        case .slots: slots != nil
        case .fileSwapped: fileSwapped != nil
        case .inCore: inCore != nil
        case .swap: swap != nil
        case .reclaim: reclaim != nil
        case .child: child != nil
        case .diedWhileReading: diedWhileReading != nil
        case .resident: resident != nil
        case .queue: queue != nil
        case .copies: copies != nil
        case .varies: varies != nil
        }
    }

    /// Whether this is the saw of an operation that ended, with its counts. A `kill` has only some counts.
    private var saysCounts: Bool {
        has(.faults) && state != .waiting && state != .gone && !has(.diedWhileReading)
    }

    /// Whether the absence of `field` means that there was none.
    private func meansNone(_ field: SawField) -> Bool {
        switch field {
        case .area, .page, .reason, .slot: waitsFor != nil
        case .returns: has(.attempts) && state != .waiting
        case .userfaults: has(.attempts)
        case .kernelFaults, .handled, .signal, .errno, .copied, .messages: saysCounts
        case .trylockFailed: saysCounts && has(.mmapLock)
        case .anon, .zero, .wp, .poison, .swapped, .slots: has(.present)
        case .swap, .reclaim: has(.present) || has(.resident)
        // These are recorded for every operation except `thread`, which records nothing.
        case .others, .finished, .gone, .queue:
            state != .running && (has(.state) || has(.faults) || has(.present) || has(.resident) || has(.finished))
        default: false
        }
    }

    /// Whether both saws agree in `field`. An absent field equals one that says none.
    private func agrees(with simulated: Saw, in field: SawField) -> Bool {
        switch field {
        case .state: state == simulated.state
        case .for: waitsFor == simulated.waitsFor
        case .area: area == simulated.area
        case .page: page == simulated.page
        case .reason: reason == simulated.reason
        case .slot: slot == simulated.slot
        case .holds: holds == simulated.holds
        case .minflt: minflt == simulated.minflt
        case .majflt: majflt == simulated.majflt
        case .faults: faults == simulated.faults
        case .kernelFaults: kernelFaults ?? 0 == simulated.kernelFaults ?? 0
        case .attempts: attempts == simulated.attempts
        case .vmaLock:
            vmaLockAttempts == simulated.vmaLockAttempts
                && vmaLockUserfaults ?? 0 == simulated.vmaLockUserfaults ?? 0
        case .returns: sameReturns(returns, simulated.returns)
        case .userfaults: userfaults ?? 0 == simulated.userfaults ?? 0
        case .mmapLock: mmapLock == simulated.mmapLock
        case .trylockFailed: trylockFailed ?? 0 == simulated.trylockFailed ?? 0
        case .handled: handled ?? 0 == simulated.handled ?? 0
        case .signal: signal == simulated.signal
        case .errno: errno == simulated.errno
        case .copied: copied == simulated.copied
        case .messages: (messages ?? []) == (simulated.messages ?? [])
        case .rss: rss == simulated.rss
        case .others: sameThreads(others ?? [:], simulated.others ?? [:]) { $0.agrees(with: $1) }
        case .finished: (finished ?? []).sorted() == (simulated.finished ?? []).sorted()
        case .gone: sameThreads(gone ?? [:], simulated.gone ?? [:]) { $0.agrees(with: $1) }
        case .present: sameRuns(present, simulated.present)
        case .anon: sameRuns(nonEmpty(anon), nonEmpty(simulated.anon))
        case .zero: sameRuns(nonEmpty(zero), nonEmpty(simulated.zero))
        case .wp: sameRuns(nonEmpty(writeProtected), nonEmpty(simulated.writeProtected))
        case .poison: sameRuns(nonEmpty(poisoned), nonEmpty(simulated.poisoned))
        case .swapped: sameRuns(nonEmpty(swapped), nonEmpty(simulated.swapped))
        case .slots: (slots ?? [:]) == (simulated.slots ?? [:])
        case .fileSwapped: sameRuns(nonEmpty(fileSwapped), nonEmpty(simulated.fileSwapped))
        case .inCore: inCore == simulated.inCore
        case .swap: (swap ?? SwapCounts()) == (simulated.swap ?? SwapCounts())
        case .reclaim: (reclaim ?? ReclaimCounts()) == (simulated.reclaim ?? ReclaimCounts())
        case .child: child.map { $0.agrees(with: simulated.child) } ?? (simulated.child == nil)
        case .diedWhileReading: diedWhileReading == simulated.diedWhileReading
        case .resident: sameRuns(resident, simulated.resident)
        case .queue: (queue ?? [:]) == (simulated.queue ?? [:])
        case .copies: copies ?? 0 == simulated.copies ?? 0
        case .varies: true
        }
    }

    /// Both saws without the ids that agree in `field`, for a message that shows the difference.
    private func withoutEqualIDs(as simulated: Saw, in field: SawField) -> (Saw, Saw) {
        var left = self
        var right = simulated
        switch field {
        case .present: dropEqualRuns(&left.present, &right.present)
        case .anon: dropEqualRuns(&left.anon, &right.anon)
        case .zero: dropEqualRuns(&left.zero, &right.zero)
        case .wp: dropEqualRuns(&left.writeProtected, &right.writeProtected)
        case .poison: dropEqualRuns(&left.poisoned, &right.poisoned)
        case .swapped: dropEqualRuns(&left.swapped, &right.swapped)
        case .fileSwapped: dropEqualRuns(&left.fileSwapped, &right.fileSwapped)
        case .resident: dropEqualRuns(&left.resident, &right.resident)
        case .child:
            if left.child?.rss == right.child?.rss {
                left.child?.rss = nil
                right.child?.rss = nil
            }
            dropEqualRuns(&left.child, &right.child, \.present)
            dropEqualRuns(&left.child, &right.child, \.anon)
            dropEqualRuns(&left.child, &right.child, \.zero)
        default: break
        }
        return (left, right)
    }
}

extension Saw.WaitingThread {
    fileprivate func agrees(with simulated: Self) -> Bool {
        waitsFor == simulated.waitsFor && area == simulated.area && page == simulated.page
            && reason == simulated.reason && slot == simulated.slot
            && (holds == nil || holds == simulated.holds)
            && handled ?? 0 == simulated.handled ?? 0
    }
}

extension Saw.GoneThread {
    fileprivate func agrees(with simulated: Self) -> Bool {
        (faults == nil || faults == simulated.faults)
            && (faults == nil || kernelFaults ?? 0 == simulated.kernelFaults ?? 0)
            && (kernelFaults == nil || kernelFaults == simulated.kernelFaults)
            && (attempts == nil || attempts == simulated.attempts)
            && (vmaLockAttempts == nil || vmaLockAttempts == simulated.vmaLockAttempts)
            && (vmaLockAttempts == nil || vmaLockUserfaults ?? 0 == simulated.vmaLockUserfaults ?? 0)
            && (attempts == nil || sameReturns(returns, simulated.returns))
            && (attempts == nil || userfaults ?? 0 == simulated.userfaults ?? 0)
    }
}

extension Saw.Child {
    fileprivate func agrees(with simulated: Self?) -> Bool {
        guard let simulated else { return false }
        guard rss == nil || rss == simulated.rss else { return false }
        guard present != nil else { return true }
        return sameRuns(present, simulated.present) && sameRuns(nonEmpty(anon), nonEmpty(simulated.anon))
            && sameRuns(nonEmpty(zero), nonEmpty(simulated.zero))
    }
}

private typealias RunsByID = [String: [ClosedRange<Int>]]

private func nonEmpty(_ runs: RunsByID?) -> RunsByID {
    (runs ?? [:]).filter { !$0.value.isEmpty }
}

private func sameRuns(_ left: RunsByID?, _ right: RunsByID?) -> Bool {
    left == right || left?.mapValues(joined) == right?.mapValues(joined)
}

private func sameReturns(_ left: [String: Int]?, _ right: [String: Int]?) -> Bool {
    left == right || (left ?? [:]).filter { $0.value != 0 } == (right ?? [:]).filter { $0.value != 0 }
}

private func sameThreads<Thread>(
    _ left: [String: Thread], _ right: [String: Thread], by agree: (Thread, Thread) -> Bool
) -> Bool {
    left.count == right.count
        && left.allSatisfy { id, thread in
            guard let other = right[id] else { return false }
            return agree(thread, other)
        }
}

private func dropEqualRuns(_ left: inout RunsByID?, _ right: inout RunsByID?) {
    guard let before = left, let other = right else { return }
    left = before.filter { other[$0.key].map(joined) != joined($0.value) }
    right = other.filter { before[$0.key].map(joined) != joined($0.value) }
}

private func dropEqualRuns(
    _ left: inout Saw.Child?, _ right: inout Saw.Child?, _ field: WritableKeyPath<Saw.Child, RunsByID?>
) {
    guard var before = left, var other = right else { return }
    dropEqualRuns(&before[keyPath: field], &other[keyPath: field])
    left = before
    right = other
}
