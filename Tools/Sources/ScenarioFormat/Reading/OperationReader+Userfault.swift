/// Reads the operations on userfaultfd descriptors.
extension OperationReader {
    mutating func newDescriptor() throws(ScenarioError) -> NewDescriptor {
        let id = try fields.requiredID()
        let descriptor = NewDescriptor(
            id: id, features: try fields.flags("features"), isUserModeOnly: try fields.bool("user_mode_only") ?? false,
            isBlocking: try fields.bool("blocking") ?? false)
        try names.addDescriptor(id, of: names.process(of: task), at: place)
        return descriptor
    }

    mutating func descriptor() throws(ScenarioError) -> String {
        let id = try fields.requiredString("uffd", "the id of a descriptor")
        _ = try names.process(ofDescriptor: id, "uffd", at: place)
        return id
    }

    /// A part of an area of the process whose memory the descriptor handles.
    mutating func handledPart() throws(ScenarioError) -> HandledPart {
        let id = try descriptor()
        let process = try names.process(ofDescriptor: id, "uffd", at: place)
        return HandledPart(descriptor: id, part: try areaPart(ofProcess: process))
    }

    mutating func modes(_ allowed: FillModes) throws(ScenarioError) -> FillModes {
        try fields.flags("mode", allowed)
    }

    /// The source of a copy: nil for a buffer that is always present, otherwise pages of the process that copies.
    mutating func copySource() throws(ScenarioError) -> AreaPage? {
        guard fields.has("from_area") else {
            if fields.value("from") != nil {
                throw place.error("from", "a buffer has no pages to choose from; leave it out, or add from_area")
            }
            return nil
        }
        return try source(inProcess: names.process(of: task))
    }

    /// The source of moved pages: pages of the process whose memory the descriptor handles.
    mutating func moveSource(of handled: HandledPart) throws(ScenarioError) -> AreaPage {
        try source(inProcess: try names.process(ofDescriptor: handled.descriptor, "uffd", at: place))
    }

    private mutating func source(inProcess process: Int) throws(ScenarioError) -> AreaPage {
        let id = try fields.requiredString("from_area", "the id of an area")
        let growsDown = try names.area(id, "from_area", ofProcess: process, at: place).growsDown
        return AreaPage(area: id, page: try areaPage("from", growsDown))
    }

    mutating func messageRead() throws(ScenarioError) -> MessageRead {
        var read = MessageRead(descriptor: try descriptor())
        read.most = try fields.integer("max", in: 1...ScenarioLimits.messages) ?? read.most
        if let value = fields.value("fork") {
            let id = try place.id(value, "fork")
            guard let child = names.lastChild else {
                throw place.error("fork", "there was no fork before; leave it out")
            }
            try names.addDescriptor(id, of: child, "fork", at: place)
            read.childDescriptor = id
        }
        return read
    }
}

extension FieldReader {
    /// The flags of an array of names, each at most once; none if there is no such field.
    mutating func flags<Flags: NamedFlags>(
        _ field: String, _ allowed: Flags = Flags(Flags.names.map(\.flag))
    ) throws(ScenarioError) -> Flags {
        var flags: Flags = []
        guard let value = value(field) else { return flags }
        for element in try place.array(value, field) {
            let name = try place.string(element, field)
            guard let named = Flags.names.first(where: { $0.name == name && allowed.contains($0.flag) }) else {
                let names = Flags.names.filter { allowed.contains($0.flag) }.map(\.name).joined(separator: ", ")
                throw place.error(field, "\(quoted(name)) is not among \(names)")
            }
            guard flags.insert(named.flag).inserted else {
                throw place.error(field, "must have \(quoted(name)) once")
            }
        }
        return flags
    }
}
