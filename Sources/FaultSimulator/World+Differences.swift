/// Two worlds are equal if their machines are: if no program and no kernel could tell them apart. See ``Machine``.
extension World: Equatable {
    /// Whether two worlds are equal in all that can influence the future; counters, traces and statistics do not count.
    ///
    /// - Complexity: O(*n*) in everything that is mapped, cached or running.
    public static func == (a: Self, b: Self) -> Bool {
        a.disk == b.disk && a.btrfsHandler == b.btrfsHandler && a.machine == b.machine
    }

    /// In what this world differs from `other`, a line for each: `what: other's -> this one's`. Counters come last; they
    /// don't make worlds unequal.
    ///
    ///     let before = world
    ///     try world.perform(.read(area, page: 9), in: task)
    ///     print(world.differences(from: before).joined(separator: "\n"))
    ///
    /// - Complexity: O(*n*) in everything that is mapped, cached or running.
    public func differences(from other: World) -> [String] {
        var lines = machine.differences(from: other.machine)
        if disk != other.disk { lines.append("disk: \(other.disk) -> \(disk)") }
        if lines.isEmpty, btrfsHandler != other.btrfsHandler { lines.append("the handler of btrfs mappings") }
        return lines
    }
}
