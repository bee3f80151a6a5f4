extension StateLocation: CustomStringConvertible {
    /// The location, such as `mmap lock of map 0`, `areas of map 0` or `entry of page 0x10 of map 0`.
    public var description: String {
        switch self {
        case .lock(let lock): "\(lock)"
        case .areas(let map): "areas of \(map)"
        case .areaLocks(let map): "area locks of \(map)"
        case .users(let map): "users of \(map)"
        case .entry(let map, let page): "entry of \(page) of \(map)"
        case .entries(let map): "entries of \(map)"
        case .cachedPage(let file, let index): "cached page \(index) of \(file)"
        case .cache(let file): "cache of \(file)"
        case .page(let frame): "\(frame)"
        case .uncachedPages: "uncached pages"
        case .file(let file): "\(file)"
        case .filePins(let file): "pins of \(file)"
        case .pins(let task): "pins of \(task)"
        case .swap: "swap"
        case .memory: "memory"
        case .dirtyPages: "dirty pages"
        case .device(let device): "\(device)"
        case .submission: "submission"
        case .channel(let channel): "channel \(channel)"
        case .userfault(let descriptor): "\(descriptor)"
        case .task(let task): "\(task)"
        case .world: "world"
        }
    }
}

extension Footprint: CustomStringConvertible {
    /// Its locations, `everything` or `nothing`.
    public var description: String {
        if isEverything { return "everything" }
        return isEmpty ? "nothing" : FieldText.list(locations.map(\.description), atMost: 5)
    }
}

extension HeldLock: CustomStringConvertible {
    /// The lock, such as `mmap lock of map 0 (read)`.
    public var description: String { lock == .none ? "no lock" : "\(lock) (\(mode))" }
}

extension Holdings: CustomStringConvertible {
    /// Its locks, or `nothing`.
    public var description: String {
        locks.isEmpty ? "nothing" : FieldText.list(locks.map(\.description), atMost: 5)
    }
}

extension StageView: CustomStringConvertible, CustomReflectable {
    /// The task and its map, such as `task 0 in map 0 at 100 ns`.
    public var description: String { "\(task) in \(map) at \(machine.clock) ns" }

    /// Only the task and its map: the machine has a description of its own.
    public var customMirror: Mirror { Mirror(self, children: ["task": task, "map": map]) }
}
