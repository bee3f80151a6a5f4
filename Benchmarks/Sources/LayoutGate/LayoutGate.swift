#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import Workloads

/// Times the workloads beside the host's own operations, and says which miss their gates.
///
/// Each number is the median of several runs, in processor time of this process, so that little depends on what else the
/// machine does; the host's operations are run in between. The results of all runs are summed up and printed: nothing that is timed can be left out by the compiler.
@main
enum LayoutGate {
    static func main() throws {
        guard let options = Options(CommandLine.arguments.dropFirst()) else {
            print(Options.usage)
            exit(2)
        }
        keepMemory()
        var rows: [Row] = []
        var sum: UInt64 = 0
        func add(_ row: Row?) {
            guard let row else { return }
            if rows.isEmpty { print(Row.heading) }
            print(row.text)
            fflush(nil)
            rows.append(row)
        }
        // Memory first, while the heap has no holes.
        for gate in MemoryGate.all where options.memories.contains(gate.workload) { add(try gate.measure(&sum)) }
        for gate in Gate.all where options.only.contains(gate.workload) { add(try measure(gate, options, &sum)) }
        for gate in ScaleGate.all where options.scales.contains(gate.workload) { add(try gate.measure(options, &sum)) }
        if options.explores {
            for checksLaws in [false, true] { add(try explore(checksLaws: checksLaws)) }
            // Some twenty seconds: not in a quick run.
            if options.samples > 3 { for row in try exploreReduced() { add(row) } }
        }
        print("medians of \(options.samples) runs, of 3 at most where they are long; checksum \(sum)")
        let missed = rows.count { !$0.isMet }
        if missed > 0 { print("\(missed) missed") }
        if let folder = options.folder {
            try Files.write(rows, to: folder)
            print("written to \(folder)/Performance.md and \(folder)/Pictures/performance.svg")
        }
        if options.enforces, missed > 0 { exit(1) }
    }

    /// Times a workload of one size, and the host's operation beside it.
    private static func measure(_ gate: Gate, _ options: Options, _ sum: inout UInt64) throws -> Row {
        var times: [Double] = []
        var hostTimes: [Double] = []
        for sample in 0...options.samples {
            let time = try time(gate.workload, &sum)
            let hostTime = options.measuresHost ? gate.host?.nanoseconds() : nil
            guard sample > 0 else { continue }  // the first run warms up
            times.append(time)
            if let hostTime { hostTimes.append(hostTime) }
        }
        return Row(
            title: gate.workload.title, small: median(times), real: hostTimes.isEmpty ? nil : median(hostTimes),
            goal: gate.nanoseconds, timesCheaper: gate.timesCheaper)
    }

    /// Times an exploration.
    private static func explore(checksLaws: Bool) throws -> Row {
        let workload = try ExplorationWorkload(checksLaws: checksLaws)
        var found = (states: 0, transitions: 0, bytes: 0)
        let time = processorTime { found = workload.go() }
        let speed = Double(found.states) / time * 1e9
        return Row(
            title: "exploration" + (checksLaws ? " with laws" : ""), unit: "unique states a second", small: speed,
            goal: checksLaws ? 300_000 : 500_000, isSpeed: true)
    }

    /// Times an exhaustive check that leaves out commuting orders, of three readers beside a writer and an evictor.
    private static func exploreReduced() throws -> [Row] {
        let workload = try ExplorationWorkload(checksLaws: false)
        var found = (states: 0, transitions: 0, bytes: 0, outcomes: 0)
        let time = processorTime { found = workload.goReduced() }
        precondition(found.outcomes == 117, "\(found.outcomes) outcomes, not 117")
        return [
            Row(title: "every schedule, without those that commute", unit: "s", small: time / 1e9, goal: 5),
            Row(title: "its states", unit: "states", small: Double(found.states), goal: 6_400_000),
            Row(title: "a state of it", unit: "bytes", small: Double(found.bytes / max(1, found.states)), goal: 16),
        ]
    }

    /// Times one run.
    private static func time(_ workload: Workload, _ sum: inout UInt64) throws -> Double {
        var run = try workload.prepare()
        var result: UInt64 = 0
        let time = processorTime { result = run.go() }
        try run.verify(result)
        sum &+= result
        return time / Double(run.count)
    }
}

/// The middle one of some numbers.
func median(_ numbers: [Double]) -> Double {
    let sorted = numbers.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
