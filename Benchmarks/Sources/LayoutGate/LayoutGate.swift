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
        let gates = Gate.all.filter { options.only.contains($0.workload) }
        var simulated = [Double](repeating: 0, count: gates.count)
        var real = [Double?](repeating: nil, count: gates.count)
        var sum: UInt64 = 0
        for (index, gate) in gates.enumerated() {
            var times: [Double] = []
            var hostTimes: [Double] = []
            for sample in 0...options.samples {
                let time = try measure(gate.workload, &sum)
                let hostTime = options.measuresHost ? gate.host?.nanoseconds() : nil
                guard sample > 0 else { continue }  // the first run warms up
                times.append(time)
                if let hostTime { hostTimes.append(hostTime) }
            }
            simulated[index] = median(times)
            real[index] = hostTimes.isEmpty ? nil : median(hostTimes)
        }
        var missed = 0
        if !gates.isEmpty { print(row("nanoseconds", "simulated", "real", "ratio", "gate")) }
        for (index, gate) in gates.enumerated() {
            let ratio = real[index].map { $0 / simulated[index] }
            let verdict = verdict(of: gate, simulated[index], ratio)
            if verdict.missed { missed += 1 }
            print(
                row(
                    gate.workload.title, rounded(simulated[index]), real[index].map(rounded) ?? "-",
                    ratio.map { rounded($0) + " x" } ?? "-", verdict.text))
        }
        missed += try measureScales(options, &sum)
        print("medians of \(options.samples) runs; checksum \(sum)")
        if options.explores {
            for checksLaws in [false, true] { try missed += explore(checksLaws: checksLaws) ? 0 : 1 }
            missed += try exploreReduced() ? 0 : 1
        }
        if missed > 0 { print("\(missed) missed") }
        if options.enforces, missed > 0 { exit(1) }
    }

    /// Times what should not grow with the machine, and answers how many grow too much.
    private static func measureScales(_ options: Options, _ sum: inout UInt64) throws -> Int {
        let gates = ScaleGate.all.filter { options.scales.contains($0.workload) }
        guard !gates.isEmpty else { return 0 }
        var missed = 0
        print(row("nanoseconds", "small", "large", "ratio", "gate"))
        for gate in gates {
            let (small, large) = try gate.measure(samples: options.samples, &sum)
            let isMet = gate.isMet(small: small, large: large)
            if !isMet { missed += 1 }
            let sizes = gate.workload.sizes
            print(
                row(
                    "\(gate.workload.title), \(sizes.small) and \(sizes.large)", rounded(small), rounded(large),
                    rounded(large / small) + " x",
                    "<= " + rounded(gate.mostRatio) + " x" + (gate.mostNanoseconds.map { ", <= " + rounded($0) } ?? "")
                        + (isMet ? "  met" : "  MISSED")))
        }
        return missed
    }

    /// Times an exploration, and answers whether it is as fast as it must be.
    private static func explore(checksLaws: Bool) throws -> Bool {
        let workload = try ExplorationWorkload(checksLaws: checksLaws)
        var found = (states: 0, transitions: 0, bytes: 0)
        let time = processorTime { found = workload.go() }
        let speed = Double(found.states) / time * 1e9
        let gate: Double? = checksLaws ? nil : 500_000
        let isMet = gate.map { speed >= $0 } ?? true
        print(
            "exploration\(checksLaws ? " with laws" : ""): \(Int(speed)) unique states a second of \(found.states), "
                + "\(found.transitions) transitions, \(found.bytes / max(1, found.states)) bytes a state"
                + (gate.map { "; gate >= \(Int($0))  \(isMet ? "met" : "MISSED")" } ?? ""))
        return isMet
    }

    /// Times an exhaustive check that leaves out what commutes, and answers whether it ends as it must, in as few states and
    /// bytes. How many states there are is the same everywhere.
    private static func exploreReduced() throws -> Bool {
        let workload = try ExplorationWorkload(checksLaws: false)
        var found = (states: 0, transitions: 0, bytes: 0, outcomes: 0)
        let time = processorTime { found = workload.goReduced() }
        let bytes = found.bytes / max(1, found.states)
        let isMet = found.outcomes == 117 && found.states <= 5_700_000 && bytes <= 40
        print(
            "exhaustive check: \(rounded(time / 1e9)) s for \(found.outcomes) outcomes in \(found.states) states, "
                + "\(found.transitions) choices, \(bytes) bytes a state; gate 117 in <= 5700000, <= 40 bytes  "
                + (isMet ? "met" : "MISSED"))
        return isMet
    }

    /// Times one run.
    private static func measure(_ workload: Workload, _ sum: inout UInt64) throws -> Double {
        var run = try workload.prepare()
        var result: UInt64 = 0
        let time = processorTime { result = run.go() }
        try run.verify(result)
        sum &+= result
        return time / Double(run.count)
    }

    private static func verdict(of gate: Gate, _ nanoseconds: Double, _ ratio: Double?) -> (text: String, missed: Bool)
    {
        var rules: [String] = []
        var missed = false
        if let most = gate.nanoseconds {
            rules.append("<= " + rounded(most))
            if nanoseconds > most { missed = true }
        }
        if let least = gate.timesCheaper {
            rules.append(">= " + rounded(least) + " x")
            if let ratio, ratio < least { missed = true }
        }
        if rules.isEmpty { return ("-", false) }
        return (rules.joined(separator: ", ") + (missed ? "  MISSED" : "  met"), missed)
    }

    /// Below 100 with one decimal.
    private static func rounded(_ number: Double) -> String {
        number >= 100 ? String(Int(number.rounded())) : String((number * 10).rounded() / 10)
    }

    private static func row(_ title: String, _ columns: String...) -> String {
        var line = title + String(repeating: " ", count: max(1, 66 - title.count))
        for column in columns.dropLast() { line += String(repeating: " ", count: max(1, 10 - column.count)) + column }
        return line + "   " + (columns.last ?? "")
    }
}

/// The middle one of some numbers.
func median(_ numbers: [Double]) -> Double {
    let sorted = numbers.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
