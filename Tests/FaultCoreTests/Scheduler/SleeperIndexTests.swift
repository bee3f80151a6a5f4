import Testing

@testable import FaultCore

@Suite("The index of sleepers", .timeLimit(.minutes(60)))
struct SleeperIndexTests {
    /// Random sleeps and ends of sleeps, and a list of all sleepers that is looked through.
    @Test("has the tasks that sleep, what they sleep for, and until when", arguments: 1...20 as ClosedRange<UInt64>)
    func isWhatAListWouldBe(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let most = 1 + random.below(80)
        var index = SleeperIndex()
        var model: [(task: TaskID, wait: TaskWait)] = []
        for _ in 0..<2_000 {
            let task = TaskID(random.below(most))
            if let place = model.firstIndex(where: { $0.task == task }) {
                index.remove(task, model[place].wait)
                model.remove(at: place)
            } else {
                let wait = Self.wait(&random)
                index.insert(task, wait)
                model.append((task, wait))
            }
            let cause = SleepCause(of: Self.wait(&random))
            if let cause {
                let meant = model.filter { cause.isOf($0.wait) }.map(\.task)
                #expect(index.sleepers(for: cause) == meant)
                #expect(index.first(for: cause) == meant.first)
            }
            let timed = model.filter(\.wait.isTimed)
            #expect(index.timerCount == timed.count)
            #expect(index.nextTime == timed.map(\.wait.value).min())
            let now = UInt64(random.below(40))
            let due = timed.filter { $0.wait.value <= now }.map(\.task.index)
            #expect(index.due(at: now).map(\.index).sorted() == due.sorted())
            #expect(index.count == model.count { SleepCause(of: $0.wait) != nil })
        }
    }

    private static func wait(_ random: inout SplitMix64) -> TaskWait {
        let number = UInt64(random.below(4))
        switch random.below(11) {
        case 0: return .folioUnlock(FrameNumber(1 + random.below(4)))
        case 1: return .folioLock(FrameNumber(1 + random.below(4)))
        case 2: return .folioWriteback(FrameNumber(1 + random.below(4)))
        case 3: return .request(RequestID(rawValue: number))
        case 4: return .channel(number)
        case 5: return .time(UInt64(random.below(50)))
        case 6:
            let slot = FrameNumber(1 + random.below(4))
            return TaskWait(.timer, .uninterruptible, frame: slot, value: UInt64(random.below(50)))
        case 7: return TaskWait(.dirtyThrottle, .killable, value: UInt64(random.below(50)))
        case 8: return TaskWait(.memory, .uninterruptible)
        case 9: return TaskWait(.areaReaders, .uninterruptible, value: number)
        default: return TaskWait(.lock, .killable, value: number)
        }
    }
}
