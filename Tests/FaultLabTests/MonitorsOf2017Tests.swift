import FaultLab
import Foundation
import Testing

@Suite("2017: programs that resolve faults", .timeLimit(.minutes(60)))
struct MonitorsOf2017Tests {
    private static let outcome = Result { try MonitorsOf2017().run() }

    private func runs(_ what: MonitorsOf2017.Case) throws -> [MonitorsOf2017.Run] {
        try Self.outcome.get().runs.filter { $0.what == what }
    }

    @Test("each fault waits once, whatever the kernel, and two that want one page both do")
    func waits() throws {
        for run in try runs(.postCopy) + runs(.preCopy) {
            #expect(run.faults == 65 && run.attempts == 130 && run.forMonitor.times == 65, "\(run)")
        }
        for run in try runs(.restore) { #expect(run.faults == 64 && run.attempts == 128, "\(run)") }
    }

    @Test("memory can be write-protected from 5.7 on")
    func protection() throws {
        let all = try runs(.postCopy).map(\.model)
        #expect(all.count == 8 && all.prefix(2) == ["linux4_11", "linux4_19"])
        #expect(try runs(.preCopy).map(\.model) == Array(all.dropFirst(2)))
    }

    @Test("waits of a program are major up to 6.4, and minor under the area's lock; those of system calls stay major")
    func counts() throws {
        for run in try Self.outcome.get().runs {
            let isMinor = ["linux6_12", "linux6_19"].contains(run.model) && run.what != .restore
            #expect(run.minorFaults == (isMinor ? run.faults : 0), "\(run)")
            #expect(run.majorFaults == (isMinor ? 0 : run.faults), "\(run)")
            // The second attempt is under the mmap lock in any case.
            #expect(run.lockAcquisitions >= run.faults && run.lockAcquisitions <= 2 * run.faults)
            #expect((run.lockAcquisitions < run.faults + 2) == isMinor, "\(run)")
        }
    }

    @Test("no task that waits for the monitor holds the mmap lock; a task that writes to a file holds the inode lock")
    func locks() throws {
        for run in try Self.outcome.get().runs {
            #expect(run.forMonitor.longest >= 200_000 && run.longestHold < 2_000, "\(run)")
            #expect(run.mapperForLock.longest < 1_000, "\(run)")
            #expect((run.otherForFile.longest > 200_000) == (run.what == .restore), "\(run)")
        }
    }

    @Test("a guest whose lookup may not wait hangs under 4.16-rc1 alone")
    func hang() throws {
        let hangs = try Self.outcome.get().hangs
        #expect(hangs.filter(\.hangs).map(\.model) == ["linux4_16_rc1"] && hangs.count == 9)
    }

    @Test("the rows of \"Faults in user space\" are what comes of it")
    func page() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let page = try String(
            contentsOf: root.appending(path: "Documentation/FaultsInUserSpace.md"), encoding: .utf8)
        let outcome = try Self.outcome.get()
        let measures = outcome.mainMeasures.filter { $0.contains(": ") }
        var known: Set<String> = []
        for measure in measures where known.insert(measure).inserted {
            var cells = outcome.measurements.filter { $0.measure == measure }.map { number($0.simulated) }
            if cells.count == 6 { cells = ["", ""] + cells }
            let row = "| \(measure) | " + cells.map { $0.isEmpty ? "|" : "\($0) |" }.joined(separator: " ")
            #expect(page.contains(row), "the page should have the row \(row)")
        }
        #expect(known.count == 22)
    }

    private func number(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
