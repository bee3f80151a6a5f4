@testable import FaultCore
import FaultSimulator

/// One stage of a task from one state: what it declares, what it has written, and where it leads.
struct StageRecord {
    let task: TaskID
    let name: String
    let before: Machine
    private(set) var after: Machine
    private(set) var reads: Footprint
    private(set) var writes: Footprint

    /// Does the stage. The machine must note writes.
    init(of task: TaskID, in machine: Machine) {
        self.task = task
        name = machine.backtrace(of: task).last.map(\.description) ?? "nothing"
        before = machine
        reads = machine.reads(by: task)
        after = machine
        _ = after.takeWrites()
        _ = after.step(task)
        writes = Self.withoutNew(after.takeWrites(), machine)
    }

    /// The writes without those to objects that no other stage could see before: new pages and tasks, and pages that the
    /// stage itself has removed from their cache.
    static func withoutNew(_ writes: Footprint, _ machine: Machine) -> Footprint {
        Footprint(
            writes.locations.filter {
                switch $0 {
                case .page(let folio):
                    folio.index < Int(machine.frames.count) && machine.frames[folio].flags.contains(.inUse)
                        && machine.location(of: folio) == $0
                case .task(let task): task.index < machine.taskCount
                default: true
                }
            })
    }

    /// The same, as if no stage had declared parts of a kind, or no setter had noted them.
    func blinded(to blindness: Blindness) -> StageRecord {
        var record = self
        func isSeen(_ location: StateLocation) -> Bool { !blindness.kinds.contains(location.kind) }
        if blindness.ofReads { record.reads = Footprint(reads.locations.filter(isSeen)) }
        if blindness.ofWrites { record.writes = Footprint(writes.locations.filter(isSeen)) }
        return record
    }

    /// Whether neither touches what the other does.
    func isIndependent(of other: StageRecord) -> Bool {
        !writes.overlaps(other.reads) && !writes.overlaps(other.writes) && !other.writes.overlaps(reads)
    }

    /// What has changed and was not noted.
    var changesUnnoted: [StateLocation] {
        let changed = ChangedParts(from: before, to: after, by: task)
        let tables = changed.newTables.filter { table in
            !writes.contains(.entries(table.map))
                && !writes.locations.contains {
                    if case .entry(table.map, let page) = $0 { table.pages.contains(page) } else { false }
                }
        }
        return changed.locations.filter { !writes.contains($0) } + tables.map { .entries($0.map) }
    }

    /// What it has written and not declared.
    var writesUndeclared: [StateLocation] {
        writes.locations.filter { !reads.contains($0) }
    }

    /// The task's own state, as a word.
    static func ownWord(of task: TaskID, in machine: Machine) -> UInt64 {
        var copy = machine
        var own: [UInt64] = []
        _ = copy.stateKey(of: [.memory, .running, .facts], keepsDigests: false, &own)
        return own[task.index]
    }

    /// A machine's exploration key, and the words of its tasks.
    static func key(of machine: Machine) -> (UInt64, [UInt64]) {
        var copy = machine
        var own: [UInt64] = []
        let key = copy.stateKey(of: [.memory, .running, .facts], keepsDigests: false, &own)
        return (key.word, own)
    }
}

/// Kinds of parts that are left out, to see that it would be found.
struct Blindness: Sendable, CustomStringConvertible {
    var kinds: [String]
    var ofReads = false
    var ofWrites = false

    var description: String { "\(ofReads ? "reads" : "writes") of \(kinds.joined(separator: " and "))" }

    static let all: [Blindness] = [
        ["lock"], ["areas"], ["areaLocks"], ["entry", "entries"], ["cachedPage", "cache"], ["page", "uncachedPages"],
        ["file"], ["swap"], ["dirtyPages"], ["device"], ["task"],
    ].flatMap { [Blindness(kinds: $0, ofReads: true), Blindness(kinds: $0, ofWrites: true)] }
}

extension StateLocation {
    /// The name of the case.
    var kind: String {
        switch self {
        case .lock: "lock"
        case .areas: "areas"
        case .areaLocks: "areaLocks"
        case .users: "users"
        case .entry: "entry"
        case .entries: "entries"
        case .cachedPage: "cachedPage"
        case .cache: "cache"
        case .page: "page"
        case .uncachedPages: "uncachedPages"
        case .file: "file"
        case .filePins: "filePins"
        case .pins: "pins"
        case .swap: "swap"
        case .memory: "memory"
        case .dirtyPages: "dirtyPages"
        case .device: "device"
        case .submission: "submission"
        case .channel: "channel"
        case .userfault: "userfault"
        case .task: "task"
        case .world: "world"
        }
    }
}

extension Footprint {
    /// Whether both are the same parts, in any order.
    func isSame(as other: Footprint) -> Bool {
        isEverything == other.isEverything && locations.count == other.locations.count
            && locations.allSatisfy(other.locations.contains)
    }
}

/// The locks that a task holds beside those that its routines declare; `nil` if they are the same.
func holdingsComplaint(_ task: TaskID, _ machine: Machine) -> String? {
    var held = machine.heldLocks(of: task)
    let declared = machine.holdings(of: task).flatMap(\.locks)
    var missing: [HeldLock] = []
    for lock in declared {
        if let place = held.firstIndex(of: lock) { held.remove(at: place) } else { missing.append(lock) }
    }
    guard !held.isEmpty || !missing.isEmpty else { return nil }
    let stack = machine.backtrace(of: task).map(\.description).joined(separator: " ")
    func text(_ locks: [HeldLock]) -> String { locks.map { "\($0.lock) \($0.mode)" }.joined(separator: ", ") }
    return "\(stack): holds [\(text(held))] undeclared, declares [\(text(missing))] that it does not hold"
}
