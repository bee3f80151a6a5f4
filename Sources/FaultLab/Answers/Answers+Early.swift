import FaultSimulator

// The answers of the experiments up to 2014, in one sentence each, and how they compare with what was published.

extension RetryOf2006.Outcome {
    /// Which reads end, and which do not.
    public var answer: String {
        let most = chases.map(\.rounds).max() ?? 0
        let ends = chases.filter { $0.thief == .reclaim && $0.rounds == most }.map {
            "\($0.hasEnded ? "ends after" : "has not ended after") \($0.attempts) attempts under \($0.model)"
        }
        return "Retry once, in the kernel: a read whose page is evicted \(most) times "
            + ends.joined(separator: ", and ") + "."
    }

    /// No figures were published.
    public var verdict: LabVerdict {
        LabVerdict(.unpublished, "no figure was published; the mails argue about the cases")
    }

    /// The read while another thread maps, and the repeated eviction by reclaim.
    public var mainMeasures: [String] {
        let chased =
            chases.last { $0.thief == .reclaim }
            .map { "page taken away \($0.rounds) times, \($0.thief.rawValue)" } ?? ""
        return [
            "cold read beside a mapper: lock held at a stretch", "cold read beside a mapper: the mapper waits",
            "cold read beside a mapper: exceptions", "cold read beside a mapper: attempts", "\(chased): attempts",
            "\(chased): the read has ended", "all schedules: each ends",
        ]
    }
}

extension RetryOf2010.Outcome {
    /// The number of mappings before and after.
    public var answer: String {
        "Yes before, no after: under \(before[0].model) the mapping thread gets \(LabText.number(slowest)) to "
            + "\(LabText.number(fastest)) iterations a second, depending on how soon the reader faults again, and under "
            + "\(after.model) it gets \(LabText.number(after.mappings, digits: 0))."
    }

    private var slowest: Double { before.map(\.mappings).min() ?? 0 }
    private var fastest: Double { before.map(\.mappings).max() ?? 0 }

    /// The published figure lies between those of a reader that faults again at once and one that computes for long.
    public var verdict: LabVerdict {
        let published = RetryOf2010.published
        let isAfterRight = abs(after.mappings / published.after - 1) < 0.01
        guard isAfterRight, (slowest...fastest).contains(published.before) else {
            return LabVerdict(.differs, "the mail has \(published.before)/s before and \(published.after)/s after")
        }
        return LabVerdict(
            .brackets,
            "the published \(LabText.number(published.before))/s before lie between a reader that faults again at once and "
                + "one that computes first; the \(LabText.grouped(Int(published.after)))/s after agree")
    }

    /// B's rates.
    public var mainMeasures: [String] {
        ["A alone: a random read", "B alone", "A", "B"] + before.map { think($0, "B") }
    }
}

extension FaultAroundOf2014.Outcome {
    /// The number of faults.
    public var answer: String {
        let whole = readings.filter { $0.what == .whole }
        guard let pages = whole.first?.pages, whole.count > 1 else { return "None was read." }
        let texts = whole.map { "\(LabText.grouped($0.faults)) under \($0.model)" }
        return "One for each window that is mapped: \(LabText.grouped(pages)) cached pages take "
            + texts.joined(separator: ", ")
            + "."
    }

    /// As published, except for the program's own faults.
    public var verdict: LabVerdict {
        let deviations = measurements.compactMap { row in row.published.map { (row.measure, 1 - row.simulated / $0) } }
            .sorted { $0.1 > $1.1 }
        guard deviations.count > 1, let least = deviations.last, least.1 >= 0, deviations[1].1 < 0.03 else {
            return LabVerdict(.differs, "counts are off by more than the faults of the program itself")
        }
        func percent(_ deviation: Double) -> String { LabText.number(deviation * 100, digits: 1) + " %" }
        return LabVerdict(
            .agrees,
            "within \(percent(deviations[1].1)), one count (\(deviations[0].0)) within \(percent(deviations[0].1)); the "
                + "published counts are always higher, because they include the faults of the program itself")
    }

    /// The published counts, and the reading of cached pages.
    public var mainMeasures: [String] {
        measurements.filter { $0.published != nil || $0.measure.hasPrefix("all cached") && $0.unit == .faults }
            .map(\.measure)
    }
}
