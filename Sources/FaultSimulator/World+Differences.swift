/// Equality of worlds: two worlds are equal if their machines are, that is, if no program and no kernel could tell them
/// apart. See ``Machine``.
extension World: Equatable {
    /// Whether two worlds are equal in everything that can influence the future; counters, traces and statistics are
    /// ignored.
    ///
    /// - Complexity: O(*n*) in everything that is mapped, cached or running.
    public static func == (a: Self, b: Self) -> Bool {
        a.disk == b.disk && a.btrfsHandler == b.btrfsHandler && a.machine == b.machine
    }

    /// The differences from `other`, one line each: `what: value in other -> value in this world`. Differences of
    /// counters come last; they don't make worlds unequal.
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
