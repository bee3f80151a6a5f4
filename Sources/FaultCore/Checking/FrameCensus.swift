/// What refers to one frame: entries, page caches and pins, as they were counted by looking at them.
struct FrameUses: BitwiseCopyable, Sendable {
    /// How many entries map the frame.
    var entries: Int32 = 0
    /// How many slots of page caches and of the swap cache hold it.
    var slots: Int32 = 0
    /// For how many references its pins count.
    var pins: Int32 = 0
    /// Whether it is pinned, not only referenced, by a pin or a task.
    var isPinned = false
    /// The sums over the places of each kind.
    var entryPlaces: UInt64 = 0
    var slotPlaces: UInt64 = 0
    var pinPlaces: UInt64 = 0
    /// All entries that map it, by ``MemoryCensus/name(of:in:)``, added up with XOR: where there is one, it says which.
    var entryNames: UInt64 = 0

    /// How many references all of them are.
    var references: Int32 { entries + slots + pins }

    /// The sum over the places of all, as ``Frame/places`` has it without what tasks hold.
    var places: UInt64 { entryPlaces &+ slotPlaces &+ pinPlaces }
}

/// What refers to each frame, as ``MemoryCensus`` has counted it.
///
/// It lies in pieces of 64 frames, so that copies which differ in a few share the rest.
struct FrameCensus: Sendable {
    /// How many frame numbers there are.
    private(set) var count = 0
    private var pieces: [[FrameUses]] = []

    private static let shift = 6
    private static let mask = 63

    /// What refers to the frame with this number.
    subscript(_ number: Int) -> FrameUses {
        @inline(__always)
        get { pieces[number >> Self.shift][number & Self.mask] }
        @inline(__always)
        _modify { yield &pieces[number >> Self.shift][number & Self.mask] }
    }

    /// Makes room for the frames that a machine has by now.
    mutating func grow(to count: Int) {
        self.count = max(self.count, count)
        while pieces.count << Self.shift < count {
            pieces.append([FrameUses](repeating: FrameUses(), count: Self.mask + 1))
        }
    }

    /// Counts an entry that maps a counted frame.
    mutating func addEntry(_ entry: PTE, named name: UInt64, at page: PageNumber, in map: MapID) {
        let number = entry.frame.index
        self[number].entries += 1
        self[number].entryPlaces &+= Mixing.entryPlace(map, page, entry.bits.rawValue)
        self[number].entryNames ^= name
    }

    /// Counts it no more.
    mutating func removeEntry(_ entry: PTE, named name: UInt64, at page: PageNumber, in map: MapID) {
        let number = entry.frame.index
        self[number].entries -= 1
        self[number].entryPlaces &-= Mixing.entryPlace(map, page, entry.bits.rawValue)
        self[number].entryNames ^= name
    }

    /// Finds out anew which slot of a page cache or of the swap cache holds a frame: it is looked for where the frame says
    /// that it is, and where it said so `before`.
    ///
    /// - Returns: Where a page cache holds it though it says no more that it is there.
    mutating func recountSlots(of folio: FrameNumber, before: Frame, _ machine: Machine) -> CachePlace? {
        self[folio.index].slots = 0
        self[folio.index].slotPlaces = 0
        let place = CachePlace(of: machine.frames[folio])
        addSlot(of: folio, at: place, machine)
        let earlier = CachePlace(of: before)
        guard earlier != place, addSlot(of: folio, at: earlier, machine) else { return nil }
        return earlier
    }

    @discardableResult
    private mutating func addSlot(of folio: FrameNumber, at place: CachePlace, _ machine: Machine) -> Bool {
        switch place {
        case .none: return false
        case .file(let file, let index):
            guard file.index < machine.files.count, machine.files[file.index].cache[index] == folio else {
                return false
            }
            self[folio.index].slotPlaces &+= Mixing.cachePlace(file, index)
        case .swap(let slot):
            guard slot < machine.swap.count, machine.swap[slot].cached == folio else { return false }
            self[folio.index].slotPlaces &+= Mixing.swapPlace(slot)
        }
        self[folio.index].slots += 1
        return true
    }
}

/// Where a frame says that a cache holds it.
enum CachePlace: Equatable {
    case none
    case file(FileID, PageIndex)
    case swap(Int)

    init(of frame: Frame) {
        if frame.flags.contains(.cached) {
            self = .file(FileID(Int(frame.owner)), PageIndex(Int(frame.index)))
        } else if frame.flags.contains(.swapCache) {
            self = .swap(Int(frame.owner))
        } else {
            self = .none
        }
    }
}
