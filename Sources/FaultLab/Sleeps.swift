import FaultSimulator

/// The sleeps that a world has recorded, by task.
struct Sleeps {
    /// The sleeps of each task, in the order in which they began; they don't overlap.
    private var spans: [[WaitSpan]]
    private let now: UInt64

    /// The sleeps since ``Machine/recordsWaits`` was set.
    init(of world: World) {
        now = world.clock
        spans = Array(repeating: [], count: world.machine.taskCount)
        for span in world.machine.waits { spans[span.task.index].append(span) }
    }

    /// The sleeps of `tasks` for a lock.
    func waiting(_ tasks: [TaskID], for lock: LockName) -> Waiting {
        waiting(tasks) { cause in
            if case .lock(lock, _) = cause { true } else { false }
        }
    }

    /// The sleeps of `tasks` for matching causes.
    func waiting(_ tasks: [TaskID], _ isMeant: (WaitCause) -> Bool) -> Waiting {
        var sum = Waiting()
        for task in tasks {
            for span in spans[task.index] where isMeant(span.cause) {
                let duration = span.duration(now: now)
                sum.times += 1
                sum.total += duration
                sum.longest = max(sum.longest, duration)
                sum.behindIO += ioTime(of: span.link.behind, from: span.begin, to: span.end ?? now, depth: 0)
            }
        }
        return sum
    }

    /// The longest time from `begin` to `end` for which one of `tasks` slept for I/O, or behind a task that did.
    private func ioTime(of tasks: [TaskID], from begin: UInt64, to end: UInt64, depth: Int) -> UInt64 {
        guard depth < 4 else { return 0 }
        return tasks.map { task in
            let all = spans[task.index]
            var sum: UInt64 = 0
            for span in all[Self.firstEnding(after: begin, in: all)...] {
                let (from, to) = (max(begin, span.begin), min(end, span.end ?? now))
                guard from < to else { break }
                switch span.cause {
                case .io, .request, .submission: sum += to - from
                case .lock, .areaLock, .pageLock:
                    sum += ioTime(of: span.link.behind, from: from, to: to, depth: depth + 1)
                default: break
                }
            }
            return sum
        }
        .max() ?? 0
    }

    /// The index of the first of `spans` that ended after `time`.
    private static func firstEnding(after time: UInt64, in spans: [WaitSpan]) -> Int {
        var (low, high) = (0, spans.count)
        while low < high {
            let middle = (low + high) / 2
            if spans[middle].end ?? UInt64.max <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
