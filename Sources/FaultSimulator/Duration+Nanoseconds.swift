/// Virtual time as a `Duration`; the machine itself counts nanoseconds.
extension Duration {
    /// The duration in nanoseconds, rounded down.
    ///
    /// - Precondition: It is not negative, and not longer than 2^64 nanoseconds (584 years).
    package var virtualNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else {
            misuse("Duration: \(self) is negative; virtual time only increases")
        }
        let (whole, overflows) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, sumOverflows) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        guard !overflows, !sumOverflows else { misuse("Duration: \(self) is more than 2^64 nanoseconds") }
        return sum
    }
}

extension TaskOperation {
    /// Sleeps for `duration`: see ``sleep(nanoseconds:)``.
    ///
    /// - Precondition: `duration` is not negative.
    public static func sleep(_ duration: Duration) -> Self { .sleep(nanoseconds: duration.virtualNanoseconds) }

    /// Keeps the processor busy for `duration`: see ``compute(nanoseconds:)``.
    ///
    /// - Precondition: `duration` is not negative.
    public static func compute(_ duration: Duration) -> Self { .compute(nanoseconds: duration.virtualNanoseconds) }
}

extension World.DiskSpeed {
    /// Every request takes `duration`: see ``latency(nanoseconds:)``.
    ///
    /// - Precondition: `duration` is not negative.
    public static func latency(_ duration: Duration) -> Self { .latency(nanoseconds: duration.virtualNanoseconds) }
}

extension CostModel {
    /// Sets costs as durations; those that are left out are zero.
    ///
    /// - Parameters:
    ///   - exception: See `exceptionNanoseconds`.
    ///   - faultStage: See `faultStageNanoseconds`.
    ///   - pageCopy: See `pageCopyNanoseconds`.
    ///   - systemCallStage: See `systemCallStageNanoseconds`.
    ///   - touch: See `touchNanoseconds`.
    /// - Precondition: No cost is negative, or longer than 2^64 nanoseconds.
    public init(
        exception: Duration = .zero, faultStage: Duration = .zero, pageCopy: Duration = .zero,
        systemCallStage: Duration = .zero, touch: Duration = .zero
    ) {
        self.init()
        exceptionNanoseconds = exception.virtualNanoseconds
        faultStageNanoseconds = faultStage.virtualNanoseconds
        pageCopyNanoseconds = pageCopy.virtualNanoseconds
        systemCallStageNanoseconds = systemCallStage.virtualNanoseconds
        touchNanoseconds = touch.virtualNanoseconds
    }
}

extension World {
    /// The virtual time since the world was made: ``clock`` as a duration.
    public var elapsed: Duration {
        let (seconds, rest) = clock.quotientAndRemainder(dividingBy: 1_000_000_000)
        return .seconds(Int64(seconds)) + .nanoseconds(Int64(rest))
    }
}
