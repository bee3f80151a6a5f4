/// The index of sleepers, which machines with many tasks have.
extension Machine {
    /// The number of tasks from which an index costs less than looking at all tasks.
    static var fewestIndexedTasks: Int { 64 }

    /// Whether sleepers are indexed.
    @inline(__always)
    var indexesSleepers: Bool { tasks.count >= Self.fewestIndexedTasks }

    /// Notes that a task has fallen asleep.
    @inline(never)
    mutating func noteInIndex(_ task: TaskID, _ wait: TaskWait) {
        guard scheduler.sleepers == nil else { return scheduler.sleepers!.value.insert(task, wait) }
        scheduler.sleepers = Shared(countedSleepers)
    }

    /// The index as computed from the tasks.
    private var countedSleepers: SleeperIndex {
        var index = SleeperIndex()
        let sleepers = tasks.filter { $0.status == .sleeping }.sorted { $0.sleepOrder < $1.sleepOrder }
        for sleeper in sleepers { index.insert(sleeper.id, sleeper.wait) }
        return index
    }

    /// Does what ``wakeWaiters(on:_:)`` does, using the index.
    @inline(never)
    mutating func wakeIndexedWaiters(on folio: FrameNumber, _ kind: TaskWait.Kind) {
        while let task = scheduler.sleepers!.value.first(for: .folio(folio, kind)) {
            let wantsLock = tasks[task.index].wait.isForFolioLock
            wake(task)
            if wantsLock { break }
        }
        let sleepers = scheduler.sleepers!.value
        guard sleepers.first(for: .folio(folio, .folio)) == nil,
            sleepers.first(for: .folio(folio, .writeback)) == nil
        else { return }
        setFlags(of: folio, removing: .waiters)
    }

    /// What is wrong with the index of sleepers; `nil` if nothing is, or if there is no index.
    var problemOfSleeperIndex: String? {
        guard let index = scheduler.sleepers?.value else { return nil }
        let sleepers = tasks.filter { $0.status == .sleeping }.sorted { $0.sleepOrder < $1.sleepOrder }
        var known = 0
        for sleeper in sleepers {
            guard let cause = SleepCause(of: sleeper.wait) else { continue }
            known += 1
            if index.first(for: cause) == sleeper.id {
                let all = sleepers.filter { cause.isOf($0.wait) }.map(\.id)
                if index.sleepers(for: cause) != all { return "the index of sleepers does not list just \(all)" }
            } else if !index.contains(sleeper.id) {
                return "the index of sleepers does not list \(sleeper.id)"
            }
        }
        if index.count != known { return "the index of sleepers lists \(index.count) tasks instead of \(known)" }
        let times = sleepers.filter(\.wait.isTimed).map(\.wait.value)
        if index.timerCount != times.count || index.nextTime != times.min() {
            return "the \(index.timerCount) timers of the index of sleepers are not those of \(times.count) tasks"
        }
        return nil
    }
}
