import Testing

@testable import FaultCore

@Suite("Who waited for a lock and held it, from a trace", .timeLimit(.minutes(60)))
struct LockTimelineTests {
    private static let lock = LockName.mmap(MapID(0))

    private static func event(
        _ time: UInt64, _ task: Int, _ kind: TraceEvent.Kind, _ mode: LockMode = .read, _ name: LockName = lock
    ) -> TraceEvent {
        TraceEvent(time: time, task: TaskID(task), kind: kind, a: UInt64(name.rawValue), b: UInt64(mode.rawValue))
    }

    private static let other = LockName.inode(FileID(0))

    private static let trace: [TraceEvent] = [
        event(1, 0, .lockTaken, .write), event(1, 0, .lockTaken, .read, other), event(2, 1, .lockQueued),
        event(3, 2, .lockQueued, .write), event(4, 0, .lockDowngraded), event(4, 0, .lockTaken),
        event(4, 1, .lockTaken), event(4, 1, .woken), event(6, 2, .woken), event(7, 0, .lockReleased),
        event(8, 0, .lockReleased, .read, other), event(9, 1, .lockReleased), event(9, 0, .lockTaken),
    ]

    private func span(
        _ task: Int, _ state: LockTimeline.State, _ mode: LockMode, _ begin: UInt64, _ end: UInt64
    ) -> LockTimeline.Span {
        LockTimeline.Span(task: TaskID(task), state: state, mode: mode, begin: begin, end: end)
    }

    @Test("a wait ends with the lock, or with a wake-up without it; a downgrade ends one hold and begins another")
    func spans() {
        let timeline = LockTimeline(of: Self.lock, in: Self.trace, until: 20)
        #expect(
            timeline.spans == [
                span(0, .holds, .write, 1, 4), span(1, .waits, .read, 2, 4), span(2, .waits, .write, 3, 6),
                span(0, .holds, .read, 4, 7), span(1, .holds, .read, 4, 9), span(0, .holds, .read, 9, 20),
            ])
        #expect(timeline.tasks == [TaskID(0), TaskID(1), TaskID(2)])
        #expect(timeline.duration(.holds, of: TaskID(0)) == 17 && timeline.longest(.holds, of: TaskID(0)) == 11)
        #expect(timeline.duration(.waits, of: TaskID(2)) == 3 && timeline.longest(.waits, of: TaskID(0)) == 0)
    }

    @Test("what happens at the end of the time that is asked for is in it, and nothing later")
    func end() {
        let timeline = LockTimeline(of: Self.lock, in: Self.trace, until: 4)
        #expect(
            timeline.spans == [
                span(0, .holds, .write, 1, 4), span(1, .waits, .read, 2, 4), span(2, .waits, .write, 3, 4),
                span(0, .holds, .read, 4, 4), span(1, .holds, .read, 4, 4),
            ])
    }

    @Test("of durations the number, the sum and the longest are kept")
    func durations() {
        var statistics = DurationStatistics()
        for duration in [3, 9, 0, 4] as [UInt64] { statistics.record(duration) }
        statistics.recordInstants(2)
        #expect(statistics.count == 6 && statistics.total == 16 && statistics.maximum == 9)
    }
}
