/// The references to one frame, from entries, page caches and pins, as found by a count of these.
struct FrameUses: BitwiseCopyable, Sendable {
    /// How many entries map the frame.
    var entries: Int32 = 0
    /// How many slots of page caches and of the swap cache hold it.
    var slots: Int32 = 0
    /// How many references its pins count as.
    var pins: Int32 = 0
    /// Whether it is pinned, not only referenced, by a pin or a task.
    var isPinned = false
    /// The sums over the places of each kind.
    var entryPlaces: UInt64 = 0
    var slotPlaces: UInt64 = 0
    var pinPlaces: UInt64 = 0
    /// All entries that map it, by ``MemoryCensus/name(of:in:)``, combined with XOR: if there is only one, this is its
    /// name.
    var entryNames: UInt64 = 0

    /// How many references they are in all.
    var references: Int32 { entries + slots + pins }

    /// The sum over all these places, which is ``PageFrame/places`` without what tasks hold.
    var places: UInt64 { entryPlaces &+ slotPlaces &+ pinPlaces }
}

/// The references to each frame, as ``MemoryCensus`` has counted them.
///
/// They are in pieces of 64 frames, so that copies that differ in a few frames share the rest.
struct FrameCensus: Sendable {
    /// How many frame numbers there are.
    private(set) var count = 0
    private var pieces: [[FrameUses]] = []

    private static let shift = 6
    private static let mask = 63

    /// The references to the frame with this number.
    subscript(_ number: Int) -> FrameUses {
        @inline(__always)
        get { pieces[number >> Self.shift][number & Self.mask] }
        @inline(__always)
        _modify { yield &pieces[number >> Self.shift][number & Self.mask] }
    }

    /// Makes room for the frames that a machine has now.
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

    /// Subtracts an entry that maps a counted frame.
    mutating func removeEntry(_ entry: PTE, named name: UInt64, at page: PageNumber, in map: MapID) {
        let number = entry.frame.index
        self[number].entries -= 1
        self[number].entryPlaces &-= Mixing.entryPlace(map, page, entry.bits.rawValue)
        self[number].entryNames ^= name
    }

    /// Counts anew which slots of page caches or of the swap cache hold a frame. Looks at the place that the frame
    /// names now, and at the place that it named `before`.
    ///
    /// - Returns: The place where a page cache still holds the frame, although the frame no longer names that place.
    mutating func recountSlots(of folio: FrameNumber, before: PageFrame, _ machine: Machine) -> CachePlace? {
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

/// The place where a frame says that a cache holds it.
enum CachePlace: Equatable {
    case none
    case file(FileID, PageIndex)
    case swap(Int)

    init(of frame: PageFrame) {
        if frame.flags.contains(.cached) {
            self = .file(FileID(Int(frame.owner)), PageIndex(Int(frame.index)))
        } else if frame.flags.contains(.swapCache) {
            self = .swap(Int(frame.owner))
        } else {
            self = .none
        }
    }
}
