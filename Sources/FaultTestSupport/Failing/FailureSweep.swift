/// What came of letting each allocation, read and signal point of an operation fail once, in turn.
///
///     let sweep = world.failingEachOnce(.read(area, page: 9), in: task) { story in
///         story.world.leaks(since: before).isEmpty
///     }
///     #expect(sweep.holds)
///     print(sweep)    // holds at all 31 points: 2 allocations (1 pageTable, 1 cachePage), 1 read, 28 signals
public struct FailureSweep: Sendable {
    /// A point at which the property did not hold.
    public struct Failure: Sendable {
        /// Where it was made to fail.
        public let point: FailurePoint
        /// What was wrong: a broken law, an operation that never ended, or the property.
        public let reason: String
        /// What happened.
        public let story: WorldStory
    }

    /// The points that were tried.
    public internal(set) var points: [FailurePoint] = []
    /// Those at which something was wrong.
    public internal(set) var failures: [Failure] = []
    /// Whether there were more points than the limit.
    public internal(set) var isCutShort = false
    /// What tasks and files are called.
    let names: World

    /// Whether there was a point to try, all were tried, and at each the operation ended, the laws held, and the property.
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

    /// How many points there were, and of the first at which something was wrong the story.
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
    /// Where, what was wrong, and the story.
    public var description: String {
        let story = "\(story)".split(separator: "\n").prefix(ScreenText.height - 2).joined(separator: "\n")
        return FieldText.cut("\(point): \(reason)") + "\n" + story
    }
}
