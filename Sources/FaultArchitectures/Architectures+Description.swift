import FaultCore

extension ArchFaultEntry: CustomStringConvertible {
    /// The architecture's name.
    public var description: String { architecture.description }
}

extension Architecture.CheckOrder: CustomStringConvertible {
    /// The checks in their order, such as `signal, completed, error, retry`.
    public var description: String { FieldText.list(all.map { "\($0)" }, atMost: 8) }
}

extension Sparc64Buffer: CustomStringConvertible {
    /// Such as `doublings 2`.
    public var description: String { FieldText.all(of: self) }
}

extension S390Guest: CustomStringConvertible {
    /// Such as `isGuest true, hasPseudoFaults true`.
    public var description: String { FieldText.set(of: self, nothing: "no guest") }
}

extension ArchFaultEntry.Reply: CustomStringConvertible {
    /// The signal, or how the fault ends: `SIGBUS/ADRERR`, `fixup`.
    public var description: String {
        switch self {
        case .signal(let signal): "\(signal)"
        case .outcome(let outcome): "\(outcome)"
        }
    }
}
