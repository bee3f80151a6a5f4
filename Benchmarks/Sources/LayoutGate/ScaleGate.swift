import Workloads

/// How much more a unit may cost on a large machine than on a small one.
struct ScaleGate {
    let workload: ScaleWorkload
    /// The most that the cost may grow by.
    let mostRatio: Double
    /// The most nanoseconds that a unit may cost at either size; `nil` if only the ratio counts.
    var mostNanoseconds: Double?

    /// The gates, in the order in which they are printed.
    static let all = ScaleWorkload.allCases.map { workload in
        ScaleGate(
            workload: workload, mostRatio: workload == .runnableSwitch ? 2 : 3,
            mostNanoseconds: workload == .checkedStores ? 5_000 : nil)
    }

    /// Whether both costs are within the gate.
    func isMet(small: Double, large: Double) -> Bool {
        large <= small * mostRatio && max(small, large) <= mostNanoseconds ?? .infinity
    }

    /// Times both sizes in turn.
    ///
    /// - Returns: The medians of a unit, in nanoseconds.
    func measure(samples: Int, _ sum: inout UInt64) throws -> (small: Double, large: Double) {
        var times: ([Double], [Double]) = ([], [])
        for sample in 0...samples {
            let small = try Self.time(workload, workload.sizes.small, &sum)
            let large = try Self.time(workload, workload.sizes.large, &sum)
            guard sample > 0 || samples == 1 else { continue }  // the first run warms up
            times.0.append(small)
            times.1.append(large)
        }
        return (median(times.0), median(times.1))
    }

    private static func time(_ workload: ScaleWorkload, _ size: Int, _ sum: inout UInt64) throws -> Double {
        var run = try workload.prepare(size: size)
        var result: Int?
        let time = processorTime { result = run.go() }
        guard let result else { throw Unexpected(workload: workload, size: size) }
        sum &+= UInt64(result)
        return time / Double(run.count)
    }

    /// A run that did something else than it should have.
    struct Unexpected: Error, CustomStringConvertible {
        let workload: ScaleWorkload
        let size: Int

        var description: String { "\(workload.rawValue) of size \(size) did something else than it should have" }
    }
}
