import FaultCore

extension Disk: CustomStringConvertible {
    /// Such as `disk, reads 100000 ns, writes 100000 ns`.
    public var description: String {
        "disk, reads \(readLatencyNanoseconds) ns, writes \(writeLatencyNanoseconds) ns"
            + (throttleNanoseconds == 0 ? "" : ", throttles \(throttleNanoseconds) ns")
    }
}

extension ShmemFileOperations: CustomStringConvertible {
    /// `tmpfs`.
    public var description: String { "\(name)" }
}

extension Ext4FileOperations: CustomStringConvertible {
    /// `ext4`.
    public var description: String { "\(name)" }
}

extension JournaledInode: CustomStringConvertible {
    /// Such as `in the running transaction`.
    public var description: String {
        var parts: [String] = []
        if isChanged { parts.append("in the running transaction") }
        if isCommitting { parts.append("in the one that is being committed") }
        return parts.isEmpty ? "in no transaction" : parts.joined(separator: " and ")
    }
}

extension PunchedHole: CustomStringConvertible {
    /// Such as `pages 2 to 4` or `no hole`.
    public var description: String { first < end ? "pages \(first) to \(end - 1)" : "no hole" }
}
