import FaultLab
import FaultSimulator
import Foundation
import Testing

/// The tables of `Documentation/TwentyYears.md`, made of the experiments in full; only where that is quick.
@Suite("The figures of \"Twenty years\"", .timeLimit(.minutes(60)), .enabled(if: !isDebug))
struct TwentyYearsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    private static let page = Result {
        try String(contentsOf: root.appending(path: "Documentation/TwentyYears.md"), encoding: .utf8)
    }

    /// Expects a row of a table: the heading, then the cells.
    private func expect(_ heading: String, _ cells: [String]) throws {
        let row = "| \(heading) | " + cells.map { $0.isEmpty ? "|" : "\($0) |" }.joined(separator: " ")
        #expect(try Self.page.get().contains(row), "the page should have the row \(row)")
    }

    private func text(_ value: Double, digits: Int = 3) -> String {
        let factor = (0..<digits).reduce(1.0) { power, _ in power * 10 }
        let rounded = (value * factor).rounded() / factor
        return rounded == rounded.rounded() ? grouped(Int(rounded)) : "\(rounded)"
    }

    private func grouped(_ value: Int) -> String {
        value < 1000 ? "\(value)" : "\(grouped(value / 1000)),\(String(String(1000 + value % 1000).dropFirst()))"
    }

    private func milliseconds(_ nanoseconds: UInt64) -> String {
        nanoseconds == 0 ? "0" : "\(text(Double(nanoseconds) / 1e6)) ms"
    }

    @Test("2006")
    func of2006() throws {
        let reads = try RetryOf2006().run().reads
        let names = [
            "linux2_6_36", "herrenschmidt2006", "waychison2006", "mortonSoleUser2006", "mortonSequence2006",
        ]
        let alone = names.compactMap { name in reads.first { $0.model == name && !$0.hasMapper } }
        let beside = names.compactMap { name in reads.first { $0.model == name && $0.hasMapper } }
        try expect("exceptions and attempts, alone", alone.map { "\($0.exceptions) and \($0.attempts)" })
        try expect("the lock is held for, alone", alone.map { milliseconds($0.hold) })
        try expect("attempts, beside a thread that maps 1 ms later", beside.map { "\($0.attempts)" })
        try expect("that thread waits for the lock", beside.map { milliseconds($0.mapperWait) })
    }

    @Test("2010")
    func of2010() throws {
        let outcome = try RetryOf2010().run()
        try expect("B before (`linux2_6_36`), A back at once", ["55/s", "\(text(outcome.before[0].mappings))/s"])
        try expect("B before, A back while B unmaps", ["55/s", "\(text(outcome.before[1].mappings))/s"])
        try expect("B after (`linux2_6_37`)", ["15,000/s", "\(text(outcome.after.mappings, digits: 0))/s"])
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(readme.contains("Answer: \(outcome.answer)") && readme.contains("Verdict: \(outcome.verdict)"))
    }

    @Test("2018")
    func of2018() throws {
        let waits = try DropOf2018().run().waits.filter { $0.hasWriter && $0.ioClass == .throttled }
        let names = ["linux2_6_36", "linux3_19", "linux5_1", "linux6_12"]
        for (heading, what) in [
            ("misses its page", .miss), ("reads a page again", .reread),
            ("waits in an expensive `page_mkwrite`", .mkwrite),
        ] as [(String, DropOf2018.Case)] {
            let monitor = names.compactMap { name in waits.first { $0.model == name && $0.what == what } }
            try expect(heading, monitor.map { milliseconds($0.monitor) })
        }
    }

    @Test("2022")
    func of2022() throws {
        let outcome = try CompletedOf2022().run()
        try expect("`pgfault`", [grouped(outcome.before.pgfault), grouped(outcome.after.pgfault), "the same"])
        let majors = [outcome.before.majorFaults, outcome.after.majorFaults]
        try expect("major faults", majors.map(grouped) + [""])
        try expect("time after / before", ["", text(outcome.ratio), "0.875"])
    }

    @Test("2023")
    func of2023() throws {
        let runs = try AreaLocksOf2023().run().runs
        func cells(_ what: AreaLocksOf2023.Case, _ cell: (AreaLocksOf2023.Run) -> String) -> [String] {
            ["linux6_1", "linux6_4", "linux6_12"].compactMap { name in
                runs.first { $0.what == what && $0.model == name }.map(cell)
            }
        }
        try expect(
            "anonymous memory: mmap lock taken, for each fault", cells(.anonymous) { text($0.locksPerFault) })
        try expect(
            "part of the time that the faulting threads, and the mapper, wait for it",
            cells(.anonymous) { "\(text($0.waiting)) and \(text($0.mapperWaiting))" })
        try expect("cached file: mmap lock taken, for each fault", cells(.file) { text($0.locksPerFault) })
    }

    @Test("2026")
    func of2026() throws {
        let runs = try PositionsOf2026().workloads().map(\.0)
        try expect("attempts a fault", runs.map { text($0.attemptsPerFault) })
        try expect("mmap lock taken a fault", runs.map { text($0.mmapLocksPerFault) })
        func microseconds(_ nanoseconds: UInt64) -> String {
            let value = Double(nanoseconds) / 1e3
            return nanoseconds == 0 ? "0" : "\(text(value, digits: value < 1 ? 3 : value < 100 ? 2 : 0)) µs"
        }
        try expect("readers wait for it, in 100 ms", runs.map { microseconds($0.readersForMmap.total) })
        var mapper = runs.map { microseconds($0.mapperForAreas.longest) }
        mapper[2] += ", for a read"
        try expect("the mapper waits for areas' locks, longest", mapper)
        #expect(try Self.page.get().contains("\(microseconds(runs[2].monitorForMmap.longest)), behind that"))
    }
}
