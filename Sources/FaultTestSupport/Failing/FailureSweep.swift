/// The result of repeating an operation so that each allocation and read fails once, and a signal arrives at each
/// stage.
///
///     let sweep = world.failingEachOnce(.read(area, page: 9), in: task) { story in
///         story.world.leaks(since: before).isEmpty
///     }
///     #expect(sweep.holds)
///     print(sweep)    // holds at all 71 points: 36 allocations (4 pageTable, 32 cachePage), 1 read, 34 signals
public struct FailureSweep: Sendable {
    /// A point at which the property did not hold.
    public struct Failure: Sendable {
        /// The failure that was injected.
        public let point: FailurePoint
        /// What went wrong: a broken law, an operation that never ended, or the property.
        public let reason: String
        /// The story of the run.
        public let story: WorldStory
    }

    /// The points that were tried.
    public internal(set) var points: [FailurePoint] = []
    /// The points at which something went wrong.
    public internal(set) var failures: [Failure] = []
    /// Whether there were more points than the limit, or the operation did not end at the last one.
    public internal(set) var isCutShort = false
    /// The world, for the names of tasks and files.
    let names: World

    /// Whether there was at least one point, all were tried, and at each the operation ended, and the laws and the
    /// property held.
    public var holds: Bool { failures.isEmpty && !isCutShort && !points.isEmpty }

    /// How many points there were, of one kind or of all.
    public func count(_ kind: FailurePoint.Kind? = nil) -> Int {
        kind == nil ? points.count : points.count { $0.kind == kind }
    }

    /// How many allocations failed at `point`.
    public func count(_ point: AllocationPoint) -> Int {
        points.count { if case .allocation(point, _) = $0 { true } else { false } }
    }
}

extension FailureSweep: CustomStringConvertible {
    /// How many points there were, by kind.
    var counts: String {
        let allocations = AllocationPoint.allCases.filter { count($0) > 0 }.map { "\(count($0)) \($0)" }
        var parts = [FieldText.count(count(.allocation), "allocation")]
        if !allocations.isEmpty { parts[0] += " (\(allocations.joined(separator: ", ")))" }
        parts += [FieldText.count(count(.read), "read"), FieldText.count(count(.signal), "signal")]
        return parts.joined(separator: ", ")
    }

    /// How many points there were, and the story of the first at which something went wrong.
    public var description: String {
        guard let first = failures.first else {
            if points.isEmpty { return "there was no point at which anything could fail" }
            let all = isCutShort ? "the first \(points.count) points, and there are more" : "all \(points.count) points"
            return "holds at \(all): \(counts)"
        }
        var lines = ["fails at \(failures.count) of \(FieldText.count(points.count, "point")): \(counts)"]
        lines += failures.prefix(4).map { names.machine.named("\($0.point): \($0.reason)") }
        if failures.count > 4 { lines.append("... and \(failures.count - 4) more points") }
        lines.append("the first:")
        let story = "\(first.story)".split(separator: "\n", omittingEmptySubsequences: false)
        lines += story.prefix(ScreenText.height - 1 - lines.count).map { "  " + $0 }
        return lines.map { FieldText.cut($0) }.joined(separator: "\n")
    }
}

extension FailureSweep.Failure: CustomStringConvertible {
    /// The point, what went wrong, and the story.
    public var description: String {
        let story = "\(story)".split(separator: "\n").prefix(ScreenText.height - 2).joined(separator: "\n")
        return FieldText.cut("\(point): \(reason)") + "\n" + story
    }
}
