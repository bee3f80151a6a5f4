// What the ready-made plug-ins print.

extension HoleyFiles: CustomStringConvertible {
    /// Its name.
    public var description: String { "a file system with holes" }
}

extension HoleyFiles.InodeState: CustomStringConvertible {
    /// The pages that are holes.
    public var description: String { "holes: \(PageSet((0..<64).filter { isHole(PageIndex($0)) }))" }
}

extension HoleyMemory: CustomStringConvertible {
    /// What it is for.
    public var description: String { "memory of files with holes on \(device)" }
}

extension ToyEntry: CustomStringConvertible {
    /// Its name.
    public var description: String { "a toy architecture" }
}

extension UnevenDisk: CustomStringConvertible {
    /// How long its requests take.
    public var description: String {
        "\(usualNanoseconds) ns, one in \(oneIn) \(rareNanoseconds) ns, by seed \(seed)"
    }
}

extension UnevenDisk.State: CustomStringConvertible {
    /// How many requests it has had.
    public var description: String { FieldText.count(Int(requests), "request") }
}

extension WaitingMemory: CustomStringConvertible {
    /// What it waits for, and whether it keeps its lock.
    public var description: String { "memory that waits for \(wait), \(dropsLock ? "without" : "with") its lock" }
}

extension WaitingMemory.AreaState: CustomStringConvertible {
    /// Such as `faults 2, retries 1`.
    public var description: String { "faults \(faults), retries \(retries)" }
}

extension WaitingMemory.Wait: CustomStringConvertible {
    /// Such as `1000 ns` or `channel 7`.
    public var description: String {
        switch self {
        case .time(let nanoseconds): "\(nanoseconds) ns"
        case .request(let device): "a request to \(device)"
        case .channel(let channel): "channel \(channel)"
        }
    }
}
