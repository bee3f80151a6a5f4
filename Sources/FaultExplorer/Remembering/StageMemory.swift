import FaultCore

/// A memory of what stages and ends of requests do, so that a depth-first search knows where they lead without making them
/// again. The search finds the same, choice by choice, as if it had made every move.
///
/// A stage reads its own task, the objects that the task's frames name, and locations of the shared state. Its effect
/// depends on these alone. So if they are the same again, the key of the state that follows can be computed. If that state
/// is known, there is nothing to do there; if it is new, its moves follow from the effect, too, and no machine is made.
///
/// What a stage reads it declares (``Machine/reads(by:)``), and what the locations hold follows from what earlier moves
/// have written (``Machine/content(of:)``). A stage that writes anything without a content of its own is remembered by the
/// whole shared state instead.
///
/// A stage may look at other tasks, to wake one or to send it a signal (``Machine/tasksLookedAt``). What it finds there is not
/// in the shared state. If what it declares decides which tasks these are, as the queue of a lock does, they count among
/// what it has read. Otherwise it is not remembered. The end of a request looks at the tasks that sleep for it, and these
/// are in what its locations hold.
struct StageMemory: Sendable {
    /// How much is remembered.
    struct Extent: Sendable {
        /// Whether moves are remembered by what they read.
        var usesReads = false
        /// Whether the moves of the states that follow are known.
        var includesMoves = false
        /// Whether what stages read and write is known even if their effect is not.
        var includesMarks = false
        /// Whether tasks keep their numbers, so that the keys of the states that follow are known.
        var includesKeys = true
    }

    private let extent: Extent
    /// How many tasks there were at first.
    private let taskCount: Int
    private let startTime: UInt64
    /// Whether time has stood still so far. Then a request is done at a time that follows from what its stage depends on.
    private var timeStands = true
    private var effects: EffectMemory
    private var sets = ReadSets()
    private var locations: LocationTable
    /// The state in which the search is.
    private(set) var words = LocationWords()
    /// What the last move has changed.
    private var changedContents: [LocationWords.Content] = []
    private var changedTasks: [EffectMemory.ChangedTask] = []

    /// Makes an empty memory.
    ///
    /// - Parameters:
    ///   - most: The largest number of effects.
    ///   - start: The machine at the start.
    init(most: Int, from start: borrowing Machine, _ extent: Extent) {
        self.extent = extent
        effects = EffectMemory(most: most)
        let tasks = start.taskIndices
        taskCount = extent.usesReads && tasks.count <= LocationTable.mostTasks ? tasks.count : 0
        startTime = start.clock
        locations = LocationTable(tasks: 0..<taskCount)
    }

    /// Whether moves are remembered by what they read.
    var usesReads: Bool { taskCount > 0 }

    /// How many bytes it takes.
    var bytes: Int { effects.bytes + (usesReads ? sets.bytes : 0) }

    // MARK: What is known

    /// What stages depend on, beside the task itself, as one word: the shared state, and what tasks name. If it is known
    /// what they read and write, also the tasks that sleep, because a stage may wake them.
    private func surroundings(_ key: StateKey) -> UInt64 {
        var word = Mixing.mix(key.links, key.shared)
        guard extent.includesMarks else { return word }
        for task in words.tasks where task.activity == .sleeps { word = Mixing.mix(word, task.own) }
        return word
    }

    /// What the next stage of a task does; `nil` if that is not known.
    ///
    /// - Parameter key: The state.
    @inline(__always)
    func effect(ofStage task: Int, in key: StateKey) -> StageEffect? {
        let own = words.tasks[task].own
        if usesReads, let effect = effect(Reading(word: own, named: words.tasks[task].named)) {
            return isPlaced(effect) ? effect : effect.withoutMoves
        }
        guard let effect = effects.effect(Mixing.mix(own, surroundings(key))) else { return nil }
        guard effect.extent == .moves else { return effect }
        return Int(effect.locations) == locations.count && isPlaced(effect) ? effect : effect.withoutMoves
    }

    /// Whether the number is known of the request that it submits.
    private func isPlaced(_ effect: StageEffect) -> Bool { effect.request == 0 || timeStands }

    /// What the end of a request does; `nil` if that is not known.
    @inline(__always)
    func effect(ofRequest number: Int) -> StageEffect? {
        guard number < words.requests.count, words.requests[number].word != 0 else { return nil }
        return effect(Reading(word: words.requests[number].word))
    }

    @inline(__always)
    private func effect(_ reading: Reading) -> StageEffect? {
        sets.first(of: reading.word) { effect(reading, $0) }
    }

    @inline(__always)
    private func effect(_ reading: Reading, _ set: LocationSet) -> StageEffect? {
        guard let content = words.word(of: set), let effect = effects.effect(reading.before(content)) else {
            return nil
        }
        return effect.changedContents.count == 0 || !changesOtherLinks(effect) ? effect : nil
    }

    /// Whether an effect changes a location that is named by a task which the effect does not list as changed.
    private func changesOtherLinks(_ effect: StageEffect) -> Bool {
        var changed = LocationSet()
        for place in effect.changedTasks.indices { changed.insert(effects.tasks[place].task) }
        var others = LocationSet()
        for task in words.tasks.indices where task >= taskCount || !changed.contains(task) {
            others.formUnion(words.tasks[task].linked)
        }
        if others == LocationSet() { return false }
        return effect.changedContents.indices.contains {
            effects.contents[$0].hasNewName && others.contains(effects.contents[$0].location)
        }
    }

    // MARK: Making a move

    /// What a move that is about to be made depends on.
    struct Reading {
        /// The move: a task's own state, or a request; and what the task names.
        var word: UInt64 = 0
        var named: UInt64 = 0
        /// The locations that it reads.
        fileprivate var set = LocationSet()
        /// Whether it is known what they hold.
        fileprivate var isCovered = false

        fileprivate init(word: UInt64 = 0, named: UInt64 = 0) {
            self.word = word
            self.named = named
        }

        /// All that it depends on, as one word.
        fileprivate func before(_ content: UInt64) -> UInt64 { Mixing.mix(Mixing.mix(word, named), content) }
    }

    /// Notes what a move will find.
    ///
    /// - Parameter reads: What it declares to read.
    mutating func look(_ move: Move, _ reads: Footprint, in machine: borrowing Machine) -> Reading {
        var reading = Reading()
        switch move {
        case .step(let task):
            reading = Reading(word: words.tasks[task.index].own, named: words.tasks[task.index].named)
        case .finish(let number):
            guard usesReads, words.requests[number].word != 0 else { return reading }
            reading = Reading(word: words.requests[number].word)
        default: return reading
        }
        // The numbers of later tasks are those of other locations.
        guard usesReads, !reads.isEverything, machine.taskIndices.count == taskCount else { return reading }
        // Whether there are userfaultfds matters to any stage.
        for location in [.world] + reads.locations {
            if case .step(let task) = move, case .task(task) = location { continue }
            guard let number = number(of: location, in: machine) else { return reading }
            reading.set.insert(number)
        }
        reading.isCovered = true
        return reading
    }

    /// The number of a location whose content is known then; `nil` if it can't be known.
    private mutating func number(of location: StateLocation, in machine: borrowing Machine) -> Int? {
        if let number = locations.known(location), words.contents[number] != 0 { return number }
        guard let word = machine.content(of: location), let number = locations.number(of: location) else { return nil }
        words.set(content(number, word, machine.name(of: location)))
        return number
    }

    private func content(_ number: Int, _ word: UInt64, _ name: UInt64?) -> LocationWords.Content {
        let name = name ?? word
        return LocationWords.Content(
            word: Mixing.mix(UInt64(truncatingIfNeeded: number), word) | 1, name: name,
            hasNewName: words.names[number] != name, location: number)
    }

    /// Notes what a move has written, and what the tasks are then.
    ///
    /// - Parameters:
    ///   - own: The tasks' own states.
    ///   - links: By how much ``StateKey/links`` has changed.
    ///   - order: The order of trials, which gives the next choice of each task a number.
    mutating func note(
        _ writes: Footprint, _ own: [UInt64], links: UInt64, in machine: borrowing Machine,
        _ order: inout some ChoiceOrder
    ) {
        if machine.clock != startTime { timeStands = false }
        changedTasks.removeAll(keepingCapacity: true)
        changedContents.removeAll(keepingCapacity: true)
        var newNames = LocationSet()
        for number in taskCount..<max(taskCount, locations.count) {
            let location = locations[number]
            guard writes.locations.contains(where: { $0.overlaps(location) }) else { continue }
            var content = LocationWords.Content(word: 0, name: 0, location: number)
            if let word = machine.content(of: location) {
                content = self.content(number, word, machine.name(of: location))
            }
            changedContents.append(content)
            if content.hasNewName { newNames.insert(number) }
        }
        var left = links
        for task in own.indices where task >= words.tasks.count || own[task] != words.tasks[task].own {
            note(task, own[task], &left, machine, &order)
        }
        guard usesReads else { return }
        // If these tasks do not account for the whole change of the sum, the links of other tasks have changed, too.
        let changesOthers = left != 0
        for task in own.indices where task < words.tasks.count && own[task] == words.tasks[task].own {
            if changesOthers || words.tasks[task].linked.meets(newNames) {
                note(task, own[task], &left, machine, &order)
            }
        }
    }

    /// Notes the state of a task, if it has changed. Subtracts the change of its link from `left`, the part of the change
    /// of the sum that is not accounted for yet.
    private mutating func note(
        _ task: Int, _ own: UInt64, _ left: inout UInt64, _ machine: borrowing Machine,
        _ order: inout some ChoiceOrder
    ) {
        let old = task < words.tasks.count ? words.tasks[task] : TaskWords()
        var new = TaskWords(own: own)
        new.activity = machine.isRunnable(task) ? .runs : machine.isSleeping(TaskID(task)) ? .sleeps : .neither
        new.orderKey = order.key(of: TaskID(task), in: machine)
        if usesReads {
            new.link = machine.linkWord(of: task)
            new.batch = machine.batchWord(of: task)
            for location in machine.linkedLocations(of: task) { link(location, to: &new) }
            let staleness = machine.staleness(of: task)
            new.tellsStaleness = staleness.isKnown
            // Until now it made no difference whether the area of its fault is stale.
            new.dependsOnMore = staleness.isKnown && staleness.hasArea && !old.tellsStaleness
        }
        left = left &- new.link &+ old.link
        if new != old || task >= words.tasks.count {
            changedTasks.append(EffectMemory.ChangedTask(words: new, task: task))
        }
    }

    private mutating func link(_ location: StateLocation, to task: inout TaskWords) {
        // A page that is in no cache is written only by stages that are remembered by the whole state.
        if case .page = location {
            task.namesOthers = true
        } else if let number = locations.number(of: location) {
            task.linked.insert(number)
        } else {
            task.linked = .all
            task.namesOthers = true
        }
    }

    /// Stores those effects of a move that will be the same whenever it is made from the same contents.
    ///
    /// - Parameters:
    ///   - mark: What it reads and writes, as a number.
    ///   - before: The key of the state in which it was made.
    ///   - after: The key of the state that it has led to.
    ///   - own: The tasks' own states there.
    ///   - requests: The requests that were under way before.
    ///   - reading: What it depended on.
    ///   - writes: What it has written.
    mutating func keep(
        _ move: Move, mark: UInt32 = 0, from before: StateKey, to after: StateKey, _ own: [UInt64],
        _ requests: [IORequest], in machine: borrowing Machine, _ reading: Reading, _ writes: Footprint
    ) {
        var effect = StageEffect(mark: mark, from: before, to: after)
        var requests = requests
        var isAlone = false
        var looked = TasksLookedAt()
        var isKnown = extent.includesKeys
        switch move {
        case .step(let task):
            isAlone = effect.tasks == own[task.index] &- words.tasks[task.index].own
            looked = machine.tasksLookedAt
            if looked.isEveryTask { isKnown = false }
        case .finish(let number):
            guard usesReads else { return }
            requests.remove(at: number)
        default: return
        }
        if changedTasks.contains(where: { $0.words.dependsOnMore }) { isKnown = false }
        if isKnown { effect.extent = .key }
        if isKnown, extent.includesMoves {
            if machine.hasOnly(requests) {
                effect.extent = .moves
            } else if timeStands, let request = machine.onlyNewRequest(beside: requests),
                let number = effects.number(of: request)
            {
                (effect.request, effect.extent) = (number, .moves)
            }
        }
        if isKnown, reading.isCovered, keep(effect, of: move, reading, looked, writes) { return }
        guard case .step = move else { return }
        if !isAlone || !looked.isEmpty { effect.extent = .mark }
        // Equal sums do not mean that the words of all other tasks are equal.
        if changesOthers(move), effect.extent == .moves { effect = effect.withoutMoves }
        guard effect.extent != .mark || extent.includesMarks else { return }
        effect.locations = UInt8(locations.count)
        let isWhole = effect.extent == .moves
        effects.keep(
            effect, Mixing.mix(reading.word, surroundings(before)), isWhole ? changedContents : [],
            isWhole ? changedTasks : [])
    }

    /// Whether the last move has changed another task than its own.
    private func changesOthers(_ move: Move) -> Bool { changedTasks.contains { .step(TaskID($0.task)) != move } }

    /// Stores an effect by what the move has read, if it depended on nothing else. Returns whether that was possible.
    private mutating func keep(
        _ effect: StageEffect, of move: Move, _ reading: Reading, _ looked: TasksLookedAt, _ writes: Footprint
    ) -> Bool {
        guard isCovered(writes, by: reading) else { return false }
        var reading = reading
        // The links of a task after the move depend on the locations that the task names then.
        for task in changedTasks where task.task >= taskCount || task.words.named != words.tasks[task.task].named {
            if task.words.namesOthers { return false }
            reading.set.formUnion(task.words.linked)
        }
        if changesOthers(move) {
            for task in changedTasks { reading.set.insert(task.task) }
        }
        guard looked.numbers >> UInt64(taskCount) == 0 else { return false }
        for task in 0..<taskCount where looked.numbers >> UInt64(task) & 1 == 1 { reading.set.insert(task) }
        guard let set = sets.add(reading.set, for: reading.word), let content = words.word(of: set) else {
            return false
        }
        effects.keep(effect, reading.before(content), changedContents, changedTasks)
        return true
    }

    /// Whether a move writes only locations that it reads, each with a summand of its own in the key.
    private func isCovered(_ writes: Footprint, by reading: Reading) -> Bool {
        writes.locations.allSatisfy { location in
            switch location {
            case .task: true
            case .lock, .areaLocks, .users, .entry, .cachedPage, .file, .filePins, .device, .submission:
                locations.known(location).map { reading.set.contains($0) } ?? false
            case .areas, .entries, .cache, .page, .uncachedPages, .pins, .swap, .memory, .dirtyPages, .channel,
                .userfault, .world:
                false
            }
        }
    }

    // MARK: Levels

    /// Goes to the state that the last move has led to.
    mutating func enter(made machine: borrowing Machine) {
        words.enterLevel()
        for content in changedContents { words.set(content) }
        for task in changedTasks { words.set(task.task, task.words, countsAsLocation: task.task < taskCount) }
        if extent.includesMoves { words.setRequests(machine.requestWords) }
    }

    /// Goes to the state that a remembered move leads to.
    mutating func enter(after effect: StageEffect, _ move: Move) {
        words.enterLevel()
        for place in effect.changedContents.indices { words.set(effects.contents[place]) }
        for place in effect.changedTasks.indices {
            let task = effects.tasks[place]
            words.set(task.task, task.words, countsAsLocation: task.task < taskCount)
        }
        if case .finish(let number) = move { words.removeRequest(number) }
        if effect.request != 0 { words.insert(submitted: effects.requests[Int(effect.request)]) }
    }

    /// Goes back to the state before.
    mutating func leave() { words.leaveLevel() }
}
