import Workloads

/// What a workload may cost.
struct Gate {
    let workload: Workload
    /// The most nanoseconds that one may take; `nil` if it is only reported.
    var nanoseconds: Double?
    /// How many times cheaper than the host's own operation it must be at least.
    var timesCheaper: Double?
    /// The host's operation that it is compared with.
    var host: HostOperation?

    /// The gates, in the order in which they are printed.
    static let all = [
        Gate(workload: .ascendingFaults, nanoseconds: 50, timesCheaper: 30, host: .anonymousFault),
        Gate(workload: .scatteredFaults, nanoseconds: 80, timesCheaper: 15, host: .anonymousFault),
        Gate(workload: .scatteredHits),
        Gate(workload: .cachedFileFaults, nanoseconds: 120, host: .cachedFileFault),
        Gate(workload: .mapAndUnmap, nanoseconds: 150, host: .mapAndUnmap),
        Gate(workload: .forkAndWrite, nanoseconds: 2_000),
        Gate(workload: .hits),
        Gate(workload: .coldReads, nanoseconds: 700),
        Gate(workload: .stagedFaults, nanoseconds: 200, host: .anonymousFault),
        Gate(workload: .watchedFaults, nanoseconds: 300, host: .anonymousFault),
        Gate(workload: .tracedEvents, nanoseconds: 50),
    ]
}
