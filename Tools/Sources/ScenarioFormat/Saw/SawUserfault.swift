extension Saw {
    /// The reason why a fault went to a descriptor.
    public enum UserfaultReason: String, CaseIterable, Sendable {
        /// There is no page.
        case missing
        /// The page is write-protected.
        case wp
        /// The page cache has the page, but no entry maps it.
        case minor
    }

    /// A message of a descriptor.
    public enum Message: Equatable, Sendable {
        /// `pagefault`: a fault waits.
        case pageFault(Fault)
        /// `fork`: the process was forked.
        case fork
        /// `remap`: these pages were moved away.
        case remap(AreaPart)
        /// `remove`: the memory of these pages was freed.
        case remove(AreaPart)
        /// `unmap`: these pages were unmapped.
        case unmap(AreaPart)

        /// A fault in a message.
        public struct Fault: Equatable, Sendable {
            /// The page.
            public var page: AreaPage
            /// `flags`.
            public var flags: FaultMessageFlags
            /// `thread`: the thread that faulted, `""` for the first thread; nil if the descriptor does not say.
            public var thread: String?

            /// Makes a fault; the arguments are the properties of the same names.
            public init(page: AreaPage, flags: FaultMessageFlags = [], thread: String? = nil) {
                self.page = page
                self.flags = flags
                self.thread = thread
            }
        }

        /// The names of events in the format.
        fileprivate enum Event: String, CaseIterable {
            case pagefault, fork, remap, remove, unmap
        }
    }

    /// The flags of a fault's message.
    public struct FaultMessageFlags: NamedFlags {
        /// One bit for each.
        public let rawValue: UInt32

        /// Makes flags of the bits of `rawValue`.
        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// It was a write.
        public static let write = FaultMessageFlags(rawValue: 1)
        /// The page is write-protected.
        public static let writeProtect = FaultMessageFlags(rawValue: 2)
        /// The page cache has the page.
        public static let minor = FaultMessageFlags(rawValue: 4)

        static var names: [(name: String, flag: FaultMessageFlags)] {
            [("write", .write), ("wp", .writeProtect), ("minor", .minor)]
        }
    }

    /// The number of faults of a descriptor, as in its fdinfo.
    public struct QueueCounts: Equatable, Sendable {
        /// `pending`: the faults whose message was not read.
        public var pending: Int
        /// `total`: all faults that wait.
        public var total: Int

        /// Makes counts; the arguments are the properties of the same names.
        public init(pending: Int, total: Int) {
            self.pending = pending
            self.total = total
        }
    }

    /// Attempts under the area lock.
    struct AreaLockCounts: Equatable {
        var attempts: Int
        /// How many of them went to a descriptor; absent if none of the operation did.
        var userfaults: Int?
    }
}

// MARK: - Reading

extension FieldReader {
    mutating func queues() throws(ScenarioError) -> [String: Saw.QueueCounts]? {
        guard let value = value("queue") else { return nil }
        var queues: [String: Saw.QueueCounts] = [:]
        let inside = place.inside("queue")
        for member in try place.members(value, "queue") {
            var fields = try inside.object(member.value, member.key)
            queues[member.key] = Saw.QueueCounts(
                pending: try fields.requiredCount("pending"), total: try fields.requiredCount("total"))
            try fields.finish(of: "a queue")
        }
        return queues
    }

    mutating func messages() throws(ScenarioError) -> [Saw.Message]? {
        guard let value = value("messages") else { return nil }
        var messages: [Saw.Message] = []
        for element in try place.array(value, "messages") {
            var fields = try place.object(element, "messages")
            messages.append(try fields.message())
            try fields.finish(of: "a message")
        }
        return messages
    }

    private mutating func message() throws(ScenarioError) -> Saw.Message {
        let event = try requiredChoice("event", of: Saw.Message.Event.self)
        if event == .fork { return .fork }
        let area = try requiredString("area", "the id of an area")
        let page = try requiredInteger("page", in: -ScenarioLimits.pagesBelow...ScenarioLimits.pages)
        if event == .pagefault {
            return .pageFault(
                Saw.Message.Fault(
                    page: AreaPage(area: area, page: page), flags: try flags("flags"), thread: try string("thread")))
        }
        let part = AreaPart(
            area: area, page: page, pages: try requiredInteger("pages", in: 1...ScenarioLimits.pages))
        switch event {
        case .remap: return .remap(part)
        case .remove: return .remove(part)
        default: return .unmap(part)
        }
    }

    mutating func areaLockCounts() throws(ScenarioError) -> Saw.AreaLockCounts? {
        guard var lock = try object("vma_lock") else { return nil }
        let counts = Saw.AreaLockCounts(
            attempts: try lock.requiredCount("attempts"), userfaults: try lock.count("userfaults"))
        try lock.finish(of: "vma_lock")
        return counts
    }
}

// MARK: - Writing

extension Saw.AreaLockCounts {
    var json: String {
        var object = ObjectWriter()
        object.add("attempts", String(attempts))
        object.add("userfaults", userfaults.map(String.init))
        return object.text
    }
}

extension Saw.QueueCounts {
    var json: String { "{\"pending\":\(pending),\"total\":\(total)}" }
}

func jsonMessages(_ messages: [Saw.Message]) -> String {
    "[" + messages.map(\.json).joined(separator: ",") + "]"
}

extension Saw.Message {
    fileprivate var json: String {
        var object = ObjectWriter()
        func add(_ event: Event, _ part: AreaPart) {
            object.add("event", jsonString(event.rawValue))
            object.add("area", jsonString(part.area))
            object.add("page", String(part.page))
            object.add("pages", String(part.pages))
        }
        switch self {
        case .pageFault(let fault):
            object.add("event", jsonString(Event.pagefault.rawValue))
            object.add("area", jsonString(fault.page.area))
            object.add("page", String(fault.page.page))
            if !fault.flags.isEmpty {
                let names = Saw.FaultMessageFlags.names.filter { fault.flags.contains($0.flag) }
                object.add("flags", "[" + names.map { jsonString($0.name) }.joined(separator: ",") + "]")
            }
            object.add("thread", fault.thread.map(jsonString))
        case .fork: object.add("event", jsonString(Event.fork.rawValue))
        case .remap(let part): add(.remap, part)
        case .remove(let part): add(.remove, part)
        case .unmap(let part): add(.unmap, part)
        }
        return object.text
    }
}
