import Workloads

/// How much more a unit may cost on a large machine than on a small one.
struct ScaleGate {
    let workload: ScaleWorkload
    /// The most that the cost may grow by.
    let mostRatio: Double
    /// The most nanoseconds that a unit may cost at either size; `nil` if only the ratio counts.
    let mostNanoseconds: Double?
    /// The host's operation that it is compared with, and must not be dearer than.
    let host: HostOperation?

    init(_ workload: ScaleWorkload) {
        self.workload = workload
        mostRatio =
            switch workload {
            case .runnableSwitch: 2
            case .faultsBesideAreas, .mapsBesideAreas: 1.5
            default: 3
            }
        mostNanoseconds =
            switch workload {
            case .checkedStores: 5_000
            case .mapsBesideAreas: 300
            case .copies: 2_000
            case .pressureOnMemory, .pressureOnFile: 200
            default: nil
            }
        host =
            switch workload {
            case .mincore: .mincore
            case .moves: .mremap
            default: nil
            }
    }

    /// The gates, in the order in which they are printed.
    static let all = ScaleWorkload.allCases.map(Self.init)

    /// Times both sizes in turn, or one of them.
    ///
    /// - Returns: The medians of a unit, in nanoseconds.
    func measure(_ options: Options, _ sum: inout UInt64) throws -> Row {
        var times: [ScaleEnd: [Double]] = [:]
        var hostTimes: [Double] = []
        let samples = workload.isLong ? min(3, options.samples) : options.samples
        let ends = options.end.map { [$0] } ?? [.small, .large]
        for sample in 0...samples {
            for end in ends {
                let size = end == .small ? workload.sizes.small : workload.sizes.large
                let time = try Self.time(workload, size, &sum)
                if sample > 0 { times[end, default: []].append(time) }  // the first run warms up
            }
            guard options.measuresHost, sample > 0, let time = host?.nanoseconds() else { continue }
            hostTimes.append(time)
        }
        return Row(
            title: workload.title, small: median(times[ends[0]] ?? []),
            large: ends.count == 2 ? median(times[.large] ?? []) : nil, sizes: workload.sizes,
            real: hostTimes.isEmpty ? nil : median(hostTimes), goal: mostNanoseconds, mostRatio: mostRatio,
            timesCheaper: host == nil ? nil : 1)
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

/// One of the two sizes.
enum ScaleEnd: String {
    case small
    case large
}
