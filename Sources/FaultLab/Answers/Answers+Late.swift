import FaultSimulator

// The answers of the experiments from 2018 on, in one sentence each, and how they compare with what was published.

extension DropOf2018.Outcome {
    /// How long the monitor waits behind a miss.
    public var answer: String {
        let misses = waits.filter { $0.what == .miss && $0.hasWriter && $0.ioClass == .throttled }
        let texts = misses.map { "\(LabText.milliseconds($0.monitor)) under \($0.model)" }
        return "As long as the lock is held during throttled I/O: behind a missing page it waits "
            + texts.joined(separator: ", ") + "."
    }

    /// Only the complaint was published.
    public var verdict: LabVerdict { LabVerdict(.unpublished, "no figure was published, only the complaint") }

    /// The monitor's waits.
    public var mainMeasures: [String] {
        ["throttled submission", "a read"] + DropOf2018.Case.allCases.map { "\($0.rawValue): the monitor waits" }
    }
}

extension PostedOf2018.Outcome {
    /// Which kernels wait with the lock held.
    public var answer: String {
        let holders = behaviours.filter(\.holdsLock).map(\.model)
        let others = behaviours.filter { !$0.holdsLock }.map(\.model)
        return
            "It would have waited for a missing page with the lock held (\(holders.joined(separator: ", "))); the "
            + "merged version does not (\(others.joined(separator: ", ")))."
    }

    /// The reviews have no figures.
    public var verdict: LabVerdict {
        LabVerdict(.unpublished, "no figure was published; the reviews argue about the code")
    }

    /// All measures.
    public var mainMeasures: [String] { measurements.map(\.measure) }
}

extension CompletedOf2022.Outcome {
    /// How much it saves.
    public var answer: String {
        "It saves one attempt of two at each page, and \(LabText.number((1 - ratio) * 100, digits: 1)) % of the time: "
            + "pgfault is \(LabText.grouped(before.pgfault)) under \(before.model), \(LabText.grouped(after.pgfault)) under "
            + "\(after.model)."
    }

    /// The counts are as published. The time depends on the cost of an attempt.
    public var verdict: LabVerdict {
        let published = CompletedOf2022.published
        let ratio = published.after / published.before
        let span = "\(LabText.number(bounds.lowerBound, digits: 3)) and \(LabText.number(bounds.upperBound, digits: 3))"
        let isExact = measurements.allSatisfy { row in
            row.unit == .ratio || row.unit == .milliseconds || row.published == nil || row.published == row.simulated
        }
        let text =
            "published \(LabText.number(ratio, digits: 3)), simulated between \(span), depending on the cost of an attempt"
        guard isExact, bounds.contains(ratio) else { return LabVerdict(.differs, "time after / before: \(text)") }
        return LabVerdict(.brackets, "counts are exact; time after / before: \(text)")
    }

    /// Counts and times.
    public var mainMeasures: [String] {
        ["pgfault", "attempts a fault", "faults", "major faults", "mmap lock taken", "time", "time after / before"]
            + ["the same, attempt at most", "the same, attempt at least"]
    }
}

extension AreaLocksOf2023.Outcome {
    /// How long they wait before and after.
    public var answer: String {
        let anonymous = runs.filter { $0.what == .anonymous }
        guard let first = anonymous.first, let last = anonymous.last else { return "None was run." }
        return
            "Under \(first.model) they wait \(LabText.number(first.waiting * 100, digits: 1)) % of their time, the mapper "
            + "\(LabText.number(first.mapperWaiting * 100, digits: 1)) %; under \(last.model) "
            + "\(LabText.number(last.waiting * 100, digits: 1)) % and "
            + "\(LabText.number(last.mapperWaiting * 100, digits: 1)) %."
    }

    /// The published rates depend on effects that are not modelled.
    public var verdict: LabVerdict {
        let anonymous = runs.filter { $0.what == .anonymous }
        let gain = (anonymous.last?.faultsPerSecond ?? 0) / (anonymous.first?.faultsPerSecond ?? 1) - 1
        return LabVerdict(
            .differs,
            "the published gain is 22 to 157 % more faults a second for 128 threads, the simulated gain "
                + "\(LabText.number(gain * 100, digits: 1)) % for 3; most of the published gain comes from cache lines that "
                + "no longer move between processors, which is not modelled")
    }

    /// The waits.
    public var mainMeasures: [String] {
        AreaLocksOf2023.Case.allCases.flatMap { what in
            ["mmap lock taken a fault", "part of time waiting for it", "part of time the other waits"].map {
                "\(what.rawValue): \($0)"
            }
        }
    }
}

extension PositionsOf2026.Outcome {
    /// The longest waits under each position.
    public var answer: String {
        let texts = runs.map { run in
            "\(run.model), mapper waits for area locks \(LabText.number(Double(run.mapperForAreas.longest) / 1e3)) us, "
                + "monitor \(LabText.number(Double(run.monitorForMmap.longest) / 1e3)) us"
        }
        return "Every position limits the attempts; they differ in which tasks wait for a read, at most: "
            + texts.joined(separator: "; ") + "."
    }

    /// The mails argue without figures.
    public var verdict: LabVerdict {
        LabVerdict(.unpublished, "no figure was published; the mails argue about who waits")
    }

    /// The measures in which the positions differ.
    public var mainMeasures: [String] {
        [
            "attempts a fault", "mmap lock taken a fault", "readers for mmap lock: in all",
            "mapper for area locks: longest",
            "monitor for mmap lock: longest", "worst: munmap of the area waits for attempt 1's read",
            "worst: munmap of the area waits for attempt 2's read", "worst: mmap elsewhere waits for attempt 2's read",
            "worst: attempts, page under read, 2 evictions", "worst: every schedule ends",
        ]
    }
}
