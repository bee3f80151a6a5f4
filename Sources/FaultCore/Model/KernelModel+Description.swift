extension KernelModel: CustomStringConvertible {
    /// The model's name; if the model is no longer the preset of that name, also the differences.
    ///
    /// For example `linux6_1`, or `linux6_1 but throttledSharedWrite: retries -> keepsLock`.
    public var description: String {
        guard let preset = Self.preset(named: name.description) else { return "\(name)" }
        let changes = differences(from: preset)
        if changes.isEmpty { return "\(name)" }
        let left = changes.count > 2 ? "; and \(changes.count - 2) more" : ""
        return "\(name) but \(changes.prefix(2).joined(separator: "; "))\(left)"
    }
}

extension AnyKernelRule: CustomStringConvertible {
    /// The rule's name and its cases: `pageWait: uninterruptible, killable`.
    public var description: String { "\(name): \(FieldText.list(cases, atMost: 6))" }
}

extension CostModel: CustomStringConvertible {
    /// The costs by name that are not 0; `free` if all are.
    public var description: String { FieldText.set(of: self, nothing: "free") }

    /// The costs that differ from `other`, a line for each: `name: other's -> this one's`.
    public func differences(from other: CostModel) -> [String] { FieldText.changes(of: self, from: other) }
}

extension MachineSettings: CustomStringConvertible {
    /// The settings that differ from those of a freshly installed machine, such as `processors: 1 -> 2`.
    public var description: String {
        let changes = differences(from: MachineSettings())
        return changes.isEmpty ? "as installed" : FieldText.cut(changes.joined(separator: ", "))
    }

    /// The settings that differ from `other`, a line for each: `name: other's -> this one's`.
    public func differences(from other: MachineSettings) -> [String] { FieldText.changes(of: self, from: other) }
}

extension PageGeometry: CustomStringConvertible {
    /// The shape, such as `pages of 4096 bytes, 4 levels of 9 bits, programs from page 0x10 to page 0x7ffffffff`.
    public var description: String {
        "pages of \(pageSize) bytes, \(levels) levels of \(bitsPerLevel) bits, programs from \(lowestUserPage) to "
            + "\(userLimit)" + (accessImpliesRead ? "" : ", access implies no read")
    }
}

extension MachineConfiguration: CustomStringConvertible {
    /// The model, the architecture, and the settings and costs that are not the default.
    public var description: String {
        var parts = ["\(model) on \(entry.name)"]
        if settings != MachineSettings() { parts.append("\(settings)") }
        if !costs.isFree { parts.append("\(costs)") }
        return FieldText.cut(parts.joined(separator: "; "))
    }
}
