import Benchmark
import Workloads

/// One benchmark for each workload, with the time of one fault, pair or copy as a number of its own.
let benchmarks: @Sendable () -> Void = {
    for workload in Workload.allCases {
        let perOne = BenchmarkMetric.custom("ns per operation", polarity: .prefersSmaller, useScalingFactor: false)
        let configuration = Benchmark.Configuration(
            metrics: [.wallClock, .peakMemoryResident, perOne], warmupIterations: 2, maxDuration: .seconds(3),
            maxIterations: 100)
        Benchmark(workload.title, configuration: configuration) { benchmark in
            var run = try workload.prepare()
            let clock = ContinuousClock()
            benchmark.startMeasurement()
            let start = clock.now
            let result = run.go()
            let time = clock.now - start
            benchmark.stopMeasurement()
            try run.verify(result)
            blackHole(result)
            let (seconds, attoseconds) = time.components
            let nanoseconds = Double(seconds) * 1e9 + Double(attoseconds) / 1e9
            benchmark.measurement(perOne, Int((nanoseconds / Double(run.count)).rounded()))
        }
    }
}
