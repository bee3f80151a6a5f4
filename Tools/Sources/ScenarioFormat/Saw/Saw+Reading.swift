extension Saw {
    /// Reads the fields of a `saw` object.
    init(reading fields: FieldReader) throws(ScenarioError) {
        var fields = fields
        state = try fields.choice("state")
        waitsFor = try fields.choice("for")
        area = try fields.string("area")
        page = try fields.waitingPage()
        reason = try fields.choice("reason")
        slot = try fields.integer("slot", in: 0...ScenarioLimits.pages)
        holds = try fields.hold()
        minflt = try fields.count("minflt")
        majflt = try fields.count("majflt")
        faults = try fields.count("faults")
        kernelFaults = try fields.count("kernel_faults")
        attempts = try fields.count("attempts")
        let areaLock = try fields.areaLockCounts()
        vmaLockAttempts = areaLock?.attempts
        vmaLockUserfaults = areaLock?.userfaults
        returns = try fields.returns()
        userfaults = try fields.count("userfaults")
        if var lock = try fields.object("mmap_lock") {
            mmapLock = LockCounts(read: try lock.requiredCount("read"), write: try lock.requiredCount("write"))
            try lock.finish(of: "mmap_lock")
        }
        trylockFailed = try fields.count("trylock_failed")
        handled = try fields.count("handled")
        signal = try fields.choice("signal")
        errno = try fields.string("errno")
        copied = try fields.count("copied")
        messages = try fields.messages()
        rss = try fields.residentCounts()
        others = try fields.others()
        finished = try fields.finished()
        gone = try fields.gone()
        present = try fields.runsByID("present", from: -ScenarioLimits.pagesBelow)
        anon = try fields.runsByID("anon", from: -ScenarioLimits.pagesBelow)
        zero = try fields.runsByID("zero", from: -ScenarioLimits.pagesBelow)
        writeProtected = try fields.runsByID("wp", from: -ScenarioLimits.pagesBelow)
        poisoned = try fields.runsByID("poison", from: -ScenarioLimits.pagesBelow)
        swapped = try fields.runsByID("swapped", from: -ScenarioLimits.pagesBelow)
        slots = try fields.slots()
        fileSwapped = try fields.runsByID("file_swapped", from: 0)
        if let pages = fields.value("incore") {
            inCore = try fields.place.runs(
                pages, "incore", in: -ScenarioLimits.pagesBelow...(ScenarioLimits.pages - 1))
        }
        swap = try fields.swapCounts()
        reclaim = try fields.reclaimCounts()
        if var memory = try fields.object("child") {
            child = Child(
                rss: try memory.residentCounts(),
                present: try memory.runsByID("present", from: -ScenarioLimits.pagesBelow),
                anon: try memory.runsByID("anon", from: -ScenarioLimits.pagesBelow),
                zero: try memory.runsByID("zero", from: -ScenarioLimits.pagesBelow))
            try memory.finish(of: "child")
        }
        diedWhileReading = try fields.bool("died_while_reading")
        resident = try fields.runsByID("resident", from: 0)
        queue = try fields.queues()
        copies = try fields.count("copies")
        varies = try fields.varies()
        try fields.finish(of: "saw")
    }

    /// Reads a single saw, as `jsonLine` writes it.
    ///
    /// - Throws: `ScenarioError` with `path` and `line` if `text` is no saw.
    public init(jsonLine text: String, path: String = "saw", line: Int = 1) throws(ScenarioError) {
        let bytes = Array(text.utf8)
        let place = Place(path: path, line: line)
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes, in: 0..<bytes.count)
        } catch {
            throw place.error("column \(error.column)", "not JSON: \(error.message)")
        }
        self = try Saw(reading: try place.object(value, "saw"))
    }
}

extension FieldReader {
    fileprivate mutating func hold() throws(ScenarioError) -> Saw.LockHold? {
        guard var holds = try object("holds") else { return nil }
        let value = try holds.required("mmap", "\"read\", \"write\" or null")
        try holds.finish(of: "holds")
        switch value {
        case .null: return .notHeld
        case .string("read"): return .read
        case .string("write"): return .write
        default: throw holds.place.error("mmap", "must be \"read\", \"write\" or null, not \(value.summary)")
        }
    }

    /// The page that a thread waits for; one of an area that grows down may lie below it.
    fileprivate mutating func waitingPage() throws(ScenarioError) -> Int? {
        try integer("page", in: (has("area") ? -ScenarioLimits.pagesBelow : 0)...ScenarioLimits.pages)
    }

    fileprivate mutating func returns() throws(ScenarioError) -> [String: Int]? {
        guard let value = value("returns") else { return nil }
        var returns: [String: Int] = [:]
        let inside = place.inside("returns")
        for member in try place.members(value, "returns") {
            returns[member.key] = try inside.count(member.value, member.key)
        }
        return returns
    }

    fileprivate mutating func residentCounts() throws(ScenarioError) -> Saw.ResidentCounts? {
        guard var rss = try object("rss") else { return nil }
        let range = -ScenarioLimits.count...ScenarioLimits.count
        let counts = Saw.ResidentCounts(
            anon: try rss.requiredInteger("anon", in: range), file: try rss.requiredInteger("file", in: range),
            shmem: try rss.requiredInteger("shmem", in: range))
        try rss.finish(of: "rss")
        return counts
    }

    fileprivate mutating func others() throws(ScenarioError) -> [String: Saw.WaitingThread]? {
        guard let value = value("others") else { return nil }
        var others: [String: Saw.WaitingThread] = [:]
        let inside = place.inside("others")
        for member in try place.members(value, "others") {
            var fields = try inside.object(member.value, member.key)
            let waitsFor = try fields.requiredChoice("for", of: Saw.WaitReason.self)
            let area = try fields.string("area")
            let page = try fields.waitingPage()
            let reason = try fields.choice("reason", of: Saw.UserfaultReason.self)
            let slot = try fields.integer("slot", in: 0...ScenarioLimits.pages)
            others[member.key] = Saw.WaitingThread(
                waitsFor: waitsFor, area: area, page: page, reason: reason, slot: slot, holds: try fields.hold(),
                handled: try fields.count("handled"))
            try fields.finish(of: "a waiting thread")
        }
        return others
    }

    fileprivate mutating func finished() throws(ScenarioError) -> [String]? {
        guard let value = value("finished") else { return nil }
        var finished: [String] = []
        for element in try place.array(value, "finished") {
            finished.append(try place.string(element, "finished"))
        }
        return finished
    }

    fileprivate mutating func gone() throws(ScenarioError) -> [String: Saw.GoneThread]? {
        guard let value = value("gone") else { return nil }
        var gone: [String: Saw.GoneThread] = [:]
        let inside = place.inside("gone")
        for member in try place.members(value, "gone") {
            var fields = try inside.object(member.value, member.key)
            var thread = Saw.GoneThread(
                faults: try fields.count("faults"), kernelFaults: try fields.count("kernel_faults"),
                attempts: try fields.count("attempts"))
            let areaLock = try fields.areaLockCounts()
            thread.vmaLockAttempts = areaLock?.attempts
            thread.vmaLockUserfaults = areaLock?.userfaults
            thread.returns = try fields.returns()
            thread.userfaults = try fields.count("userfaults")
            gone[member.key] = thread
            try fields.finish(of: "a thread that is gone")
        }
        return gone
    }

    fileprivate mutating func runsByID(
        _ field: String, from lowest: Int
    ) throws(ScenarioError) -> [String: [ClosedRange<Int>]]? {
        guard let value = value(field) else { return nil }
        let members = try place.members(value, field)
        var runs = [String: [ClosedRange<Int>]](minimumCapacity: members.count)
        let inside = place.inside(field)
        for member in members {
            runs[member.key] = try inside.runs(member.value, member.key, in: lowest...(ScenarioLimits.pages - 1))
        }
        return runs
    }

    fileprivate mutating func varies() throws(ScenarioError) -> [SawField: [Saw]]? {
        guard let value = value("varies") else { return nil }
        var varies: [SawField: [Saw]] = [:]
        let inside = place.inside("varies")
        for member in try place.members(value, "varies") {
            guard let field = SawField(rawValue: member.key), field != .varies else {
                throw inside.error(member.key, "no field of saw that can vary")
            }
            var alternatives: [Saw] = []
            for element in try inside.array(member.value, member.key) {
                if element == .null {
                    alternatives.append(Saw())
                } else {
                    alternatives.append(
                        try Saw(reading: FieldReader([JSONValue.Member(key: member.key, value: element)], at: inside)))
                }
            }
            guard !alternatives.isEmpty else { throw inside.error(member.key, "must list the values that were seen") }
            varies[field] = alternatives
        }
        return varies
    }
}
