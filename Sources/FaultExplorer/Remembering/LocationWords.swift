import FaultCore

/// The contents of the state that a depth-first search has reached, as a word for each location and each task. When the
/// search goes back to an earlier state, so do these words.
struct LocationWords: Sendable {
    /// What each location holds, by its number in a ``LocationTable``; 0 if that is not known.
    private(set) var contents = [UInt64](repeating: 0, count: LocationTable.most)
    /// For each location, the part of its content on which tasks depend that name the location and do not read it.
    private(set) var names = [UInt64](repeating: 0, count: LocationTable.most)
    /// The tasks.
    private(set) var tasks: [TaskWords] = []
    /// The requests that are under way, by number.
    private(set) var requests: [RequestWords] = []

    /// What a location holds.
    struct Content: BitwiseCopyable, Sendable {
        var word: UInt64
        /// The part on which tasks depend that name the location and do not read it, and whether this part has changed.
        var name: UInt64
        var hasNewName = true
        var location: Int
    }
    private struct OldTask: BitwiseCopyable, Sendable {
        var words: TaskWords
        var task: Int
    }
    private struct Level: BitwiseCopyable, Sendable {
        var contents: Int
        var tasks: Int
        var requests: Int
    }
    /// What is needed to go back: the old contents and tasks, and how many there were when each level began.
    private var oldContents: [Content] = []
    private var oldTasks: [OldTask] = []
    private var oldRequests: [[RequestWords]] = []
    private var levels: [Level] = []

    /// Sets what a location holds in this state.
    mutating func set(_ content: Content) {
        let place = content.location
        oldContents.append(Content(word: contents[place], name: names[place], location: place))
        contents[place] = content.word
        names[place] = content.name
    }

    /// Sets what a task is in this state.
    mutating func set(_ task: Int, _ words: TaskWords, countsAsLocation: Bool) {
        while tasks.count <= task { tasks.append(TaskWords()) }
        guard tasks[task] != words else { return }
        oldTasks.append(OldTask(words: tasks[task], task: task))
        tasks[task] = words
        if countsAsLocation { set(Content(word: Mixing.mix(words.own, words.named) | 1, name: 0, location: task)) }
    }

    /// Sets the requests that are under way in this state.
    mutating func setRequests(_ words: [RequestWords]) {
        guard words != requests else { return }
        oldRequests.append(requests)
        requests = words
    }

    /// Removes a request from those that are under way.
    mutating func removeRequest(_ number: Int) {
        oldRequests.append(requests)
        requests.remove(at: number)
    }

    /// Adds a request that has just been submitted.
    mutating func insert(submitted request: RequestWords) {
        oldRequests.append(requests)
        requests.insert(submitted: request)
    }

    /// The contents of some locations, as one word; `nil` if one of them is not known.
    @inline(__always)
    func word(of set: LocationSet) -> UInt64? {
        var sum: UInt64 = 0
        var left = set.low
        while left != 0 {
            let word = contents[left.trailingZeroBitCount]
            if word == 0 { return nil }
            sum &+= word
            left &= left - 1
        }
        left = set.high
        while left != 0 {
            let word = contents[64 + left.trailingZeroBitCount]
            if word == 0 { return nil }
            sum &+= word
            left &= left - 1
        }
        return sum
    }

    /// Begins a level: a state after the last one.
    mutating func enterLevel() {
        levels.append(Level(contents: oldContents.count, tasks: oldTasks.count, requests: oldRequests.count))
    }

    /// Goes back to the state of the level before.
    mutating func leaveLevel() {
        let level = levels.removeLast()
        while oldContents.count > level.contents {
            let old = oldContents.removeLast()
            contents[old.location] = old.word
            names[old.location] = old.name
        }
        while oldTasks.count > level.tasks {
            let old = oldTasks.removeLast()
            tasks[old.task] = old.words
        }
        while oldRequests.count > level.requests { requests = oldRequests.removeLast() }
    }
}
