/// Which tasks sleep for what and until when, so that waking them does not mean looking at all tasks.
///
/// Follows from the tasks. Only machines with many tasks have one; see ``Machine/indexesSleepers``.
struct SleeperIndex: Sendable {
    private struct Timer: BitwiseCopyable {
        var time: UInt64
        var task: Int32
    }

    private static var nowhere: Int32 { -1 }

    private var links = TaskLinks()
    /// The tasks that are woken together, in the order of falling asleep. Only looked up, never iterated.
    private var lists: [SleepCause: TaskLinks.Ends] = [:]
    /// How many tasks are in a list.
    private(set) var count = 0
    /// A heap: the earliest is first.
    private var timers: [Timer] = []
    /// The place of each task in the heap.
    private var places: [Int32] = []

    /// An empty index.
    init() {}

    /// Notes that a task has fallen asleep, later than all tasks in the index.
    mutating func insert(_ task: TaskID, _ wait: TaskWait) {
        if let cause = SleepCause(of: wait) {
            links.append(task, to: &lists[cause, default: TaskLinks.Ends()])
            count += 1
        }
        guard wait.isTimed else { return }
        while places.count <= task.index { places.append(Self.nowhere) }
        timers.append(Timer(time: wait.value, task: Int32(task.index)))
        rise(from: timers.count - 1)
    }

    /// Notes that a task no longer sleeps.
    mutating func remove(_ task: TaskID, _ wait: TaskWait) {
        if let cause = SleepCause(of: wait), var list = lists[cause] {
            links.remove(task, from: &list)
            lists[cause] = list.isEmpty ? nil : list
            count -= 1
        }
        guard wait.isTimed else { return }
        let place = Int(places[task.index])
        places[task.index] = Self.nowhere
        let moved = timers.removeLast()
        guard place < timers.count else { return }
        timers[place] = moved
        rise(from: place)
        sink(from: Int(places[Int(moved.task)]))
    }

    /// Whether a task is in a list.
    func contains(_ task: TaskID) -> Bool { links.contains(task) }

    /// The first task that fell asleep for this cause.
    func first(for cause: SleepCause) -> TaskID? { lists[cause]?.head }

    /// All tasks that sleep for this cause, in the order of falling asleep.
    func sleepers(for cause: SleepCause) -> [TaskID] {
        var sleepers: [TaskID] = []
        var next = first(for: cause)
        while let task = next {
            sleepers.append(task)
            next = links.next(after: task)
        }
        return sleepers
    }

    /// The earliest time that a task sleeps until.
    var nextTime: UInt64? { timers.first?.time }

    /// All tasks whose time has come, in no particular order.
    func due(at now: UInt64) -> [TaskID] {
        var found: [TaskID] = []
        var open = timers.isEmpty ? [] : [0]
        while let place = open.popLast() {
            guard timers[place].time <= now else { continue }
            found.append(TaskID(Int(timers[place].task)))
            for child in 2 * place + 1...2 * place + 2 where child < timers.count { open.append(child) }
        }
        return found
    }

    /// How many tasks sleep until a time.
    var timerCount: Int { timers.count }

    private mutating func rise(from start: Int) {
        var place = start
        let timer = timers[place]
        while place > 0 {
            let parent = (place - 1) / 2
            guard timer.time < timers[parent].time else { break }
            put(timers[parent], at: place)
            place = parent
        }
        put(timer, at: place)
    }

    private mutating func sink(from start: Int) {
        var place = start
        let timer = timers[place]
        while true {
            var child = 2 * place + 1
            guard child < timers.count else { break }
            if child + 1 < timers.count, timers[child + 1].time < timers[child].time { child += 1 }
            guard timers[child].time < timer.time else { break }
            put(timers[child], at: place)
            place = child
        }
        put(timer, at: place)
    }

    private mutating func put(_ timer: Timer, at place: Int) {
        timers[place] = timer
        places[Int(timer.task)] = Int32(place)
    }
}
