extension Saw {
    /// The saw as one line of JSON, as in a recording. The same saw always gives the same line, and reading the line
    /// gives an equal saw.
    public var jsonLine: String {
        var object = ObjectWriter()
        for field in SawField.allCases {
            switch (field, state) {
            case (.attempts, .waiting), (.handled, .waiting): continue
            case (.faults, .waiting):  // recordings begin a waiting operation with what it has handled and attempted
                object.add(SawField.handled.rawValue, json(of: .handled))
                object.add(SawField.attempts.rawValue, json(of: .attempts))
                object.add(field.rawValue, json(of: field))
            default: object.add(field.rawValue, json(of: field))
            }
        }
        return object.text
    }

    /// The value of one field as JSON; nil if the saw does not have it.
    func json(of field: SawField) -> String? {
        switch field {
        case .state: state.map { jsonString($0.rawValue) }
        case .for: waitsFor.map { jsonString($0.rawValue) }
        case .area: area.map(jsonString)
        case .page: page.map(String.init)
        case .reason: reason.map { jsonString($0.rawValue) }
        case .slot: slot.map(String.init)
        case .holds: holds.map(\.json)
        case .minflt: minflt.map(String.init)
        case .majflt: majflt.map(String.init)
        case .faults: faults.map(String.init)
        case .kernelFaults: kernelFaults.map(String.init)
        case .attempts: attempts.map(String.init)
        case .vmaLock: vmaLockAttempts.map { AreaLockCounts(attempts: $0, userfaults: vmaLockUserfaults).json }
        case .returns: returns.map(jsonReturns)
        case .userfaults: userfaults.map(String.init)
        case .mmapLock: mmapLock.map { "{\"read\":\($0.read),\"write\":\($0.write)}" }
        case .trylockFailed: trylockFailed.map(String.init)
        case .handled: handled.map(String.init)
        case .signal: signal.map { jsonString($0.rawValue) }
        case .errno: errno.map(jsonString)
        case .copied: copied.map(String.init)
        case .messages: messages.map(jsonMessages)
        case .rss: rss.map(\.json)
        case .others: others.map { ObjectWriter($0, \.json).text }
        case .finished: finished.map { "[" + $0.map(jsonString).joined(separator: ",") + "]" }
        case .gone: gone.map { ObjectWriter($0, \.json).text }
        case .present: present.map { ObjectWriter($0, jsonRuns).text }
        case .anon: anon.map { ObjectWriter($0, jsonRuns).text }
        case .zero: zero.map { ObjectWriter($0, jsonRuns).text }
        case .wp: writeProtected.map { ObjectWriter($0, jsonRuns).text }
        case .poison: poisoned.map { ObjectWriter($0, jsonRuns).text }
        case .swapped: swapped.map { ObjectWriter($0, jsonRuns).text }
        case .slots: slots.map { ObjectWriter($0, jsonSlots).text }
        case .fileSwapped: fileSwapped.map { ObjectWriter($0, jsonRuns).text }
        case .inCore: inCore.map(jsonRuns)
        case .swap: swap.map(\.json)
        case .reclaim: reclaim.map(\.json)
        case .child: child.map(\.json)
        case .diedWhileReading: diedWhileReading.map { "\($0)" }
        case .resident: resident.map { ObjectWriter($0, jsonRuns).text }
        case .queue: queue.map { ObjectWriter($0, \.json).text }
        case .copies: copies.map(String.init)
        case .varies: varies.map(json(ofVaries:))
        }
    }

    private func json(ofVaries varies: [SawField: [Saw]]) -> String {
        var object = ObjectWriter()
        for field in SawField.allCases {
            guard let alternatives = varies[field] else { continue }
            object.add(
                field.rawValue, "[" + alternatives.map { $0.json(of: field) ?? "null" }.joined(separator: ",") + "]")
        }
        return object.text
    }
}

extension Saw.LockHold {
    fileprivate var json: String {
        self == .notHeld ? "{\"mmap\":null}" : "{\"mmap\":\(jsonString(rawValue))}"
    }
}

extension Saw.ResidentCounts {
    fileprivate var json: String {
        "{\"anon\":\(anon),\"file\":\(file),\"shmem\":\(shmem)}"
    }
}

extension Saw.WaitingThread {
    fileprivate var json: String {
        var object = ObjectWriter()
        object.add("for", jsonString(waitsFor.rawValue))
        object.add("area", area.map(jsonString))
        object.add("page", page.map(String.init))
        object.add("reason", reason.map { jsonString($0.rawValue) })
        object.add("slot", slot.map(String.init))
        object.add("holds", holds.map(\.json))
        object.add("handled", handled.map(String.init))
        return object.text
    }
}

extension Saw.GoneThread {
    fileprivate var json: String {
        var object = ObjectWriter()
        object.add("faults", faults.map(String.init))
        object.add("kernel_faults", kernelFaults.map(String.init))
        object.add("attempts", attempts.map(String.init))
        let areaLock = vmaLockAttempts.map { Saw.AreaLockCounts(attempts: $0, userfaults: vmaLockUserfaults) }
        object.add("vma_lock", areaLock.map(\.json))
        object.add("returns", returns.map(jsonReturns))
        object.add("userfaults", userfaults.map(String.init))
        return object.text
    }
}

extension Saw.Child {
    fileprivate var json: String {
        var object = ObjectWriter()
        object.add("rss", rss.map(\.json))
        object.add("present", present.map { ObjectWriter($0, jsonRuns).text })
        object.add("anon", anon.map { ObjectWriter($0, jsonRuns).text })
        object.add("zero", zero.map { ObjectWriter($0, jsonRuns).text })
        return object.text
    }
}

/// Results of the fault handler by their number, as in a recording.
private func jsonReturns(_ returns: [String: Int]) -> String {
    var object = ObjectWriter()
    let keyed = returns.map { (number: faultNumber($0.key), name: $0.key, count: $0.value) }
    for result in keyed.sorted(by: { ($0.number, $0.name) < ($1.number, $1.name) }) {
        object.add(result.name, String(result.count))
    }
    return object.text
}

/// The kernel's number of a result of the fault handler, from the names of its bits.
private func faultNumber(_ name: String) -> Int {
    name.split(separator: "|").reduce(0) { $0 | (faultBits[String($1)] ?? 0) }
}

/// `enum vm_fault_reason` in include/linux/mm_types.h, and 6.1's WRITE.
private let faultBits: [String: Int] = [
    "OOM": 0x1, "SIGBUS": 0x2, "MAJOR": 0x4, "WRITE": 0x8, "HWPOISON": 0x10, "HWPOISON_LARGE": 0x20, "SIGSEGV": 0x40,
    "NOPAGE": 0x100, "LOCKED": 0x200, "RETRY": 0x400, "FALLBACK": 0x800, "DONE_COW": 0x1000, "NEEDDSYNC": 0x2000,
    "COMPLETED": 0x4000,
]
