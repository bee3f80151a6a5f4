extension Saw {
    /// Pages of an area whose entries name consecutive swap slots.
    public struct SlotRun: Equatable, Sendable {
        /// The pages, numbered in the area.
        public var pages: ClosedRange<Int>
        /// The slot of the first page, as its device numbers them, from 1.
        public var slot: Int
        /// The device; nil if there is only one.
        public var device: Int?

        /// Makes a run; the arguments are the properties of the same names.
        public init(pages: ClosedRange<Int>, slot: Int, device: Int? = nil) {
            self.pages = pages
            self.slot = slot
            self.device = device
        }
    }

    /// `swap`: what the machine did with its swap devices.
    public struct SwapCounts: Equatable, Sendable {
        /// `in`: pages whose reading from swap began.
        public var read = 0
        /// `out`: pages written to swap.
        public var written = 0
        /// `zero_in`: pages of zeroes that were filled again instead of read.
        public var zeroesFilled = 0
        /// `zero_out`: pages of zeroes that were recorded instead of written.
        public var zeroesNoted = 0
        /// `cache`: pages in the swap cache after the operation.
        public var cached = 0
        /// `ahead`: pages that were read ahead.
        public var readAhead = 0
        /// `ahead_hit`: hits on pages that were read ahead.
        public var aheadHits = 0

        /// Nothing.
        public init() {}

        static var fields: [(name: String, path: WritableKeyPath<Self, Int>)] {
            [
                ("in", \.read), ("out", \.written), ("cache", \.cached), ("ahead", \.readAhead),
                ("ahead_hit", \.aheadHits), ("zero_out", \.zeroesNoted), ("zero_in", \.zeroesFilled),
            ]
        }
    }

    /// `reclaim`: what the machine did to free memory.
    public struct ReclaimCounts: Equatable, Sendable {
        /// `refault_anon`: anonymous pages that came back after they were reclaimed.
        public var refaultsOfAnonymous = 0
        /// `refault_file`: file pages that came back.
        public var refaultsOfFiles = 0
        /// `activate_anon`: those of `refault_anon` that became active immediately.
        public var activatedAnonymous = 0
        /// `activate_file`: those of `refault_file`.
        public var activatedFiles = 0
        /// `lazy_freed`: freed pages that MADV_FREE had marked.
        public var lazilyFreed = 0
        /// `oom`: how often the limit was exceeded because reclaim freed too little.
        public var limitFailures = 0
        /// `killed`: processes that were killed for this reason.
        public var killed = 0

        /// Nothing.
        public init() {}

        static var fields: [(name: String, path: WritableKeyPath<Self, Int>)] {
            [
                ("refault_anon", \.refaultsOfAnonymous), ("refault_file", \.refaultsOfFiles),
                ("activate_anon", \.activatedAnonymous), ("activate_file", \.activatedFiles),
                ("lazy_freed", \.lazilyFreed), ("oom", \.limitFailures), ("killed", \.killed),
            ]
        }
    }
}

// MARK: - Reading

extension FieldReader {
    mutating func swapCounts() throws(ScenarioError) -> Saw.SwapCounts? {
        guard var fields = try object("swap") else { return nil }
        var counts = Saw.SwapCounts()
        for (name, path) in Saw.SwapCounts.fields { counts[keyPath: path] = try fields.count(name) ?? 0 }
        try fields.finish(of: "swap")
        return counts
    }

    mutating func reclaimCounts() throws(ScenarioError) -> Saw.ReclaimCounts? {
        guard var fields = try object("reclaim") else { return nil }
        var counts = Saw.ReclaimCounts()
        for (name, path) in Saw.ReclaimCounts.fields { counts[keyPath: path] = try fields.count(name) ?? 0 }
        try fields.finish(of: "reclaim")
        return counts
    }

    mutating func slots() throws(ScenarioError) -> [String: [Saw.SlotRun]]? {
        guard let value = value("slots") else { return nil }
        var slots: [String: [Saw.SlotRun]] = [:]
        let inside = place.inside("slots")
        for member in try place.members(value, "slots") {
            var runs: [Saw.SlotRun] = []
            for element in try inside.array(member.value, member.key) {
                runs.append(try inside.slotRun(element, member.key))
            }
            slots[member.key] = runs
        }
        return slots
    }
}

extension Place {
    fileprivate func slotRun(_ value: JSONValue, _ field: String) throws(ScenarioError) -> Saw.SlotRun {
        var numbers: [Int] = []
        if case .array(let elements) = value {
            for element in elements {
                if case .integer(let number) = element, abs(number) <= ScenarioLimits.pages { numbers.append(number) }
            }
            if numbers.count != elements.count { numbers = [] }
        }
        guard numbers.count == 3 || numbers.count == 4, numbers[0] <= numbers[1], numbers[2] >= 0 else {
            throw error(field, "each run must be [first,last,slot] or [first,last,slot,device], not \(value.summary)")
        }
        return Saw.SlotRun(
            pages: numbers[0]...numbers[1], slot: numbers[2], device: numbers.count == 4 ? numbers[3] : nil)
    }
}

// MARK: - Writing

extension Saw.SwapCounts {
    var json: String { jsonCounts(self, Self.fields) }
}

extension Saw.ReclaimCounts {
    var json: String { jsonCounts(self, Self.fields) }
}

/// Counts that are not 0, by name.
private func jsonCounts<Counts>(
    _ counts: Counts, _ fields: [(name: String, path: WritableKeyPath<Counts, Int>)]
) -> String {
    var object = ObjectWriter()
    for (name, path) in fields where counts[keyPath: path] != 0 { object.add(name, String(counts[keyPath: path])) }
    return object.text
}

func jsonSlots(_ runs: [Saw.SlotRun]) -> String {
    let texts = runs.map { run in
        "[\(run.pages.lowerBound),\(run.pages.upperBound),\(run.slot)\(run.device.map { ",\($0)" } ?? "")]"
    }
    return "[" + texts.joined(separator: ",") + "]"
}
