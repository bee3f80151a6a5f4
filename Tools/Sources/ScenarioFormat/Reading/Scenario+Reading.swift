extension Scenario {
    /// Reads a scenario or a recording: UTF-8 text, one JSON object a line, the header first.
    ///
    /// - Parameters:
    ///   - bytes: The whole text.
    ///   - path: The name of the file, for errors.
    /// - Throws: `ScenarioError` for the first thing that is wrong. No input traps or hangs.
    /// - Complexity: O(*n*) in the length of the text.
    public init(bytes: [UInt8], path: String) throws(ScenarioError) {
        guard bytes.count <= ScenarioLimits.fileBytes else {
            throw Place(path: path, line: 1).error("file", "longer than \(ScenarioLimits.fileBytes) bytes")
        }
        guard !bytes.isEmpty else {
            throw Place(path: path, line: 1).error(
                "file", "empty; the first line must be the header, with \"scenario\"")
        }
        self.init(name: "")
        var names = ScenarioNames()
        var number = 0
        var start = 0
        var varied = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            number += 1
            let place = Place(path: path, line: number)
            guard number <= ScenarioLimits.lines else {
                throw place.error("line", "one line too many; a scenario has at most \(ScenarioLimits.lines)")
            }
            let members = try Self.members(of: bytes, in: start..<end, at: place)
            let fields = FieldReader(members, at: place)
            if number == 1 {
                try readHeader(fields)
                names = ScenarioNames(swapDevices: settings.swap)
            } else {
                let line = try OperationReader.line(fields, &names)
                varied += line.saw?.varies?.values.reduce(0) { $0 + $1.count } ?? 0
                guard varied <= ScenarioLimits.variedValues else {
                    throw place.error(
                        "saw.varies",
                        "one value too many; a scenario has at most \(ScenarioLimits.variedValues) in all")
                }
                lines.append(line)
            }
            start = end + 1
        }
    }

    /// Reads a scenario from text; see `init(bytes:path:)`.
    public init(text: String, path: String) throws(ScenarioError) {
        try self.init(bytes: Array(text.utf8), path: path)
    }

    /// The members of the object on one line.
    private static func members(
        of bytes: [UInt8], in range: Range<Int>, at place: Place
    ) throws(ScenarioError) -> [JSONValue.Member] {
        guard range.count <= ScenarioLimits.lineBytes else {
            throw place.error("line", "\(range.count) bytes long; at most \(ScenarioLimits.lineBytes) are allowed")
        }
        guard isValidUTF8(bytes, in: range) else { throw place.error("line", "not UTF-8; save the file as UTF-8") }
        guard !bytes[range].starts(with: [0xEF, 0xBB, 0xBF]) else {
            throw place.error("line", "begins with a byte order mark; save the file without")
        }
        guard bytes[range].contains(where: { $0 > 0x20 }) else {
            throw place.error("line", "empty; it must be a JSON object")
        }
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes, in: range)
        } catch {
            throw place.error("column \(error.column)", "not JSON: \(error.message)")
        }
        guard case .object(let members) = value else {
            throw place.error("line", "must be a JSON object, not \(value.summary)")
        }
        return members
    }

    private mutating func readHeader(_ header: FieldReader) throws(ScenarioError) {
        var fields = header
        let wanted = "the scenario's name; the first line must be the header"
        name = try fields.requiredString("scenario", wanted)
        about = try fields.string("about") ?? ""
        if let value = fields.value("kernel") { kernel = try fields.place.id(value, "kernel") }
        if let values = try fields.object("settings") { settings = try Settings(reading: values) }
        try fields.finish(of: "the header")
    }
}

extension Settings {
    /// Reads the `settings` of a header.
    init(reading fields: FieldReader) throws(ScenarioError) {
        self.init()
        var fields = fields
        faultAroundBytes = try fields.integer("fault_around_bytes", in: 0...2 << 20) ?? faultAroundBytes
        readAheadKB = try fields.integer("read_ahead_kb", in: 0...1 << 20) ?? readAheadKB
        maxSectorsKB = try fields.integer("max_sectors_kb", in: 4...1 << 20) ?? maxSectorsKB
        transparentHugePages = try fields.choice("thp") ?? transparentHugePages
        cpus = try fields.integer("cpus", in: 1...1) ?? cpus
        dirtyBytes = try fields.integer("dirty_bytes", in: 8192...1 << 40)
        if let value = fields.value("swap") { swap = try Self.swapDevices(value, fields.place) }
        pageCluster = try fields.integer("page_cluster", in: 0...10) ?? pageCluster
        memoryMax = try fields.integer("memory_max", in: 1...ScenarioLimits.pages)
        swapMax = try fields.integer("swap_max", in: 0...ScenarioLimits.pages)
        try fields.finish(of: "settings")
    }

    /// One swap device, or a list of them.
    private static func swapDevices(_ value: JSONValue, _ place: Place) throws(ScenarioError) -> [SwapDevice] {
        let values: [JSONValue] = if case .array(let elements) = value { elements } else { [value] }
        guard 1...ScenarioLimits.swapDevices ~= values.count else {
            throw place.error("swap", "must be a device or a list of 1 to \(ScenarioLimits.swapDevices) devices")
        }
        var devices: [SwapDevice] = []
        for value in values {
            var fields = try place.object(value, "swap")
            var device = SwapDevice(pages: try fields.requiredInteger("pages", in: 1...ScenarioLimits.pages))
            device.isRotational = try fields.bool("rotational") ?? false
            device.isSynchronous = try fields.bool("sync") ?? false
            device.priority = try fields.integer("priority", in: -1...32767)
            try fields.finish(of: "swap")
            devices.append(device)
        }
        return devices
    }
}
